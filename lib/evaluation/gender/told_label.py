"""Does an attacker read the face, or the label that the network was told? Each face is painted with both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

import keras
import numpy as np
import pandas as pd

from lib.deidentify.attacks.attacker_trainings import attacker_on
from lib.deidentify.attacks.reading_attackers import AttackReader
from lib.deidentify.attacks.result import AttackResult
from lib.evaluation.gender.attacker_readings import turned_scores
from lib.evaluation.san.treatments import op_as_told
from lib.measures.bootstrap_intervals import bootstrap_estimates
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions
from lib.measures.statistics import auc_of


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
    reader: AttackReader,
    op: np.ndarray,
    san: keras.Model,
    attackers: Mapping[str, AttackResult],
    **draws: Unpack[BootstrapOptions],
) -> dict[str, dict[str, Estimate]]:
    """`told_and_true` of attackers who learned from OP, on the test faces of one data set.

    Parameters
    ----------
    reader : of that set. op : uint8 (N, H, W), one for each of its faces.
    san : the network that painted them.
    attackers : name -> what it read of OP in this set, in the order of its rows.
    draws : of the intervals over subjects.
    """
    faces, rows = reader.faces, reader.rows
    male, other = faces.binary(reader.attribute), op.copy()
    some = np.concatenate([rows.calibration, rows.test])
    other[some] = op_as_told(san, faces.images[some], op[some], male[some], ~male[some])
    found = {}
    for name, one in attackers.items():
        theirs = reader.scores(attacker_on(name, "op"), other).scores * (-1 if one.free.turned else 1)
        found[name] = told_and_true(turned_scores(one), theirs, one.positive, one.subjects, **draws)
    return found
