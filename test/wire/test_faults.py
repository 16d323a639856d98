"""What a crash of each process costs: nothing that was acknowledged, and no row twice."""

import glob
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from whole import Weir, alive, until


@pytest.fixture
def weir(weir_program, tmp_path):
    w = Weir(weir_program, tmp_path)
    yield w
    w.close()


def session(weir):
    return SparkSession.builder.remote(weir.connect).create()


def create_topic(weir, partitions=1):
    topic = "t-" + uuid.uuid4().hex[:8]
    admin = AdminClient({"bootstrap.servers": weir.kafka})
    admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(20)
    return topic


def produce(weir, topic, values):
    producer = Producer({"bootstrap.servers": weir.kafka})
    for value in values:
        producer.produce(topic, value.encode())
    assert producer.flush(30) == 0


def read_topic(weir, topic, partitions=1):
    """Every value that lies in the topic now."""
    consumer = Consumer({"bootstrap.servers": weir.kafka, "group.id": "g-" + uuid.uuid4().hex})
    values = []
    try:
        for p in range(partitions):
            at = TopicPartition(topic, p, 0)
            end = consumer.get_watermark_offsets(at, timeout=20)[1]
            consumer.assign([at])
            got = 0
            while got < end:
                for m in consumer.consume(1000, 1):
                    assert not m.error(), m.error()
                    got += 1
                    values.append(m.value().decode())
    finally:
        consumer.close()
    return values


def sink_rows(folder, column):
    """What a reader of the sink sees: the files that its manifests name, and no others."""
    rows = []
    for manifest in glob.glob(os.path.join(folder, "_spark_metadata", "*")):
        if pathlib.Path(manifest).name.isdigit():
            for line in pathlib.Path(manifest).read_text().splitlines()[1:]:
                path = json.loads(line)["path"].removeprefix("file://")
                rows += pq.ParquetFile(path).read()[column].to_pylist()
    return rows


@pytest.mark.slow
def test_a_query_outlives_its_worker(weir, tmp_path):
    spark = session(weir)
    spark.range(3000000).write.parquet(str(tmp_path / "numbers"))
    query = ("SELECT k % 1000 AS g, count(*) AS n, sum(k) AS s FROM "
             f"(SELECT a.id * 20 + b.id AS k FROM parquet.`{tmp_path}/numbers` a "
             "CROSS JOIN range(20) b) GROUP BY 1 ORDER BY 1")
    expected = [(r.g, r.n, r.s) for r in spark.sql(query).collect()]
    answers, deaths = [], []
    asked = threading.Thread(
        target=lambda: answers.append([(r.g, r.n, r.s) for r in spark.sql(query).collect()]))
    begun = cpu_ticks(weir.pid("worker"))
    asked.start()
    # Each kill comes when the worker is seen to be busy, so the query is really under way.
    while asked.is_alive() and len(deaths) < 2:
        pid = weir.pid("worker")
        if cpu_ticks(pid) > begun + 5:
            deaths.append(pid)
            weir.kill("worker")
            begun = 0
    asked.join(120)
    assert deaths, "the query ended before its worker was killed"
    assert answers == [expected]
    spark.stop()


