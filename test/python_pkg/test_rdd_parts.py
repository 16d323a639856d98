"""RDDs: what needs no server, and that each call of Spark's works or says its own name."""

import pickle

import pytest

from weir import accumulator, rdd
from weir.accumulator import Accumulator, AccumulatorParam, take_updates
from weir.context import SparkContext
from weir.missing import Missing
from weir.rdd_numbers import StatCounter

# The public calls in the reference of PySpark 4.
RDD_CALLS = """aggregate aggregateByKey barrier cache cartesian checkpoint coalesce cogroup collect collectAsMap
collectWithJobGroup combineByKey context count countApprox countApproxDistinct countByKey countByValue distinct filter
first flatMap flatMapValues fold foldByKey foreach foreachPartition fullOuterJoin getCheckpointFile getNumPartitions
getResourceProfile getStorageLevel glom groupBy groupByKey groupWith histogram id intersection isCheckpointed isEmpty
isLocallyCheckpointed join keyBy keys leftOuterJoin localCheckpoint lookup map mapPartitions mapPartitionsWithIndex
mapPartitionsWithSplit mapValues max mean meanApprox min name partitionBy persist pipe randomSplit reduce reduceByKey
reduceByKeyLocally repartition repartitionAndSortWithinPartitions rightOuterJoin sample sampleByKey sampleStdev
sampleVariance saveAsHadoopDataset saveAsHadoopFile saveAsNewAPIHadoopDataset saveAsNewAPIHadoopFile saveAsPickleFile
saveAsSequenceFile saveAsTextFile setName sortBy sortByKey stats stdev subtract subtractByKey sum sumApprox take
takeOrdered takeSample toDebugString toLocalIterator top treeAggregate treeReduce union unpersist values variance
withResources zip zipWithIndex zipWithUniqueId""".split()
RDD_MISSING = {"barrier", "getResourceProfile", "isLocallyCheckpointed", "localCheckpoint", "mapPartitionsWithSplit",
               "saveAsHadoopDataset", "saveAsHadoopFile", "saveAsNewAPIHadoopDataset", "saveAsNewAPIHadoopFile",
               "saveAsPickleFile", "saveAsSequenceFile", "withResources"}
CONTEXT_CALLS = """accumulator addFile addPyFile applicationId binaryFiles binaryRecords broadcast cancelAllJobs
cancelJobGroup defaultMinPartitions defaultParallelism dump_profiles emptyRDD getCheckpointDir getConf getLocalProperty
getOrCreate hadoopFile hadoopRDD newAPIHadoopFile newAPIHadoopRDD parallelize pickleFile range resources runJob
sequenceFile setCheckpointDir setJobDescription setJobGroup setLocalProperty setLogLevel setSystemProperty show_profiles
sparkUser startTime statusTracker stop textFile uiWebUrl union version wholeTextFiles""".split()
CONTEXT_MISSING = {"binaryRecords", "cancelJobGroup", "dump_profiles", "hadoopFile", "hadoopRDD", "newAPIHadoopFile",
                   "newAPIHadoopRDD", "pickleFile", "resources", "sequenceFile", "setSystemProperty", "show_profiles",
                   "statusTracker"}


def test_calls_of_rdds_are_there_or_say_their_name():
    empty = rdd.RDD.__new__(rdd.RDD)
    assert {name for name in RDD_CALLS if name not in dir(rdd.RDD)} == RDD_MISSING
    for name in RDD_MISSING:
        with pytest.raises(Missing, match=f"RDD.{name} is not there in Weir"):
            getattr(empty, name)


def test_calls_of_contexts_are_there_or_say_their_name():
    context = SparkContext.__new__(SparkContext)
    assert {name for name in CONTEXT_CALLS if name not in dir(SparkContext)} == CONTEXT_MISSING
    for name in CONTEXT_MISSING:
        with pytest.raises(Missing, match=f"sparkContext.{name} is not there in Weir"):
            getattr(context, name)
    with pytest.raises(Missing, match="there is no JVM"):
        context._jvm


def test_the_hash_of_a_key_is_the_same_in_every_process():
    assert [rdd.stable_hash(key) for key in (None, "a", b"a", ("a", 1), 7, 1.0)] == [
        0, 3904355907, 3904355907, rdd.stable_hash(["a", 1]), 7, 1]


def test_pairs_are_merged_in_order_of_first_sight():
    merge = rdd._merge_pairs(lambda v: [v], lambda values, v: values + [v])
    assert list(merge(iter([("b", 1), ("a", 2), ("b", 3)]))) == [("b", [1, 3]), ("a", [2])]


def test_what_stands_behind_a_path(tmp_path):
    for name in ("b.txt", "a.txt", "_SUCCESS", ".hidden"):
        (tmp_path / name).write_text("")
    assert [path.rsplit("/")[-1] for path in rdd._files_of(str(tmp_path))] == ["a.txt", "b.txt"]
    assert [path.rsplit("/")[-1] for path in rdd._files_of(str(tmp_path / "b*"))] == ["b.txt"]
    with pytest.raises(FileNotFoundError, match="Input path does not exist: file:/nowhere"):
        rdd._files_of("/nowhere")


def test_statistics_of_parts_are_those_of_the_whole():
    whole, merged = StatCounter([1, 2, 3, 4]), StatCounter([1, 2]).mergeStats(StatCounter([3, 4]))
    assert vars(whole) == pytest.approx(vars(merged))
    assert (whole.mean(), whole.variance(), whole.sampleStdev(), whole.max()) == (2.5, 1.25, pytest.approx(1.2909944), 4)
    assert str(StatCounter().mergeStats(StatCounter())) == "(count: 0, mean: 0.0, stdev: nan, max: -inf, min: inf)"


def test_an_accumulator_counts_in_tasks_and_adds_up_here():
    here = Accumulator(10)
    there = pickle.loads(pickle.dumps(here))
    there += 2
    there.add(3)
    with pytest.raises(RuntimeError, match="cannot be accessed inside tasks"):
        there.value
    blobs = take_updates()
    assert take_updates() == [] and here.value == 10
    accumulator.apply_updates(pickle.loads(blobs[0]))
    assert here.value == 15


def test_an_accumulator_of_ones_own_kind():
    class Longest(AccumulatorParam):
        def zero(self, value):
            return ""

        def addInPlace(self, value1, value2):
            return max(value1, value2, key=len)
    longest = Accumulator("", Longest())
    longest += "ab"
    longest += "a"
    assert longest.value == "ab" and str(longest) == "ab"
