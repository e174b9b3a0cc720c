"""What the page of the rotation tables computes in front of its reader, and shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Unpack

import numpy as np
import pandas as pd

from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.evaluation.rotation import table2
from lib.evaluation.rotation.attackers import ATTACKERS, PER_IMAGE, WORDS
from lib.evaluation.rotation.cleaning import Told, expression_told, told
from lib.evaluation.rotation.comparisons import Comparisons
from lib.evaluation.rotation.judged import Attack, Found, best_of
from lib.evaluation.rotation.make_views import SECRET, Photographed
from lib.evaluation.rotation.painter import NEW, OURS, Painter
from lib.evaluation.rotation.people import TEST
from lib.evaluation.rotation.readers import Reader, read_all
from lib.evaluation.rotation.rivals import RIVALS
from lib.evaluation.rotation.stage import Stage
from lib.evaluation.rotation.views import GALLERY, PROBE, UNTOUCHED, Views
from lib.evaluation.scored_faces import Scored
from lib.judges.result_keys import DLIB, HELD_OUT_MATCHER
from lib.measures.distance_threshold_table import MatchingTable
from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.resampling import BootstrapOptions

MATCHERS = (DLIB, HELD_OUT_MATCHER)
"""Those of table 2: the one whose embeddings the identity half follows, and one from outside."""
RANKED = tuple(name for name in ATTACKERS if name != "two_sided")
"""Attackers who search a gallery: what is unusual is nobody's first place."""
CONDITIONS: Mapping[str, str] = {
    UNTOUCHED: "untouched",
    "0": "0°, the reconstruction",
    NEW: "new identity",
    OURS: "new identity, attributes cleaned (ours)",
    **RIVALS,
}
"""Conditions in words; other angles are written as numbers."""


def condition_words(name: str) -> str:
    """`120` as `120°`, `ours` in words."""
    return CONDITIONS.get(name, f"{name}°" if name.isdigit() else name)


def heading(name: str) -> str:
    """`condition_words`, short enough for the head of a column."""
    return "ours" if name == OURS else condition_words(name).split(",")[0]


def rate_words(figure: Estimate | None) -> str:
    """A rate with its interval, two decimals, or three below 1 %; a dash where there is none."""
    if figure is None or not figure.defined:
        return "–"
    return format(figure, ".3f" if 0 < figure.estimate < 0.01 else ".2f")


def halves_told(
    stage: Stage, views: Views, cleaner: AttributeCleaner, **draws: Unpack[BootstrapOptions]
) -> tuple[Told, Told]:
    """What attributes' halves of test subjects tell, as they are and cleaned: of the person, of expressions.

    Where a set does not know expressions, that figure is undefined.
    """
    labels, group = stage.faces.labels, stage.groups[TEST]
    guesses = [undefined_estimate("this set does not know expressions")] * 2
    if "expression" in labels:
        rows = stage.learners(2), np.concatenate([group.probes, group.gallery.ravel()])
        named = labels["expression"].astype(str).to_numpy()
        train, test = (
            (stage.codec.encode(np.asarray(stage.faces.images[some])).attributes, named[some])
            for some in rows
        )
        who = stage.faces.subjects[rows[1]]
        guesses = [expression_told(train, test, who, one, **draws) for one in (None, cleaner)]
    return told(views, None, guesses[0], **draws), told(views, cleaner, guesses[1], **draws)


def compared_now(
    painter: Painter, photos: Photographed, by: Mapping[str, Reader], columns: Iterable[str]
) -> dict[str, dict[str, Comparisons]]:
    """Matcher -> column -> the probes, painted anew here, against the first untouched gallery photos.

    Parameters
    ----------
    columns : `original`, or conditions of `Painter.paint`.
    """
    out: dict[str, dict[str, Comparisons]] = {name: {} for name in MATCHERS}
    gallery = read_all(by, MATCHERS, photos.first.images, photos.first.points)
    for column in columns:
        untouched = column == UNTOUCHED
        made = photos.probes.images if untouched else painter.paint(photos.probes, column, key=SECRET)
        read = read_all(by, MATCHERS, made, photos.probes.points)
        for name in MATCHERS:
            out[name][column] = Comparisons.of(read[name], gallery[name], photos.probes.subjects)
    return out


def tables_of(
    compared: Mapping[str, Mapping[str, Comparisons]], **draws: Unpack[BootstrapOptions]
) -> dict[str, dict[str, MatchingTable]]:
    """Matcher -> column -> matching rates at every distance."""
    return {name: table2.threshold_tables(by, **draws) for name, by in compared.items()}


def marks_of(by: Mapping[str, MatchingTable], compared: Mapping[str, Comparisons]) -> dict[str, float]:
    """Distances at which untouched strangers match at an FMR of .1 % and 1 %, and half of the time."""
    at = by[UNTOUCHED].eta_at_fmr
    median = 1 - compared[UNTOUCHED].stranger_median
    return {"FMR 0.1 %": at[0.001], "FMR 1 %": at[0.01], "strangers' median": median}


