"""Fixtures for tests of Spark and Kafka programs. pytest finds them when the package is installed.

    weir_server       a server of this test run: ephemeral, on free ports, gone at the end
    spark             a SparkSession of this test alone; its settings and temporary views end with it
    kafka_bootstrap   the server's "host:port" for Kafka clients

Each process of pytest-xdist has a server of its own. While a test has the fixture spark, the programs that
it calls get the same session from SparkSession.builder, whatever master they name.
"""

import pytest


@pytest.fixture(scope="session")
def weir_server():
    from weir import server
    with server.start() as running:
        yield running


@pytest.fixture
def kafka_bootstrap(weir_server):
    return weir_server.kafka


def _sessions_of_builder(default, active):
    """What SparkSession.builder hands out from now on; returns what it did before."""
    from pyspark.sql.connect.session import SparkSession
    before = SparkSession._default_session, getattr(SparkSession._active_session, "session", None)
    SparkSession._default_session, SparkSession._active_session.session = default, active
    return before


@pytest.fixture
def spark(weir_server):
    from weir import compat
    compat.install()
    compat.use(weir_server)
    before = _sessions_of_builder(None, None)
    session = weir_server.session()
    _sessions_of_builder(session, session)
    yield session
    session.stop()
    _sessions_of_builder(*before)
