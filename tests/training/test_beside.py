"""Tasks in processes of their own."""

from __future__ import annotations

import os
from functools import partial

import keras
import numpy as np
import pytest
from joblib import parallel_config

from lib.training import beside as module
from lib.training.beside import beside


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
        found = beside([partial(said, value, 7) for value in range(4)])
    finally:
        keras.config.set_dtype_policy("float32")
    assert [one[0] for one in found] == [0, 1, 2, 3]
    assert os.getpid() not in {one[1] for one in found}
    assert {one[2] for one in found} == {"mixed_bfloat16"}
    assert len({one[3] for one in found}) == 1  # the seed decides, not the neighbour


def test_one_task_or_a_gpu_stays_in_this_process(two_at_once, monkeypatch):
    assert beside([partial(said, 5, 1)])[0][1] == os.getpid()
    monkeypatch.setattr(module, "gpu_capabilities", lambda: [(9, 0)])
    assert {one[1] for one in beside([partial(said, 5, 1)] * 2)} == {os.getpid()}


def test_an_error_of_a_task_arrives(two_at_once):
    with pytest.raises(TypeError, match="unsupported|concatenate|not"):
        beside([partial(np.add, "a", 1), partial(np.add, 1, 1)])