def largest_difference(
    compared: Mapping[str, Mapping[str, Comparisons]], views: Views, group: str = TEST
) -> float:
    """Largest difference of mated cosines computed here and in the training stage, of columns kept there."""
    found = [0.0]
    for matcher, by in compared.items():
        for column, one in by.items():
            if (group, PROBE, column, matcher) not in views.readings:
                continue
            probes = views.readings[group, PROBE, column, matcher]
            gallery = views.readings[group, GALLERY, UNTOUCHED, matcher]
            kept = np.diag(Comparisons.of(probes, gallery, one.subjects).first(1).scores)
            found.append(float(np.abs(kept - np.diag(one.scores)).max()))
    return max(found)


def scored(
    painter: Painter,
    photos: Photographed,
    by: Mapping[str, Reader],
    conditions: Sequence[str],
    rows: Sequence[int],
) -> Scored:
    """Some probes under conditions, each with its cosine to another untouched photo by both matchers."""
    some = np.asarray(rows, int)
    probes, others = photos.probes.take(some), photos.first.take(some)
    first = {name: by[name](others.images, others.points).astype(float) for name in MATCHERS}
    pictures, scores = {}, {"dlib": {}, "held-out": {}}  # type: ignore[var-annotated]
    for condition in conditions:
        untouched = condition == UNTOUCHED
        made = probes.images if untouched else painter.paint(probes, condition, key=SECRET)
        words = "untouched" if untouched else heading(condition)
        pictures[words] = made
        for name, matcher in zip(scores, MATCHERS, strict=True):
            read = by[matcher](made, probes.points).astype(float)
            scores[name][words] = np.diag(Comparisons.of(read, first[matcher], some.astype(str)).scores)
    return Scored(pictures, scores)


def side_by_side(first: Scored, second: Scored) -> Scored:
    """The conditions of two `scored` one after the other, of the same faces and judges."""
    scores = {name: {**by, **second.scores[name]} for name, by in first.scores.items()}
    return Scored({**first.pictures, **second.pictures}, scores)


def slider_steps(one: Scored) -> tuple[list[tuple[list[np.ndarray], list[str]]], list[str]]:
    """Frames and labels for `faces_slider`: the faces of each condition with their scores."""
    count = len(next(iter(one.pictures.values())))
    steps = [
        ([made[at] for at in range(count)], [one.caption(name, at) for at in range(count)])
        for name, made in one.pictures.items()
    ]
    return steps, list(one.pictures)


def curves(found: Mapping[str, Found], words: Mapping[str, str]) -> pd.DataFrame:
    """TMR of each attacker, by the reader that serves them best, under each condition, for `angle_panels`.

    Parameters
    ----------
    found : network -> condition -> attack -> what is reached. words : what pages call the networks.
    """
    rows = []
    for network, of_network in found.items():
        for condition, by in of_network.items():
            for attacker in dict.fromkeys(name for name, _ in by):
                one = by[best_of(by, attacker)].tmr
                named = {"attacker": WORDS[attacker], "network": words.get(network, network)}
                ends = {"estimate": one.estimate, "low": one.low, "high": one.high}
                rows.append({**named, "condition": condition, **ends})
    order = list(WORDS.values())
    return pd.DataFrame(rows).sort_values("attacker", key=lambda one: one.map(order.index), kind="stable")


def attackers_table(found: Found, conditions: Sequence[str], only: Sequence[str] = PER_IMAGE) -> pd.DataFrame:
    """Attackers as rows, conditions as columns, TMR at an FMR of 1 % with its interval in each cell."""
    rows = []
    for name in only:
        row = {"attacker": WORDS[name]}
        for condition in conditions:
            by = found[condition]
            there = any(attack[0] == name for attack in by)
            row[heading(condition)] = rate_words(by[best_of(by, name)].tmr if there else None)
        rows.append(row)
    return pd.DataFrame(rows)


def rank_table(found: Found, columns: Sequence[tuple[str, int]]) -> pd.DataFrame:
    """Attackers as rows: how often the owner comes first.

    Each attacker takes the reader by whom they are right most often in the largest gallery of a condition.

    Parameters
    ----------
    columns : conditions, and how many photos of each subject the gallery has.
    """
    rows = []
    for name in RANKED:
        row = {"attacker": WORDS[name]}
        for condition, count in dict.fromkeys(columns):
            ranks = [one.rank_one for attack, one in found[condition].items() if attack[0] == name]
            best = max(ranks, key=lambda one: one[max(one)].estimate, default={})
            row[f"{heading(condition)}, {count} photo{'s' * (count > 1)}"] = rate_words(best.get(count))
        rows.append(row)
    return pd.DataFrame(rows)


def methods_table(found: Found, strongest: Mapping[str, Attack]) -> pd.DataFrame:
    """Methods as rows: who is strongest, their TMR, the FMR reached, rank one, AUC.

    Parameters
    ----------
    strongest : condition -> the attack that counts.
    """
    rows = []
    for condition, attack in strongest.items():
        one = found[condition][attack]
        rows.append(
            {
                "method": condition_words(condition),
                "strongest attacker": WORDS[attack[0]],
                "TMR, FMR 1 %": rate_words(one.tmr),
                "FMR reached": rate_words(one.fmr),
                "rank 1": rate_words(one.rank_one.get(1)),
                "AUC": rate_words(one.auc),
            }
        )
    return pd.DataFrame(rows)


def within_words(figure: Estimate, stranger: Estimate) -> str:
    """Whether a TMR lies within what is reached where the picture shows another person, in words."""
    if figure.estimate <= stranger.high:
        return "within"
    return "above" if figure.low > stranger.high else "above, though their intervals overlap,"
