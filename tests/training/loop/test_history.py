"""The course of a training comes back from the shelf as it was."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.arrays import WeightsError
from lib.networks.registry import ARCHITECTURES
from lib.training.loop.history import History
from lib.training.store.model_store import ModelStore


def test_a_history_keeps_every_digit_and_its_best_epoch(tmp_path):
    history = History(
        pd.DataFrame({"epoch": [1, 2], "loss": [1 / 3, 0.1 + 0.2], "val_loss": [1e-17, 7.0]}), 1
    )
    ModelStore(tmp_path / "new").put_history("a", history)
    kept = ModelStore(tmp_path / "new").history("a")
    pd.testing.assert_frame_equal(kept.table, history.table, check_exact=True)
    assert kept.best == 1


def test_a_missing_history_says_what_to_do(tmp_path):
    with pytest.raises(WeightsError, match="dvc pull"):
        ModelStore(tmp_path).history("a")


def test_every_architecture_can_be_had_by_its_name():
    assert all(callable(ARCHITECTURES[name]) for name in ARCHITECTURES)
    assert "nothing" not in ARCHITECTURES
