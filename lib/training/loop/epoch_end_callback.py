"""Callback of `fit`: guards, history, checkpoint, best epoch's weights and early stopping, by epoch."""

from __future__ import annotations

from typing import Any

import keras
import pandas as pd

from lib.networks.variables import to_numpy
from lib.training.loop.best_epoch import EpochSelection
from lib.training.loop.checkpoint import Checkpoint, State
from lib.training.loop.guards import Guards, check_finite
from lib.training.loop.history import History, Progress
from lib.training.loop.prefetch import PrefetchedBatches


class EpochEndCallback(keras.callbacks.Callback):
    """Writes the checkpoint that a killed training resumes from, and remembers the best epoch's weights.

    Within an epoch only `on_train_batch_begin` is used: a callback with an `on_train_batch_end` makes Keras
    wait for the device after every step.

    Attributes
    ----------
    state : of the training so far; changed after each epoch.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        state: State,
        progress: Progress,
        selection: EpochSelection,
        guards: Guards,
    ) -> None:
        """Continue a training from `state`, the one of `checkpoint` or a new one."""
        super().__init__()
        self.checkpoint, self.state, self.progress = checkpoint, state, progress
        self.selection, self.guards = selection, guards
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
        check_finite(row, epoch + 1)
        row["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self.state.rows.append(row)
        self.state.epoch = epoch + 1
        if self.selection.keep == "best" and self.selection.best(self.state.rows) == epoch + 1:
            self.state.best = [to_numpy(variable) for variable in self.model.weights]
        for check in self.guards.checks:
            check(self.model, self.table())
        self.checkpoint.save(self.model, self.state)
        self.progress.show(epoch + 1, 0, row)
        if self.exhausted():
            self.model.stop_training = True

    def exhausted(self) -> bool:
        """Whether patience ran out."""
        return self.selection.exhausted(self.state.rows)

    def table(self) -> pd.DataFrame:
        """History so far as a table, one row per epoch."""
        return pd.DataFrame([{"epoch": i, **row} for i, row in enumerate(self.state.rows, start=1)])

    def finish(self, model: keras.Model) -> History:
        """Restore the best epoch's weights if `keep` is "best"; return the History."""
        if self.selection.keep == "last":
            return History(self.table(), self.state.epoch)
        for variable, value in zip(model.weights, self.state.best, strict=True):
            variable.assign(value)
        return History(self.table(), self.selection.best(self.state.rows))


def sync(model: keras.Model) -> None:
    """Copy JAX's training state back into the variables of the model, as needed within an epoch."""
    if hasattr(model, "jax_state_sync"):
        model.jax_state_sync()
