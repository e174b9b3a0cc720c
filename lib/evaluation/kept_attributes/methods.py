"""All methods on one chart: what they leave to the strongest matching attacker, and what of the expression.

How well each method hides who it is was measured by the chapter on rotation, with attackers of its own; here
its figures are read from that chapter's result. What is kept of the expression is measured here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd

from lib.deidentify.protections.base import Protection, protect
from lib.deidentify.protections.baselines import Blur, Pixelate, SolidFill
from lib.evaluation.kept_attributes.expressions import ExpressionTest
from lib.evaluation.kept_attributes.repainted import OURS, OURS_RECONSTRUCTION, RECONSTRUCTION
from lib.evaluation.protections import Protections
from lib.evaluation.tradeoff.rivals import method_name, method_of
from lib.faces.faceset import FaceSet
from lib.measures.estimate import Estimate, as_estimate, estimates_in, strongest
from lib.measures.resampling import BootstrapOptions

ROTATION = "rotation"
"""Method that the treatments of turned identities belong to; its strength is the angle."""
_TMR = re.compile(r"(?:^|\.)tmr_at_fmr_1\.([^.]+)\.(.+)$")
_ANGLE = re.compile(r"\d+(\.\d+)?$")


def baseline_pictures(
    faces: FaceSet, strengths: Sequence[float], others: Mapping[str, Protection] | None = None
) -> dict[str, np.ndarray]:
    """Faces blurred, of large pixels, covered, and by further protections, uint8 (N, H, W, 3) each.

    Parameters
    ----------
    strengths : of blur and pixels, in parts of the side.
    others : name -> protection; it is told what it needs from the columns of the labels, and the points.
    """
    methods: dict[str, Protection] = {"cover": SolidFill(), **(others or {})}
    for name, kind in (("blur", Blur), ("pixelate", Pixelate)):
        methods |= {method_name(name, strength): kind(strength=strength) for strength in strengths}
    images = np.asarray(faces.images)
    return {name: protect(one, images, **_told(faces, one)) for name, one in methods.items()}


def _told(faces: FaceSet, protection: Protection) -> dict[str, np.ndarray]:
    points = {} if faces.points is None else {"points": faces.points}
    own = {name: faces.labels[name].to_numpy() for name in protection.needs if name in faces.labels}
    return {**points, **own}


def same_images(large: FaceSet, faces: FaceSet) -> FaceSet:
    """The images of `faces`, in their order, from a set of the same images at another size.

    Raises
    ------
    KeyError : one is not there.
    """
    place = {name: row for row, name in enumerate(large.labels["image"].astype(str))}
    return large.take([place[name] for name in faces.labels["image"].astype(str)])


def grey_protections(protections: Protections, large: FaceSet, size: int) -> dict[str, np.ndarray]:
    """OP and `private` of the same faces at their own size, brought to `size`: uint8 (N, size, size, 3).

    Parameters
    ----------
    large : the faces in the crop and size of chapter 04, with `Male` known.
    """
    made = {"op": protections.op(large), **protections.generated(large)}
    return {
        name: np.asarray(large.with_images(pictures).resized((size, size)).images)
        for name, pictures in made.items()
    }


def strongest_tmr(values: Mapping[str, Any], data_set: str) -> dict[str, Estimate]:
    """Treatment -> TMR at an FMR of 1 % of the strongest attacker, from the result of chapter 08.

    Parameters
    ----------
    values : of that result, empty where it is not there: `<set>...tmr_at_fmr_1.<attacker>.<treatment>`.
    data_set : whose figures are wanted.

    Returns
    -------
    Treatments as here: angles as `90`, `ours`, and methods as `blur 0.05`; undefined figures are left out.
    """
    by: dict[str, dict[str, Estimate]] = {}
    for key, figure in estimates_in(values.get(data_set, {})).items():
        found = _TMR.search(key)
        if found and figure.defined:
            by.setdefault(found[2].replace("_", " "), {})[f"{key[: found.start()]} {found[1]}"] = figure
    return {name: own[strongest(own)] for name, own in by.items()}


def best_angle(values: Mapping[str, Any], data_set: str, otherwise: float) -> float:
    """Angle that is best against the strongest attacker, by the result of chapter 08; else `otherwise`.

    Parameters
    ----------
    values : of that result: `best_angle` of the set, or of all, in degrees.
    """
    for part in (values.get(data_set, {}), values):
        told = as_estimate(part.get("best_angle")) if isinstance(part, Mapping) else None
        if isinstance(told, Estimate) and told.defined:
            return told.estimate
        if isinstance(told, int | float):
            return float(told)
    return otherwise


def method_records(
    test: ExpressionTest, tmr: Mapping[str, Estimate], **draws: Unpack[BootstrapOptions]
) -> list[dict[str, Any]]:
    """Both axes of the chart for each treatment that a judge has read.

    Parameters
    ----------
    tmr : of `strongest_tmr`; a treatment that it lacks has None.

    Returns
    -------
    Records with `treatment`, `method`, `strength`, `kept` (F as a part of the reference's), `tmr`.
    """
    records = []
    for treatment in test.said[test.first]:
        if treatment == OURS_RECONSTRUCTION:
            continue
        angle = bool(_ANGLE.match(treatment))
        method, strength = (ROTATION, float(treatment)) if angle else method_of(treatment)
        kept = test.part(treatment, reference_of(treatment), **draws)
        records.append(
            {
                "treatment": treatment,
                "method": method,
                "strength": strength,
                "kept": kept,
                "tmr": tmr.get(treatment),
            }
        )
    return records


def reference_of(treatment: str) -> str:
    """What a treatment is held against: the reconstruction by its own network.

    Methods that do not paint anew have no reconstruction of their own: they are held against that of the
    network whose identity is turned, as are untouched pictures, so that all lie on one scale.
    """
    return OURS_RECONSTRUCTION if treatment == OURS else RECONSTRUCTION


def methods_table(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Records as a table: treatment, method, strength, and kept and tmr with `_low` and `_high`."""
    rows = []
    for one in records:
        row = {name: one[name] for name in ("treatment", "method", "strength")}
        for name in ("kept", "tmr"):
            figure = one[name]
            row[name] = figure.estimate if figure else np.nan
            row |= {f"{name}_{end}": getattr(figure, end) if figure else np.nan for end in ("low", "high")}
        rows.append(row)
    return pd.DataFrame(rows)


def reading_or_none(read: Callable[[], Any], missing: type[Exception]) -> dict[str, Any]:
    """Values of an earlier chapter's result; empty where it is not there yet."""
    try:
        return dict(read().values)
    except missing:
        return {}
