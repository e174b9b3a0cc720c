"""The attackers of the rotation tables, from those who know nothing to those who own the weights.

Each gives a score to every couple of a probe and a gallery photo; how well they tell is judged in
`comparisons`, by thresholds that the same attack sets on strangers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lib.evaluation.rotation.comparisons import Comparisons
from lib.evaluation.rotation.views import (
    ATTRIBUTES,
    CODEC,
    GALLERY,
    PROBE,
    REGRESSED,
    RESTORED,
    UNTOUCHED,
    Views,
)
from lib.judges.result_keys import DLIB, HELD_OUT_MATCHER

Per = Literal["image", "subject", "all"]
"""What shares an axis; as `cleanir.protection.Per`, which this file does not import for Keras' sake."""
PAIRS = (HELD_OUT_MATCHER, CODEC)
"""Readers of pairs of which both pictures are repainted with a draw that they share."""
ATTACKERS: Mapping[str, tuple[str, ...]] = {
    "naive": (DLIB, HELD_OUT_MATCHER, CODEC),
    "two_sided": (DLIB, HELD_OUT_MATCHER, CODEC),
    "inverter": (DLIB, CODEC),
    "regression": (DLIB,),
    "attributes": (ATTRIBUTES,),
    "parrot": (DLIB, *PAIRS, ATTRIBUTES),
    "restorer": (DLIB, HELD_OUT_MATCHER),
    "linker": PAIRS,
    "key_known": PAIRS,
}
"""Attacker -> by whose readings they compare."""
PER_IMAGE = ("naive", "two_sided", "inverter", "regression", "attributes", "parrot", "restorer")
"""Those whom every scope must withstand, also a new axis for each picture."""
SHARED_DRAW = ("linker", "key_known")
"""Those who profit from a draw that pictures share: they count apart."""
PAIR_ATTACKERS: Mapping[str, tuple[Per, Per]] = {
    "parrot": ("image", "image"),
    "linker": ("subject", "subject"),
    "key_known": ("all", "all"),
}
"""Attacker -> what shares an axis among the probes, and among the photos that they are compared with."""
WORDS: Mapping[str, str] = {
    "naive": "naive",
    "two_sided": "two-sided",
    "inverter": "inverter, negation",
    "regression": "inverter, regression",
    "attributes": "reader of the attributes' half",
    "parrot": "parrot; linker, axis per image",
    "restorer": "restorer",
    "linker": "linker, axis per subject",
    "key_known": "key known, one axis for all",
}
"""What pages call them."""


def attacks(only: Sequence[str] = tuple(ATTACKERS)) -> Iterator[tuple[str, str]]:
    """Every attacker with every reader."""
    for name in only:
        for reader in ATTACKERS[name]:
            yield name, reader


def compared(views: Views, group: str, attacker: str, reader: str, condition: str) -> Comparisons:
    """One attacker's comparisons in one group.

    Raises
    ------
    KeyError : nothing was kept for this attacker under this condition.
    """
    subjects = views.subjects[group]
    if attacker in PAIR_ATTACKERS:
        return Comparisons(views.scores[group, attacker, condition, reader].astype(float), subjects)
    view = {"regression": REGRESSED, "restorer": RESTORED}.get(attacker, PROBE)
    probes = views.readings[group, view, condition, reader]
    gallery = views.readings[group, GALLERY, UNTOUCHED, reader]
    return Comparisons.of(-probes if attacker == "inverter" else probes, gallery, subjects)


def both(
    views: Views, groups: tuple[str, str], attacker: str, reader: str, condition: str
) -> tuple[Comparisons, Comparisons]:
    """The comparisons of those who are attacked, and of the strangers that set the threshold.

    The two-sided attacker counts from the median of the strangers' own non-mated pairs.
    """
    found = [compared(views, group, attacker, reader, condition) for group in groups]
    if attacker == "two_sided":
        middle = found[1].stranger_median
        found = [one.two_sided(middle) for one in found]
    return found[0], found[1]


@dataclass(frozen=True)
class Ridge:
    """Linear regression from readings of repainted pictures to embeddings of the untouched persons.

    Attributes
    ----------
    mean, scale : (F,) of the readings. weights : (F, D). offset : (D,).
    """

    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    offset: np.ndarray

    @classmethod
    def fit(cls, readings: np.ndarray, wanted: np.ndarray, penalty: float) -> Ridge:
        """Fit with a penalty in parts of the number of rows."""
        rows = np.asarray(readings, float)
        mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
        rows, offset = (rows - mean) / scale, wanted.mean(axis=0)
        inner = rows.T @ rows + penalty * len(rows) * np.eye(rows.shape[1])
        return cls(mean, scale, np.linalg.solve(inner, rows.T @ (wanted - offset)), offset)

    def __call__(self, readings: np.ndarray) -> np.ndarray:
        """Guessed embeddings, (N, D), less their common part, which says nothing of anybody."""
        return (np.asarray(readings, float) - self.mean) / self.scale @ self.weights


PENALTIES = (0.01, 0.1, 1.0, 10.0)
"""Of the regression; the best on the choosers is kept."""


def best_ridge(
    readings: np.ndarray,
    wanted: np.ndarray,
    chooser_readings: np.ndarray,
    chooser_gallery: np.ndarray,
    subjects: np.ndarray,
) -> Ridge:
    """The regression whose penalty puts the choosers' own photos furthest above those of others.

    Parameters
    ----------
    readings, wanted : (N, F), (N, D) of the attackers' own subjects.
    chooser_readings : (S, F). chooser_gallery : (S, G, D), untouched. subjects : (S,).
    """

    def margin(one: Ridge) -> float:
        scores = Comparisons.of(one(chooser_readings), chooser_gallery, subjects).first(1).scores
        apart = scores - scores.mean(axis=1, keepdims=True)
        return float(np.diag(apart).mean() / (apart.std() + 1e-9))

    return max((Ridge.fit(readings, wanted, penalty) for penalty in PENALTIES), key=margin)