def cpu_ticks(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def kafka_to_parquet(spark, weir, topic, out, checkpoint):
    return (spark.readStream.format("kafka").option("kafka.bootstrap.servers", weir.kafka)
            .option("subscribe", topic).option("startingOffsets", "earliest").load()
            .select(F.col("value").cast("string").alias("v"))
            .writeStream.format("parquet").option("path", out)
            .option("checkpointLocation", checkpoint).outputMode("append")
            .trigger(processingTime="100 milliseconds").start())


def kafka_to_kafka(spark, weir, source, target, checkpoint):
    return (spark.readStream.format("kafka").option("kafka.bootstrap.servers", weir.kafka)
            .option("subscribe", source).option("startingOffsets", "earliest").load()
            .select("value").writeStream.format("kafka")
            .option("kafka.bootstrap.servers", weir.kafka).option("topic", target)
            .option("checkpointLocation", checkpoint)
            .trigger(processingTime="100 milliseconds").start())


@pytest.mark.slow
def test_streams_go_on_by_themselves_when_front_dies(weir, tmp_path):
    source, target = create_topic(weir, 2), create_topic(weir)
    out = str(tmp_path / "out")
    spark = session(weir)
    kafka_to_parquet(spark, weir, source, out, str(tmp_path / "c1"))
    kafka_to_kafka(spark, weir, source, target, str(tmp_path / "c2"))
    values = []
    for round_ in range(3):
        more = [f"{round_}-{i}" for i in range(500)]
        produce(weir, source, more)
        values += more
        if round_ == 0:
            until(lambda: len(sink_rows(out, "v")) == len(values))
        weir.kill("front")
    until(lambda: len(sink_rows(out, "v")) >= len(values))
    until(lambda: len(read_topic(weir, target)) >= len(values), step=lambda: None)
    assert sorted(sink_rows(out, "v")) == sorted(values)
    assert sorted(read_topic(weir, target)) == sorted(values)
    again = session(weir)
    assert again.range(5).count() == 5
    again.stop()


@pytest.mark.slow
def test_acknowledged_records_outlive_the_store(weir):
    topic = create_topic(weir, 3)
    acknowledged, failed = [], []
    producer = Producer({"bootstrap.servers": weir.kafka, "enable.idempotence": True,
                         "acks": "all", "linger.ms": 2, "message.timeout.ms": 60000})

    def delivered(error, message):
        (failed if error else acknowledged).append(message.value().decode())

    for i in range(6000):
        producer.produce(topic, str(i).encode(), on_delivery=delivered)
        producer.poll(0)
        if i in (2000, 4000):
            until(lambda: acknowledged, step=lambda: producer.poll(0.01))
            weir.kill("store")
    assert producer.flush(60) == 0
    assert not failed
    kept = read_topic(weir, topic, 3)
    assert len(acknowledged) == 6000
    assert sorted(kept, key=int) == [str(i) for i in range(6000)]


@pytest.mark.slow
def test_everything_goes_on_after_all_were_killed(weir, tmp_path):
    topic = create_topic(weir)
    out = str(tmp_path / "out")
    spark = session(weir)
    spark.range(100).write.saveAsTable("kept")
    kafka_to_parquet(spark, weir, topic, out, str(tmp_path / "c"))
    first = [f"a{i}" for i in range(300)]
    produce(weir, topic, first)
    until(lambda: len(sink_rows(out, "v")) == 300)
    group = {"bootstrap.servers": weir.kafka, "group.id": "g", "auto.offset.reset": "earliest",
             "enable.auto.commit": False}
    consumer = Consumer(group)
    consumer.subscribe([topic])
    got = []
    until(lambda: len(got) == 10, step=lambda: got.extend(consumer.consume(10 - len(got), 0.2)))
    consumer.commit(message=got[-1], asynchronous=False)
    weir.kill_all()
    consumer.close()

    weir.start()
    second = [f"b{i}" for i in range(300)]
    produce(weir, topic, second)
    until(lambda: len(sink_rows(out, "v")) >= 600)
    assert sorted(sink_rows(out, "v")) == sorted(first + second)
    assert read_topic(weir, topic) == first + second
    spark = session(weir)
    assert spark.table("kept").count() == 100
    consumer = Consumer({**group, "bootstrap.servers": weir.kafka})
    assert consumer.committed([TopicPartition(topic, 0)], timeout=20)[0].offset == 10
    consumer.close()
    spark.stop()


@pytest.mark.slow
def test_resumed_streams_belong_to_every_session_of_their_user(weir, tmp_path):
    topic = create_topic(weir)
    out = str(tmp_path / "out")
    first = session(weir)
    begun = kafka_to_parquet(first, weir, topic, out, str(tmp_path / "c"))
    other = session(weir)
    assert other.streams.active == []
    other.stop()
    weir.kill("front")
    passer_by, owner = session(weir), session(weir)
    until(lambda: [q.id for q in owner.streams.active] == [begun.id])
    query = owner.streams.get(begun.id)
    assert query.isActive and query.exception() is None and query.runId != begun.runId
    assert [q.id for q in passer_by.streams.active] == [begun.id]
    passer_by.stop()
    produce(weir, topic, ["a", "b"])
    until(lambda: len(sink_rows(out, "v")) == 2)
    assert query.isActive
    query.stop()
    assert owner.streams.active == []
    assert owner.streams.awaitAnyTermination(20)
    owner.stop()
    weir.kill("front")
    again = session(weir)
    assert again.streams.active == []
    again.stop()


def test_a_damaged_checkpoint_ends_its_query_with_an_error(weir, tmp_path):
    topic = create_topic(weir)
    spark = session(weir)
    produce(weir, topic, ["a"])
    query = kafka_to_parquet(spark, weir, topic, str(tmp_path / "out"), str(tmp_path / "c"))
    until(lambda: len(sink_rows(str(tmp_path / "out"), "v")) == 1)
    until(lambda: (tmp_path / "c/commits/0").exists())
    query.stop()
    for name, text, word in (("commits/0", 'v1\n{"nextBatchWater', "commits/0"),
                             ("offsets/0", 'v2\n{}\n-', "v2"), ("metadata", "{", "metadata")):
        whole = (tmp_path / "c" / name).read_text()
        (tmp_path / "c" / name).write_text(text)
        with pytest.raises(Exception, match=word):
            kafka_to_parquet(spark, weir, topic, str(tmp_path / "out"), str(tmp_path / "c")).awaitTermination(30)
        (tmp_path / "c" / name).write_text(whole)
    produce(weir, topic, ["b"])
    kafka_to_parquet(spark, weir, topic, str(tmp_path / "out"), str(tmp_path / "c"))
    until(lambda: len(sink_rows(str(tmp_path / "out"), "v")) >= 2)
    assert sorted(sink_rows(str(tmp_path / "out"), "v")) == ["a", "b"]
    spark.stop()


def test_a_program_in_the_background_keeps_its_log(weir_program, tmp_path):
    """The call returns though it is listened to, and what a process says later lands in the data folder."""
    data, ready = tmp_path / "d", tmp_path / "ready.json"
    os.makedirs(tmp_path / "r", mode=0o700)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "r"), "WEIR_CONFIG": "/dev/null"}
    done = subprocess.run([weir_program, "up", "--detach", "--data", str(data), "--ready-file", str(ready),
                           *(f"--{face}=127.0.0.1:0" for face in ("connect", "kafka", "web"))],
                          env=environment, capture_output=True, text=True, timeout=60, check=True)
    facts = json.loads(ready.read_text())
    try:
        assert str(data / "weir.log") in done.stdout and done.stderr == ""
        os.kill(next(p["pid"] for p in facts["processes"] if p["role"] == "worker"), signal.SIGKILL)
        until(lambda: "worker" in (data / "weir.log").read_text())
    finally:
        supervisor = next(p["pid"] for p in facts["processes"] if p["role"] == "supervisor")
        os.kill(supervisor, signal.SIGTERM)
        until(lambda: not any(alive(pid) for pid in facts["pids"]))


