"""Finding or starting a server.

A running server leaves a JSON file (addresses, process ids) in the user's runtime folder; a server that
was started here writes the same JSON where we say, and ends with this process.
"""

import atexit
import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time


class Server:
    """Addresses of a server: connect ("sc://..."), kafka ("host:port"), web ("http://..."), token."""

    def __init__(self, facts, process=None):
        self.connect = facts["connect"]
        self.kafka = facts.get("kafka")
        self.web = facts.get("web")
        self.token = facts.get("token")
        self.pids = facts.get("pids", [])
        self.facts = facts
        self._process = process

    def url(self):
        return self.connect + (f"/;token={self.token}" if self.token else "")

    def session(self, **settings):
        """A new SparkSession; its Python functions run in this interpreter, relative paths begin here."""
        from pyspark.sql.connect.session import SparkSession
        from weir import compat
        compat.connect_mode()
        sent = {key: str(value) for key, value in settings.items()}
        return SparkSession.builder.remote(self.url()).config(map={**compat.whereabouts(), **sent}).create()

    def stop(self):
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def runtime_dir():
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):
        return pathlib.Path(runtime) / "weir"
    return pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"weir-{os.getuid()}"


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def find():
    """The server named by WEIR_CONNECT, else one that runs here, else None."""
    named = os.environ.get("WEIR_CONNECT")
    if named:
        address = named if named.startswith("sc://") else f"sc://{named}"
        return Server({"connect": address, "token": os.environ.get("WEIR_TOKEN")})
    folder = runtime_dir()
    if folder.is_dir():
        for path in sorted(folder.glob("*.json")):
            try:
                facts = json.loads(path.read_text())
            except (OSError, ValueError):
                continue
            if facts.get("pids") and _alive(facts["pids"][0]):
                return Server(facts)
    return None


def _is_ours(path):
    """Is it the command that pip made of this package? It would only find itself again."""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return b"weir.__main__" in file.read(4096)
    return False


def _candidates():
    here = pathlib.Path(__file__).resolve()
    yield here.parent / "bin/weir"           # in the wheel
    yield here.parents[2] / "weir"           # the launcher of a clone
    if os.environ.get("WEIR_HOME"):
        yield pathlib.Path(os.environ["WEIR_HOME"], "weir")
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        yield pathlib.Path(folder or ".", "weir")


def program():
    """The native program: WEIR_PROGRAM, else in this package, its clone, WEIR_HOME, or on the PATH."""
    named = os.environ.get("WEIR_PROGRAM")
    if named:
        return named
    for path in _candidates():
        if path.is_file() and os.access(path, os.X_OK) and not _is_ours(path):
            return str(path)
    raise RuntimeError("the weir program is not found: put it on the PATH, or set WEIR_PROGRAM or WEIR_HOME")


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def start(data=None, timeout=60, extra=()):
    """Starts a server on free ports that ends with this process; ephemeral unless data is given."""
    folder = tempfile.mkdtemp(prefix="weir-start-")
    ready = os.path.join(folder, "ready.json")
    command = [program(), "up", "--connect", "127.0.0.1:0", "--kafka", "127.0.0.1:0", "--web",
               "127.0.0.1:0", "--webhdfs", "127.0.0.1:0", "--ready-file", ready,
               *(["--data", data] if data else ["--ephemeral"]), *extra]
    log = open(os.path.join(folder, "log"), "wb")
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                               preexec_fn=_die_with_parent)
    log.close()
    deadline = time.monotonic() + timeout
    while not os.path.exists(ready):
        if process.poll() is not None or time.monotonic() > deadline:
            text = pathlib.Path(folder, "log").read_text(errors="replace")
            process.kill()
            shutil.rmtree(folder, ignore_errors=True)
            raise RuntimeError(f"weir did not start: {text.strip()}")
        time.sleep(0.002)
    facts = json.loads(pathlib.Path(ready).read_text())
    shutil.rmtree(folder, ignore_errors=True)
    server = Server(facts, process)
    atexit.register(server.stop)
    return server
