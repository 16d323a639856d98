"""Several store processes and one etcd: brokers of a cluster without the rest of weir."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid

from store_process import until


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Etcd:
    def __init__(self, folder):
        client, peer = free_port(), free_port()
        self.endpoint = "127.0.0.1:%d" % client
        url, peer_url = "http://" + self.endpoint, "http://127.0.0.1:%d" % peer
        self.log = open(os.path.join(folder, "etcd.log"), "w")
        self.process = subprocess.Popen(
            [shutil.which("etcd"), "--data-dir", os.path.join(folder, "etcd"), "--name", "e1",
             "--listen-client-urls", url, "--advertise-client-urls", url,
             "--listen-peer-urls", peer_url, "--initial-advertise-peer-urls", peer_url,
             "--initial-cluster", "e1=" + peer_url, "--enable-v2=false",
             "--heartbeat-interval", "50", "--election-timeout", "500"],
            stdout=self.log, stderr=self.log)
        until(self.answers)

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", int(self.endpoint.split(":")[1])), 1):
                return True
        except OSError:
            return False

    def close(self):
        self.process.kill()
        self.process.wait(10)
        self.log.close()


class Node:
    """One store process. Unlike with a supervisor its sockets die with it, as a whole node's do."""

    def __init__(self, cluster, number):
        self.cluster, self.number = cluster, number
        self.folder = os.path.join(cluster.folder, "node-%d" % number)
        os.makedirs(self.folder)
        self.kafka_port, self.peer_port = free_port(), free_port()
        self.address = "127.0.0.1:%d" % self.kafka_port
        self.disk = str(uuid.uuid4())
        self.process = None

    def start(self):
        frames = os.path.join(self.folder, "store.sock")
        if os.path.exists(frames):
            os.unlink(frames)
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(frames)
        unix.listen(8)
        listening = {10: unix}
        for fd, port in ((11, self.kafka_port), (13, self.peer_port)):
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("127.0.0.1", port))
            s.listen(128)
            listening[fd] = s
        start = os.path.join(self.folder, "start.json")
        with open(start, "w") as f:
            json.dump({"data": self.folder, "run": self.folder, "kafka": self.address, "threads": 1,
                       "frames": ["unix:" + frames], "memory": [0, 0, 0],
                       "node": {"id": self.number, "name": "n%d" % self.number,
                                "cluster": self.cluster.id, "disk": self.disk,
                                "etcd": self.cluster.etcd.endpoint, "secret": "5e" * 32,
                                "peers": ["127.0.0.1:%d" % self.peer_port]}}, f)

        def place():
            # Out of the way first: a number that is to be used may be another's now.
            moved = {to: fcntl.fcntl(s.fileno(), fcntl.F_DUPFD, 64) for to, s in listening.items()}
            for to, fd in moved.items():
                os.dup2(fd, to, inheritable=True)

        with open(os.path.join(self.folder, "log.txt"), "a") as log:
            self.process = subprocess.Popen([self.cluster.program, "--role", "store", start, "0"],
                                            preexec_fn=place, close_fds=False, stderr=log)
        for s in listening.values():
            s.close()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(30) == 0, open(os.path.join(self.folder, "log.txt")).read()


class Cluster:
    def __init__(self, program, folder, nodes=3):
        self.program, self.folder, self.id = program, str(folder), str(uuid.uuid4())
        self.etcd = Etcd(self.folder)
        self.nodes = [Node(self, n) for n in range(1, nodes + 1)]
        for node in self.nodes:
            node.start()
        self.bootstrap = ",".join(n.address for n in self.nodes)
        until(lambda: self.brokers() == nodes)

    def admin(self):
        from confluent_kafka.admin import AdminClient
        return AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})

    def brokers(self):
        try:
            return len(self.admin().list_topics(timeout=2).brokers)
        except Exception:  # not up yet
            return 0

    def topic(self, name, partitions=1, factor=3, config=None):
        from confluent_kafka.admin import NewTopic
        admin = self.admin()
        made = admin.create_topics(
            [NewTopic(name, partitions, factor, config=config or {})], operation_timeout=30)
        made[name].result(30)

    def partition(self, name, partition=0):
        """Metadata of one partition, as whichever broker answers sees it."""
        return self.admin().list_topics(name, timeout=10).topics[name].partitions[partition]

    def leader(self, name, partition=0):
        found = []

        def known():
            try:
                found[:] = [self.partition(name, partition).leader]
            except Exception:
                found[:] = [-1]
            return found[0] > 0
        until(known)
        return self.nodes[found[0] - 1]

    def in_sync(self, name, count, partition=0, seconds=60):
        until(lambda: len(self.partition(name, partition).isrs) == count, seconds,
              lambda: time.sleep(0.1))

    def close(self):
        for node in self.nodes:
            if node.process.poll() is None:
                node.resume()
                node.stop()
        self.etcd.close()
