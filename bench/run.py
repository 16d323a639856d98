"""Figures of Weir beside its peers, taken in the same minutes on the same data.

    .venv/bin/python bench/run.py start      ready time of 20 starts; idle memory
    .venv/bin/python bench/run.py connect    SELECT 1 and a large result through PySpark
    .venv/bin/python bench/run.py tpch       TPC-H at scale 1, hot, query by query in turn
    .venv/bin/python bench/run.py kafka      produce and consume with librdkafka
    .venv/bin/python bench/run.py all        all of them

    --quick    few rounds, small data: to see that it runs
    --peers    Sail, Spark local[2] and Apache Kafka too (bench/peers.py installs them); else only DuckDB

Tables come out as Markdown, with the load average at their beginning: figures of a busy machine say little.
The program is build/weir (tools/build). TPC-H's data is made by tpchgen-cli under .cache/tpch.
"""

import glob
import multiprocessing
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import peers  # noqa: E402

ROOT = peers.ROOT
PEERS = "--peers" in sys.argv
QUICK = "--quick" in sys.argv
SCALE = "0.1" if QUICK else "1"


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
    heading("Start and idle memory: Weir by its own clock until every listener answers, the others until theirs listens")
    header("program", "starts", "ready ms, min / median / max", "PSS of all processes after 10 s, MiB")
    kinds = list(servers()) + ([lambda: peers.Kafka(False)] if PEERS else [])
    for kind in kinds:
        times, count = [], 1 if QUICK else 20 if kind is peers.Weir else 3
        for i in range(count):
            with kind() as server:
                times.append(server.ready_ms)
                if i == count - 1:
                    time.sleep(10)
                    memory = server.memory_mib("Pss")
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
    rounds = 20 if QUICK else 1000 if server.name == "Weir" else 200
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
        with kind() as server:
            one_connect(server)


def tpch_data():
    folder = ROOT / f".cache/tpch/sf{SCALE}"
    if not folder.exists():
        part = folder.with_name(folder.name + ".part")
        part.mkdir(parents=True, exist_ok=True)
        subprocess.run([str(ROOT / ".venv/bin/tpchgen-cli"), "parquet", "-s", SCALE, f"--output-dir={part}"], check=True)
        part.rename(folder)
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
    rounds = 1 if QUICK else 3
    heading(f"TPC-H at scale {SCALE}, Parquet, hot: milliseconds, median of {rounds} rounds after 1")
    others = [e.name for e in engines[1:]]
    header("query", *[e.name for e in engines], *[f"Weir / {name}" for name in others])
    sums = [0.0] * len(engines)
    for path in sorted(glob.glob(str(ROOT / "test/data/tpch/q*.sql"))):
        text = re.sub(r"\{[A-Z0-9_]+\}", "0.0001", pathlib.Path(path).read_text().strip().rstrip(";"))
        times = [[] for _ in engines]
        for _ in range(1 + rounds):
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


def kafka_client():
    """bench/kafka_load.c, built when it is newer than the program."""
    source, program = ROOT / "bench/kafka_load.c", ROOT / ".cache/kafka_load"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        program.parent.mkdir(exist_ok=True)
        subprocess.run(["gcc", "-O2", "-o", str(program), str(source), "-lrdkafka"], check=True)

    def load(what, server, count):
        done = subprocess.run([str(program), what, server.kafka, "bench", str(count)], check=True, stdout=subprocess.PIPE)
        return float(done.stdout)
    return load


def kafka():
    load = kafka_client()
    count = 50_000 if QUICK else 500_000
    heading("Kafka: librdkafka from C, records of 1 KB, one partition, acks=all; MB/s, min / median / max of 3")
    header("broker", f"produce {count:,}", f"consume {3 * count:,}", "peak memory, MiB")
    kinds = [peers.Weir] + ([lambda: peers.Kafka(True), lambda: peers.Kafka(False)] if PEERS else [])
    for kind in kinds:
        with kind() as server:
            load("produce", server, 20_000)  # makes the topic and warms
            rates = [load("produce", server, count) for _ in range(3)]
            fetched = [load("consume", server, 3 * count) for _ in range(3)]
            row(server.name, spread(rates, 0), spread(fetched, 0), f"{server.memory_mib('VmHWM'):.0f}")


if __name__ == "__main__":
    parts = {"start": start, "connect": connect, "tpch": tpch, "kafka": kafka}
    asked = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(asked) != 1 or asked[0] not in (*parts, "all"):
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    if PEERS:
        peers.install()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    print(f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC, commit {commit.stdout.strip()}")
    for name, part in parts.items():
        if asked[0] in (name, "all"):
            part()
