"""Starts the whole program, as a user does, and gives its address; the end is by its own signal."""

import json
import os
import subprocess
import time


class WeirServer:
    def __init__(self, program, folder, env=None):
        os.makedirs(folder, exist_ok=True)
        ready = os.path.join(folder, "ready.json")
        with open(os.path.join(folder, "log.txt"), "wb") as log:
            self.process = subprocess.Popen(
                [program, "up", "--data", os.path.join(folder, "data"), "--ready-file", ready,
                 "--connect", "127.0.0.1:0", "--kafka", "127.0.0.1:0", "--web", "127.0.0.1:0",
                 "--webhdfs", "127.0.0.1:0"],
                env={**os.environ, **(env or {})}, cwd=folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT)
        late = time.monotonic() + 60
        while not os.path.exists(ready) or os.path.getsize(ready) == 0:
            assert self.process.poll() is None, "weir up ended at once"
            assert time.monotonic() < late, "weir up is not ready after a minute"
            time.sleep(0.05)
        with open(ready) as f:
            self.facts = json.load(f)
        self.connect = self.facts["connect"]

    def stop(self):
        self.process.terminate()
        try:
            assert self.process.wait(60) == 0
        finally:
            self.process.kill()
            self.process.wait()
