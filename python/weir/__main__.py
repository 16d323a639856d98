"""The command weir of an installed package: becomes the native program."""

import os
import sys

from weir import server


def main():
    try:
        program = server.program()
    except RuntimeError as error:
        print(f"weir: {error}", file=sys.stderr)
        return 1
    # Programs and Python functions run where this package is, unless the caller says otherwise.
    if not (os.environ.get("PYSPARK_PYTHON") or os.environ.get("PYSPARK_DRIVER_PYTHON")):
        os.environ["PYSPARK_PYTHON"] = sys.executable
        os.environ.setdefault("WEIR_PYTHON", sys.executable)
    os.execv(program, [program, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
