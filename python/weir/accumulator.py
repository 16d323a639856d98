"""Accumulators: counted where the functions run, added up in the program when an action has ended.

In a worker an accumulator is a proxy that adds into a table of that process; each task takes what its
partition added and sends it along with its result. An attempt that failed sends nothing, so nothing is
counted twice by it.
"""

import itertools
import weakref

_here = weakref.WeakValueDictionary()  # accumulators of this program
_ids = itertools.count()


class AccumulatorParam:
    """How values are added: numbers by default."""

    def zero(self, value):
        return type(value)()

    def addInPlace(self, value1, value2):
        value1 += value2
        return value1


# ---- in the workers ----

def _table():
    """What this process has added since the last take; one for all unpickled copies of this code."""
    import sys
    return sys.__dict__.setdefault("_weir_accumulated", {})


class _Proxy:
    def __init__(self, number, zero, param):
        self._number, self._zero, self._param = number, zero, param

    def add(self, term):
        table = _table()
        before = table[self._number] if self._number in table else self._param.zero(self._zero)
        table[self._number] = self._param.addInPlace(before, term)

    def __iadd__(self, term):
        self.add(term)
        return self

    @property
    def value(self):
        raise RuntimeError("Accumulator.value cannot be accessed inside tasks")


def take_updates():
    """The blobs (none, or one) to send with a partition's result."""
    import pickle
    table = _table()
    if not table:
        return []
    blob = pickle.dumps(dict(table), 5)
    table.clear()
    return [blob]


# ---- in the program ----

def apply_updates(updates):
    for number, value in updates.items():
        target = _here.get(number)
        if target is not None:
            target.add(value)


class Accumulator:
    def __init__(self, value, param=None):
        self._value = value
        self._param = param or AccumulatorParam()
        self._number = next(_ids)
        _here[self._number] = self

    def __reduce__(self):
        return _Proxy, (self._number, self._param.zero(self._value), self._param)

    def add(self, term):
        self._value = self._param.addInPlace(self._value, term)

    def __iadd__(self, term):
        self.add(term)
        return self

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, value):
        self._value = value

    def __str__(self):
        return str(self._value)

    def __repr__(self):
        return f"Accumulator<id={self._number}, value={self._value}>"
