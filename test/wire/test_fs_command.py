"""`weir fs` against the running program: its outputs are those of `hdfs dfs`."""

import os
import re
import subprocess

import pytest
from weir_server import WeirServer


@pytest.fixture(scope="module")
def server(weir_program, tmp_path_factory):
    s = WeirServer(weir_program, str(tmp_path_factory.mktemp("fs")))
    yield s
    s.stop()


@pytest.fixture
def fs(weir_program, server):
    def run(*args, code=0, data=None):
        done = subprocess.run([weir_program, "fs", "--url", server.facts["webhdfs"], "--user", "root", *args],
                              input=data, capture_output=True, timeout=60)
        assert done.returncode == code, done.stderr
        return (done.stdout if code == 0 else done.stderr).decode()

    return run


def test_there_and_back(fs, tmp_path):
    data = os.urandom(3_000_000)
    (tmp_path / "f").write_bytes(data)
    fs("-mkdir", "-p", "/t/d")
    fs("-put", str(tmp_path / "f"), "/t/d")
    assert fs("-put", str(tmp_path / "f"), "/t/d", code=1) == "put: `/t/d/f': File exists\n"
    fs("-put", "-f", str(tmp_path / "f"), "/t/d")
    fs("-get", "/t/d/f", str(tmp_path / "g"))
    assert (tmp_path / "g").read_bytes() == data
    fs("-put", "-", "/t/d/in", data=b"one\ntwo\n")
    assert fs("-cat", "/t/d/in") == "one\ntwo\n"
    (tmp_path / "tree" / "x").mkdir(parents=True)
    (tmp_path / "tree" / "x" / "y").write_bytes(b"y")
    fs("-put", str(tmp_path / "tree"), "/t")
    fs("-get", "/t/tree", str(tmp_path / "back"))
    assert (tmp_path / "back" / "x" / "y").read_bytes() == b"y"
    assert fs("-tail", "/t/d/in") == "one\ntwo\n"


def test_outputs_are_those_of_hadoop(fs):
    fs("-mkdir", "/o")
    fs("-put", "-", "/o/a", data=b"x" * 1270)
    fs("-mkdir", "/o/b")
    lines = fs("-ls", "/o").splitlines()
    assert lines[0] == "Found 2 items"
    when = r"\d{4}-\d\d-\d\d \d\d:\d\d"
    assert re.fullmatch(rf"-rw-r--r--   1 root supergroup       1270 {when} /o/a", lines[1])
    assert re.fullmatch(rf"drwxr-xr-x   - root supergroup          0 {when} /o/b", lines[2])
    assert fs("-du", "-s", "/o") == "1270  1270  /o\n"
    assert fs("-count", "/o") == "           2            1               1270 /o\n"
    assert fs("-setrep", "3", "/o/a") == "Replication 3 set: /o/a\n"
    assert fs("-stat", "%b %F %r %n %a", "/o/a") == "1270 regular file 3 a 644\n"
    assert re.fullmatch(r"/o/a\tMD5-of-0MD5-of-512CRC32C\t0000020000000000000000000[0-9a-f]{31}\n",
                        fs("-checksum", "/o/a"))
    assert fs("-ls", "/none", code=1) == "ls: `/none': No such file or directory\n"
    assert fs("-mkdir", "/o", code=1) == "mkdir: `/o': File exists\n"
    assert fs("-rm", "/o/b", code=1) == "rm: `/o/b': Is a directory\n"
    fs("-mv", "/o/a", "/o/b")
    assert fs("-cat", "/o/b/*") == "x" * 1270
    assert fs("-rm", "-r", "/o") == "Deleted /o\n"
    fs("-test", "-e", "/o", code=1)
    fs("-touchz", "/z")
    fs("-test", "-z", "/z")
    fs("-chmod", "600", "/z")
    fs("-chown", "alice:staff", "/z")
    assert fs("-stat", "%u %g %A", "/z") == "alice staff rw-------\n"
    assert "usage: weir fs" in fs("-nosuch", code=2)
