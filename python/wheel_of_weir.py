"""Builds the wheel: the package weir, and the native program in it when it is built.

    pip wheel --no-deps ./python       in the clone; tools/wheel builds the program first

This is the build backend that pyproject.toml names. It is ours, since no common one puts a program that
is no extension module into a wheel without being downloaded first; a wheel is a zip file with three texts.

The program: the file that WEIR_BINARY names (empty: none), else build/weir of the clone, else none. With it
the wheel is one for this kind of machine, without it one for any, which looks for the program at run time.
"""

import base64
import hashlib
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sysconfig
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
SUMMARY = "Weir: PySpark programs and Kafka clients on one native program; with fixtures for pytest"
SCRIPTS = "[console_scripts]\nweir = weir.__main__:main\n\n[pytest11]\nweir = weir.pytest_plugin\n"


def version():
    """The program's own, which meson.build says."""
    found = re.search(r"version: '([^']+)'", (HERE.parent / "meson.build").read_text())
    if found is None:
        raise RuntimeError("meson.build says no version: the wheel is built in a clone of the whole repository")
    return found.group(1)


def program():
    named = os.environ.get("WEIR_BINARY")
    if named is not None:
        if named and not os.access(named, os.X_OK):
            raise RuntimeError(f"WEIR_BINARY names {named}, which is no program")
        return pathlib.Path(named) if named else None
    built = HERE.parent / "build/weir"
    return built if built.exists() else None


def program_bytes(path):
    """Without what only a debugger reads, which is most of it."""
    strip = shutil.which("strip")
    if strip is None:
        return path.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "weir"
        subprocess.run([strip, "-o", str(out), str(path)], check=True)
        return out.read_bytes()


def metadata():
    return (f"Metadata-Version: 2.1\nName: weir\nVersion: {version()}\nSummary: {SUMMARY}\n"
            "License: Apache-2.0\nRequires-Python: >=3.9\nProvides-Extra: client\n"
            'Requires-Dist: pyspark-client>=4.0; extra == "client"\n')


def tag(native):
    platform = re.sub(r"[-.]", "_", sysconfig.get_platform()) if native else "any"
    return f"py3-none-{platform}"


class Wheel:
    """A zip that counts what is put into it, for its RECORD."""

    def __init__(self, folder, wheel_tag):
        self.name = f"weir-{version()}-{wheel_tag}.whl"
        self.info = f"weir-{version()}.dist-info"
        self.tag = wheel_tag
        self._zip = zipfile.ZipFile(pathlib.Path(folder) / self.name, "w", zipfile.ZIP_DEFLATED)
        self._record = []

    def put(self, name, data, mode=0o644):
        data = data.encode() if isinstance(data, str) else data
        entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))  # the same bytes from the same sources
        entry.external_attr = (stat.S_IFREG | mode) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(entry, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self._record.append(f"{name},sha256={digest},{len(data)}")

    def close(self):
        self.put(f"{self.info}/METADATA", metadata())
        self.put(f"{self.info}/entry_points.txt", SCRIPTS)
        self.put(f"{self.info}/WHEEL", "Wheel-Version: 1.0\nGenerator: weir\nRoot-Is-Purelib: "
                 f"{'true' if self.tag.endswith('-any') else 'false'}\nTag: {self.tag}\n")
        record = f"{self.info}/RECORD"
        self._zip.writestr(record, "\n".join([*self._record, f"{record},,"]) + "\n")
        self._zip.close()
        return self.name


# ---- what pip calls ----

def get_requires_for_build_wheel(config_settings=None):
    return []


get_requires_for_build_editable = get_requires_for_build_wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    native = program()
    wheel = Wheel(wheel_directory, tag(native))
    for path in sorted((HERE / "weir").rglob("*.py")):
        wheel.put(path.relative_to(HERE).as_posix(), path.read_bytes())
    if native is not None:
        wheel.put("weir/bin/weir", program_bytes(native), 0o755)
    return wheel.close()


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """The clone itself, whose launcher builds the program when it is needed."""
    wheel = Wheel(wheel_directory, tag(None))
    wheel.put("weir.pth", f"{HERE}\n")
    return wheel.close()


def build_sdist(sdist_directory, config_settings=None):
    raise RuntimeError("weir has no source archive: build the wheel in a clone of the repository")
