"""What is kept of every other label: binary attributes, perceived gender, age, pose and gaze.

A reader that learned from untouched faces reads the same pictures under each treatment. Its gain over
somebody who does not look (`measures.kept_share`) is held against its gain on the original and on the
reconstruction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd

from lib.evaluation.kept_attributes.repainted import ORIGINAL
from lib.faces.faceset import FaceSet
from lib.faces.read_labels import MEASURED, ReadLabels
from lib.judges.face_reader import FaceReading
from lib.measures.bootstrap_intervals import bootstrap
from lib.measures.estimate import Estimate
from lib.measures.kept_share import attribute_gain_of, number_gain_of, ratio_of_two
from lib.measures.resampling import BootstrapOptions, WeightedSums

READABLE = 0.1
"""Gain on originals of validation subjects that a reader needs: whoever cannot read a label there cannot say
that it is lost, and whoever chose labels on the tested subjects would choose those that were lucky there."""
GROUPS: Mapping[str, tuple[str, ...]] = {
    "of the moment": (
        "Smiling", "Mouth_Slightly_Open", "High_Cheekbones", "Narrow_Eyes", "yaw", "pitch", "gaze",
    ),
    "worn": (
        "Eyeglasses", "Wearing_Hat", "Wearing_Lipstick", "Heavy_Makeup", "Wearing_Earrings",
        "Wearing_Necklace", "Wearing_Necktie",
    ),
    "hair": (
        "Bald", "Bangs", "Black_Hair", "Blond_Hair", "Brown_Hair", "Gray_Hair", "Straight_Hair", "Wavy_Hair",
        "Receding_Hairline", "5_o_Clock_Shadow", "Goatee", "Mustache", "No_Beard", "Sideburns",
    ),
    "the picture": ("Blurry",),
}  # fmt: skip
"""Kind of label -> its names; all others are `of the person`."""
PERSON = "of the person"
NAMES: Mapping[str, str] = {
    "Male": "perceived gender", "age": "age", "yaw": "turn to the side", "pitch": "turn up or down",
    "gaze": "direction of gaze",
}  # fmt: skip
"""Label -> what a figure calls it; others lose their underscores."""


def group_of(label: str) -> str:
    """Kind of a label: GROUPS, else of the person."""
    return next((group for group, names in GROUPS.items() if label in names), PERSON)


def label_name(label: str) -> str:
    """What figures call a label."""
    return NAMES.get(label, label.replace("_", " ").lower())


def gains(
    reading: FaceReading, faces: FaceSet, labels: ReadLabels, thresholds: Mapping[str, float]
) -> dict[str, WeightedSums]:
    """Label -> the reader's gain on it, as a statistic; labels that are not known of all faces are left out.

    Parameters
    ----------
    reading : of the faces under one treatment. thresholds : attribute -> probability from which it is said.
    """
    known = [name for name in (*labels.attributes, *labels.numbers) if name in faces.labels]
    known = [name for name in known if faces.known(name).all()]
    found = {}
    for name in known:
        if name in MEASURED:
            true = faces.labels[name].to_numpy(float)
            found[name] = number_gain_of(true, reading.numbers[name], labels.median[name])
        else:
            said = reading.attributes[name] > thresholds[name]
            found[name] = attribute_gain_of(faces.binary(name), said)
    return found


def kept_labels(
    readings: Mapping[str, FaceReading],
    faces: FaceSet,
    labels: ReadLabels,
    thresholds: Mapping[str, float],
    references: Mapping[str, str],
    readable: Iterable[str],
    **draws: Unpack[BootstrapOptions],
) -> list[dict[str, Any]]:
    """Gains under each treatment, and the shares of them that are kept.

    Parameters
    ----------
    readings : treatment -> what one reader says of the N faces; ORIGINAL among them.
    references : treatment -> its reconstruction; the treatments of which shares are wanted.
    readable : labels that the reader can read, by other subjects; of these, those that are known of all N.

    Returns
    -------
    Records with `label`, `group`, `treatment`, `gain`, `of_original` and `of_reconstruction` (estimates).
    """
    by = {name: gains(one, faces, labels, thresholds) for name, one in readings.items()}
    people, wanted, records = faces.subjects, set(readable), []
    for label, original in by[ORIGINAL].items():
        if label not in wanted:
            continue
        whole = bootstrap(original, people, why="one label only", **draws)
        shared = {"label": label, "group": group_of(label)}
        records.append({**shared, "treatment": ORIGINAL, "gain": whole})
        for treatment, reference in references.items():
            own, rebuilt = by[treatment][label], by[reference][label]
            records.append(
                {
                    **shared,
                    "treatment": treatment,
                    "gain": bootstrap(own, people, why="one label only", **draws),
                    "of_original": _share(own, original, people, **draws),
                    "of_reconstruction": _share(own, rebuilt, people, **draws),
                }
            )
    return records


def _share(
    own: WeightedSums, whole: WeightedSums, people: np.ndarray, **draws: Unpack[BootstrapOptions]
) -> Estimate:
    both = ratio_of_two(own, whole, least=READABLE / 2)
    return bootstrap(both, people, why="hardly read in the reference", **draws)


def labels_table(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Records of `kept_labels` as a table: each estimate with `_low` and `_high` behind it."""
    rows, names, figures = [], ("label", "group", "treatment"), ("gain", "of_original", "of_reconstruction")
    for one in records:
        row = {name: one[name] for name in names}
        for name in figures:
            figure: Estimate | None = one.get(name)
            row[name] = figure.estimate if figure else np.nan
            row |= {f"{name}_{end}": getattr(figure, end) if figure else np.nan for end in ("low", "high")}
        rows.append(row)
    columns = [*names, *(f"{one}{end}" for one in figures for end in ("", "_low", "_high"))]
    return pd.DataFrame(rows, columns=columns)


def unread_labels(labels: ReadLabels, records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Labels that the reader learned and yet cannot read on originals."""
    read = {one["label"] for one in records}
    return [name for name in (*labels.attributes, *labels.numbers) if name not in read]


def group_means(
    readings: Mapping[str, FaceReading],
    faces: FaceSet,
    labels: ReadLabels,
    thresholds: Mapping[str, float],
    references: Mapping[str, str],
    readable: Iterable[str],
    **draws: Unpack[BootstrapOptions],
) -> list[dict[str, Any]]:
    """Sum of the gains of a group under a treatment, as a part of their sum on the reconstruction.

    Parameters
    ----------
    readings, references : as for `kept_labels`. readable : labels that count.

    Returns
    -------
    Records with `group`, `treatment`, `labels` (how many) and `of_reconstruction`.
    """
    by = {name: gains(one, faces, labels, thresholds) for name, one in readings.items()}
    groups: dict[str, list[str]] = {}
    for label in readable:
        groups.setdefault(group_of(label), []).append(label)
    return [
        {
            "group": group,
            "treatment": treatment,
            "labels": len(names),
            "of_reconstruction": _share(
                _sum([by[treatment][name] for name in names]),
                _sum([by[reference][name] for name in names]),
                faces.subjects,
                **draws,
            ),
        }
        for group, names in groups.items()
        for treatment, reference in references.items()
    ]


def _sum(parts: list[WeightedSums]) -> WeightedSums:
    ends = np.cumsum([0, *(part.columns.shape[1] for part in parts)])

    def combine(sums: np.ndarray) -> np.ndarray:
        found = [part.combine(sums[:, ends[at] : ends[at + 1]]) for at, part in enumerate(parts)]
        return np.asarray(np.nansum(found, axis=0))

    return WeightedSums(np.concatenate([part.columns for part in parts], axis=1), combine)
