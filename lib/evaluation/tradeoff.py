"""Matching against gender: what a method leaves to the worst attacker, and what it costs a matcher.

A method alters faces; it has a name and, where it can be turned up, a strength. Attackers read its pictures'
embeddings; for methods on which classifiers were retrained, the strongest of all attackers counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd
from tqdm import tqdm

from lib.deidentify.attacks.codes import CodeAttack
from lib.deidentify.attacks.embeddings import EmbeddingExtractor
from lib.deidentify.attacks.learning_curve import SEVERAL, strongest_point
from lib.deidentify.attacks.result import AttackSplit, strongest_attack
from lib.deidentify.protections.base import Protection
from lib.deidentify.protections.baselines import Blur, Pixelate, Unaltered
from lib.deidentify.protections.k_same import KSameOppositeGender
from lib.deidentify.protections.protect_set import protected_pictures
from lib.evaluation.matching_protocol import MatchingTest, TreatedFaces, verifications
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.faces.row_sampling import subsample
from lib.faces.splits import role_rows
from lib.judges.base import Judge
from lib.judges.recogniser_embeddings import unit_embeddings
from lib.measures.estimate import Estimate, as_estimate, strongest
from lib.measures.resampling import BootstrapOptions
from lib.measures.verification import Verification

Method = tuple[str, float | None]
"""Name and strength; None where it has one strength only."""

RATE = 0.01
"""False match rate at which the TMR is taken."""


def method_name(name: str, strength: float | None) -> str:
    """`blur 0.02`, or the name alone where there is no strength."""
    return name if strength is None else f"{name} {strength}"


def read_embeddings(
    methods: Mapping[Method, Protection],
    extractor: EmbeddingExtractor,
    *,
    training_seed: int = 0,
    **draws: Unpack[BootstrapOptions],
) -> dict[Method, Estimate]:
    """Direction-free AUC of the strongest attacker on the embeddings of each method's pictures.

    Parameters
    ----------
    extractor : whose faces every method alters; attackers train, choose and are tested on its rows.
    training_seed : of the attackers' training.
    draws : of the intervals over subjects.
    """
    found = {}
    for key, protection in tqdm(methods.items(), desc="methods", leave=False):
        pictures = protected_pictures(protection, extractor.faces)
        attacks = extractor.embed(pictures).attack(training_seed=training_seed, **draws)
        found[key] = strongest_attack(attacks)[1].auc_free
    return found


def rivals(
    faces: FaceSet, recogniser: Judge, strengths: Sequence[float], gallery: int
) -> dict[Method, Protection]:
    """Simple methods to hold others against: nothing, k-Same with the other gender, blur and large pixels.

    Parameters
    ----------
    faces : of whose unseen judges' subjects k-Same draws its gallery.
    recogniser : by which faces are near to k-Same.
    strengths : of blur and pixels, in parts of the side.
    gallery : pictures in the gallery at most.
    """
    shown = faces.take(role_rows(faces.labels, "unseen")[:gallery])
    near = unit_embeddings(recogniser, shown.images)
    k_same = KSameOppositeGender(recogniser, to_grey(shown.images)[..., None], near, shown.binary("Male"))
    methods: dict[Method, Protection] = {("before", None): Unaltered(), ("k-Same", 1.0): k_same}
    for name, kind in (("blur", Blur), ("pixelate", Pixelate)):
        methods |= {(name, strength): kind(strength=strength) for strength in strengths}
    return methods


def listeners(witness: Judge, faces: FaceSet, own: np.ndarray, readers: int, seed: int) -> EmbeddingExtractor:
    """Attackers on a witness' embeddings of few pictures; half as many to choose by and to be tested on.

    Parameters
    ----------
    own : rows of the attackers' own subjects. readers : pictures to learn from at most.
    seed : of the draw.
    """
    split = faces.labels["split"].to_numpy()
    others = (np.flatnonzero(split == name) for name in ("validation", "test"))
    some = (subsample(rows, readers // 2, seed) for rows in others)
    rows = AttackSplit(subsample(own, readers, seed), *some)
    return EmbeddingExtractor(witness, *rows.gathered(faces), "Male")


ONE, ALL = "auc_free", "auc_free_averaged"
"""From one picture, and from all pictures of a subject, as results name them."""
CODE = "code, "
"""How the attackers of codes begin among the readings."""
TREATMENTS: Mapping[str, tuple[str, ...]] = {"op": ("op", "op_unmasked")}
"""Method -> the pictures by which chapter 05 attacks it, where these are not the method's own alone."""
Readings = Mapping[str, Mapping[str, Estimate]]
"""Attackers, in words -> ONE and, where it was measured, ALL -> figure."""


