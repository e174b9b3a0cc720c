"""All methods on one chart: what they leave to the strongest matching attacker, and what of the expression.

How well each method hides who it is was measured by the chapter on rotation, with attackers of its own; here
its figures are read from that chapter's result. What is kept of the expression is measured here.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd

from lib.deidentify.cleanir.codec import CleanirCodec
from lib.deidentify.protections.base import Protection, protect
from lib.deidentify.protections.baselines import Blur, Pixelate, SolidFill
from lib.deidentify.protections.k_same_faces import KSame
from lib.evaluation.kept_attributes.expressions import ExpressionTest
from lib.evaluation.kept_attributes.repainted import NEW, ORIGINAL, OURS, OURS_RECONSTRUCTION, RECONSTRUCTION
from lib.evaluation.protections import Protections
from lib.evaluation.tradeoff.rivals import method_name, method_of
from lib.faces.faceset import FaceSet
from lib.judges.book_networks import GenderJudge
from lib.measures.estimate import Estimate, as_estimate, estimates_in, strongest
from lib.measures.resampling import BootstrapOptions

K_SAME, K_SAME_SELECT = "k-Same", "k-Same-Select"
TOLD = (K_SAME_SELECT,)
"""Methods that are told the true expression and show faces that bear its label: they keep nothing."""
BY_OTHERS = ("op", "private")
"""Protections of chapter 04, whose pictures hide perceived gender and are meant to be recognised."""
ROTATION = "rotation"
"""Method that the treatments of turned identities belong to; its strength is the angle."""
_TMR = re.compile(r"(?:^|\.)tmr_at_fmr_1\.([^.]+)\.(.+)$")
_STRONGEST = re.compile(r"(?:^|\.)strongest\.([^.]+)\.tmr_at_fmr_1$")
_ANGLE = re.compile(r"\d+(\.\d+)?$")


def baseline_pictures(faces: FaceSet, strengths: Sequence[float]) -> dict[str, np.ndarray]:
    """Faces blurred, of large pixels, and covered, uint8 (N, H, W, 3) each.

    Parameters
    ----------
    strengths : of blur and pixels, in parts of the side.
    """
    made: dict[str, Protection] = {"cover": SolidFill()}
    for name, kind in (("blur", Blur), ("pixelate", Pixelate)):
        made |= {method_name(name, strength): kind(strength=strength) for strength in strengths}
    images = np.asarray(faces.images)
    return {name: protect(one, images) for name, one in made.items()}


def k_same_pictures(
    codec: CleanirCodec, faces: FaceSet, others: FaceSet, nearest: int
) -> dict[str, np.ndarray]:
    """Faces by k-Same, and by k-Same-Select, which averages faces of the same expression.

    Who is near is told by the identity half, which follows a recogniser's embedding.

    Parameters
    ----------
    others : faces of other subjects, of the same size, that are averaged. nearest : k.
        An expression of which they have fewer than k is averaged from all of them.
    """
    own, theirs = (codec.encode(np.asarray(one.images)).identity for one in (faces, others))
    gallery, images = np.asarray(others.images), np.asarray(faces.images)
    made = {K_SAME: protect(KSame(gallery, theirs, nearest=nearest), images, embedding=own)}
    if "expression" in faces.labels and "expression" in others.labels:
        groups, known = (one.labels["expression"].astype(str).to_numpy() for one in (faces, others))
        names, counts = np.unique(known, return_counts=True)
        enough = names[counts >= nearest]
        some, usable = np.isin(groups, enough), np.isin(known, enough)
        selected = made[K_SAME].copy()
        if some.any():
            select = KSame(gallery[usable], theirs[usable], known[usable], nearest)
            selected[some] = protect(select, images[some], embedding=own[some], group=groups[some])
        made[K_SAME_SELECT] = selected
    return made


def same_images(large: FaceSet, faces: FaceSet) -> FaceSet:
    """The images of `faces`, in their order, from a set of the same images at another size.

    Raises
    ------
    KeyError : one is not there.
    """
    place = {name: row for row, name in enumerate(large.labels["image"].astype(str))}
    return large.take([place[name] for name in faces.labels["image"].astype(str)])


def with_told_gender(faces: FaceSet, classifier: GenderJudge) -> FaceSet:
    """Faces with `Male` where it is not known of all: as the book's classifier reads it, as a user must.

    Parameters
    ----------
    faces : in the crop and size that the classifier learned. classifier : of chapter 03.
    """
    if "Male" in faces.labels and faces.known("Male").all():
        return faces
    told = pd.array(classifier.predicted(np.asarray(faces.images)), dtype="boolean")
    return dataclasses.replace(faces, labels=faces.labels.assign(Male=told))


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


def strongest_tmr(
    values: Mapping[str, Any], data_set: str, strengths: Sequence[float] = ()
) -> dict[str, Estimate]:
    """Treatment -> TMR at an FMR of 1 % of the strongest attacker, from the result of chapter 08.

    Parameters
    ----------
    values : of that result, empty where it is not there. Where it names the `strongest` attacker of a
        condition, that one counts; else the highest of `<matcher>.tmr_at_fmr_1.<attacker>.<condition>`.
    data_set : whose figures are wanted.
    strengths : of the blur and of the large pixels that were attacked there.

    Returns
    -------
    Treatments as here: angles as `90`, `ours`, and methods as `blur 0.05`; undefined figures are left out.
    """
    by: dict[str, dict[str, Estimate]] = {}
    named: dict[str, Estimate] = {}
    for key, figure in estimates_in(values.get(data_set, {})).items():
        told, found = _STRONGEST.search(key), _TMR.search(key)
        if told and figure.defined:
            named[told[1]] = figure
        elif found and figure.defined:
            by.setdefault(found[2], {})[f"{key[: found.start()]} {found[1]}"] = figure
    highest = {name: own[strongest(own)] for name, own in by.items()} | named
    titles = {"k_same": K_SAME, "k_same_select": K_SAME_SELECT}
    plain = zip(("blur", "pixelate"), strengths, strict=False)
    titles |= {name: method_name(name, strength) for name, strength in plain}
    return {titles.get(name, name.replace("_", " ")): one for name, one in highest.items()}


def naive_tmr(values: Mapping[str, Any], data_set: str) -> dict[str, Estimate]:
    """TMR at an FMR of 1 % of the best matcher on OP and `private`, from the result of `06_matching_roc`.

    Nobody attacked the identity in them, so these are lower bounds.
    """
    found: dict[str, Estimate] = {}
    for name in BY_OTHERS:
        own = {
            matcher: Estimate.from_dict(by[name]["tmr_at_fmr_1"])
            for matcher, by in values.get(data_set, {}).items()
            if isinstance(by, Mapping) and "tmr_at_fmr_1" in by.get(name, {})
        }
        if own:
            found[name] = own[strongest(own)]
    return found


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
    test: ExpressionTest,
    tmr: Mapping[str, Estimate],
    naive: Mapping[str, Estimate] | None = None,
    **draws: Unpack[BootstrapOptions],
) -> list[dict[str, Any]]:
    """Both axes of the chart for each treatment that a judge has read.

    Parameters
    ----------
    tmr : of `strongest_tmr`; a treatment that it lacks has None. naive : of `naive_tmr`, likewise.

    Returns
    -------
    Records with `treatment`, `method`, `strength`, `kept` (F as a part of that on originals, one scale for
    all), `tmr`, and `open` where nobody but naive matchers tried.
    """
    records, attempted = [], {**(naive or {}), **tmr}
    for treatment in test.said[test.first]:
        if treatment == OURS_RECONSTRUCTION:
            continue
        angle = bool(_ANGLE.match(treatment))
        method, strength = (ROTATION, float(treatment)) if angle else method_of(treatment)
        kept = test.part(treatment, ORIGINAL, **draws)
        records.append(
            {
                "treatment": treatment,
                "method": method,
                "strength": strength,
                "kept": kept,
                "tmr": attempted.get(treatment),
                "open": treatment not in tmr,
            }
        )
    return records


def reference_of(treatment: str) -> str:
    """What a treatment's labels are held against: the reconstruction by its own network.

    Untouched pictures are held against that of the network whose identity is turned.
    """
    return OURS_RECONSTRUCTION if treatment in (OURS, NEW) else RECONSTRUCTION


def methods_table(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Records as a table: treatment, method, strength, open, and kept and tmr with `_low` and `_high`."""
    rows = []
    for one in records:
        row = {name: one[name] for name in ("treatment", "method", "strength", "open")}
        for name in ("kept", "tmr"):
            figure = one[name]
            row[name] = figure.estimate if figure else np.nan
            row |= {f"{name}_{end}": getattr(figure, end) if figure else np.nan for end in ("low", "high")}
        rows.append(row)
    return pd.DataFrame(rows)


def reading_or_none(read: Callable[[], Any], missing: type[Exception]) -> dict[str, Any]:
    """Values of an earlier chapter's result, and its `parameters`; empty where it is not there yet."""
    try:
        record = read()
    except missing:
        return {}
    return {**record.values, "parameters": record.provenance.get("parameters", {})}
