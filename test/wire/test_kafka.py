"""The store as Kafka clients see it: confluent-kafka, kafka-python and aiokafka, unmodified."""

import asyncio
import socket
import threading
import uuid

import aiokafka
import kafka
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType
import pytest

from store_process import Store, until


@pytest.fixture(scope="module")
def store(weir_program, tmp_path_factory):
    s = Store(weir_program, str(tmp_path_factory.mktemp("store")))
    yield s
    s.close()


@pytest.fixture
def own_store(weir_program, tmp_path):
    s = Store(weir_program, str(tmp_path / "store"))
    yield s
    s.close()


def name(stem="t"):
    return "%s-%s" % (stem, uuid.uuid4().hex[:8])


def create(store, partitions=1, **config):
    topic = name()
    admin = AdminClient({"bootstrap.servers": store.address})
    settings = {k.replace("_", "."): v for k, v in config.items()}
    admin.create_topics([NewTopic(topic, partitions, 1, config=settings)])[topic].result(10)
    return topic


def produce(store, topic, values, **config):
    errors = []
    producer = Producer({"bootstrap.servers": store.address, **config})
    for v in values:
        producer.produce(topic, v, on_delivery=lambda e, m: e and errors.append(e))
        producer.poll(0)
    assert producer.flush(30) == 0
    assert not errors, errors[0]


