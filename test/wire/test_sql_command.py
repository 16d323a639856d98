"""weir sql against a server of its own: statements from text, file and standard input."""

import json
import os
import subprocess
import sys
import time

import pytest


@pytest.fixture(scope="module")
def connect(weir_program, tmp_path_factory):
    ready = tmp_path_factory.mktemp("sql") / "ready.json"
    process = subprocess.Popen([weir_program, "up", "--ephemeral", "--connect", "127.0.0.1:0", "--kafka",
                                "127.0.0.1:0", "--web", "127.0.0.1:0", "--ready-file", str(ready)],
                               stdout=subprocess.DEVNULL)
    while not ready.exists():
        assert process.poll() is None
        time.sleep(0.01)
    yield json.loads(ready.read_text())["connect"].removeprefix("sc://")
    process.terminate()
    process.wait(10)


@pytest.fixture
def sql(weir_program, connect):
    def call(*args, text=""):
        environment = {**os.environ, "WEIR_CONNECT": connect, "PYSPARK_PYTHON": sys.executable}
        return subprocess.run([weir_program, "sql", *args], input=text, env=environment, text=True,
                              timeout=60, capture_output=True)
    return call


def test_semicolons_in_texts_and_comments_end_nothing(sql):
    done = sql("-e", "SELECT ';' a, 'it\\'s;' b, NULL c, true d; -- x ; y\n/* ; */ SELECT `id` FROM range(2)")
    assert (done.returncode, done.stdout) == (0, ";\tit's;\tNULL\ttrue\n0\n1\n")


def test_a_failed_statement_ends_it_with_status_1(sql):
    done = sql("-e", "SELECT 1; SELECT nope; SELECT 2")
    assert (done.returncode, done.stdout) == (1, "1\n")
    assert "UNRESOLVED_COLUMN" in done.stderr


def test_files_and_standard_input(sql, tmp_path):
    file = tmp_path / "some.sql"
    file.write_text("CREATE TABLE kept AS SELECT 5 AS x;")
    assert sql("-f", str(file)).returncode == 0
    assert sql("--header", text="SELECT * FROM kept;").stdout == "x\n5\n"


def test_values_are_spelled_as_spark_spells_them(sql):
    done = sql("-e", "SELECT array(1, NULL) a, map('k', 1.50) m, CAST(1e20 AS DOUBLE) d, 'a\tb\nc' t, X'616263' x")
    assert done.stdout == "[1, null]\t{k -> 1.50}\t1.0E20\ta\\tb\\nc\tabc\n", done.stderr


@pytest.mark.parametrize("style, output", [
    ("csv", 'a,b\n1,"x,""y"""\n2,\n'),
    ("json", '{"a": 1, "b": "x,\\"y\\""}\n{"a": 2, "b": null}\n'),
    ("table", '+-----+-------+\n| a   | b     |\n+-----+-------+\n| 1   | x,"y" |\n| 2   | NULL  |\n'
              '+-----+-------+\n'),
    ("markdown", '| a   | b     |\n|-----|-------|\n| 1   | x,"y" |\n| 2   | NULL  |\n'),
])
def test_styles(sql, style, output):
    done = sql("-o", style, "-e", "SELECT * FROM VALUES (1, 'x,\"y\"'), (2, NULL) AS t(a, b)")
    assert (done.returncode, done.stdout) == (0, output), done.stderr


def test_json_of_nested_values(sql):
    done = sql("-o", "json", "-e", "SELECT DATE'2020-01-02' d, TIMESTAMP_NTZ'2020-01-02 03:04:05' t, 1.5 n, "
               "array(1, 2) a, named_struct('x', 1, 'y', map('k', true)) s, X'00' b, double('NaN') f")
    assert json.loads(done.stdout) == {"d": "2020-01-02", "t": "2020-01-02 03:04:05", "n": 1.5, "a": [1, 2],
                                       "s": {"x": 1, "y": {"k": True}}, "b": "AA==", "f": "nan"}


def test_relative_paths_are_those_of_the_caller(sql, tmp_path, monkeypatch):
    (tmp_path / "in.csv").write_text("1\n2\n")
    monkeypatch.chdir(tmp_path)
    assert sql("-e", "SELECT count(*) FROM csv.`in.csv`").stdout == "2\n"


def test_statuses(sql, weir_program):
    assert sql("-f", "/nowhere/x.sql").returncode == 3
    assert sql("-o", "xml", "-e", "SELECT 1").returncode == 2
    assert sql("-e", "SELECT 1", "-f", "x").returncode == 2
    gone = subprocess.run([weir_program, "sql", "-e", "SELECT 1"], text=True, timeout=60, capture_output=True,
                          env={**os.environ, "WEIR_CONNECT": "sc://127.0.0.1:1", "PYSPARK_PYTHON": sys.executable})
    assert gone.returncode == 5 and "cannot be reached" in gone.stderr and "Traceback" not in gone.stderr


def test_a_terminal_gets_a_prompt_and_a_table(weir_program, connect, tmp_path):
    """Through a pseudo-terminal: a statement over two lines, an error that does not end it, then quit."""
    import pty
    environment = {**os.environ, "WEIR_CONNECT": connect, "PYSPARK_PYTHON": sys.executable, "TERM": "dumb",
                   "XDG_STATE_HOME": str(tmp_path)}
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(weir_program, [weir_program, "sql"], environment)
    seen = ""

    def until(text):
        nonlocal seen
        while text not in seen:
            seen += os.read(terminal, 4096).decode(errors="replace")
    until("weir> ")
    os.write(terminal, b"SELECT nope;\n")
    until("UNRESOLVED_COLUMN")
    os.write(terminal, b"SELECT 40 + 2\n")
    until("    > ")
    os.write(terminal, b"AS answer;\n")
    until("| 42     |")
    os.write(terminal, b"quit\n")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert "AS answer;" in (tmp_path / "weir/sql_history").read_text()
