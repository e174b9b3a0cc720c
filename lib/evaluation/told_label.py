"""Does an attacker read the face, or the label that the network was told? Each face is painted with both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

import keras
import numpy as np
import pandas as pd

from lib.deidentify.attacks.grid import AttackGrid
from lib.deidentify.attacks.image_attackers import read_attackers
from lib.deidentify.attacks.result import AttackResult
from lib.evaluation.gender_attack_results import asked
from lib.evaluation.gender_page import GenderTest
from lib.evaluation.san import op_as_told
from lib.measures.bootstrap_intervals import bootstrap_estimates
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions
from lib.measures.statistics import auc_of
from lib.training.store.model_store import ModelStore

PREDICTED = "op_predicted"
"""OP as a user can make it: the network told the label that a classifier predicts."""


def with_predicted(
    grid: AttackGrid,
    store: ModelStore,
    test: GenderTest,
    pictures: Mapping[str, np.ndarray],
    **draws: Unpack[BootstrapOptions],
) -> AttackGrid:
    """The grid, and what those who learned from OP read of PREDICTED.

    Parameters
    ----------
    store : with the attackers. pictures : with PREDICTED, uint8 (N, H, W), one for each face of `test`.
    draws : of the intervals over subjects.
    """
    sources = {who: (f"{who}_op", pictures[PREDICTED]) for who, own in grid.items() if "op" in own}
    read = read_attackers(store, test.faces, sources, test.split, attribute="Male", **draws)
    return {who: own | ({PREDICTED: read[who]} if who in read else {}) for who, own in grid.items()}


def told_and_true(
    op: np.ndarray,
    other: np.ndarray,
    positive: np.ndarray,
    subjects: np.ndarray,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, Estimate]:
    """AUCs of an attacker for the label that was told, and for the true one.

    Parameters
    ----------
    op, other : (N,) scores, higher is more male, of the same faces with their own label told, and the other.
    positive, subjects : (N,) true label and subject of each face.

    Returns
    -------
    `told` : AUC for the told label, over all faces and both labels. `true` : AUC for the true label with the
    told one held fixed, the mean of both; below one half where a face that stays male looks more female.
    `apart` : told minus true, in the same draws of subjects.
    """
    male = np.asarray(positive, bool)
    told = auc_of(np.concatenate([op, other]), np.concatenate([male, ~male]))
    held = [auc_of(np.where(male == label, op, other), male) for label in (False, True)]

    def statistic(weights: np.ndarray) -> np.ndarray:
        first = told(np.concatenate([weights, weights], axis=1))
        second = np.mean([one(weights) for one in held], axis=0)
        return np.stack([first, second, first - second], axis=1)

    found = bootstrap_estimates(statistic, subjects, why="one class is missing", **draws)
    return dict(zip(("told", "true", "apart"), found, strict=True))


def told_table(found: Mapping[str, Mapping[str, Estimate]]) -> pd.DataFrame:
    """Figures in rows: attacker, label (`told`, `true`, `apart`), estimate, low, high, n.

    Parameters
    ----------
    found : as `read_told` gives it.
    """
    return pd.DataFrame(
        {"attacker": who, "label": label, **one.to_dict()}
        for who, own in found.items()
        for label, one in own.items()
    )


def read_told(
    store: ModelStore,
    test: GenderTest,
    pictures: Mapping[str, np.ndarray],
    san: keras.Model,
    attackers: Mapping[str, AttackResult],
    data: str,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, dict[str, Estimate]]:
    """`told_and_true` of attackers who learned from OP, on the test faces of one data set.

    Parameters
    ----------
    store : with the attackers. pictures : with `op`, uint8 (N, H, W), one for each face of `test`.
    san : the network that painted them.
    attackers : name -> what it read of OP in this set, in the order of its rows.
    """
    rows = test.only(data)
    faces, at = test.faces, rows.test
    other = pictures["op"].copy()
    some = np.concatenate([rows.calibration, at])
    other[some] = op_as_told(san, faces.images[some], other[some], test.male[some], ~test.male[some])
    sources = {name: (f"{name}_op", other) for name in attackers}
    read = read_attackers(store, faces, sources, rows, attribute="Male", replicates=2)
    found = {}
    for name, one in attackers.items():
        turned = -1 if one.free.turned else 1
        mine, theirs = asked(one), read[name].scores * turned
        found[name] = told_and_true(mine, theirs, test.male[at], faces.subjects[at], **draws)
    return found
