"""Rows of a FaceSet's labels table from ground truth; the split of rendered subjects."""

from __future__ import annotations

from typing import Any

from lib.faces.faceset import BOX_COLUMNS, POINT_COLUMNS
from lib.faces.rendered.output.ground_truth import Truth
from lib.faces.splits import HASH_RANGE, stable_hash


def split_of(subject_number: int) -> str:
    """Split of a subject by a hash of its number: 70 % train, 15 % validation, 15 % test."""
    place = stable_hash(f"subject {subject_number}") / HASH_RANGE
    if place < 0.70:
        return "train"
    return "validation" if place < 0.85 else "test"


def label_row(truth: Truth) -> dict[str, Any]:
    """Row of FaceSet's columns (except `Attractive`), with `Sunglasses`, `Occluded`, `gender_axis`."""
    subject = f"{truth.subject:06d}"
    return {
        "image": f"{subject}_{truth.shot:02d}",
        "subject": subject,
        "split": split_of(truth.subject),
        **truth.attributes,
        "Sunglasses": truth.sunglasses,
        "Occluded": truth.occluded,
        "gender_axis": truth.sex,
        "age": truth.age,
        "expression": truth.expression,
        "yaw": truth.yaw,
        "pitch": truth.pitch,
        "roll": truth.roll,
        **dict(zip(POINT_COLUMNS, map(float, truth.points.ravel()), strict=True)),
        **dict(zip(BOX_COLUMNS, truth.box, strict=True)),
    }
