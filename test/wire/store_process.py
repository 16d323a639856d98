"""Starts the store role by itself: a Kafka broker over a data directory, without the rest of weir."""

import json
import os
import signal
import socket
import subprocess
import time


class Store:
    """The listening sockets live here, so a restarted store has the same address and a connect
    during its absence waits instead of failing."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        os.makedirs(folder, exist_ok=True)
        self.kafka = socket.socket()
        self.kafka.bind(("127.0.0.1", 0))
        self.kafka.listen(128)
        self.address = "127.0.0.1:%d" % self.kafka.getsockname()[1]
        self.frames_path = os.path.join(folder, "store.sock")
        self.frames = socket.socket(socket.AF_UNIX)
        self.frames.bind(self.frames_path)
        self.frames.listen(8)
        self.process = None
        self.start()

    def start(self):
        start = os.path.join(self.folder, "start.json")
        with open(start, "w") as f:
            json.dump({"data": self.folder, "run": self.folder, "kafka": self.address, "threads": 1,
                       "frames": ["unix:" + self.frames_path], "memory": [0, 0, 0]}, f)
        fds = {10: self.frames.fileno(), 11: self.kafka.fileno()}

        def place():
            moved = {to: os.dup(fd) for to, fd in fds.items()}
            for to, fd in moved.items():
                os.dup2(fd, to, inheritable=True)

        self.process = subprocess.Popen([self.program, "--role", "store", start, "0"], preexec_fn=place,
                                        close_fds=False)
        self.wait_ready()

    def wait_ready(self, seconds=20):
        """ApiVersions version 0, by hand: the first answer says that recovery is done."""
        request = bytes.fromhex("0000000a001200000000000affff")
        with socket.create_connection(("127.0.0.1", int(self.address.split(":")[1])), 5) as s:
            s.settimeout(seconds)
            s.sendall(request)
            assert s.recv(4), "the store closed the connection"

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(20) == 0

    def close(self):
        self.stop()
        self.kafka.close()
        self.frames.close()


def until(condition, seconds=30, step=lambda: time.sleep(0.02)):
    """Turns step until condition holds; what it waits for is outside this process."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in %s s" % seconds
        step()
