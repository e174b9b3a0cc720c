"""What scores of the same pictures under several treatments tell of a label: figures of every reader.

Plain AUC says whether a reader is *fooled*: below one half it answers the wrong way round. Direction-free AUC
says whether something is *hidden*: whoever asks the reader may turn its answer, as other subjects teach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from lib.deidentify.attacks.result import AttackResult, attack_result
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions
from lib.measures.score_table import Directions, ScoreTable

Readings = Mapping[str, Mapping[str, AttackResult]]
"""Judge or attacker -> treatment -> result."""


def gender_readings(
    test: ScoreTable, directions: Directions, **draws: Unpack[BootstrapOptions]
) -> dict[str, dict[str, AttackResult]]:
    """What each reader reads from each treatment, reader -> treatment; `figures` has AUC, A* and EER.

    Parameters
    ----------
    test : those who are judged, without missing scores (`complete`).
    directions : from subjects that are not in `test`.
    draws : `replicates`, `seed` of the intervals over subjects.

    Raises
    ------
    ValueError : a score is missing, or a direction is NaN.
    """
    return {
        reader: {
            name: attack_result(values, test.positive, test.subjects, directions[reader][name], **draws)
            for name, values in own.items()
        }
        for reader, own in test.scores.items()
    }


def off_chance(calibration_auc: float) -> float:
    """Distance of an AUC on the calibration subjects from one half, so that equal ones stay equal."""
    return round(abs(calibration_auc - 0.5), 12)


def kept_readings(found: Readings, measures: Sequence[str]) -> dict[str, dict[str, dict[str, Estimate]]]:
    """What results keep: reader -> treatment -> measure, of those `measures` that are asked for."""
    return {
        reader: {name: {key: one.figures()[key] for key in measures} for name, one in own.items()}
        for reader, own in found.items()
    }
