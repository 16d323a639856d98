"""Weir from Python: a session, a server, classic PySpark programs, fixtures for pytest.

    import weir
    spark = weir.session()              # of the server that runs here, else of one started for this process

    with weir.start() as server:        # one of its own: free ports, temporary data, ends with the process
        spark = server.session()
"""

from weir.server import Server, find, start

__all__ = ["Server", "find", "session", "start"]


def session(**settings):
    """A SparkSession of the server named by WEIR_CONNECT, else of one that runs here, else of a new one that
    ends with this process. Settings: weir.session(**{"spark.sql.shuffle.partitions": 4})."""
    from weir import compat
    return compat.remote_session({key: str(value) for key, value in settings.items()}, compat.server().url())
