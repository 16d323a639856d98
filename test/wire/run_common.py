"""Runs the program's commands as a user does, with a runtime folder of the test's own: nothing outside
is found, and nothing outside is touched."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def environment(runtime, **more):
    """The caller's, with our runtime folder, this Python, and no settings of the caller's own."""
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(("WEIR_", "SPARK_", "PYSPARK_")) and key != "PYTHONPATH"}
    runtime = pathlib.Path(runtime)
    runtime.mkdir(exist_ok=True)
    return {**kept, "XDG_RUNTIME_DIR": str(runtime), "WEIR_CONFIG": "/dev/null", "WEIR_HOME": str(ROOT),
            "PYSPARK_DRIVER_PYTHON": sys.executable, "PYSPARK_PYTHON": sys.executable, **more}


def call(command, env, cwd=None, timeout=90, stdin=None):
    return subprocess.run([str(c) for c in command], env=env, cwd=cwd, timeout=timeout, text=True, input=stdin or "",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Up:
    """weir up on free ports; facts is its ready file."""

    def __init__(self, program, folder, *flags, **env):
        import json
        import time
        folder = pathlib.Path(folder)
        ready = folder / "ready.json"
        self.env = environment(folder / "runtime", **env)
        self.out = open(folder / "out", "w+")
        self.process = subprocess.Popen(
            [program, "up", *(flags or ("--ephemeral",)), "--connect", "127.0.0.1:0", "--kafka", "127.0.0.1:0",
             "--web", "127.0.0.1:0", "--ready-file", str(ready)],
            env=self.env, stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.out)
        end = time.monotonic() + 30
        while not ready.exists():
            assert self.process.poll() is None and time.monotonic() < end, (folder / "out").read_text()
            time.sleep(0.005)
        self.facts = json.loads(ready.read_text())

    def stop(self):
        self.process.terminate()
        try:
            status = self.process.wait(20)
        finally:
            self.process.kill()
            self.out.close()
        return status
