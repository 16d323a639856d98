"""Starts the whole program, `weir up`, on free ports over a directory, and finds its processes."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time


def quiet_port():
    """A free port below those that the kernel gives to clients: while the server of a test is dead, none of the
    connections that are tried meanwhile can take its port (a client that dials a port of its own range may even
    meet itself there)."""
    while True:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", random.SystemRandom().randrange(15000, 32000)))
                return s.getsockname()[1]
            except OSError:
                continue


class Weir:
    """One `weir up`. Its run folder lies in `folder` too, so that tests see what is left behind."""

    def __init__(self, program, folder, *flags, data="data"):
        self.program, self.folder = program, str(folder)
        self.data = os.path.join(self.folder, data)
        self.ready_file = os.path.join(self.folder, "ready.json")
        self.ports = {face: f"127.0.0.1:{quiet_port()}" for face in ("connect", "kafka", "web")}
        self.flags = list(flags)
        self.process = None
        self.start()

    def environment(self):
        runtime = os.path.join(self.folder, "r")
        os.makedirs(runtime, mode=0o700, exist_ok=True)
        return {**os.environ, "XDG_RUNTIME_DIR": runtime, "TMPDIR": runtime,
                "WEIR_CONFIG": "/dev/null"}

    def command(self, *flags):
        faces = [f"--{face}={address}" for face, address in self.ports.items()]
        where = [] if "--ephemeral" in self.flags else ["--data", self.data]
        return [self.program, "up", *where, *faces, "--memory", "512m", "--cores", "2",
                "--ready-file", self.ready_file, *self.flags, *flags]

    def start(self):
        if os.path.exists(self.ready_file):
            os.unlink(self.ready_file)
        self.log = open(os.path.join(self.folder, "log.txt"), "ab")
        self.process = subprocess.Popen(self.command(), env=self.environment(),
                                        stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=subprocess.STDOUT)
        until(lambda: os.path.exists(self.ready_file) or self.process.poll() is not None)
        assert self.process.poll() is None, self.words()
        facts = self.facts()
        self.connect, self.kafka, self.web = facts["connect"], facts["kafka"], facts["web"]
        # A restart gets the same addresses, as a server with fixed ports would.
        self.ports = {"connect": self.connect.removeprefix("sc://"), "kafka": self.kafka,
                      "web": self.web.removeprefix("http://")}

    def words(self):
        with open(os.path.join(self.folder, "log.txt"), errors="replace") as f:
            return f.read()

    def facts(self):
        with open(self.ready_file) as f:
            return json.load(f)

    def pid(self, role):
        return next(p["pid"] for p in self.facts()["processes"] if p["role"] == role)

    def kill(self, role):
        """Ends one process as a crash would; the supervisor starts another one."""
        pid = self.pid(role)
        os.kill(pid, signal.SIGKILL)
        until(lambda: self.pid(role) != pid)

    def kill_all(self):
        pids = self.facts()["pids"]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)
        until(lambda: not any(alive(pid) for pid in pids))
        self.log.close()

    def stop(self):
        """Asks it to end; how many seconds that took."""
        if self.process.poll() is not None:
            return 0
        begin = time.monotonic()
        self.process.terminate()
        assert self.process.wait(20) == 0
        self.log.close()
        return time.monotonic() - begin

    def close(self):
        forget_session(self.connect.removeprefix("sc://"))
        try:
            self.stop()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait(10)


def forget_session(address):
    """PySpark keeps the first session of a process as the one that functions like udf() ask. When a test leaves it
    open, later tests would ask a server that is gone, and try for minutes."""
    if "pyspark.sql.connect.session" not in sys.modules:
        return
    kind = sys.modules["pyspark.sql.connect.session"].SparkSession

    def is_here(session):
        return session is not None and session.client._builder.endpoint == address

    if is_here(kind._default_session):
        kind._default_session = None
    if is_here(getattr(kind._active_session, "session", None)):
        kind._active_session.session = None


def alive(pid):
    """A process that is more than an entry waiting for its parent."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def until(condition, seconds=30, step=lambda: time.sleep(0.02)):
    """Turns step until condition holds; what it waits for is outside this process."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it did not come true in {seconds} s"
        step()
