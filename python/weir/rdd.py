"""RDDs over Spark Connect: functions run in the server's Python workers, never in this process.

An RDD is a DataFrame of two columns, one row a partition: p (its number) and d (its items, pickled).
Narrow operations compose into one Python function; an action, or a shuffle, makes a mapInArrow of it.
A shuffle writes for each target partition the pickled items that belong there, groups those rows by
the target in the engine, and goes on from the groups. A row whose p is -1 holds what accumulators got
on the way (weir.accumulator); every step hands it on, and the action takes it out.
"""

import itertools
import pickle
import sys

from weir import accumulator, rdd_numbers
from weir.accumulator import take_updates
from weir.missing import Missing

_DDL = "p int, d binary"
_SHUFFLE_DDL = "b int, p int, d binary"
ACCUMULATED = -1  # the p of a row that holds accumulators' updates


# ---- what runs in the workers ----

def stable_hash(key):
    """The same in every process (hash() of text is not)."""
    import zlib
    if key is None:
        return 0
    if isinstance(key, str):
        return zlib.crc32(key.encode())
    if isinstance(key, bytes):
        return zlib.crc32(key)
    if isinstance(key, (tuple, list)):
        h = 0x345678
        for item in key:
            h = ((h ^ stable_hash(item)) * 1000003) & 0xFFFFFFFF
        return h
    return hash(key) & 0x7FFFFFFF


def _table(schema, columns):
    import pyarrow as pa
    fields = {"p": pa.int32(), "b": pa.int32(), "d": pa.binary()}
    names = schema.split(",")
    return pa.RecordBatch.from_arrays([pa.array(c, fields[n]) for n, c in zip(names, columns)], names=names)


def _blobs_of(batches):
    """Rows of (p, d) or (p, [d, d, ...]) -> (number, list of blobs)."""
    for batch in batches:
        for p, d in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist()):
            yield p, d if isinstance(d, list) else [d]


def _partitions(batches):
    """-> (number, iterator of items), or (-1, blobs) for what accumulators got before."""
    import itertools
    import pickle
    for p, blobs in _blobs_of(batches):
        yield p, blobs if p == ACCUMULATED else itertools.chain.from_iterable(map(pickle.loads, blobs))


def _narrow_task(operation):
    def task(batches):
        import pickle
        for p, items in _partitions(batches):
            if p == ACCUMULATED:
                yield _table("p,d", [[p] * len(items), items])
                continue
            blobs = [pickle.dumps(list(operation(p, items)), 5)]
            got = take_updates()
            yield _table("p,d", [[p] + [ACCUMULATED] * len(got), blobs + got])
    return task


def _shuffle_task(operation, target, count, combine):
    def task(batches):
        import pickle
        for p, items in _partitions(batches):
            if p == ACCUMULATED:
                yield _table("b,p,d", [[p] * len(items), [p] * len(items), items])
                continue
            buckets = [[] for _ in range(count)]
            for item in combine(operation(p, items)):
                buckets[target(item) % count].append(item)
            got = take_updates()
            yield _table("b,p,d", [list(range(count)) + [ACCUMULATED] * len(got), [p] * (count + len(got)),
                                   [pickle.dumps(b, 5) for b in buckets] + got])
    return task


def _source_task(make_items):
    """Batches whose first column is the engine's partition number -> (b: partition, p: order, d)."""
    def task(batches):
        import itertools
        import pickle
        order = itertools.count()
        for batch in batches:
            numbers = batch.column(0).to_pylist()
            items = make_items(batch.columns[1:])
            start = 0
            for number, run in itertools.groupby(numbers):
                end = start + sum(1 for _ in run)
                yield _table("b,p,d", [[number], [next(order)], [pickle.dumps(items[start:end], 5)]])
                start = end
    return task


def _texts(columns):
    return columns[0].to_pylist()


def _rows_of(names):
    def rows(columns):
        from pyspark.sql import Row
        row = Row(*names)
        return [row(*values) for values in zip(*(c.to_pylist() for c in columns))]
    return rows


def _identity(p, items):
    return items


def _by_key(pair):
    return stable_hash(pair[0])


def _merge_pairs(create, merge):
    """Combiner over (key, value) pairs: one entry a key, in order of first sight."""
    def combine(pairs):
        merged = {}
        for key, value in pairs:
            merged[key] = merge(merged[key], value) if key in merged else create(value)
        return merged.items()
    return combine


# ---- what runs here ----

