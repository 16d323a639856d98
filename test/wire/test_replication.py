"""Three brokers, killed one after another under unmodified clients: nothing acknowledged is lost.

Every value is unique and carries its key and number; a partition's log read from the start must
hold each acknowledged value, each once, and each key's in the order in which they were sent."""

import collections
import threading
import time

import pytest

from store_cluster import Cluster
from store_process import until


@pytest.fixture
def cluster(weir_program, tmp_path):
    c = Cluster(str(weir_program), tmp_path)
    yield c
    c.close()


class Writer(threading.Thread):
    """Sends numbered values of a few keys as fast as `rate` says, and remembers what was
    acknowledged and when."""

    def __init__(self, cluster, topic, rate=500, keys=5, **config):
        super().__init__(daemon=True)
        from confluent_kafka import Producer
        self.topic, self.rate, self.keys = topic, rate, keys
        self.producer = Producer({"bootstrap.servers": cluster.bootstrap, "acks": "all",
                                  "enable.idempotence": True, "linger.ms": 2, "log_level": 0,
                                  "delivery.timeout.ms": 120000, **config})
        self.acknowledged, self.failed = set(), []
        self.times = []
        self.ending = threading.Event()

    def on_delivery(self, error, message):
        if error is None:
            self.acknowledged.add(message.value())
            self.times.append(time.monotonic())
        else:
            self.failed.append((error, message.value()))

    def run(self):
        n = 0
        self.times.append(time.monotonic())
        while not self.ending.is_set():
            key = n % self.keys
            value = b"%d:%d" % (key, n)
            self.producer.produce(self.topic, value, key=b"%d" % key, on_delivery=self.on_delivery)
            n += 1
            self.producer.poll(1.0 / self.rate)
        self.producer.flush(120)

    def finish(self):
        self.ending.set()
        self.join(150)
        assert not self.is_alive()

    def gap(self, since, to):
        """The longest time without an acknowledgement between two moments."""
        times = [since] + [t for t in self.times if since <= t <= to] + [to]
        return max(b - a for a, b in zip(times, times[1:]))


def read_all(cluster, topic, partitions):
    """All values of a topic, each partition in its order, up to its end."""
    from confluent_kafka import Consumer, TopicPartition
    c = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": "reader", "log_level": 0,
                  "enable.auto.commit": False, "auto.offset.reset": "earliest",
                  "enable.partition.eof": True})
    c.assign([TopicPartition(topic, p, 0) for p in range(partitions)])
    ended, values = set(), []
    end = time.monotonic() + 90
    while len(ended) < partitions:
        assert time.monotonic() < end, "the topic could not be read to its end"
        m = c.poll(1)
        if m is None:
            continue
        if m.error():
            ended.add(m.partition())
        else:
            values.append(m.value())
    c.close()
    return values


def check(values, acknowledged):
    lost = acknowledged - set(values)
    assert not lost, "%d acknowledged values are lost, such as %s" % (len(lost), sorted(lost)[:5])
    twice = [v for v, n in collections.Counter(values).items() if n > 1]
    assert not twice, "%d values are there twice, such as %s" % (len(twice), twice[:5])
    last = {}
    for value in values:
        key, n = value.split(b":")
        assert last.get(key, -1) < int(n), "key %s: %s after %s" % (key, n, last[key])
        last[key] = int(n)


def test_a_topic_has_three_copies_and_two_must_be_in_sync(cluster):
    cluster.topic("t", 3)
    leaders = {cluster.nodes.index(cluster.leader("t", p)) for p in range(3)}
    assert leaders == {0, 1, 2}
    for p in range(3):
        m = cluster.partition("t", p)
        assert sorted(m.replicas) == [1, 2, 3] and sorted(m.isrs) == [1, 2, 3]
    from confluent_kafka.admin import ConfigResource
    admin = cluster.admin()
    asked = ConfigResource(ConfigResource.Type.TOPIC, "t")
    config = list(admin.describe_configs([asked]).values())[0].result(20)
    assert config["min.insync.replicas"].value == "2"


