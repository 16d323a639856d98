"""Figures of Weir beside its peers, taken in the same minutes on the same data.

    .venv/bin/python bench/run.py start      ready time of 20 starts; idle memory
    .venv/bin/python bench/run.py connect    SELECT 1 and a large result through PySpark
    .venv/bin/python bench/run.py tpch       TPC-H at scale 1, hot, query by query in turn
    .venv/bin/python bench/run.py kafka      produce and consume with librdkafka
    .venv/bin/python bench/run.py all        all of them

    --peers    Sail, Spark local[2] and Apache Kafka too (bench/peers.py installs them); else only DuckDB

Tables come out as Markdown, with the load average at their beginning: figures of a busy machine say little.
The program is build/weir (tools/build). TPC-H's data is made by tpchgen-cli under .cache/tpch.
"""

import glob
import multiprocessing
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import peers  # noqa: E402

ROOT = peers.ROOT
PEERS = "--peers" in sys.argv


def heading(text):
    print(f"\n{text} (load average {os.getloadavg()[0]:.1f})\n", flush=True)


def row(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |", flush=True)


def header(*cells):
    row(*cells)
    row(*["---"] * len(cells))


def spread(values, digits=1):
    return " / ".join(f"{v:.{digits}f}" for v in (min(values), statistics.median(values), max(values)))


def servers():
    yield peers.Weir
    if PEERS:
        yield peers.Sail
        yield peers.Spark


def session(server):
    from pyspark.sql.connect.session import SparkSession
    return SparkSession.builder.remote(server.connect).create()


def start():
    heading("Start and idle memory")
    header("program", "starts", "ready ms, min / median / max", "PSS of all processes after 10 s, MiB")
    kinds = list(servers()) + ([lambda: peers.Kafka(False)] if PEERS else [])
    for kind in kinds:
        times, count = [], 20 if kind is peers.Weir else 3
        for i in range(count):
            server = kind()
            times.append(server.ready_ms)
            if i == count - 1:
                time.sleep(10)
                memory = server.memory_mib("Pss")
            server.stop()
        row(server.name, count, spread(times), f"{memory:.1f}")


def one_connect(server):
    spark = session(server)
    times = []

    def timed(work):
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1000)
    timed(lambda: spark.sql("SELECT 1").collect())
    first = times[0]
    rounds = 1000 if server.name == "Weir" else 200
    for _ in range(rounds // 10):
        spark.sql("SELECT 1").collect()
    times.clear()
    for _ in range(rounds):
        timed(lambda: spark.sql("SELECT 1").collect())
    times.sort()
    half, most = times[rounds // 2], times[rounds * 99 // 100]
    times.clear()
    for _ in range(5):
        timed(lambda: spark.range(10_000_000).toArrow())
    row(server.name, f"{first:.1f}", f"{half:.2f}", f"{most:.2f}", spread(times, 0))
    spark.stop()


def connect():
    heading("A PySpark client (pyspark-client 4.2.0), milliseconds")
    header("server", "first SELECT 1 of a session", "SELECT 1 p50", "p99", "range(10M).toArrow(), min / median / max")
    for kind in servers():
        server = kind()
        one_connect(server)
        server.stop()


def tpch_data():
    folder = ROOT / ".cache/tpch/sf1"
    if not (folder / "lineitem.parquet").exists():
        subprocess.run([str(ROOT / ".venv/bin/tpchgen-cli"), "parquet", "-s", "1", f"--output-dir={folder}"], check=True)
    return folder


def duckdb_main(pipe, data):
    import duckdb
    duck = duckdb.connect()
    duck.execute("PRAGMA threads=2")
    for path in glob.glob(f"{data}/*.parquet"):
        duck.execute(f"CREATE VIEW {pathlib.Path(path).stem} AS SELECT * FROM '{path}'")
    while (text := pipe.recv()) is not None:
        begin = time.perf_counter()
        duck.execute(text).fetchall()
        pipe.send(time.perf_counter() - begin)


class DuckDB:
    """In a process of its own, so that its memory can be told; the time is taken inside."""
    name = "DuckDB"

    def __init__(self, data):
        self.pipe, end = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=duckdb_main, args=(end, data), daemon=True)
        self.process.start()

    def run(self, text):
        self.pipe.send(text)
        return self.pipe.recv()

    def memory_mib(self, field):
        return peers.memory_mib(self.process.pid, field)

    def stop(self):
        self.pipe.send(None)
        self.process.join()


class Through:
    """An engine through PySpark: planning, the protocol and the client are part of its times."""

    def __init__(self, kind, data):
        self.server = kind()
        self.name = self.server.name
        self.memory_mib = self.server.memory_mib
        self.spark = session(self.server)
        for path in glob.glob(f"{data}/*.parquet"):
            self.spark.read.parquet(path).createOrReplaceTempView(pathlib.Path(path).stem)

    def run(self, text):
        begin = time.perf_counter()
        self.spark.sql(text).collect()
        return time.perf_counter() - begin

    def stop(self):
        self.spark.stop()
        self.server.stop()


def tpch():
    data = tpch_data()
    engines = [Through(peers.Weir, data), DuckDB(data)]
    engines += [Through(kind, data) for kind in list(servers())[1:]]
    heading("TPC-H at scale 1, Parquet, hot: milliseconds, median of 3 rounds after 1")
    others = [e.name for e in engines[1:]]
    header("query", *[e.name for e in engines], *[f"Weir / {name}" for name in others])
    sums = [0.0] * len(engines)
    for path in sorted(glob.glob(str(ROOT / "test/data/tpch/q*.sql"))):
        text = re.sub(r"\{[A-Z0-9_]+\}", "0.0001", pathlib.Path(path).read_text().strip().rstrip(";"))
        times = [[] for _ in engines]
        for _ in range(4):
            for i, engine in enumerate(engines):
                times[i].append(engine.run(text))
        middle = [statistics.median(t[1:]) for t in times]
        sums = [s + m for s, m in zip(sums, middle)]
        row(pathlib.Path(path).stem, *[f"{m * 1000:.0f}" for m in middle],
            *[f"{middle[0] / m:.2f}" for m in middle[1:]])
    row("sum", *[f"{s * 1000:.0f}" for s in sums], *[f"{sums[0] / s:.2f}" for s in sums[1:]])
    row("peak memory, MiB", *[f"{e.memory_mib('VmHWM'):.0f}" for e in engines], *[""] * len(others))
    for engine in engines:
        engine.stop()


def produce(bootstrap, count):
    from confluent_kafka import Producer
    failed = []
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "batch.size": 1_000_000, "acks": "all",
                         "queue.buffering.max.messages": 500_000})
    value = os.urandom(1000)

    def told(error, _):
        if error is not None:
            failed.append(error)
    begin = time.perf_counter()
    for _ in range(count):
        while True:
            try:
                producer.produce("bench", value, on_delivery=told)
                break
            except BufferError:
                producer.poll(0.01)
        producer.poll(0)
    producer.flush()
    assert not failed, failed[0]
    return count / (time.perf_counter() - begin) / 1000


