"""Shared by the tests that drive the program with clients that others wrote.

marks: slow = more than a few seconds, left out of ./check --fast; long = only in ./check --long
"""

import gc
import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", ROOT / "build"))


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than a few seconds")
    config.addinivalue_line("markers", "long: takes minutes; only in ./check --long")


def pytest_sessionfinish(session, exitstatus):
    """PySpark says good-bye to every server when the interpreter ends, and tries for minutes where the server
    is gone already: clients that a test left open are marked as closed."""
    if "pyspark.sql.connect.client.core" in sys.modules:
        kind = sys.modules["pyspark.sql.connect.client.core"].SparkConnectClient
        for client in [found for found in gc.get_objects() if isinstance(found, kind)]:
            client._closed = True


@pytest.fixture(scope="module", autouse=True)
def no_session_of_other_files():
    """PySpark keeps the first session of a process as the one that udf() and its like ask. One that an earlier
    file left open would be asked for minutes on a server that is gone."""
    if "pyspark.sql.connect.session" in sys.modules:
        kind = sys.modules["pyspark.sql.connect.session"].SparkSession
        kind._default_session = None
        kind._active_session.session = None


@pytest.fixture(scope="session")
def weir_program():
    program = BUILD / "weir"
    assert program.exists(), f"{program} is missing: run tools/build"
    return str(program)