@pytest.mark.long
def test_leaders_are_killed_under_an_idempotent_producer(cluster):
    cluster.topic("t", 3)
    writer = Writer(cluster, "t")
    writer.start()
    until(lambda: len(writer.acknowledged) > 100)
    gaps = []
    for round in range(4):
        node = cluster.leader("t", round % 3)
        since = time.monotonic()
        node.kill()
        before = len(writer.acknowledged)
        until(lambda: len(writer.acknowledged) > before + 200, 60)
        gaps.append(writer.gap(since, time.monotonic()))
        node.start()
        cluster.in_sync("t", 3, round % 3)
    writer.finish()
    print("gaps", ["%.2f" % g for g in gaps], "acknowledged", len(writer.acknowledged))
    assert not writer.failed
    check(read_all(cluster, "t", 3), writer.acknowledged)
    assert max(gaps) < 15  # a loaded machine; the promise is measured apart


@pytest.mark.long
def test_a_consumer_group_goes_on_when_its_coordinator_dies(cluster):
    from confluent_kafka import Consumer
    cluster.topic("t", 2)
    writer = Writer(cluster, "t")
    writer.start()
    config = {"bootstrap.servers": cluster.bootstrap, "group.id": "g", "log_level": 0,
              "auto.offset.reset": "earliest", "enable.auto.commit": False}
    c = Consumer(config)
    c.subscribe(["t"])
    got = []

    def step():
        m = c.poll(0.5)
        if m is not None and not m.error():
            got.append(m.value())
    until(lambda: len(got) > 300, 60, step)
    c.commit(asynchronous=False)
    cluster.leader("__consumer_offsets").kill()
    before = len(got)
    until(lambda: len(got) > before + 300, 90, step)

    def committed():
        try:
            c.commit(asynchronous=False)
            return True
        except Exception:  # the new coordinator is being found
            return False
    until(committed, 60, step)
    writer.finish()
    until(lambda: len(set(got)) == len(writer.acknowledged), 60, step)
    until(committed, 60, step)
    c.close()
    assert set(got) == writer.acknowledged
    # What was committed is there for the next member: nothing is delivered again.
    again = Consumer(config)
    again.subscribe(["t"])
    end = time.monotonic() + 5
    while time.monotonic() < end:
        m = again.poll(0.5)
        assert m is None or m.error() or m.value() not in writer.acknowledged
    again.close()


@pytest.mark.long
def test_without_enough_copies_nothing_is_acknowledged(cluster):
    from confluent_kafka import Producer
    cluster.topic("t", 1)
    leader = cluster.leader("t")
    others = [n for n in cluster.nodes if n is not leader]
    for node in others:
        node.kill()
    cluster.in_sync("t", 1)
    result = []
    p = Producer({"bootstrap.servers": leader.address, "acks": "all", "log_level": 0,
                  "message.timeout.ms": 4000, "retries": 0})
    p.produce("t", b"x", on_delivery=lambda e, m: result.append(e))
    p.flush(30)
    assert result and result[0] is not None
    others[0].start()
    cluster.in_sync("t", 2)
    result.clear()
    p.produce("t", b"y", on_delivery=lambda e, m: result.append(e))
    p.flush(30)
    assert result == [None]


@pytest.mark.long
def test_kafka_python_goes_through_a_death(cluster):
    from kafka import KafkaConsumer, KafkaProducer
    cluster.topic("t", 1)
    p = KafkaProducer(bootstrap_servers=cluster.bootstrap.split(","), acks="all")
    sent = [b"0:%d" % n for n in range(400)]
    for n, value in enumerate(sent):
        future = p.send("t", value)
        if n == 200:
            future.get(60)
            cluster.leader("t").kill()
    p.flush(90)
    p.close()
    c = KafkaConsumer("t", bootstrap_servers=cluster.bootstrap.split(","),
                      auto_offset_reset="earliest", consumer_timeout_ms=10000)
    got = []
    for m in c:
        got.append(m.value)
        if len(got) == len(sent):
            break
    c.close()
    check(got, set(sent))
