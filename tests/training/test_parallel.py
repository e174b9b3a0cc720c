"""Tasks in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
from joblib import parallel_config

from lib.book.paths import ROOT
from lib.training import parallel as module
from lib.training.parallel import run_parallel, start_parallel
from tests.processes import alive, wait_for


def said(value: int, seed: int) -> tuple[int, int, str, float]:
    """What a task gets, where it runs, under which policy, and what it draws."""
    keras.utils.set_random_seed(seed)
    drawn = float(keras.ops.sum(keras.random.normal((3,))))
    return value, os.getpid(), keras.config.dtype_policy().name, drawn


@pytest.fixture
def two_at_once(monkeypatch):
    """Whatever this machine has, and whatever the other tests do."""
    monkeypatch.setattr(module, "effective_n_jobs", lambda _: 2)
    with parallel_config(backend="loky"):
        yield


def test_results_come_in_order_from_other_processes_under_the_same_policy(two_at_once):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        found = run_parallel([partial(said, value, 7) for value in range(4)])
    finally:
        keras.config.set_dtype_policy("float32")
    assert [one[0] for one in found] == [0, 1, 2, 3]
    assert os.getpid() not in {one[1] for one in found}
    assert {one[2] for one in found} == {"mixed_bfloat16"}
    assert len({one[3] for one in found}) == 1  # the seed decides, not the neighbour


def test_one_task_or_a_gpu_stays_in_this_process(two_at_once, monkeypatch):
    assert run_parallel([partial(said, 5, 1)])[0][1] == os.getpid()
    monkeypatch.setattr(module, "gpu_capabilities", lambda: [(9, 0)])
    assert {one[1] for one in run_parallel([partial(said, 5, 1)] * 2)} == {os.getpid()}


def stepping(steps: int, folder: Path) -> int:
    """Says each step, waits for the word to take it."""
    for step in range(steps):
        while not (folder / str(step)).exists():
            time.sleep(0.01)
        print(f"step {step}", file=sys.stderr, flush=True)
    return steps


def test_who_does_not_ask_does_not_wait_and_who_waits_hears_what_is_said(two_at_once, tmp_path, capsys):
    under_way = start_parallel(
        {"long": partial(stepping, 2, tmp_path), "short": partial(stepping, 0, tmp_path)}
    )
    for step in range(2):  # reached although `long` waits for these files
        (tmp_path / str(step)).touch()
    assert under_way["short"] == 0 and under_way["long"] == 2 and under_way["long"] == 2
    assert capsys.readouterr().err.splitlines() == ["step 0", "step 1"]
    with pytest.raises(KeyError):
        under_way["other"]


def test_an_error_of_a_task_arrives_and_whoever_asks_again_does_not_wait(two_at_once):
    """The last of those that share two processes, which it ends."""
    under_way = start_parallel({"broken": partial(np.add, "a", 1), "after": partial(np.add, 1, 1)})
    for name in ("broken", "broken", "after"):
        with pytest.raises(TypeError, match="unsupported|concatenate|not"):
            under_way[name]


def test_in_one_process_a_task_runs_when_it_is_asked_for():
    with parallel_config(backend="sequential"):
        under_way = start_parallel({"broken": partial(np.add, "a", 1), "good": partial(np.add, 1, 1)})
        assert under_way["good"] == 2
        with pytest.raises(TypeError):
            under_way["broken"]


PARENT = """
import os, sys, time
from functools import partial
from lib.training.parallel import start_parallel

class Task:  # says where it is before anything of it has run, and then takes its time to arrive
    def __init__(self, path, slow):
        self.path, self.slow = path, slow
    def __reduce__(self):
        return arrive, (self.path, self.slow)
    def __call__(self):
        while True:
            time.sleep(0.1)

def arrive(path, slow):
    open(path, "w").write(str(os.getpid()))
    time.sleep(slow)
    return Task(path, slow)

start_parallel({name: Task(sys.argv[1] + name, float(sys.argv[2])) for name in "ab"})
time.sleep(600)
"""


@pytest.mark.parametrize("slow", [0, 8], ids=["at work", "while starting"])
def test_who_works_for_a_process_that_was_killed_ends_too(tmp_path, slow):
    (tmp_path / "parent.py").write_text(PARENT)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "LOKY_MAX_CPU_COUNT": "2", "KERAS_BACKEND": "jax"}
    command = [sys.executable, str(tmp_path / "parent.py"), f"{tmp_path}/", str(slow)]
    parent = subprocess.Popen(command, env=environment)
    places = [tmp_path / name for name in "ab"]
    try:
        wait_for(lambda: all(place.exists() and place.read_text() for place in places), 120)
    finally:
        parent.kill()
        parent.wait()
    wait_for(lambda: not any(alive(int(place.read_text())) for place in places), 20 + slow)