def _pickle_by_value():
    """The functions above travel whole: a worker need not have this package."""
    from pyspark import cloudpickle
    from weir import context  # its Broadcast travels with functions
    for module in (sys.modules[__name__], accumulator, context, rdd_numbers):
        if module.__name__ not in cloudpickle.list_registry_pickle_by_value():
            cloudpickle.register_pickle_by_value(module)


def _grouped(mapped):
    """(b, p, d) -> one row for each b, its parts in the order of p."""
    from pyspark.sql import functions as F
    return (mapped.groupBy("b").agg(F.sort_array(F.collect_list(F.struct("p", "d"))).alias("rows"))
            .orderBy("b").select(F.col("b").alias("p"), F.col("rows.d").alias("d")))


def _asked_partitions(plan):
    """(number, columns) of the repartition that this plan ends in, or None.

    The engine has no lasting partitions between its steps, so a repartition that a program then looks
    at by way of RDDs is done here. What keeps rows where they are is looked through.
    """
    while plan is not None:
        kind = type(plan).__name__
        if kind == "RepartitionByExpression":
            return plan.num_partitions, list(plan.columns)
        if kind == "Repartition":
            if plan._shuffle:
                return plan._num_partitions, None
            below = _asked_partitions(plan._child)
            return (min(below[0], plan._num_partitions), None) if below and below[0] else None
        if kind not in ("Project", "Filter", "WithColumns", "WithColumnsRenamed", "Drop", "SubqueryAlias", "ToDF"):
            return None
        plan = plan._child
    return None


def _files_of(path):
    import glob
    import os
    found = []
    for name in sorted(glob.glob(path)):
        inside = [os.path.join(name, entry) for entry in sorted(os.listdir(name))
                  if not entry.startswith((".", "_"))] if os.path.isdir(name) else [name]
        found += [file for file in inside if os.path.isfile(file)]
    if not found:
        raise FileNotFoundError(f"Input path does not exist: file:{path}")
    return found


_ids = itertools.count()