def consume(bootstrap, count):
    from confluent_kafka import Consumer
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "bench", "auto.offset.reset": "earliest",
                         "fetch.message.max.bytes": 10_000_000})
    consumer.subscribe(["bench"])
    got, begin, first = 0, None, 0
    while got < count:
        messages = consumer.consume(10_000, 1.0)
        if messages and begin is None:
            begin, first = time.perf_counter(), len(messages)
        got += len(messages)
    seconds = time.perf_counter() - begin
    consumer.close()
    return (count - first) / seconds / 1000


def kafka():
    heading("Kafka: confluent-kafka 2.16.1, records of 1 KB, one partition, acks=all")
    header("broker", "produce MB/s, 3 runs of 300,000", "consume MB/s", "peak memory, MiB")
    kinds = [peers.Weir] + ([lambda: peers.Kafka(True), lambda: peers.Kafka(False)] if PEERS else [])
    for kind in kinds:
        server = kind()
        produce(server.kafka, 20_000)  # creates the topic and warms
        rates = [produce(server.kafka, 300_000) for _ in range(3)]
        row(server.name, spread(rates, 0), f"{consume(server.kafka, 920_000):.0f}",
            f"{server.memory_mib('VmHWM'):.0f}")
        server.stop()


if __name__ == "__main__":
    parts = {"start": start, "connect": connect, "tpch": tpch, "kafka": kafka}
    asked = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(asked) != 1 or asked[0] not in (*parts, "all"):
        sys.exit(__doc__)
    if PEERS:
        peers.install()
    for name, part in parts.items():
        if asked[0] in (name, "all"):
            part()
