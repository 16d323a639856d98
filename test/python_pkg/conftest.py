"""Unit tests of the package python/weir: what needs no server. The rest is in test/wire."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
