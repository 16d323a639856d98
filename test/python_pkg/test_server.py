"""Finding a server, and the program that starts one."""

import json
import os
import subprocess
import sys

import pytest

from weir import server

FACTS = {"connect": "sc://127.0.0.1:1", "kafka": "127.0.0.1:2", "web": "http://127.0.0.1:3", "token": None}


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    for name in ("WEIR_CONNECT", "WEIR_TOKEN", "WEIR_PROGRAM", "WEIR_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "weir").mkdir()


def leave(folder, name, **facts):
    (folder / "weir" / name).write_text(json.dumps({**FACTS, **facts}))


def dead_pid():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_nothing_runs():
    assert server.find() is None


def test_what_runs_is_found_and_what_died_is_not(tmp_path):
    leave(tmp_path, "a.json", pids=[dead_pid()], connect="sc://dead:1")
    (tmp_path / "weir/b.json").write_text("{ torn")
    leave(tmp_path, "c.json", pids=[])
    assert server.find() is None
    leave(tmp_path, "d.json", pids=[os.getpid()])
    assert server.find().connect == "sc://127.0.0.1:1"


@pytest.mark.parametrize("named", ["other:15002", "sc://other:15002"])
def test_a_named_server_comes_first(tmp_path, monkeypatch, named):
    leave(tmp_path, "d.json", pids=[os.getpid()])
    monkeypatch.setenv("WEIR_CONNECT", named)
    monkeypatch.setenv("WEIR_TOKEN", "secret")
    assert server.find().url() == "sc://other:15002/;token=secret"


def test_the_runtime_folder_when_nobody_names_one(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", "relative")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert server.runtime_dir() == tmp_path / f"weir-{os.getuid()}"


def executable(path, text="#!/bin/sh\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def test_the_program_is_looked_for_in_order(monkeypatch, tmp_path):
    on_path = executable(tmp_path / "bin/weir")
    monkeypatch.setenv("PATH", f"{tmp_path}/nothing:{tmp_path}/bin")
    monkeypatch.setattr(server, "__file__", str(tmp_path / "a/b/weir/server.py"))
    assert server.program() == on_path
    monkeypatch.setenv("WEIR_HOME", str(tmp_path / "home"))
    at_home = executable(tmp_path / "home/weir")
    assert server.program() == at_home
    in_wheel = executable(tmp_path / "a/b/weir/bin/weir")
    assert server.program() == in_wheel
    monkeypatch.setenv("WEIR_PROGRAM", "/named")
    assert server.program() == "/named"


def test_the_command_that_pip_made_is_not_the_program(monkeypatch, tmp_path):
    """It would start itself for ever."""
    monkeypatch.setattr(server, "__file__", str(tmp_path / "a/b/weir/server.py"))
    executable(tmp_path / "venv/weir", f"#!{sys.executable}\nfrom weir.__main__ import main\n")
    monkeypatch.setenv("PATH", f"{tmp_path}/venv")
    with pytest.raises(RuntimeError, match="WEIR_PROGRAM or WEIR_HOME"):
        server.program()
    second = executable(tmp_path / "bin/weir")
    monkeypatch.setenv("PATH", f"{tmp_path}/venv:{tmp_path}/bin")
    assert server.program() == second


def test_a_server_that_does_not_start_says_why_and_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("WEIR_PROGRAM", executable(tmp_path / "weir-bad", "#!/bin/sh\necho the reason >&2\nexit 1\n"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    with pytest.raises(RuntimeError, match="weir did not start: the reason"):
        server.start()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_found_server_is_not_stopped():
    found = server.Server(FACTS)
    found.stop()
    assert found.url() == "sc://127.0.0.1:1"
