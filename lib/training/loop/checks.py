"""Guards as checks of `fit`: each is called after an epoch with the network and the history so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pandas as pd

from lib.training.data.feed import Feed
from lib.training.loop.guards import check_outputs, check_validation


@dataclass(frozen=True)
class OutputCheck:
    """The outputs differ within a picture and between inputs (`check_outputs`).

    Attributes
    ----------
    inputs : a batch of different inputs, as the network takes it.
    least : smallest standard deviation.
    select : which part of the network's output is meant, if it has several.
    """

    inputs: Any
    least: float = 0.01
    select: Callable[[Any], Any] = lambda outputs: outputs

    def __call__(self, model: keras.Model, history: pd.DataFrame) -> None:
        """Raise GuardError if the output is constant."""
        outputs = self.select(model.predict_on_batch(self.inputs))
        check_outputs(keras.ops.convert_to_numpy(outputs), least=self.least)


@dataclass(frozen=True)
class ValidationCheck:
    """Validation is not better than train by more than its interval (`check_validation`).

    Attributes
    ----------
    train, validation : feeds that do not shuffle, of some hundred images or more.
    loss : (targets, outputs) -> (B,) loss of each image.
    subjects : (N,) subject of each row of the arrays behind both feeds.
    """

    train: Feed
    validation: Feed
    loss: Callable[[Any, Any], Any]
    subjects: np.ndarray

    def __call__(self, model: keras.Model, history: pd.DataFrame) -> None:
        """Raise GuardError if validation is better."""
        losses, subjects = [], []
        for feed in (self.train, self.validation):
            values, rows = image_losses(model, feed, self.loss)
            losses.append(values)
            subjects.append(np.asarray(self.subjects)[rows])
        check_validation(*losses, *subjects)


def image_losses(
    model: keras.Model, feed: Feed, loss: Callable[[Any, Any], Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Loss of each image in inference mode, and its row of the set: the one code for train and validation.

    Returns
    -------
    losses (N,) float64 and rows (N,) int.
    """
    losses, rows = [], []
    for step in range(len(feed)):
        x, y = feed.batch(0, step)[:2]
        values = keras.ops.convert_to_numpy(loss(y, model.predict_on_batch(x)))
        losses.append(np.asarray(values, np.float64))
        rows.append(feed.batch_rows(0, step))
    return np.concatenate(losses), np.concatenate(rows)
