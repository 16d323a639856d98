"""Makes classic PySpark programs run over Spark Connect.

What stops them is in the client, before any byte is sent: .master(...), sparkContext, RDDs. install()
replaces those few places: a master becomes a hint, sparkContext a facade (weir.context), RDDs run on
the server's Python workers (weir.rdd). Everything else is the unmodified package.
"""

import os
import re
import sys

# Settings that name jars, or that only a JVM or cluster would read.
JARS = ("spark.jars", "spark.jars.packages", "spark.driver.extraClassPath", "spark.executor.extraClassPath")
DROPPED = ("spark.master", "spark.remote", "spark.jars", "spark.jars.packages", "spark.jars.repositories",
           "spark.jars.excludes", "spark.driver.extraClassPath", "spark.executor.extraClassPath",
           "spark.submit.deployMode")

# Connectors that are built in, by the names of their jars; what else a program names gets a warning.
BUILT_IN = ("spark-sql-kafka-0-10", "spark-streaming-kafka-0-10", "spark-token-provider-kafka-0-10", "kafka-clients",
            "commons-pool2", "spark-connect", "spark-sql", "spark-core", "spark-streaming")

_state = {"server": None, "conf": {}, "warned": set()}


def server():
    """The server of this process; found or started on first use."""
    if _state["server"] is None:
        import weir.server
        _state["server"] = weir.server.find() or weir.server.start()
    return _state["server"]


def settings():
    return _state["conf"]


def use(running):
    """Sessions that are asked for from now on are of this server (weir.server.Server)."""
    _state.update(server=running, conf={})


def jar_names(text):
    """org.apache.spark:spark-avro_2.13:4.0.0, lib/postgresql-42.6.0.jar -> spark-avro, postgresql"""
    for entry in filter(None, (part.strip() for part in re.split("[,;]", text))):
        parts = entry.split(":")
        if len(parts) == 3 and "/" not in entry:
            yield re.sub(r"_[0-9.]+$", "", parts[1])
        else:
            yield re.sub(r"(_[0-9.]+)?-[0-9]+\.[-.\w]*$", "", os.path.basename(entry).removesuffix(".jar"))


def warn_of_jars(conf):
    """Said once a name, on standard error; the program goes on, since many name more than they use."""
    for key in JARS:
        for name in jar_names(conf.get(key, "")):
            if name not in BUILT_IN and name not in _state["warned"]:
                _state["warned"].add(name)
                print(f"weir: {key} names {name}, which is not built in, and there is no JVM here to load it; "
                      "what needs it raises an error", file=sys.stderr)


def whereabouts():
    """What a session must know of its program: relative paths and Python functions depend on that."""
    return {"spark.weir.python": sys.executable, "spark.weir.cwd": os.getcwd()}


def connect_mode():
    """Without this, parts of PySpark look for a JVM even when all sessions are remote."""
    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"


def remote_session(conf, url):
    """The active session with these settings, or a new one."""
    connect_mode()
    from pyspark.sql.connect.session import SparkSession as RemoteSession
    sent = {**{key: value for key, value in conf.items() if key not in DROPPED}, **whereabouts()}
    return RemoteSession.builder.config(map=sent).config("spark.remote", url).getOrCreate()


def _get_or_create(options):
    conf = {**_state["conf"], **{key: str(value) if not isinstance(value, bool) else str(value).lower()
                                 for key, value in options.items()}}
    _state["conf"].update(conf)
    warn_of_jars(conf)
    remote = options.get("spark.remote") or os.environ.get("SPARK_REMOTE")
    url = remote if remote and remote.startswith("sc://") else server().url()
    return remote_session(conf, url)


def _patch_builder():
    import pyspark.sql.session as classic

    def get_or_create(self):
        return _get_or_create(dict(self._options))

    builder = classic.SparkSession.Builder
    builder.getOrCreate = get_or_create
    builder.create = get_or_create
    builder._validate_startup_urls = lambda self: None
    builder.enableHiveSupport = lambda self: self
    # SparkSession(sc), as older programs make it.
    classic.SparkSession.__new__ = staticmethod(lambda cls, *args, **kwargs: _get_or_create({}))


def _patch_session():
    from pyspark.sql.connect.session import SparkSession as RemoteSession
    from weir.context import SparkContext
    RemoteSession.sparkContext = property(lambda self: SparkContext.of(self))
    RemoteSession._sc = property(lambda self: SparkContext.of(self))
    RemoteSession.newSession = lambda self: self.cloneSession() if hasattr(self, "cloneSession") else self
    RemoteSession.Builder.enableHiveSupport = lambda self: self
    create = RemoteSession.createDataFrame

    def create_data_frame(self, data, *args, **kwargs):
        from weir.rdd import RDD
        return create(self, data.collect() if isinstance(data, RDD) else data, *args, **kwargs)

    RemoteSession.createDataFrame = create_data_frame


def _patch_data_frame():
    from pyspark.sql.connect.dataframe import DataFrame
    from weir.rdd import RDD
    DataFrame.rdd = property(lambda self: RDD.of_frame(self))


def _patch_package():
    import types

    import pyspark
    import pyspark.sql
    from weir import accumulator, context, rdd
    pyspark.SparkContext = context.SparkContext
    pyspark.RDD = rdd.RDD
    pyspark.Accumulator = accumulator.Accumulator
    pyspark.AccumulatorParam = accumulator.AccumulatorParam
    pyspark.Broadcast = context.Broadcast
    pyspark.sql.SQLContext = context.SQLContext
    pyspark.sql.HiveContext = context.SQLContext
    for name, members in (("pyspark.context", {"SparkContext": context.SparkContext}),
                          ("pyspark.rdd", {"RDD": rdd.RDD}),
                          ("pyspark.accumulators", {"Accumulator": accumulator.Accumulator,
                                                    "AccumulatorParam": accumulator.AccumulatorParam}),
                          ("pyspark.broadcast", {"Broadcast": context.Broadcast})):
        module = types.ModuleType(name)
        module.__dict__.update(members)
        sys.modules[name] = module


def install(conf=None):
    """Called once, before the program's first import of pyspark matters."""
    for name in ("MASTER", "SPARK_MASTER"):
        os.environ.pop(name, None)
    _state["conf"].update(conf or {})
    try:
        import pyspark  # noqa: F401
    except ImportError:
        raise SystemExit(f"weir: {sys.executable} has no pyspark: {sys.executable} -m pip install pyspark-client "
                         "(PYSPARK_DRIVER_PYTHON names another Python)")
    _patch_builder()
    _patch_session()
    _patch_data_frame()
    _patch_package()
