"""Operations of RDDs that are made of others: statistics, samples, pairings of two RDDs."""


class StatCounter:
    """Count, mean, spread and extremes of numbers; two of them merge."""

    def __init__(self, values=()):
        self.n, self.mu, self.m2 = 0, 0.0, 0.0
        self.maxValue, self.minValue = float("-inf"), float("inf")
        for value in values:
            self.merge(value)

    def merge(self, value):
        delta = value - self.mu
        self.n += 1
        self.mu += delta / self.n
        self.m2 += delta * (value - self.mu)
        self.maxValue, self.minValue = max(self.maxValue, value), min(self.minValue, value)
        return self

    def mergeStats(self, other):
        if other.n == 0:
            return self
        total, delta = self.n + other.n, other.mu - self.mu
        self.m2 += other.m2 + delta * delta * self.n * other.n / total
        self.mu += delta * other.n / total
        self.n = total
        self.maxValue = max(self.maxValue, other.maxValue)
        self.minValue = min(self.minValue, other.minValue)
        return self

    def count(self):
        return self.n

    def mean(self):
        return self.mu

    def sum(self):
        return self.n * self.mu

    def min(self):
        return self.minValue

    def max(self):
        return self.maxValue

    def variance(self):
        return self.m2 / self.n if self.n else float("nan")

    def sampleVariance(self):
        return self.m2 / (self.n - 1) if self.n > 1 else float("nan")

    def stdev(self):
        return self.variance() ** 0.5

    def sampleStdev(self):
        return self.sampleVariance() ** 0.5

    def __repr__(self):
        return (f"(count: {self.count()}, mean: {self.mean()}, stdev: {self.stdev()}, "
                f"max: {self.max()}, min: {self.min()})")


class Numbers:
    """Mixed into RDD; uses its public operations only."""

    def stats(self):
        whole = StatCounter()
        for state in self.mapPartitions(lambda items: iter([vars(StatCounter(items))])).collect():
            part = StatCounter()
            vars(part).update(state)
            whole.mergeStats(part)
        return whole

    def variance(self):
        return self.stats().variance()

    def sampleVariance(self):
        return self.stats().sampleVariance()

    def stdev(self):
        return self.stats().stdev()

    def sampleStdev(self):
        return self.stats().sampleStdev()

    def treeReduce(self, f, depth=2):
        return self.reduce(f)

    def treeAggregate(self, zeroValue, seqOp, combOp, depth=2):
        return self.aggregate(zeroValue, seqOp, combOp)

    def countApprox(self, timeout, confidence=0.95):
        return self.count()

    def countApproxDistinct(self, relativeSD=0.05):
        return self.distinct().count()

    def takeSample(self, withReplacement, num, seed=None):
        import random
        items = self.collect()
        chance = random.Random(seed)
        if withReplacement:
            return [chance.choice(items) for _ in range(num)] if items else []
        return chance.sample(items, min(num, len(items)))

    def randomSplit(self, weights, seed=None):
        import random
        seed = random.randrange(1 << 31) if seed is None else seed
        total = float(sum(weights))
        bounds = [0.0]
        for weight in weights:
            bounds.append(bounds[-1] + weight / total)
        bounds[-1] = 1.0 + 1e-9

        def part(low, high):
            def pick(p, items):
                import random
                chance = random.Random(seed * 1000003 + p)
                return (item for item in items if low <= chance.random() < high)
            return pick
        return [self.mapPartitionsWithIndex(part(low, high)) for low, high in zip(bounds, bounds[1:])]

    def zipWithUniqueId(self):
        count = self.getNumPartitions()
        return self.mapPartitionsWithIndex(
            lambda p, items: ((item, i * count + p) for i, item in enumerate(items)))

    def zip(self, other):
        def by_index(pair):
            return pair[1], pair[0]
        mine, theirs = self.zipWithIndex().map(by_index), other.zipWithIndex().map(by_index)
        if mine.count() != theirs.count():
            raise ValueError("Can only zip RDDs with same number of elements in each partition")
        return mine.join(theirs, 1).sortByKey().values()

    def cartesian(self, other):
        """The other side travels with the function, as a broadcast would."""
        others = other.collect()
        return self.flatMap(lambda item: [(item, second) for second in others])

    def sampleByKey(self, withReplacement, fractions, seed=None):
        if withReplacement:
            from weir.missing import Missing
            raise Missing("RDD.sampleByKey with replacement is not there in Weir")

        def pick(p, items):
            import random
            chance = random.Random(None if seed is None else seed * 1000003 + p)
            return (pair for pair in items if chance.random() < fractions.get(pair[0], 0))
        return self.mapPartitionsWithIndex(pick)

    def histogram(self, buckets):
        import bisect
        if isinstance(buckets, int):
            low, high = self.min(), self.max()
            step = (high - low) / buckets
            whole = isinstance(low, int) and isinstance(high, int) and (high - low) % buckets == 0
            bounds = [low + (int(step) if whole else step) * i for i in range(buckets)] + [high]
        else:
            bounds = list(buckets)
        last = len(bounds) - 2

        def count(items):
            counts = [0] * (last + 1)
            for item in items:
                if bounds[0] <= item <= bounds[-1]:
                    counts[min(bisect.bisect_right(bounds, item) - 1, last)] += 1
            return iter([counts])
        parts = self.mapPartitions(count).collect()
        return bounds, [sum(column) for column in zip(*parts)]

    def sumApprox(self, timeout, confidence=0.95):
        return self.sum()

    def meanApprox(self, timeout, confidence=0.95):
        return self.mean()

    def reduceByKeyLocally(self, func):
        return self.reduceByKey(func).collectAsMap()

    def groupWith(self, other, *others):
        """For each key, a tuple of the lists of values that it has in this and in each other."""
        sides = [self, other, *others]
        count = len(sides)

        def tagged(side, number):
            return side.mapValues(lambda value: (number, value))
        whole = tagged(sides[0], 0)
        for number, side in enumerate(sides[1:], 1):
            whole = whole.union(tagged(side, number))
        return whole.groupByKey().mapValues(
            lambda values: tuple([value for side, value in values if side == at] for at in range(count)))

    def repartitionAndSortWithinPartitions(self, numPartitions=None, partitionFunc=None, ascending=True,
                                           keyfunc=lambda key: key):
        parts = self.partitionBy(numPartitions, *([partitionFunc] if partitionFunc else []))
        return parts.mapPartitions(
            lambda items: iter(sorted(items, key=lambda pair: keyfunc(pair[0]), reverse=not ascending)))

    def pipe(self, command, env=None, checkCode=False):
        """Each item a line into a command of the worker's computer, each line that it prints an item."""
        def through(items):
            import shlex
            import subprocess
            done = subprocess.run(shlex.split(command), env=env or None, stdout=subprocess.PIPE,
                                  input="".join(f"{str(item).rstrip(chr(10))}\n" for item in items).encode())
            if checkCode and done.returncode != 0:
                raise RuntimeError(f"Pipe function `{command}' exited with error code {done.returncode}")
            return iter(done.stdout.decode().splitlines())
        return self.mapPartitions(through)

    def collectWithJobGroup(self, groupId, description, interruptOnCancel=False):
        return self.collect()

    def isCheckpointed(self):
        return False

    def getCheckpointFile(self):
        return None

    def getStorageLevel(self):
        from pyspark import StorageLevel
        return StorageLevel(False, self.is_cached, False, False)
