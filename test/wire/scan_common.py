"""Reading through the scan interface from Python, for the tests of formats."""

import os
import pathlib
import subprocess

import pyarrow as pa

BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", pathlib.Path(__file__).parents[2] / "build"))
SCAN = BUILD / "test" / "format" / "format_scan_pipe"
SINK = BUILD / "test" / "format" / "format_sink_pipe"


def run_scan(fmt, *paths, options=None, schema=None, columns=None, split_bytes=None, filter=None):
    args = [SCAN]
    for key, value in (options or {}).items():
        args += ["-o", f"{key}={value}"]
    if schema is not None:
        args += ["-s", schema]
    if columns is not None:
        args += ["-c", ",".join(columns)]
    if split_bytes is not None:
        args += ["-t", str(split_bytes)]
    if filter is not None:
        args += ["-f", filter]
    return subprocess.run([*args, fmt, *map(str, paths)], capture_output=True, timeout=120)


def scan(fmt, *paths, **how) -> pa.Table:
    done = run_scan(fmt, *paths, **how)
    assert done.returncode == 0, done.stderr.decode()
    table = pa.ipc.open_stream(done.stdout).read_all()
    table.validate(full=True)
    return table


def scan_error(fmt, *paths, **how) -> str:
    done = run_scan(fmt, *paths, **how)
    assert done.returncode == 1, (done.returncode, done.stderr)
    return done.stderr.decode()


def write(fmt, table: pa.Table, path, options=None) -> None:
    args = [SINK]
    for key, value in (options or {}).items():
        args += ["-o", f"{key}={value}"]
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, table.schema) as out:
        out.write_table(table)
    done = subprocess.run(
        [*args, fmt, str(path)], input=stream.getvalue().to_pybytes(), capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()


def sink_error(fmt, table: pa.Table, path, options=None) -> str:
    args = [SINK]
    for key, value in (options or {}).items():
        args += ["-o", f"{key}={value}"]
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, table.schema) as out:
        out.write_table(table)
    done = subprocess.run(
        [*args, fmt, str(path)], input=stream.getvalue().to_pybytes(), capture_output=True, timeout=120
    )
    assert done.returncode == 1, (done.returncode, done.stderr)
    return done.stderr.decode()