def private_readings(
    codes: Mapping[str, CodeAttack],
    grown: pd.DataFrame | None,
    kept: Mapping[str, Any],
    failed: Sequence[str] = (),
) -> dict[str, dict[str, Estimate]]:
    """What every kind of attacker reads of `private`, the strongest of each kind.

    Parameters
    ----------
    codes : whose subjects were learned from -> attack, for one set of faces.
    grown : of `learning_curve.curve_table`, on the same set; None where nobody grew there.
    kept : that set's figures of chapter 05, judge -> treatment -> measure -> figure.
    failed : attackers of chapter 05 who did not pass its gate; they do not count.
    """
    found = {
        f"{CODE}learned from {who}": {ONE: one.strongest()[1], ALL: one.strongest_averaged()[1]}
        for who, one in codes.items()
    }
    for kind in () if grown is None else ("embeddings", "pictures"):
        curves = pd.DataFrame(grown)
        part = curves[curves["reads"] == kind]
        points = {ONE: strongest_point(part, "private"), ALL: strongest_point(part, "private", SEVERAL)}
        found[f"{kind}, with ever more subjects"] = points
    judged = {measure: retrained_attackers(kept, "private", measure, failed) for measure in (ONE, ALL)}
    read = {measure: _highest(some) for measure, some in judged.items() if some}
    return found | ({"pictures, classifiers of chapter 5": read} if read else {})


def strongest_reading(readings: Readings, measure: str) -> tuple[str, Estimate]:
    """The attackers who read most, in words, and their figure.

    Parameters
    ----------
    measure : ONE or ALL; attackers of whom it was not measured do not count.

    Raises
    ------
    ValueError : nobody read, or a figure is undefined.
    """
    told = {who: by[measure] for who, by in readings.items() if measure in by}
    name = strongest(told)
    return name, told[name]


def _highest(figures: Sequence[Estimate]) -> Estimate:
    told = dict(enumerate(figures))
    return told[strongest(told)]


def retrained_attackers(
    kept: Mapping[str, Any], method: str, measure: str = ONE, failed: Sequence[str] = ()
) -> list[Estimate]:
    """Direction-free AUCs of the attackers of chapter 05 on one method; empty where none met it.

    Of OP, those who first take its map off count too. Where both measures are one figure, there was one
    picture of each subject, and nothing was averaged.

    Parameters
    ----------
    kept : judge -> treatment -> measure -> figure, as chapter 05 keeps one set of faces; attackers are those
        whose name starts with `attacker_`.
    measure : ONE or ALL.
    failed : names of those who did not pass the gate; they do not count.
    """
    return [
        as_estimate(own[treatment][measure])
        for name, own in kept.items()
        if name.startswith("attacker_") and name not in failed
        for treatment in TREATMENTS.get(method, (method,))
        if measure in own.get(treatment, {})
        and (measure == ONE or own[treatment][measure] != own[treatment].get(ONE))
    ]


def weigh(
    methods: Mapping[Method, Protection],
    listeners: Sequence[EmbeddingExtractor],
    test: MatchingTest,
    yardstick: Judge,
    probes: TreatedFaces,
    more: Mapping[str, Sequence[Estimate]],
    **draws: Unpack[BootstrapOptions],
) -> tuple[dict[Method, list[Estimate]], dict[str, Verification], dict[str, np.ndarray]]:
    """Read every method's pictures and match them: what `tradeoff_records` takes.

    Parameters
    ----------
    methods : that were not matched yet; those of the probes are passed over there.
    listeners : attackers on the embeddings of one witness each.
    test, probes : of `yardstick`, whose probes the methods alter.
    more : method -> what other attackers read; of methods that nobody else reads here, all that counts.
    draws : of the intervals over subjects.

    Returns
    -------
    Readings by method, verifications by `method_name`, and the methods' pictures of the probes.
    """
    rest = {method_name(*key): one for key, one in methods.items() if key[0] not in probes.pictures}
    pictures = {name: protected_pictures(one, probes.faces) for name, one in rest.items()}
    shown = test.with_probes(yardstick, TreatedFaces(probes.faces, pictures)).only(pictures)
    heard = [read_embeddings(methods, one, **draws) for one in listeners]
    read = {key: [*(one[key] for one in heard), *more.get(key[0], ())] for key in methods}
    read |= {(name, None): list(some) for name, some in more.items() if (name, None) not in read and some}
    return read, verifications(shown, **draws), pictures


