"""Weir from Python: start a server, run classic PySpark programs on it, use it in tests.

    import weir
    with weir.start() as server:
        spark = server.session()
"""

from weir.server import Server, find, start

__all__ = ["Server", "find", "start"]
