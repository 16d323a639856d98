"""Several nodes on one computer: their lives and deaths, as `weir up --nodes` and `weir node` show them."""

import json
import os
import signal
import subprocess
import time

import pytest

DEADLINE_S = 90


def until(what, condition, seconds=DEADLINE_S):
    late = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < late, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Cluster:
    """A `weir up` in a runtime folder of its own, so that `weir node` finds this one."""

    def __init__(self, program, folder, *flags):
        self.program = program
        self.folder = folder
        self.env = {**os.environ, "XDG_RUNTIME_DIR": str(folder / "run")}
        os.makedirs(folder / "run", mode=0o700, exist_ok=True)
        self.process = None
        self.start(*flags)

    def start(self, *flags):
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        with open(self.folder / "log.txt", "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "up", "--data", str(self.folder / "data"), "--ready-file", str(ready), "--connect",
                 "127.0.0.1:0", "--kafka", "127.0.0.1:0", "--web", "127.0.0.1:0", *flags],
                env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

        def is_ready():
            assert self.process.poll() is None, (self.folder / "log.txt").read_text()
            return ready.exists()

        until("ready", is_ready, 180)

    @property
    def facts(self):
        return json.loads((self.folder / "ready.json").read_text())

    def node(self, name):
        return next(n for n in self.facts["nodes"] if n["name"] == name)

    def weir(self, *args):
        done = subprocess.run([self.program, *args], env=self.env, capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def members(self):
        """{name: (state, incarnation)}, and who decides."""
        rows, decides = {}, None
        for line in self.weir("node", "list").splitlines()[1:]:
            words = line.split()
            if words[0] == "*":
                continue
            star = words[2] == "*"
            rows[words[0]] = (words[1], int(words[3] if star else words[2]))
            decides = words[0] if star else decides
        return rows, decides

    def kill_node(self, name):
        """kill -9 of all its processes at once."""
        for pid in self.node(name)["pids"]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def stop(self):
        pids = self.facts["pids"]
        begun = time.monotonic()
        self.process.terminate()
        assert self.process.wait(60) == 0
        took = time.monotonic() - begun
        until("all processes are gone", lambda: not any(lives(pid) for pid in pids), 10)
        return took

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            finally:
                self.process.kill()


@pytest.fixture
def cluster(weir_program, tmp_path):
    c = Cluster(weir_program, tmp_path, "--nodes", "3")
    yield c
    c.close()


@pytest.mark.slow
def test_three_nodes_start_end_and_start_again(cluster):
    facts = cluster.facts
    assert [n["name"] for n in facts["nodes"]] == ["n1", "n2", "n3"]
    assert facts["connect"] == facts["nodes"][0]["connect"] and facts["kafka"] == facts["nodes"][0]["kafka"]
    assert len({n["kafka"] for n in facts["nodes"]}) == 3
    for n in facts["nodes"]:
        assert n["state"] == "running"
        assert [p["role"] for p in n["processes"]] == ["supervisor", "store", "worker", "front", "etcd"]
        assert all(lives(pid) for pid in n["pids"])
    assert set(facts["pids"]) == {facts["pids"][0]}.union(*(n["pids"] for n in facts["nodes"]))
    members, decides = cluster.members()
    assert {name: state for name, (state, _) in members.items()} == {"n1": "up", "n2": "up", "n3": "up"}
    assert decides in members
    status = cluster.weir("status")
    assert all(f"{name} " in status for name in members), status

    assert cluster.stop() < 10  # 2 s on a machine that has time
    cluster.start()  # the folder knows how many
    later, _ = cluster.members()
    for name, (state, incarnation) in later.items():
        assert state == "up" and incarnation > members[name][1]
    cluster.stop()


@pytest.mark.slow
def test_a_killed_node_is_noticed_and_comes_back_when_told(cluster):
    decides = until("somebody decides", lambda: cluster.members()[1])
    life = cluster.members()[0][decides][1]
    cluster.kill_node(decides)
    until("it is down", lambda: cluster.members()[0][decides][0] == "down")
    until("another decides", lambda: cluster.members()[1] not in (None, decides))
    until("the ready file says so", lambda: cluster.node(decides)["state"] == "dead")
    assert cluster.node(decides)["pids"] == []
    cluster.weir("node", "start", decides)
    until("it is up", lambda: cluster.members()[0][decides] > ("up", life))
    assert cluster.node(decides)["state"] == "running"

    cluster.weir("node", "stop", "n3")
    until("n3 is down", lambda: cluster.members()[0]["n3"][0] == "down")
    assert cluster.node("n3")["state"] == "stopped"
    cluster.stop()


@pytest.mark.slow
def test_etcd_and_other_processes_of_a_node_are_started_again(cluster):
    before, _ = cluster.members()
    for role in ("etcd", "store", "front", "worker"):
        old = next(p["pid"] for p in cluster.node("n2")["processes"] if p["role"] == role)
        os.kill(old, signal.SIGKILL)

        def started():
            now = [p["pid"] for p in cluster.node("n2")["processes"] if p["role"] == role]
            return now and now != [old]

        until(f"another {role}", started)
    until("n2 is up", lambda: cluster.members()[0]["n2"][0] == "up")
    members, _ = cluster.members()
    assert members["n2"][1] > before["n2"][1]  # another life of its store


@pytest.mark.slow
def test_marks_on_nodes(cluster):
    cluster.weir("node", "drain", "n2")
    assert cluster.members()[0]["n2"][0] == "draining"
    cluster.weir("node", "drain", "n2", "--undo")
    assert cluster.members()[0]["n2"][0] == "up"
    with pytest.raises(AssertionError, match="n2 is up"):
        cluster.weir("node", "remove", "n2")
    with pytest.raises(AssertionError, match="no node n7"):
        cluster.weir("node", "drain", "n7")
    cluster.weir("node", "stop", "n2")
    until("n2 is down", lambda: cluster.members()[0]["n2"][0] == "down")
    cluster.weir("node", "remove", "n2")
    assert set(cluster.members()[0]) == {"n1", "n3"}


@pytest.mark.slow
def test_a_killed_parent_leaves_nothing(cluster):
    pids = cluster.facts["pids"]
    cluster.process.kill()
    cluster.process.wait()
    until("all processes are gone", lambda: not any(lives(pid) for pid in pids))


@pytest.mark.slow
def test_a_node_alone_becomes_one_of_three(weir_program, tmp_path):
    c = Cluster(weir_program, tmp_path)
    try:
        c.weir("topic", "create", "kept", "--partitions", "2")
        c.stop()
        c.start("--nodes", "3")
        assert "kept\t2" in c.weir("topic", "list")
        assert (tmp_path / "data" / "node-1" / "log").is_dir()
        c.stop()
        c.start()
        assert len(c.facts["nodes"]) == 3
        assert "kept\t2" in c.weir("topic", "list")
        c.stop()
    finally:
        c.close()


@pytest.mark.slow
def test_a_fourth_node_joins_with_a_token_that_works_once(cluster, weir_program, tmp_path):
    words = cluster.weir("node", "token").split()
    assert words[:3] == ["weir", "node", "--join"] and words[4] == "--token"

    def join(folder, token):
        env = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / folder)}
        os.makedirs(tmp_path / folder, mode=0o700)
        return subprocess.Popen(
            [weir_program, "node", "--join", words[3], "--token", token, "--data", str(tmp_path / folder / "data"),
             "--connect", "127.0.0.1:0", "--kafka", "127.0.0.1:0", "--web", "127.0.0.1:0"],
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def refused(process):
        assert process.wait(60) == 1
        return process.stdout.read()

    wrong = words[5][:-1] + ("0" if words[5][-1] != "0" else "1")
    assert "not known" in refused(join("wrong", wrong))
    joined = join("fourth", words[5])
    try:
        until("n101 is up", lambda: cluster.members()[0].get("n101", ("", 0))[0] == "up")
        assert "was used" in refused(join("again", words[5]))
        assert "node n101 of a cluster" in subprocess.run(
            [weir_program, "node", "--join", words[3], "--token", words[5], "--data",
             str(tmp_path / "fourth" / "data")], capture_output=True, text=True, timeout=60).stderr
    finally:
        joined.terminate()
        joined.wait(30)
    until("n101 is down", lambda: cluster.members()[0]["n101"][0] == "down")


def test_two_nodes_are_refused(weir_program, tmp_path):
    done = subprocess.run([weir_program, "up", "--nodes", "2", "--data", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 2
    assert "no safer than 1" in done.stderr
