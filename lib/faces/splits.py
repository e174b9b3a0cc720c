"""Splits of subjects: training, validation and test, and roles in training (who learns, judges, attacks)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

HASH_RANGE = 2**64

"""Number of values of `stable_hash`."""


def stable_hash(name: str) -> int:
    """Hash of a name as an integer, 0 to HASH_RANGE - 1: the first eight bytes of its sha256.

    Parameters
    ----------
    name : with a word before it that names the use, so that two uses are independent.
    """
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def hash_order(names: Iterable[str]) -> list[str]:
    """Names in a pseudo-random order that depends on the names only."""
    return sorted(names, key=lambda name: (hashlib.sha256(str(name).encode()).digest(), name))


def split_by_subject(subjects: pd.Series, parts: tuple[float, float, float] = (0.7, 0.1, 0.2)) -> pd.Series:
    """Split of whole subjects into train, validation and test, where the publisher has none.

    Subjects are put in an order fixed by a hash of their names; the first 70 % train, the next 10 % validate,
    the rest test.
    """
    order = hash_order(subjects.unique())
    edges = np.round(np.cumsum(parts)[:2] * len(order)).astype(int)
    names = np.repeat(["train", "validation", "test"], np.diff([0, *edges, len(order)])).tolist()
    return subjects.map(dict(zip(order, names, strict=True)))


ROLES = ("protection", "unseen", "attackers")

"""Who trains on a subject: the protection and its judges; unseen judges; attackers."""


def role_of(subject: str) -> str:
    """Role of a training subject, by a hash of the name: the same in every chapter and set.

    Parameters
    ----------
    subject : as in FaceSet's labels.
    """
    return ROLES[stable_hash(f"role {subject}") * len(ROLES) // HASH_RANGE]


def roles(labels: pd.DataFrame) -> np.ndarray:
    """Role of each image, (N,) str: one of ROLES in the split `train`, empty in the others.

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


def role_rows(labels: pd.DataFrame, role: str, left_out: Sequence[str] = ()) -> np.ndarray:
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