def read_all(store, topic, count, partitions=1):
    consumer = Consumer({"bootstrap.servers": store.address, "group.id": name("g"),
                         "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, p, 0) for p in range(partitions)])
    got = []
    until(lambda: len(got) >= count,
          step=lambda: got.extend(m for m in consumer.consume(1000, 0.2) if not m.error()))
    consumer.close()
    return got


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_every_codec_comes_back(store, codec):
    topic = create(store)
    values = [b"row %06d " % i + b"abc" * 20 for i in range(1000)]
    produce(store, topic, values, **{"compression.type": codec, "linger.ms": 20})
    assert [m.value() for m in read_all(store, topic, 1000)] == values


def test_aiokafka_reads_what_kafka_python_wrote(store):
    topic = create(store)
    producer = kafka.KafkaProducer(bootstrap_servers=store.address)
    futures = [producer.send(topic, key=b"k%d" % i, value=b"v%d" % i) for i in range(100)]
    assert [f.get(10).offset for f in futures] == list(range(100))
    producer.close()

    async def read():
        consumer = aiokafka.AIOKafkaConsumer(topic, bootstrap_servers=store.address,
                                             auto_offset_reset="earliest")
        await consumer.start()
        try:
            return [await asyncio.wait_for(consumer.getone(), 20) for _ in range(100)]
        finally:
            await consumer.stop()

    assert [r.value for r in asyncio.run(read())] == [b"v%d" % i for i in range(100)]


def test_an_idempotent_producer_leaves_no_gap_and_no_repeat(store):
    topic = create(store)
    produce(store, topic, [b"%d" % i for i in range(20000)], **{"enable.idempotence": True})
    got = read_all(store, topic, 20000)
    assert [int(m.value()) for m in got] == list(range(20000))
    assert [m.offset() for m in got] == list(range(20000))


def test_topics_are_made_by_asking_and_errors_have_kafkas_numbers(store):
    topic = name()
    produce(store, topic, [b"x"])
    assert len(read_all(store, topic, 1)) == 1
    admin = AdminClient({"bootstrap.servers": store.address})
    with pytest.raises(KafkaException) as e:
        admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(10)
    assert e.value.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS
    with pytest.raises(KafkaException) as e:
        list(admin.create_topics([NewTopic("a b", 1, 1)]).values())[0].result(10)
    assert e.value.args[0].code() == KafkaError.TOPIC_EXCEPTION
    small = create(store, max_message_bytes="1000")
    with pytest.raises(AssertionError, match="MSG_SIZE_TOO_LARGE"):
        produce(store, small, [b"x" * 5000])


def test_settings_of_a_topic_are_told(store):
    topic = create(store, retention_ms="123456")
    admin = AdminClient({"bootstrap.servers": store.address})
    resource = ConfigResource(ResourceType.TOPIC, topic)
    told = admin.describe_configs([resource])[resource].result(10)
    assert told["retention.ms"].value == "123456"
    assert told["segment.bytes"].is_default


def test_two_members_share_and_one_takes_over(store):
    topic, group = create(store, partitions=4), name("g")
    config = {"bootstrap.servers": store.address, "group.id": group, "session.timeout.ms": 6000,
              "auto.offset.reset": "earliest"}
    members = [Consumer(config), Consumer(config)]
    for m in members:
        m.subscribe([topic])

    def turn():
        for m in members:
            m.poll(0.05)

    def shares():
        return sorted(len(m.assignment()) for m in members)

    until(lambda: shares() == [2, 2], step=turn)
    members.pop().close()
    until(lambda: shares() == [4], step=turn)
    members[0].close()


def test_a_cooperative_group_keeps_what_its_members_own(store):
    topic, group = create(store, partitions=4), name("g")
    config = {"bootstrap.servers": store.address, "group.id": group, "session.timeout.ms": 6000,
              "partition.assignment.strategy": "cooperative-sticky"}
    revoked = []
    first, second = Consumer(config), Consumer(config)
    first.subscribe([topic], on_revoke=lambda c, ps: revoked.extend(p.partition for p in ps))
    until(lambda: len(first.assignment()) == 4, step=lambda: first.poll(0.05))
    second.subscribe([topic])

    def turn():
        first.poll(0.05)
        second.poll(0.05)

    until(lambda: (len(first.assignment()), len(second.assignment())) == (2, 2), step=turn)
    assert len(revoked) == 2
    first.close()
    second.close()


def test_committed_offsets_survive_a_kill(own_store):
    topic, group = create(own_store), name("g")
    produce(own_store, topic, [b"%d" % i for i in range(20)])
    config = {"bootstrap.servers": own_store.address, "group.id": group,
              "auto.offset.reset": "earliest", "enable.auto.commit": False}
    consumer = Consumer(config)
    consumer.commit(offsets=[TopicPartition(topic, 0, 13)], asynchronous=False)
    own_store.kill()
    own_store.start()
    assert consumer.committed([TopicPartition(topic, 0)], 10)[0].offset == 13
    consumer.close()
    again = Consumer(config)
    again.subscribe([topic])
    got = []
    until(lambda: got, step=lambda: got.extend(m for m in [again.poll(0.1)] if m and not m.error()))
    assert int(got[0].value()) == 13
    again.close()


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(3))
def test_no_acknowledged_record_is_lost_by_kill_9(own_store, round_):
    topic = create(own_store, partitions=3)
    acknowledged, failed = {}, []
    producer = Producer({"bootstrap.servers": own_store.address, "acks": "all", "linger.ms": 1,
                         "enable.idempotence": True, "message.timeout.ms": 60000,
                         "reconnect.backoff.max.ms": 200})

    def delivered(error, message):
        if error is not None:
            failed.append(error)
        else:
            acknowledged[message.value()] = (message.partition(), message.offset())

    done = threading.Event()

    def killer():
        for kill in range(3):
            until(lambda: len(acknowledged) > 2000 * (kill + 1) or done.is_set(), 60)
            own_store.kill()
            own_store.start()

    thread = threading.Thread(target=killer)
    thread.start()
    sent = 0
    while thread.is_alive() or sent < 9000:
        producer.produce(topic, b"%d" % sent, on_delivery=delivered)
        sent += 1
        producer.poll(0)
        if len(producer) > 5000:
            producer.poll(0.05)
    done.set()
    thread.join()
    assert producer.flush(60) == 0
    assert not failed, failed[0]

    got = read_all(own_store, topic, len(acknowledged), partitions=3)
    at = {(m.partition(), m.offset()): m.value() for m in got}
    for value, place in acknowledged.items():
        assert at.get(place) == value
    values = [m.value() for m in got]
    assert len(values) == len(set(values)) == sent  # idempotent: nothing twice either


def test_bytes_that_are_no_requests_close_the_connection_only(store):
    for junk in [b"\x7f\xff\xff\xff", b"\0\0\0\4\xff\xff\xff\xff", b"\0\0\0\x0a\0\3\0\x63\0\0\0\1\0\0",
                 b"GET / HTTP/1.1\r\n\r\n"]:
        with socket.create_connection(("127.0.0.1", int(store.address.split(":")[1])), 5) as s:
            s.settimeout(10)
            s.sendall(junk)
            assert s.recv(1) == b""
    assert len(read_all(store, create_with(store, b"still here"), 1)) == 1


def create_with(store, value):
    topic = create(store)
    produce(store, topic, [value])
    return topic
