"""Figures of Weir, and of DuckDB in the same minute.

    .venv/bin/python bench/run.py start      20 starts: ready time; idle memory 10 s after ready
    .venv/bin/python bench/run.py connect    first SELECT 1, SELECT 1, range(10M).toArrow()
    .venv/bin/python bench/run.py tpch       TPC-H at scale 1, hot: each query in turn on Weir and DuckDB
    .venv/bin/python bench/run.py kafka      produce (acks=all, flushed) and consume with librdkafka

Each prints the load average of the machine first: figures of a busy machine say little. The program is
build/weir (tools/build). Data is made by tpchgen-cli under .cache/tpch.
"""

import glob
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]


class Server:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="weir-bench-")
        ready = os.path.join(self.folder, "ready.json")
        self.process = subprocess.Popen(
            [str(ROOT / "build/weir"), "up", "--data", os.path.join(self.folder, "data"), "--connect", "127.0.0.1:0",
             "--kafka", "127.0.0.1:0", "--web", "127.0.0.1:0", "--ready-file", ready],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not os.path.exists(ready):
            time.sleep(0.001)
        self.facts = json.loads(pathlib.Path(ready).read_text())

    def session(self):
        from pyspark.sql.connect.session import SparkSession
        return SparkSession.builder.remote(self.facts["connect"]).create()

    def memory_kib(self, field):
        found = {}
        for process in self.facts["processes"]:
            name = "smaps_rollup" if field == "Pss" else "status"
            text = pathlib.Path(f"/proc/{process['pid']}/{name}").read_text()
            found[process["role"]] = int(re.search(rf"^{field}:\s+(\d+)", text, re.M).group(1))
        return found

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        subprocess.run(["rm", "-rf", self.folder], check=True)


def spread(values):
    return f"min {min(values):.1f}, median {statistics.median(values):.1f}, max {max(values):.1f}"


def start():
    times = []
    for _ in range(20):
        server = Server()
        times.append(server.facts["ready_ms"])
        server.stop()
    print(f"ready ms over 20 starts: {spread(times)}")
    server = Server()
    time.sleep(10)
    memory = server.memory_kib("Pss")
    print(f"idle PSS: {sum(memory.values()) / 1024:.1f} MiB {memory}")
    server.stop()


def connect():
    server = Server()
    spark = server.session()
    begin = time.perf_counter()
    spark.sql("SELECT 1").collect()
    print(f"first SELECT 1: {(time.perf_counter() - begin) * 1000:.1f} ms (imports not counted)")
    times = []
    for _ in range(1000):
        begin = time.perf_counter()
        spark.sql("SELECT 1").collect()
        times.append((time.perf_counter() - begin) * 1000)
    times.sort()
    print(f"SELECT 1: p50 {times[500]:.2f} ms, p99 {times[990]:.2f} ms")
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        rows = spark.range(10_000_000).toArrow().num_rows
        times.append((time.perf_counter() - begin) * 1000)
        assert rows == 10_000_000
    print(f"range(10M).toArrow() ms: {spread(times)}")
    server.stop()


def tpch_data():
    folder = ROOT / ".cache/tpch/sf1"
    if not (folder / "lineitem.parquet").exists():
        subprocess.run([str(ROOT / ".venv/bin/tpchgen-cli"), "parquet", "-s", "1", f"--output-dir={folder}"], check=True)
    return folder


def tpch():
    import duckdb
    data = tpch_data()
    server = Server()
    spark = server.session()
    duck = duckdb.connect()
    duck.execute("PRAGMA threads=2")
    for path in glob.glob(f"{data}/*.parquet"):
        name = pathlib.Path(path).stem
        spark.read.parquet(path).createOrReplaceTempView(name)
        duck.execute(f"CREATE VIEW {name} AS SELECT * FROM '{path}'")
    sums = [0.0, 0.0]
    for path in sorted(glob.glob(str(ROOT / "test/data/tpch/q*.sql"))):
        text = pathlib.Path(path).read_text().strip().rstrip(";")
        text = re.sub(r"\{[A-Z0-9_]+\}", "0.0001", text)
        pair = [[], []]
        for _ in range(4):  # the first round warms both
            begin = time.perf_counter()
            spark.sql(text).collect()
            middle = time.perf_counter()
            duck.execute(text).fetchall()
            pair[0].append(middle - begin)
            pair[1].append(time.perf_counter() - middle)
        weir, peer = (statistics.median(times[1:]) for times in pair)
        sums[0] += weir
        sums[1] += peer
        print(f"{pathlib.Path(path).stem}  {weir * 1000:7.0f} ms  {peer * 1000:7.0f} ms  {weir / peer:5.2f}", flush=True)
    print(f"sum  {sums[0] * 1000:7.0f} ms  {sums[1] * 1000:7.0f} ms  {sums[0] / sums[1]:5.2f}")
    print(f"Weir's peak RSS by process, KiB: {server.memory_kib('VmHWM')}")
    server.stop()


def kafka():
    from confluent_kafka import Consumer, Producer
    server = Server()
    count, value = 300_000, b"x" * 1000
    producer = Producer({"bootstrap.servers": server.facts["kafka"], "linger.ms": 5, "batch.size": 1_000_000,
                         "acks": "all", "queue.buffering.max.messages": 500_000})
    begin = time.perf_counter()
    for _ in range(count):
        while True:
            try:
                producer.produce("bench", value)
                break
            except BufferError:
                producer.poll(0.01)
    producer.flush()
    seconds = time.perf_counter() - begin
    print(f"produce, 1 KB, 1 partition, acks=all, flushed before the answer: {count / seconds / 1000:.0f} MB/s")
    consumer = Consumer({"bootstrap.servers": server.facts["kafka"], "group.id": "bench", "auto.offset.reset": "earliest",
                         "fetch.message.max.bytes": 10_000_000})
    consumer.subscribe(["bench"])
    got, begin = 0, None
    while got < count:
        messages = consumer.consume(10_000, 1.0)
        if messages and begin is None:
            begin = time.perf_counter()
        got += len(messages)
    print(f"consume: {count / (time.perf_counter() - begin) / 1000:.0f} MB/s (the Python client is the limit)")
    consumer.close()
    server.stop()


if __name__ == "__main__":
    print(f"load average {os.getloadavg()[0]:.1f}")
    {"start": start, "connect": connect, "tpch": tpch, "kafka": kafka}[sys.argv[1]]()
