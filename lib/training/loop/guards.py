"""Guards: raise GuardError on a loss with a wrong minimum, a collapsed network, or a validation leak."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pandas as pd
from scipy import stats

from lib.measures.estimate import Estimate

Loss = Callable[[Any, Any], Any]
Check = Callable[[keras.Model, pd.DataFrame], None]
"""From the network and its history so far; a GuardError stops the training."""

_FEWEST = 10  # subjects; a bootstrap interval over fewer is too narrow to stop a training


class GuardError(RuntimeError):
    """A training that must stop, or whose result must not be used."""


@dataclass(frozen=True)
class LossBounds:
    """The lowest possible value of a loss on given targets, and its values at constant outputs.

    Attributes
    ----------
    floor : the least value that an honest loss takes: at outputs equal to the targets.
    constants : value at outputs that ignore the input: `0`, `0.5`, `1`, `mean` (one number), and
        `mean_picture` (the mean over the targets, position by position).
    """

    floor: float
    constants: Mapping[str, float]

    def check_loss(self) -> None:
        """Before training: raise GuardError if a constant output scores better than a perfect one.

        Raises
        ------
        GuardError : names the constants. One-sided cross-entropy -t log p is least at an all-white output.
        """
        slack = 1e-6 * max(1.0, abs(self.floor))
        better = {name: value for name, value in self.constants.items() if value < self.floor - slack}
        if better:
            raise GuardError(
                f"this loss is lower at a constant output ({_listed(better)}) than at a perfect one "
                f"({self.floor:.4g}): its minimum is a collapse; use the full cross-entropy or another loss"
            )

    def check(self, value: float, name: str = "loss", *, below: float = 0.01, margin: float = 0.02) -> None:
        """After training: raise GuardError unless the loss lies above the floor and well below constants.

        Parameters
        ----------
        value : final loss on the data of these bounds, or on a large sample of the same kind.
        below : how far under the floor is rounding and sampling, as a part of the way to the best constant.
        margin : how near to a constant is too near, likewise.

        Raises
        ------
        GuardError : with value, floor and constants.
        """
        usual = {key: v for key, v in self.constants.items() if math.isfinite(v)}
        way = max(min(usual.values(), default=self.floor) - self.floor, 1e-12)
        seen = f"{name} ended at {value:.6g}; floor {self.floor:.6g}, constants {_listed(usual)}"
        if not math.isfinite(value):
            raise GuardError(f"{seen}: the training diverged")
        if value < self.floor - below * way:
            raise GuardError(f"{seen}: below what is possible, so it is not the loss it seems to be")
        if any(abs(value - constant) <= margin * way for constant in usual.values()):
            raise GuardError(f"{seen}: that of a constant output, the network ignores its input")
        if value >= self.floor + way:
            raise GuardError(f"{seen}: no better than a constant output, nothing was learned")


@dataclass(frozen=True)
class Guards:
    """What `fit` checks while and after it trains, besides that nothing becomes NaN.

    Attributes
    ----------
    bounds : by column; the excess over the floor is printed, and the last value is checked at the end.
    checks : called after each epoch.
    """

    bounds: Mapping[str, LossBounds] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()


NO_GUARDS = Guards()
"""Nothing but NaN stops the training."""


def check_finite(row: Mapping[str, float], epoch: int) -> None:
    """Raise GuardError, with their names, if losses or metrics of an epoch (from 1) are not finite."""
    broken = [key for key, value in row.items() if not np.isfinite(value)]
    if broken:
        raise GuardError(f"{', '.join(broken)} not finite in epoch {epoch}: lower the learning rate")


def loss_bounds(loss: Loss, targets: np.ndarray, *, floor: float | None = None) -> LossBounds:
    """Compute a loss at perfect outputs and at outputs that ignore the input.

    Parameters
    ----------
    loss : (targets, outputs) -> scalar or one value per row; a Keras loss, or a function of tensors.
    targets : (N, ...) floats, as the training sees them.
    floor : least possible value, if known (`entropy_floor`); None takes the loss at perfect outputs.
    """
    t = np.asarray(targets, np.float32)
    outputs = {
        "0": np.zeros_like(t),
        "0.5": np.full_like(t, 0.5),
        "1": np.ones_like(t),
        "mean": np.full_like(t, t.mean()),
        "mean_picture": np.broadcast_to(t.mean(axis=0), t.shape),
    }
    constants = {name: _value(loss, t, output) for name, output in outputs.items()}
    return LossBounds(_value(loss, t, t) if floor is None else floor, constants)


def check_validation(
    train: np.ndarray,
    validation: np.ndarray,
    train_subjects: np.ndarray,
    validation_subjects: np.ndarray,
    *,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Raise GuardError if validation loss is below training loss by more than its interval (a leak).

    Parameters
    ----------
    train, validation : (N,) and (M,) loss of each image, by the same code with the network in inference mode.
    train_subjects, validation_subjects : subject of each; the interval is over subjects.

    Returns
    -------
    Mean loss on validation minus train, with its 95 % bootstrap interval over subjects.

    Raises
    ------
    GuardError : the whole interval lies below zero.
    """
    a, b = _per_subject(validation, validation_subjects), _per_subject(train, train_subjects)
    if min(len(a), len(b)) < _FEWEST:
        why = f"fewer than {_FEWEST} subjects on one side: no interval to stop a run by"
        return Estimate(float(a.mean() - b.mean()), n=len(a) + len(b), why=why)
    found = stats.bootstrap(
        (a, b),
        lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
        n_resamples=replicates,
        method="percentile",
        rng=np.random.default_rng(seed),
        batch=max(1, 10**7 // (len(a) + len(b))),
    ).confidence_interval
    figure = Estimate(float(a.mean() - b.mean()), float(found.low), float(found.high), len(a) + len(b))
    if figure.high < 0:
        raise GuardError(
            f"validation is better than train: loss {a.mean():.4g} against {b.mean():.4g}, difference "
            f"{figure:.3g}: look for shared subjects or for two different measurements"
        )
    return figure


def _value(loss: Loss, targets: np.ndarray, outputs: np.ndarray) -> float:
    return float(np.mean(keras.ops.convert_to_numpy(loss(targets, np.ascontiguousarray(outputs)))))


def _per_subject(values: np.ndarray, subjects: np.ndarray) -> np.ndarray:
    _, index = np.unique(subjects, return_inverse=True)
    return np.bincount(index, weights=np.asarray(values, np.float64)) / np.bincount(index)


def _listed(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name}: {value:.4g}" for name, value in values.items())
