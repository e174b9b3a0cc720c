"""The attacker who subtracts the mask that a protection adds to every picture.

A pointwise combiner makes OP from SM by adding one map to the logit of every picture; its sign alone depends
on the label. Who knows the map tries both signs; who guesses the sign has guessed the label as well, so the
guess itself is an attack (`SignClassifier.scores`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from lib.measures.validation import as_bools, check_lengths

SCALES = (1.0, 2.0, 4.0, 8.0)
"""Widths in pixels of the blur that is taken off before picture and map are compared."""
_ROWS = 256
_HALF = 0.5 / 255
"""Black and white stand for values up to half a grey level off, so that their logits are finite."""


def remove_map(op: np.ndarray, fixed: np.ndarray, sign: np.ndarray) -> np.ndarray:
    """SM again, from OP: the logit of each picture minus the map.

    With the right sign what remains is the rounding to 8 bits, about a quarter of a grey level; black and
    white pixels have lost their logit and stay wrong.

    Parameters
    ----------
    op : uint8 (N, H, W); may be a memory map.
    fixed : (H, W) of `networks.san.fixed_map` for label 1, in units of the logit.
    sign : (N,) +1 where the label is taken to be 1, -1 where it is taken to be 0.

    Returns
    -------
    uint8 (N, H, W).

    Raises
    ------
    ValueError : other shapes, or signs that are neither +1 nor -1.
    """
    signs = np.asarray(sign)
    _check(op, fixed)
    check_lengths(len(op), sign=signs)
    if not np.isin(signs, (-1, 1)).all():
        raise ValueError("sign must be +1 (label 1) or -1 (label 0) for each picture")
    out = np.empty(op.shape, np.uint8)
    for some, logits in _logits(op):
        whole = expit(logits - signs[some, None, None].astype(np.float32) * np.float32(fixed))
        out[some] = np.rint(255 * whole)
    return out


def sign_features(op: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """How much of the map each picture seems to hold: the least-squares factor, by scale of detail.

    Both lose their blur of each of SCALES first, as a face shares its coarse shading with the map whatever
    the sign is. For a picture with the map and otherwise unlike it, all are +1 or -1; nearer to 0 where the
    encoder, which knows the label, works against the map.

    Parameters
    ----------
    op : uint8 (N, H, W). fixed : (H, W), as for `remove_map`.

    Returns
    -------
    float64 (N, number of SCALES).

    Raises
    ------
    ValueError : other shapes, or a map without detail.
    """
    _check(op, fixed)
    details = [_detail(np.asarray(fixed, np.float32)[None], scale)[0] for scale in SCALES]
    powers = [float(np.sum(np.square(one, dtype=np.float64))) for one in details]
    if min(powers) < 1e-12:
        raise ValueError("the map has no detail: OP equals SM up to a tone, there is nothing to take off")
    out = np.empty((len(op), len(SCALES)))
    for some, logits in _logits(op):
        for at, (scale, detail, power) in enumerate(zip(SCALES, details, powers, strict=True)):
            out[some, at] = np.einsum("nhw,hw->n", _detail(logits, scale), detail) / power
    return out


@dataclass(frozen=True)
class SignClassifier:
    """Reads the sign of the map, after a look at pictures of which it is known.

    Attributes
    ----------
    fixed : (H, W) the map for label 1.
    model : logistic regression on `sign_features`.
    """

    fixed: np.ndarray
    model: Pipeline

    @classmethod
    def learn(cls, op: np.ndarray, fixed: np.ndarray, positive: np.ndarray) -> SignClassifier:
        """From OP (N, H, W) of the attacker's own subjects and their binary labels (N,)."""
        labels = as_bools(positive, "positive")
        check_lengths(len(op), positive=labels)
        if labels.all() or not labels.any():
            raise ValueError("the sign is learned from both labels; the pictures have one only")
        model = make_pipeline(StandardScaler(), LogisticRegression())
        return cls(np.asarray(fixed), model.fit(sign_features(op, fixed), labels))

    def scores(self, op: np.ndarray) -> np.ndarray:
        """Log odds (N,) of the sign +1, which is the label 1: an attack by itself."""
        return np.asarray(self.model.decision_function(sign_features(op, self.fixed)))

    def sign(self, op: np.ndarray) -> np.ndarray:
        """+1 or -1, (N,) int."""
        return np.where(self.scores(op) >= 0, 1, -1)


def _check(op: np.ndarray, fixed: np.ndarray) -> None:
    if op.dtype != np.uint8 or op.ndim != 3 or op.shape[1:] != np.shape(fixed):
        raise ValueError(
            f"pictures must be uint8 (N, H, W) of the map's size, got {op.dtype} {op.shape} and "
            f"{np.shape(fixed)}"
        )


def _logits(op: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Logits of a few pictures at a time."""
    levels = np.clip(np.arange(256, dtype=np.float32) / 255, _HALF, 1 - _HALF)
    table = np.log(levels / (1 - levels))
    for start in range(0, len(op), _ROWS):
        some = slice(start, min(start + _ROWS, len(op)))
        yield some, table[op[some]]


def _detail(maps: np.ndarray, scale: float) -> np.ndarray:
    return maps - gaussian_filter(maps, (0, scale, scale), mode="reflect")
