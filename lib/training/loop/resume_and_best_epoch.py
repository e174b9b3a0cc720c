"""The callback of `fit`: history, checkpoint per epoch, which epoch's weights are kept, early stopping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
import pandas as pd

from lib.training.history import History, Progress
from lib.training.loop.checkpoint import Checkpoint, State
from lib.training.loop.guards import GuardError
from lib.training.loop.prefetch import PrefetchedBatches
from lib.training.store.weights import to_numpy

Check = Callable[[keras.Model, pd.DataFrame], None]
Keep = Literal["last", "best"]


@dataclass(frozen=True)
class FitOptions:
    """Options of `fit` that the callback needs: epoch kept, monitored column, patience, checks."""

    keep: Keep = "last"
    monitor: str = "val_loss"
    patience: int | None = None
    checks: tuple[Check, ...] = ()


class ResumeAndBestEpoch(keras.callbacks.Callback):
    """Records history and checkpoints, remembers the best epoch's weights, and stops early.

    Within an epoch only `on_train_batch_begin` is used: a callback with an `on_train_batch_end` makes Keras
    wait for the device after every step.
    """

    def __init__(self, store: Checkpoint, state: State, progress: Progress, rules: FitOptions) -> None:
        super().__init__()
        self.store, self.state, self.progress, self.rules = store, state, progress, rules
        self.ahead: PrefetchedBatches | None = None

    def follow(self, ahead: PrefetchedBatches) -> None:
        """Set the batches of the next Keras fit, which are told the number of each epoch."""
        self.ahead = ahead

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Tell the batches which epoch begins."""
        if self.ahead is not None:
            self.ahead.epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Print progress if it is due; `batch` steps of the epoch are done."""
        if batch and self.progress.due():
            sync(self.model)
            self.progress.show(self.state.epoch, batch, self.model.get_metrics_result())

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Add a row to the history, run checks, save a checkpoint, print, stop early if patience ran out."""
        row = {key: float(value) for key, value in (logs or {}).items()}
        _check_finite(row, epoch)
        row["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self.state.rows.append(row)
        self.state.epoch = epoch + 1
        if self.rules.keep == "best" and self.best() == epoch + 1:
            self.state.best = [to_numpy(variable) for variable in self.model.weights]
        for check in self.rules.checks:
            check(self.model, self.table())
        self.store.save(self.model, self.state)
        self.progress.show(epoch + 1, 0, row)
        if self.exhausted():
            self.model.stop_training = True

    def best(self) -> int:
        """Epoch (from 1) with the lowest monitored value; ties go to the lowest `val_loss`.

        An AUC on few pictures soon is 1.0: the first epoch that reaches it has hardly learned.
        """
        order = [(self._monitored(row), row.get("val_loss", 0.0)) for row in self.state.rows]
        return order.index(min(order)) + 1

    def exhausted(self) -> bool:
        """Whether patience ran out; depends on the history only, so a resumed run decides alike."""
        if self.rules.patience is None or not self.state.rows:
            return False
        return len(self.state.rows) - self.best() >= self.rules.patience

    def table(self) -> pd.DataFrame:
        """History so far as a table, one row per epoch."""
        return pd.DataFrame([{"epoch": i, **row} for i, row in enumerate(self.state.rows, start=1)])

    def finish(self, model: keras.Model) -> History:
        """Restore the best epoch's weights if `keep` is "best"; return the History."""
        if self.rules.keep == "last":
            return History(self.table(), self.state.epoch)
        for variable, value in zip(model.weights, self.state.best, strict=True):
            variable.assign(value)
        return History(self.table(), self.best())

    def _monitored(self, row: Mapping[str, float]) -> float:
        name = self.rules.monitor.removeprefix("-")
        if name not in row:
            raise ValueError(f"no column {name!r} to compare epochs by; there are {', '.join(row)}")
        return -row[name] if self.rules.monitor.startswith("-") else row[name]


def sync(model: keras.Model) -> None:
    """Copy JAX's training state back into the variables of the model, as needed within an epoch."""
    if hasattr(model, "jax_state_sync"):
        model.jax_state_sync()


def _check_finite(row: Mapping[str, float], epoch: int) -> None:
    broken = [key for key, value in row.items() if not np.isfinite(value)]
    if broken:
        raise GuardError(f"{', '.join(broken)} not finite in epoch {epoch + 1}: lower the learning rate")
