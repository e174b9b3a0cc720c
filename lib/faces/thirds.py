"""Training subjects in thirds: who protects, who judges without having taken part, who attacks.

A protection is trained with one third, judges that it never met with another, attackers who know it with the
last. So no judge's figure is owed to a face that the protection has seen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib.faces.places import PLACES, place_of

ROLES = ("protection", "unseen", "attackers")
"""Protection and the judges it trains with; judges of other makes; attackers who retrain."""


def role_of(subject: str) -> str:
    """Role of a training subject by a hash of its name: the same in every chapter, whoever else is there.

    Parameters
    ----------
    subject : as in FaceSet's labels.
    """
    return ROLES[place_of(f"role {subject}") * len(ROLES) // PLACES]


def roles(labels: pd.DataFrame) -> np.ndarray:
    """Role of each image: one of ROLES in the split `train`, empty in the others.

    Parameters
    ----------
    labels : of a FaceSet: `subject` and `split` of N images.

    Returns
    -------
    (N,) str.
    """
    names = labels["subject"].astype(str)
    found = {name: role_of(name) for name in names.unique()}
    return np.where(labels["split"] == "train", names.map(found), "").astype(str)


def rows_of(labels: pd.DataFrame, role: str, left_out: Sequence[str] = ()) -> np.ndarray:
    """Rows (int64, ascending) of the training images of one role.

    Parameters
    ----------
    labels : as for `roles`.
    left_out : archives (column `archive`) whose images do not count, as those of half the size.

    Raises
    ------
    ValueError : no such role, or nobody has it.
    """
    if role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(ROLES)}, not {role!r}")
    wanted = roles(labels) == role
    if left_out:
        wanted &= ~labels["archive"].isin(left_out).to_numpy()
    rows = np.flatnonzero(wanted)
    if not len(rows):
        raise ValueError(f"no training subject has the role {role!r}: the set has too few subjects")
    return rows


def often(labels: pd.DataFrame, rows: np.ndarray, least: int) -> np.ndarray:
    """Those of `rows` whose subject has at least `least` images among them: what a matcher learns from."""
    people = labels["subject"].astype(str).to_numpy()[rows]
    _, place, counts = np.unique(people, return_inverse=True, return_counts=True)
    return np.asarray(rows)[counts[place] >= least]


def first_of_each(labels: pd.DataFrame, rows: np.ndarray, most: int) -> np.ndarray:
    """Of `rows` the first `most` of each subject, in their order; all of them if `most` is 0."""
    people = labels["subject"].astype(str).iloc[rows]
    return np.asarray(rows)[people.groupby(people).cumcount().to_numpy() < (most or len(rows))]
