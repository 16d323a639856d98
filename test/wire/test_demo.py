"""The main job as ./demo runs it: batch and streaming with kill -9 of every process on the way."""

import os
import random
import subprocess
import sys

import pytest

from conftest import ROOT


def run_demo(folder, seed, seconds, *more):
    command = [sys.executable, str(ROOT / "examples/flights/demo.py"), "--seed", str(seed), "--seconds", str(seconds),
               *more]
    done = subprocess.run(command, env={**os.environ, "WEIR_DEMO_DIR": str(folder)}, timeout=600,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, f"seed {seed} {more}:\n{done.stdout[-6000:]}"
    assert "lost: nothing" in done.stdout


@pytest.mark.slow
def test_the_main_job_survives_three_deaths(weir_program, tmp_path):
    run_demo(tmp_path / "demo", random.SystemRandom().randrange(1000000), 12)


@pytest.mark.slow
def test_a_death_at_any_moment_changes_no_answer(weir_program, tmp_path):
    """The long check does this ten times for each process, over the measured length of the work."""
    who = random.SystemRandom().choice(["worker", "front", "store", "all"])
    run_demo(tmp_path / "demo", random.SystemRandom().randrange(1000000), 8, "--kill", who, "--within", "20")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_more_seeds_of_deaths(weir_program, tmp_path, seed):
    run_demo(tmp_path / "demo", seed, 30)
