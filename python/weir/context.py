"""sparkContext as programs use it, over a Spark Connect session."""

import os
import time

from weir.accumulator import Accumulator
from weir.missing import Missing
from weir.rdd import RDD


class Broadcast:
    """A value that travels with the functions that use it."""

    def __init__(self, value):
        self.value = value

    def unpersist(self, blocking=False):
        pass

    def destroy(self, blocking=False):
        self.value = None


class SparkContext:
    """A facade: what it offers works; what it does not says so by name."""

    _active = None
    _start_ms = int(time.time() * 1000)

    def __init__(self, master=None, appName=None, conf=None, **_):
        from weir import compat
        options = dict(conf.getAll()) if conf is not None else {}
        if appName is not None:
            options["spark.app.name"] = appName
        if master is not None:
            options["spark.master"] = master
        self._session = compat._get_or_create(options)
        SparkContext._active = self

    @classmethod
    def of(cls, session):
        if cls._active is None or cls._active._session is not session:
            context = cls.__new__(cls)
            context._session = session
            cls._active = context
        return cls._active

    @classmethod
    def getOrCreate(cls, conf=None):
        return cls._active if cls._active is not None else cls(conf=conf)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # What it is
    @property
    def appName(self):
        return self._session.conf.get("spark.app.name")

    @property
    def applicationId(self):
        return f"local-{self._session.session_id}"

    @property
    def version(self):
        return self._session.version

    @property
    def master(self):
        from weir import compat
        return compat.settings().get("spark.master", "local[*]")

    @property
    def defaultParallelism(self):
        return len(os.sched_getaffinity(0))

    @property
    def defaultMinPartitions(self):
        return min(self.defaultParallelism, 2)

    @property
    def uiWebUrl(self):
        from weir import compat
        return compat.server().web

    @property
    def pythonVer(self):
        import sys
        return "%d.%d" % sys.version_info[:2]

    def getConf(self):
        from pyspark import SparkConf
        from weir import compat
        conf = SparkConf(loadDefaults=False)
        for key, value in compat.settings().items():
            conf.set(key, value)
        return conf

    # What it does
    def setLogLevel(self, level):
        if level.upper() not in ("ALL", "DEBUG", "ERROR", "FATAL", "INFO", "OFF", "TRACE", "WARN"):
            raise ValueError(f"Supplied level {level} did not match one of: "
                             "ALL,DEBUG,ERROR,FATAL,INFO,OFF,TRACE,WARN")

    def broadcast(self, value):
        return Broadcast(value)

    def accumulator(self, value, accum_param=None):
        return Accumulator(value, accum_param)

    @property
    def startTime(self):
        return self._start_ms

    def parallelize(self, items, numSlices=None):
        return RDD.of_items(self._session, items, numSlices or self.defaultParallelism)

    def range(self, start, end=None, step=1, numSlices=None):
        values = range(start) if end is None else range(start, end, step)
        return self.parallelize(values, numSlices)

    def emptyRDD(self):
        return self.parallelize([], 1)

    def textFile(self, name, minPartitions=None, use_unicode=True):
        return RDD.of_text(self._session, name)

    def wholeTextFiles(self, path, minPartitions=None, use_unicode=True):
        return RDD.of_whole_text(self._session, path, minPartitions or self.defaultMinPartitions)

    def binaryFiles(self, path, minPartitions=None):
        return RDD.of_whole_files(self._session, path, minPartitions or self.defaultMinPartitions)

    def runJob(self, rdd, partitionFunc, partitions=None, allowLocal=False):
        chosen = None if partitions is None else set(partitions)

        def part(p, items):
            return partitionFunc(items) if chosen is None or p in chosen else iter([])
        return rdd.mapPartitionsWithIndex(part).collect()

    def sparkUser(self):
        import getpass
        return getpass.getuser()

    def cancelAllJobs(self):
        self._session.interruptAll()

    def union(self, rdds):
        first = rdds[0]
        for other in rdds[1:]:
            first = first.union(other)
        return first

    def addPyFile(self, path):
        self._session.addArtifacts(path, pyfile=True)

    def addFile(self, path, recursive=False):
        self._session.addArtifacts(path, file=True)

    def setCheckpointDir(self, path):
        """Nothing is written there: an RDD is computed anew from its source, however long the way."""
        self._checkpoint_dir = path

    def getCheckpointDir(self):
        return self.__dict__.get("_checkpoint_dir")

    def setJobGroup(self, group, description, interruptOnCancel=False):
        pass

    def setJobDescription(self, value):
        pass

    def setLocalProperty(self, key, value):
        self.__dict__.setdefault("_properties", {})[key] = value

    def getLocalProperty(self, key):
        return self.__dict__.get("_properties", {}).get(key)

    def stop(self):
        self._session.stop()
        SparkContext._active = None

    def __getattr__(self, name):
        if name in ("_jvm", "_jsc", "_gateway"):
            raise Missing(f"sparkContext.{name}: there is no JVM in Weir to reach into")
        if name.startswith("_"):
            raise AttributeError(name)
        raise Missing(f"sparkContext.{name} is not there in Weir")


class SQLContext:
    """The entry point of Spark 1.x, by way of the session."""

    def __init__(self, sparkContext=None, sparkSession=None, *_):
        from weir import compat
        self.sparkSession = sparkSession or compat._get_or_create({})

    def __getattr__(self, name):
        return getattr(self.sparkSession, name)
