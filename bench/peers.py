"""The engines that Weir is measured against: how they are installed, started, and how much they hold.

    .venv/bin/python bench/peers.py      installs Spark, Sail and Apache Kafka into .cache/peers

Spark and Sail come from PyPI, each in an environment of its own; Kafka's jars from Maven Central. Spark and
Kafka need Java 17. Nothing but bench/run.py uses them.
"""

import atexit
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
HOME = pathlib.Path(os.environ.get("WEIR_PEERS", ROOT / ".cache/peers"))
SPARK, SAIL, KAFKA = "pyspark[connect]==4.2.0", "pysail==0.7.2", "4.3.1"
CLIENT = ["pyspark-client==4.2.0", "pandas<3", "pyarrow", "setuptools"]
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>bench</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{KAFKA}</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.4</version></dependency>
</dependencies></project>"""


def environment(name, *packages):
    python = HOME / name / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(HOME / name)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages], check=True)


def install():
    HOME.mkdir(parents=True, exist_ok=True)
    environment("spark", SPARK, *CLIENT[1:])
    environment("sail", SAIL, *CLIENT)
    if not (HOME / "kafka/libs").exists():
        (HOME / "kafka").mkdir(exist_ok=True)
        (HOME / "kafka/pom.xml").write_text(POM)
        subprocess.run(["mvn", "-q", "-B", "-f", str(HOME / "kafka/pom.xml"), "dependency:copy-dependencies",
                        f"-DoutputDirectory={HOME / 'kafka/libs'}", "-DincludeScope=runtime"], check=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def tree(pid):
    """A process and all below it."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = pathlib.Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rsplit(")", 1)[1].split()[1]), []).append(int(entry))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def memory_mib(pid, field):
    """Pss (what the tree holds now) or VmHWM (the sum of the peaks of its processes)."""
    total = 0
    for one in tree(pid):
        try:
            text = pathlib.Path(f"/proc/{one}/{'smaps_rollup' if field == 'Pss' else 'status'}").read_text()
        except OSError:
            continue
        total += sum(int(kib) for kib in re.findall(rf"^{field}:\s+(\d+)", text, re.M))
    return total / 1024


class Process:
    """A peer as a child process in a session of its own, with a folder that goes with it."""
    leftovers = ()

    def __init__(self, command, env=None):
        self.folder = tempfile.mkdtemp(prefix="weir-bench-")
        self.begin = time.perf_counter()
        self.log = open(os.path.join(self.folder, "log.txt"), "wb")
        self.process = subprocess.Popen(command, cwd=self.folder, env={**os.environ, **(env or {})},
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        start_new_session=True)
        atexit.register(self.kill)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def kill(self):
        """A run that is broken off leaves nothing behind."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            subprocess.run(["rm", "-rf", self.folder, *self.leftovers])

    def wait_until(self, ready, seconds=120):
        while not ready():
            if self.process.poll() is not None or time.perf_counter() - self.begin > seconds:
                words = pathlib.Path(self.folder, "log.txt").read_text(errors="replace")
                sys.exit(f"{' '.join(map(str, self.process.args[:3]))} did not start:\n{words[-3000:]}")
            time.sleep(0.005)
        self.ready_ms = (time.perf_counter() - self.begin) * 1000

    def memory_mib(self, field):
        return memory_mib(self.process.pid, field)

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()
        subprocess.run(["rm", "-rf", self.folder, *self.leftovers], check=True)


def listens(port):
    def ask():
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0
    return ask


class Weir(Process):
    name = "Weir"

    def __init__(self):
        ready = tempfile.mktemp(prefix="weir-ready-")
        data = tempfile.mkdtemp(prefix="weir-data-")
        super().__init__([str(ROOT / "build/weir"), "up", "--data", data, "--connect", "127.0.0.1:0", "--kafka",
                          "127.0.0.1:0", "--web", "127.0.0.1:0", "--cores", "2", "--ready-file", ready])
        self.wait_until(lambda: os.path.exists(ready))
        self.facts = json.loads(pathlib.Path(ready).read_text())
        self.ready_ms = self.facts["ready_ms"]
        self.connect, self.kafka = self.facts["connect"], self.facts["kafka"]
        self.leftovers = [data, ready]


class Sail(Process):
    name = "Sail"

    def __init__(self):
        port = free_port()
        super().__init__([str(HOME / "sail/bin/sail"), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)],
                         {"PATH": f"{HOME / 'sail/bin'}:{os.environ['PATH']}"})
        self.wait_until(listens(port))
        self.connect = f"sc://127.0.0.1:{port}"


class Spark(Process):
    name = "Spark local[2]"

    def __init__(self):
        port = free_port()
        home = next((HOME / "spark/lib").glob("python3*/site-packages/pyspark"))
        super().__init__([str(home / "bin/spark-submit"), "--master", "local[2]", "--driver-memory", "8g", "--conf",
                          f"spark.connect.grpc.binding.port={port}", "--conf", "spark.ui.enabled=false", "--conf",
                          "spark.sql.shuffle.partitions=4", "--class",
                          "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"],
                         {"SPARK_HOME": str(home), "PYSPARK_PYTHON": str(HOME / "spark/bin/python")})
        self.wait_until(listens(port))
        self.connect = f"sc://127.0.0.1:{port}"


class Kafka(Process):
    """One broker. flush: every message is flushed before the answer, as Weir does; Kafka's default leaves it to
    the page cache."""

    def __init__(self, flush):
        self.name = "Apache Kafka, flushing" if flush else "Apache Kafka, default"
        port, controller = free_port(), free_port()
        folder = tempfile.mkdtemp(prefix="weir-kafka-")
        settings = pathlib.Path(folder, "server.properties")
        settings.write_text(f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
log.dirs={folder}/data
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
{'log.flush.interval.messages=1' if flush else ''}
""")
        java = ["java", "-cp", f"{HOME / 'kafka/libs'}/*"]
        subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c",
                        str(settings)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        super().__init__([*java[:1], "-Xms1g", "-Xmx1g", *java[1:], "kafka.Kafka", str(settings)])
        self.wait_until(listens(port))
        self.kafka = f"127.0.0.1:{port}"
        self.leftovers = [folder]


if __name__ == "__main__":
    install()
    print(f"Spark, Sail and Apache Kafka are in {HOME}")