def set_in_words(text: str) -> str:
    """Text of a row with data sets as a sentence calls them: `own part of celeba` as `own part of CelebA`."""
    for key, words in (("rendered", "rendered faces"), ("celeba", "CelebA"), ("lfw", "LFW")):
        text = re.sub(rf"\b{key}\b(?! faces)", words, text)
    return text


def readings_words(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """`readings_table` of one set for a page: attackers, and texts of what they read.

    Of the attackers of codes, those who learned from most and those who read most; the file has all.
    """
    mine = table[table["set"] == name]
    if not len(mine):
        return pd.DataFrame({"attackers": ["of any kind"], "read": ["not measured yet: make real"]})
    codes = mine[mine["attackers"].str.startswith(CODE)]
    falling = codes.sort_values(
        "estimate", ascending=False, kind="stable"
    )  # of ties the first, as `strongest`
    best = falling.groupby("reads")["attackers"].first()
    kept = {*best, *codes["attackers"].unique()[-2:]}
    mine = mine[mine["attackers"].isin(kept) | ~mine["attackers"].str.startswith(CODE)]
    texts = [f"{row.estimate:.2f} [{row.low:.2f}, {row.high:.2f}]" for row in mine.itertuples()]
    wide = mine.assign(text=texts).pivot_table("text", "attackers", "reads", aggfunc="first", sort=False)
    wide = wide.reindex(columns=[ONE, ALL]).rename(columns={ONE: "one picture", ALL: "all pictures"})
    wide = wide.fillna("–").rename_axis(columns=None).reset_index()
    return wide.assign(attackers=wide["attackers"].map(set_in_words))


def grown_results(grown: pd.DataFrame) -> dict[str, dict[str, Estimate]]:
    """What results keep of attackers who grow: method -> ONE and ALL of the strongest."""
    return {
        str(name): {ONE: strongest_point(grown, str(name)), ALL: strongest_point(grown, str(name), SEVERAL)}
        for name in grown["method"].unique()
    }


def tradeoff_records(
    read: Mapping[Method, Sequence[Estimate]],
    verified: Mapping[str, Verification],
    trained_on: Collection[str] = (),
) -> list[dict[str, Any]]:
    """The two prices of each method: AUC of the worst attacker, TMR at an FMR of 1 % and the FMR reached.

    Parameters
    ----------
    read : method -> what each of its attackers reads, direction-free AUC.
    verified : `method_name` -> its verification against untouched photos.
    trained_on : methods on whose pictures classifiers were trained; the others are `open`: attackers read
        embeddings alone, and what they read is a lower bound.

    Returns
    -------
    A dict with `method`, `strength`, `open`, `auc`, `tmr`, `fmr` for each, as `figures.tradeoff` takes it.

    Raises
    ------
    ValueError : nobody read a method, or a figure is undefined: it could be the highest.
    """
    records = []
    for (name, strength), figures in read.items():
        told = dict(enumerate(figures))
        match = verified[method_name(name, strength)]
        prices = {"auc": told[strongest(told)], "tmr": match.tmr[RATE], "fmr": match.fmr[RATE]}
        records.append({"method": name, "strength": strength, "open": name not in trained_on, **prices})
    return records


def tradeoff_results(records: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Estimate]]:
    """What results keep of `tradeoff_records`: method with its strength -> ONE, TMR, FMR reached."""
    return {
        f"{one['method']}_{one['strength'] or ''}".rstrip("_"): {
            ONE: one["auc"],
            "tmr_at_fmr_1": one["tmr"],
            "reached_fmr_1": one["fmr"],
        }
        for one in records
    }


def readings_table(readings: Mapping[str, Readings]) -> pd.DataFrame:
    """All readings of `private` as a table: set, attackers, reads (ONE or ALL), estimate, low, high, n."""
    rows = [
        {"set": name, "attackers": who, "reads": measure, **figure.to_dict()}
        for name, by in readings.items()
        for who, figures in by.items()
        for measure, figure in figures.items()
    ]
    return pd.DataFrame(rows)