def test_the_end_leaves_nothing_behind(weir_program, tmp_path):
    weir = Weir(weir_program, tmp_path, "--ephemeral")
    spark = session(weir)
    assert spark.range(10).count() == 10
    facts = weir.facts()
    stream = spark.readStream.format("rate").load().writeStream.format("memory").queryName("q").start()
    assert stream.isActive
    assert weir.stop() < 2
    assert not any(alive(pid) for pid in facts["pids"])
    assert not os.path.exists(facts["data"])
    assert not os.path.exists(facts["run"])
    assert [f for f in glob.glob(str(tmp_path / "r/**"), recursive=True) if not os.path.isdir(f)] == []


def refused(weir_program, tmp_path, *flags, **environment):
    done = subprocess.run([weir_program, "up", "--connect", "127.0.0.1:0", "--kafka", "127.0.0.1:0",
                           "--web", "127.0.0.1:0", *flags], stdin=subprocess.DEVNULL, timeout=30,
                          capture_output=True, text=True,
                          env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "TMPDIR": str(tmp_path),
                               "WEIR_CONFIG": "/dev/null", **environment})
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("weir up: ")
    return done.stderr


def test_a_taken_port_is_named(weir_program, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        os.chmod(tmp_path, 0o700)
        words = refused(weir_program, tmp_path, "--ephemeral", "--kafka", address)
    assert address in words and "--kafka" in words
    assert glob.glob(str(tmp_path / "weir-data-*")) == []


def test_data_of_another_version_is_left_alone(weir_program, tmp_path):
    data = tmp_path / "d"
    data.mkdir()
    (data / "version").write_text("weir data format 999\n")
    words = refused(weir_program, tmp_path, "--data", str(data))
    assert "999" in words
    assert (data / "version").read_text() == "weir data format 999\n"


def test_a_data_directory_has_one_server(weir, tmp_path):
    words = refused(weir.program, tmp_path / "r", "--data", weir.data)
    assert "already runs" in words
    spark = session(weir)
    assert spark.range(3).count() == 3
    spark.stop()


def test_a_place_that_cannot_be_made_is_named(weir_program, tmp_path):
    (tmp_path / "file").write_text("")
    words = refused(weir_program, tmp_path, "--data", str(tmp_path / "file" / "d"))
    assert str(tmp_path / "file") in words


def test_an_open_port_wants_a_token(weir_program, tmp_path):
    words = refused(weir_program, tmp_path, "--ephemeral", "--connect", "0.0.0.0:0")
    assert "--token" in words
