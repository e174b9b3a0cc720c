"""Fit a compiled Keras network from a Feed, resuming after a kill."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from lib.training.loop.best_epoch import LAST_EPOCH, EpochSelection
from lib.training.loop.checkpoint import Checkpoint, CheckpointOptions, State, optimizers_of, run_key
from lib.training.loop.epoch_end_callback import EpochEndCallback
from lib.training.loop.guards import NO_GUARDS, Guards
from lib.training.loop.history import History, Progress
from lib.training.loop.prefetch import Batches, PrefetchedBatches, without_autotune


def fit(
    model: keras.Model,
    feed: Batches,
    validation: Any = None,
    *,
    epochs: int,
    checkpoint: CheckpointOptions,
    selection: EpochSelection = LAST_EPOCH,
    guards: Guards = NO_GUARDS,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    name: str = "fit",
) -> History:
    """Train a network; called again after a kill, resume from the last epoch with the same result.

    The checkpoint has a key of all that decides the outcome: no other setting finds it.

    Parameters
    ----------
    model : compiled; seeded (`set_determinism`) before it is built, else a second process finds no
        checkpoint. Give metrics that Keras would number names of their own (`AUC(name="auc")`).
    feed : training batches, a Feed or what behaves like one.
    validation : what Keras' `evaluate` takes: a Feed that does not shuffle, a pair of arrays, or None.
    epochs : in all, also those before a kill.
    checkpoint : where the state lies between two epochs, what belongs to its key, whether it stays.
    selection : which epoch's weights are kept, and when the training stops early.
    guards : bounds of losses and checks after each epoch.
    callbacks : Keras callbacks; what they remember themselves is not part of the state.
    name : of the run, for its lines on stderr.

    Returns
    -------
    History, the same as of a run that was never killed.

    Raises
    ------
    GuardError : a loss became NaN, ended outside its bounds, or a check failed.
    ValueError : the model is not compiled, a second optimizer of its own is not built, validation shuffles, a
        batch does not divide among the devices, or `monitor` is not there.
    """
    _check_call(model, feed, validation)
    store = Checkpoint(checkpoint.folder, _key(model, feed, checkpoint.identity, epochs, selection))
    floors = {column: bound.floor for column, bound in guards.bounds.items()}
    progress = Progress(name, epochs, len(feed), floors)
    keeper = EpochEndCallback(store, _resume(model, store, progress), progress, selection, guards)
    _train(model, feed, validation, epochs, keeper, callbacks)
    history = keeper.finish(model)
    for column, bound in guards.bounds.items():
        bound.check(history.last(column), column)
    if checkpoint.remove:
        store.clear()
    return history


def clear(resume_folder: str | Path) -> None:
    """Remove all checkpoints in a folder, once what was trained is saved."""
    for path in Path(resume_folder).glob("*.npz*"):
        path.unlink()


def _check_call(model: keras.Model, feed: Batches, validation: Any) -> None:
    if not getattr(model, "optimizer", None):
        raise ValueError(f"the network {model.name} is not compiled: call compile before fit")
    if not all(optimizer.built for optimizer in optimizers_of(model)[1:]):
        raise ValueError(f"{model.name} has an optimizer that is not built: call its build before fit")
    if getattr(validation, "shuffle", False):
        raise ValueError("validation must not shuffle: every image once, in one order")
    spread = keras.distribution.distribution()
    devices = 1 if spread is None else spread.device_mesh.devices.size
    for batches in (feed, validation):
        smallest = getattr(batches, "smallest", devices)
        if smallest % devices:
            raise ValueError(
                f"a batch of {smallest} does not divide among {devices} devices: choose another batch, or "
                'remainder="fill"'
            )


def _key(model: keras.Model, feed: Batches, identity: Any, epochs: int, selection: EpochSelection) -> str:
    if not model.optimizer.built:  # else the checkpoint could not be restored
        model.optimizer.build(model.trainable_variables)
    return run_key(
        model,
        identity,
        {
            "epochs": epochs,
            "keep": selection.keep,
            "monitor": selection.monitor,
            "patience": selection.patience,
            "feed": getattr(feed, "identity", None),
        },
    )


def _resume(model: keras.Model, store: Checkpoint, progress: Progress) -> State:
    if not store.exists():
        progress.begin(0)
        if store.others():
            progress.say(f"starts anew; {store.others()} states of other settings lie in its resume folder")
        return State()
    state = store.restore(model)
    progress.begin(state.epoch)
    return state


def _train(
    model: keras.Model,
    feed: Batches,
    validation: Any,
    epochs: int,
    keeper: EpochEndCallback,
    callbacks: Sequence[keras.callbacks.Callback],
) -> None:
    """Run Keras' fit from the first epoch that is not done; do nothing if all are done."""
    first = keeper.state.epoch
    if first >= epochs or keeper.exhausted():
        # A checkpoint precedes the end of Keras' fit, which puts averaged weights in place, if any.
        model.optimizer.finalize_variable_values(model.trainable_variables)
        return
    with PrefetchedBatches(feed) as ahead:
        keeper.follow(ahead)
        model.fit(
            without_autotune(ahead),
            validation_data=without_autotune(validation),
            initial_epoch=first,
            epochs=epochs,
            shuffle=False,
            verbose=0,
            callbacks=[keeper, *callbacks],
        )
