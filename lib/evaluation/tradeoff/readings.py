"""What every kind of attacker reads of a protection, and which of them is the strongest.

Attackers of codes, attackers who grow, those of chapter 05, and fresh ones: of each kind the strongest
counts, and of all kinds the strongest is the figure of the protection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lib.deidentify.attacks.codes import CodeAttack
from lib.deidentify.attacks.learning_curve import ALL_PICTURES, strongest_point
from lib.faces.titles import with_titles
from lib.measures.estimate import Estimate, as_estimate, strongest

ONE, ALL = "auc_free", "auc_free_averaged"
"""From one picture, and from all pictures of a subject, as results name them."""

CODE = "code, "
"""How the attackers of codes begin among the readings."""

TREATMENTS: Mapping[str, tuple[str, ...]] = {"op": ("op", "op_unmasked")}
"""Method -> the pictures by which chapter 05 attacks it, where these are not the method's own alone."""

Readings = Mapping[str, Mapping[str, Estimate]]
"""Attackers, in words -> ONE and, where it was measured, ALL -> figure."""


def readings_by_set(
    attacks: Mapping[str, Mapping[str, CodeAttack]], grown: pd.DataFrame, kept: Mapping[str, Any]
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """`private_readings` of every set; attackers grew on the first one.

    Parameters
    ----------
    attacks : of `code_attacks`. grown : of `curve_table`.
    kept : values of chapter 05, by set, and its `gate`.
    """
    first = next(iter(attacks))
    return {
        name: private_readings(
            one, grown if name == first else None, kept.get(name, {}), gate_failed(kept, name)
        )
        for name, one in attacks.items()
    }


def gate_failed(kept: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Attackers who did not pass the gate of chapter 05 on one set, by its values.

    Parameters
    ----------
    kept : its `gate` is that of the first set, and holds those of other sets by their names.
    """
    gate = kept.get("gate", {})
    return tuple(gate.get(name, gate).get("failed", ()))


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
        points = {ONE: strongest_point(part, "private"), ALL: strongest_point(part, "private", ALL_PICTURES)}
        found[f"{kind}, at the best number of subjects"] = points
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


def worst_readings(readings: Mapping[str, Readings]) -> dict[str, dict[str, tuple[str, Estimate]]]:
    """Set -> ONE or ALL -> the strongest attackers and their figure."""
    return {
        name: {measure: strongest_reading(by, measure) for measure in (ONE, ALL)}
        for name, by in readings.items()
    }


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


def readings_of(
    method: str, grown: pd.DataFrame, kept: Mapping[str, Any], name: str, fresh: Mapping[str, Estimate]
) -> list[Estimate]:
    """What attackers read of a method: those who grew, those of chapter 05, and fresh ones.

    Parameters
    ----------
    grown : of `curve_table`. kept : values of chapter 05. name : of the set.
    fresh : of attackers of the filter's pictures and of as many originals.
    """
    grew = grown_results(grown).get(method, {})
    found = [grew[ONE]] if ONE in grew else []
    found += [fresh[method]] if method in fresh else []
    return found + retrained_attackers(kept.get(name, {}), method, failed=gate_failed(kept, name))


def grown_results(grown: pd.DataFrame) -> dict[str, dict[str, Estimate]]:
    """What results keep of attackers who grow: method -> ONE and ALL of the strongest."""
    return {
        str(name): {
            ONE: strongest_point(grown, str(name)),
            ALL: strongest_point(grown, str(name), ALL_PICTURES),
        }
        for name in grown["method"].unique()
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
    figures = mine[["estimate", "low", "high", "n"]].itertuples(index=False)
    texts = [f"{Estimate(*figure):.2f}" for figure in figures]
    wide = mine.assign(text=texts).pivot_table("text", "attackers", "reads", aggfunc="first", sort=False)
    wide = wide.reindex(columns=[ONE, ALL]).rename(columns={ONE: "one picture", ALL: "all pictures"})
    wide = wide.fillna("–").rename_axis(columns=None).reset_index()
    return wide.assign(attackers=wide["attackers"].map(with_titles))