class RDD(rdd_numbers.Numbers):
    def __init__(self, session, frame, operation=_identity, partitions=None):
        _pickle_by_value()
        self._session = session
        self._frame = frame          # (p, d): partitions before the operation
        self._operation = operation  # (p, items) -> items
        self._count = partitions     # number of partitions; None: not known before it runs
        self._name = None
        self._id = next(_ids)
        self.is_cached = False

    # Sources
    @classmethod
    def of_items(cls, session, items, partitions):
        items = list(items)
        count = max(1, int(partitions))
        bounds = [len(items) * i // count for i in range(count + 1)]
        rows = [(i, bytearray(pickle.dumps(items[bounds[i]:bounds[i + 1]], 5))) for i in range(count)]
        return cls(session, session.createDataFrame(rows, _DDL), partitions=count)

    @classmethod
    def _of_source(cls, frame, make_items):
        from pyspark.sql import functions as F
        _pickle_by_value()
        numbered = frame.select(F.spark_partition_id().alias("b"), *[F.col(f"`{c}`") for c in frame.columns])
        return cls(frame.sparkSession, _grouped(numbered.mapInArrow(_source_task(make_items), _SHUFFLE_DDL)))

    @classmethod
    def of_text(cls, session, path):
        return cls._of_source(session.read.text(path.split(",")), _texts)

    @classmethod
    def of_whole_files(cls, session, path, partitions):
        """Files of this computer: their names are looked up here, their contents in the workers."""
        import os
        if "://" in path and not path.startswith("file://"):
            raise Missing(f"whole files are read from local paths only in Weir, not from {path}")

        def contents(name):
            with open(name, "rb") as file:
                return "file:" + name, file.read()
        return cls.of_items(session, _files_of(os.path.abspath(path.removeprefix("file://"))), partitions).map(contents)

    @classmethod
    def of_whole_text(cls, session, path, partitions):
        return cls.of_whole_files(session, path, partitions).mapValues(lambda data: data.decode("utf-8", "replace"))

    @classmethod
    def of_frame(cls, frame):
        from pyspark.sql import functions as F
        names = frame.columns
        positional = frame.toDF(*[f"c{i}" for i in range(len(names))]) if len(set(names)) < len(names) else frame
        asked = _asked_partitions(frame._plan)
        rows = cls._of_source(positional, _rows_of(names))
        if not asked or not asked[0]:
            return rows
        return rows.repartition(asked[0])

    # Running
    def _result(self):
        """The frame of partitions after the operation."""
        if self._operation is _identity:
            return self._frame
        return self._frame.mapInArrow(_narrow_task(self._operation), _DDL)

    def _rows(self):
        """The same, with d as one binary."""
        if self._operation is _identity and self._frame.schema["d"].dataType.typeName() == "array":
            return self._frame.mapInArrow(_narrow_task(_identity), _DDL)
        return self._result()

    def _lists(self, count_up=True):
        """The partitions' items. count_up: what accumulators got on the way counts."""
        result = self._result().toArrow()
        lists = []
        for p, d in zip(result.column(0).to_pylist(), result.column(1).to_pylist()):
            for blob in d if isinstance(d, list) else [d]:
                if p == ACCUMULATED and count_up:
                    accumulator.apply_updates(pickle.loads(blob))
            if p != ACCUMULATED:
                blobs = d if isinstance(d, list) else [d]
                lists.append([item for blob in blobs for item in pickle.loads(blob)])
        return lists

    def _then(self, operation, partitions=None):
        before = self._operation
        composed = operation if before is _identity else (lambda p, items: operation(p, before(p, items)))
        return RDD(self._session, self._frame, composed, partitions or self._count)

    def _shuffle(self, target, count, combine=lambda items: items):
        mapped = self._frame.mapInArrow(_shuffle_task(self._operation, target, count, combine), _SHUFFLE_DDL)
        return RDD(self._session, _grouped(mapped), partitions=count)

    def _partitions_or(self, wanted):
        return int(wanted) if wanted else self._count or self.context.defaultParallelism

    @property
    def context(self):
        from weir.context import SparkContext
        return SparkContext.of(self._session)

    ctx = context

    # Narrow operations
    def map(self, f, preservesPartitioning=False):
        return self._then(lambda p, items: map(f, items))

    def flatMap(self, f, preservesPartitioning=False):
        return self._then(lambda p, items: (out for item in items for out in f(item)))

    def filter(self, f):
        return self._then(lambda p, items: filter(f, items))

    def mapPartitions(self, f, preservesPartitioning=False):
        return self._then(lambda p, items: f(items))

    def mapPartitionsWithIndex(self, f, preservesPartitioning=False):
        return self._then(lambda p, items: f(p, items))

    def mapValues(self, f):
        return self._then(lambda p, items: ((k, f(v)) for k, v in items))

    def flatMapValues(self, f):
        return self._then(lambda p, items: ((k, out) for k, v in items for out in f(v)))

    def keys(self):
        return self.map(lambda pair: pair[0])

    def values(self):
        return self.map(lambda pair: pair[1])

    def keyBy(self, f):
        return self.map(lambda item: (f(item), item))

    def glom(self):
        return self._then(lambda p, items: iter([list(items)]))

    def sample(self, withReplacement, fraction, seed=None):
        def pick(p, items):
            import itertools
            import random
            chance = random.Random(None if seed is None else seed * 1000003 + p)
            if not withReplacement:
                return (item for item in items if chance.random() < fraction)

            def times():  # Poisson, by Knuth
                import math
                n, product, end = 0, chance.random(), math.exp(-fraction)
                while product > end:
                    n, product = n + 1, product * chance.random()
                return n
            return (copy for item in items for copy in itertools.repeat(item, times()))
        return self._then(pick)

    # Shuffles
    def partitionBy(self, numPartitions, partitionFunc=stable_hash):
        return self._shuffle(lambda pair: partitionFunc(pair[0]), self._partitions_or(numPartitions))

    def combineByKey(self, createCombiner, mergeValue, mergeCombiners, numPartitions=None, partitionFunc=None):
        target = _by_key if partitionFunc is None else (lambda pair: partitionFunc(pair[0]))
        shuffled = self._shuffle(target, self._partitions_or(numPartitions),
                                 _merge_pairs(createCombiner, mergeValue))
        merge = _merge_pairs(lambda value: value, mergeCombiners)
        return shuffled._then(lambda p, items: iter(merge(items)))

    def reduceByKey(self, func, numPartitions=None, partitionFunc=None):
        return self.combineByKey(lambda value: value, func, func, numPartitions, partitionFunc)

    def foldByKey(self, zeroValue, func, numPartitions=None, partitionFunc=None):
        return self.combineByKey(lambda value: func(zeroValue, value), func, func, numPartitions, partitionFunc)

    def aggregateByKey(self, zeroValue, seqFunc, combFunc, numPartitions=None, partitionFunc=None):
        import copy

        def create(value):
            return seqFunc(copy.deepcopy(zeroValue), value)
        return self.combineByKey(create, seqFunc, combFunc, numPartitions, partitionFunc)

    def groupByKey(self, numPartitions=None, partitionFunc=None):
        def add(values, value):
            values.append(value)
            return values
        return self.combineByKey(lambda value: [value], add, lambda x, y: x + y, numPartitions, partitionFunc)

    def groupBy(self, f, numPartitions=None, partitionFunc=None):
        return self.keyBy(f).groupByKey(numPartitions, partitionFunc)

    def distinct(self, numPartitions=None):
        return self.map(lambda item: (item, None)).reduceByKey(lambda x, _: x, numPartitions).keys()

    def repartition(self, numPartitions):
        numbered = self._then(lambda p, items: ((p + i, item) for i, item in enumerate(items)))
        return numbered._shuffle(lambda pair: pair[0], int(numPartitions)).values()

    def coalesce(self, numPartitions, shuffle=False):
        """Neighbours become one partition, in their order; never more partitions than before, as in Spark."""
        before = self.getNumPartitions()
        count = min(int(numPartitions), before)
        if shuffle:
            return self.repartition(numPartitions)
        if count == before:
            return self
        numbered = self._then(lambda p, items: (((p * count + count - 1) // before, item) for item in items))
        return numbered._shuffle(lambda pair: min(pair[0], count - 1), count).values()

    def sortBy(self, keyfunc, ascending=True, numPartitions=None):
        """Range partitions, as in Spark: a look at the keys decides the bounds, then each partition sorts."""
        count = self._partitions_or(numPartitions)
        bounds = self._key_bounds(keyfunc, count) if count > 1 else []

        def target(item):
            import bisect
            at = bisect.bisect_left(bounds, keyfunc(item))
            return at if ascending else len(bounds) - at
        return self._shuffle(target, len(bounds) + 1)._then(
            lambda p, items: iter(sorted(items, key=keyfunc, reverse=not ascending)))

    def _key_bounds(self, keyfunc, count):
        """At most count - 1 keys that cut what is here into parts of about the same size."""
        def some_keys(p, items):
            keys = sorted(map(keyfunc, items))
            step = max(1, len(keys) // (20 * count))
            picked = keys[step // 2::step]
            return ((key, len(keys) / len(picked)) for key in picked)  # a key, and how many it stands for
        sample = sorted((pair for part in self._then(some_keys)._lists(count_up=False) for pair in part),
                        key=lambda pair: pair[0])
        share, passed, bounds = sum(weight for _, weight in sample) / count, 0.0, []
        for key, weight in sample:
            passed += weight
            if passed >= share * (len(bounds) + 1) and len(bounds) < count - 1:
                bounds.append(key)
        return bounds

    def sortByKey(self, ascending=True, numPartitions=None, keyfunc=lambda key: key):
        return self.sortBy(lambda pair: keyfunc(pair[0]), ascending, numPartitions)

    def union(self, other):
        from pyspark.sql import functions as F
        left, right = self._rows(), other._rows()
        before = self.getNumPartitions()
        number = F.when(F.col("p") == ACCUMULATED, F.col("p")).otherwise(F.col("p") + before)
        count = before + other._count if other._count else None
        return RDD(self._session, left.unionAll(right.select(number.cast("int").alias("p"), "d")),
                   partitions=count)

    __add__ = union

    def cogroup(self, other, numPartitions=None):
        tagged = self.mapValues(lambda v: (0, v)).union(other.mapValues(lambda v: (1, v)))

        def split(values):
            return ([v for side, v in values if side == 0], [v for side, v in values if side == 1])
        return tagged.groupByKey(numPartitions).mapValues(split)

    def join(self, other, numPartitions=None):
        return self.cogroup(other, numPartitions).flatMapValues(
            lambda pair: [(x, y) for x in pair[0] for y in pair[1]])

    def leftOuterJoin(self, other, numPartitions=None):
        return self.cogroup(other, numPartitions).flatMapValues(
            lambda pair: [(x, y) for x in pair[0] for y in (pair[1] or [None])])

    def rightOuterJoin(self, other, numPartitions=None):
        return self.cogroup(other, numPartitions).flatMapValues(
            lambda pair: [(x, y) for x in (pair[0] or [None]) for y in pair[1]])

    def fullOuterJoin(self, other, numPartitions=None):
        return self.cogroup(other, numPartitions).flatMapValues(
            lambda pair: [(x, y) for x in (pair[0] or [None]) for y in (pair[1] or [None])])

    def subtractByKey(self, other, numPartitions=None):
        return self.cogroup(other, numPartitions).flatMapValues(
            lambda pair: pair[0] if not pair[1] else [])

    def subtract(self, other, numPartitions=None):
        return self.map(lambda x: (x, None)).subtractByKey(other.map(lambda x: (x, None))).keys()

    def intersection(self, other):
        both = self.map(lambda x: (x, None)).cogroup(other.map(lambda x: (x, None)))
        return both.filter(lambda pair: pair[1][0] and pair[1][1]).keys()

    def zipWithIndex(self):
        sizes = self._then(lambda p, items: iter([sum(1 for _ in items)])).collect()
        starts = [0, *itertools.accumulate(sizes)]
        order = [row[0] for row in self._frame.select("p").collect() if row[0] != ACCUMULATED]
        first = dict(zip(order, starts))
        return self._then(lambda p, items: ((item, first[p] + i) for i, item in enumerate(items)))

    # Actions
    def collect(self):
        return [item for items in self._lists() for item in items]

    def collectAsMap(self):
        return dict(self.collect())

    def toLocalIterator(self, prefetchPartitions=False):
        return iter(self.collect())

    def count(self):
        return sum(self._then(lambda p, items: iter([sum(1 for _ in items)])).collect())

    def take(self, num):
        heads = self._then(lambda p, items: itertools.islice(items, num)).collect()
        return heads[:num]

    def first(self):
        head = self.take(1)
        if not head:
            raise ValueError("RDD is empty")
        return head[0]

    def isEmpty(self):
        return not self.take(1)

    def _gathered(self, local):
        """local over each partition, then once over what came out, both in workers."""
        parts = self._then(lambda p, items: local(items))
        return parts._shuffle(lambda item: 0, 1)._then(lambda p, items: local(items)).collect()

    def reduce(self, f):
        import functools

        def local(items):
            items = list(items)
            return iter([functools.reduce(f, items)] if items else [])
        out = self._gathered(local)
        if not out:
            raise ValueError("Can not reduce() empty RDD")
        return out[0]

    def fold(self, zeroValue, op):
        import functools
        return self._gathered(lambda items: iter([functools.reduce(op, items, zeroValue)]))[0]

    def aggregate(self, zeroValue, seqOp, combOp):
        import copy
        import functools
        parts = self._then(lambda p, items: iter([functools.reduce(seqOp, items, copy.deepcopy(zeroValue))]))
        gathered = parts._shuffle(lambda item: 0, 1)
        return gathered._then(lambda p, items: iter([functools.reduce(combOp, items, copy.deepcopy(zeroValue))])
                              ).collect()[0]

    def sum(self):
        return self.fold(0, lambda x, y: x + y)

    def min(self, key=None):
        return self.reduce(lambda x, y: min(x, y, key=key))

    def max(self, key=None):
        return self.reduce(lambda x, y: max(x, y, key=key))

    def mean(self):
        total, count = self.aggregate((0, 0), lambda s, x: (s[0] + x, s[1] + 1),
                                      lambda x, y: (x[0] + y[0], x[1] + y[1]))
        return total / count

    def takeOrdered(self, num, key=None):
        return self._gathered(lambda items: iter(sorted(items, key=key)[:num]))

    def top(self, num, key=None):
        return self._gathered(lambda items: iter(sorted(items, key=key, reverse=True)[:num]))

    def countByKey(self):
        return self.map(lambda pair: pair[0]).countByValue()

    def countByValue(self):
        import collections
        counts = self.map(lambda item: (item, 1)).reduceByKey(lambda x, y: x + y).collect()
        return collections.defaultdict(int, counts)

    def lookup(self, key):
        return self.filter(lambda pair: pair[0] == key).values().collect()

    def foreach(self, f):
        def each(p, items):
            for item in items:
                f(item)
            return iter([])
        self._then(each).collect()

    def foreachPartition(self, f):
        def each(p, items):
            f(items)
            return iter([])
        self._then(each).collect()

    def saveAsTextFile(self, path, compressionCodecClass=None):
        lines = self.map(str).collect()
        self._session.createDataFrame([(line,) for line in lines], "value string").coalesce(1).write.text(path)

    # The rest
    def getNumPartitions(self):
        if self._count is None:
            self._count = self._frame.filter(f"p <> {ACCUMULATED}").count()
        return self._count

    def toDF(self, schema=None, sampleRatio=None):
        return self._session.createDataFrame(self.collect(), schema)

    def cache(self):
        self.is_cached = True
        return self

    def persist(self, storageLevel=None):
        return self.cache()

    def unpersist(self, blocking=False):
        self.is_cached = False
        return self

    def checkpoint(self):
        pass

    def id(self):
        return self._id

    def toDebugString(self):
        return f"({self.getNumPartitions()}) RDD[{self._id}] at weir []".encode()

    def setName(self, name):
        self._name = name
        return self

    def name(self):
        return self._name

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise Missing(f"RDD.{name} is not there in Weir")
