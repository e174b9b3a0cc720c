"""Scores of trained attackers in a file: a training stage keeps them, a page draws figures from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lib.arrays import WeightsError, read_arrays, write_arrays
from lib.deidentify.attacks.result import AttackScores

Key = tuple[str, ...]
"""Names an attacker, as whoever keeps the scores chooses to; all keys of a file are of one length."""


def save_scores(path: str | Path, scores: Mapping[Key, AttackScores]) -> None:
    """Write them into an npz file."""
    learned = [(one.learned_subjects, one.learned_images) for one in scores.values()]
    arrays = {
        "keys": np.array(list(scores), str),
        "calibration_auc": np.array([one.calibration_auc for one in scores.values()], np.float64),
        "learned": np.array(learned, np.int64),
    }
    for at, one in enumerate(scores.values()):
        arrays |= {f"scores_{at}": np.asarray(one.scores, np.float64), f"also_{at}": one.also}
    write_arrays(path, arrays)


def load_scores(path: str | Path) -> dict[Key, AttackScores]:
    """Read what `save_scores` wrote.

    Raises
    ------
    WeightsError : the file is missing, damaged, or of another kind.
    """
    arrays = read_arrays(path)
    try:
        rows = zip(arrays["keys"], arrays["calibration_auc"], arrays["learned"], strict=True)
        return {
            tuple(map(str, key)): AttackScores(
                arrays[f"scores_{at}"], float(known), int(learned[0]), int(learned[1]), arrays[f"also_{at}"]
            )
            for at, (key, known, learned) in enumerate(rows)
        }
    except (KeyError, ValueError) as error:
        raise WeightsError(
            f"{path} holds no scores of attackers ({error}): run the training again"
        ) from error
