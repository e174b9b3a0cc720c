"""What may be claimed in chapter 05, of judges and of the strongest attackers, each against its control."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import numpy as np
import pandas as pd

from lib.evaluation.gender.attacker_readings import GenderAttacks
from lib.evaluation.gender.judge_readings import GenderJudged
from lib.evaluation.protections import CONTROLS, RESAMPLED
from lib.measures.claims import FOOLED, HIDDEN, LESS, NONE, Claim, Verdict, claims, near_chance
from lib.measures.score_table import Directions, ScoreTable

STRONGEST = "attacker_strongest"
"""In place of a judge: the attacker that is picked for each treatment."""
COLUMNS = (
    *("data", "judge", "treatment", "against", "measure", "difference", "low", "high", "p_holm", "m"),
    *("figure", "figure_low", "figure_high", "claim"),
)
"""Of `claims_table`."""
ATTACKED = ("op", "private")
"""Protections from whose control attackers learned as well."""


def judge_claims(judged: GenderJudged, seed: int) -> pd.DataFrame:
    """What the judges allow to claim of OP by all recipes, each against its own controls.

    Parameters
    ----------
    seed : of the draws of subjects.
    """
    own = {name: (CONTROLS[name],) for name in ("report_op", "reversed_op", "authors_op")}
    against = {"op": ("control", RESAMPLED, "reconstruction")} | own
    return _claims_where_shown(judged.panels, judged.directions, against, seed)


def attacker_claims(attacks: GenderAttacks, seed: int) -> pd.DataFrame:
    """What the strongest attackers allow to claim of the protections whose blur they learned from.

    One comparison for each protection and data set: the attacker picked on the protection against the one
    picked on its control, both among the designs that passed the gate and learned from both.

    Parameters
    ----------
    seed : of the draws of subjects.

    Returns
    -------
    As `claims_table`, the direction-free rows alone, with `name` and `name_against`: who was picked. Empty
    where nobody learned from a control. Hidden is only what is hidden from every attacker who passed the
    gate, also from those who were not picked.
    """
    panels, directions, names = {}, {STRONGEST: dict[str, float]()}, {}
    for data, panel in attacks.panels.items():
        scores = {}
        for treatment in ATTACKED:
            pair = (treatment, CONTROLS[treatment])
            if not any(attacks.learned(data, *pair).values()):
                continue
            for one, other in (pair, pair[::-1]):
                name, read = attacks.picked(data, one, other)
                scores[one], names[data, one] = read.scores, name
                directions[STRONGEST][one] = read.calibration_auc
        if scores:
            panels[data] = ScoreTable({STRONGEST: scores}, panel.positive, panel.subjects)
    against = {name: (CONTROLS[name],) for name in ATTACKED}
    table = _claims_where_shown(panels, directions, against, seed)
    table = table[table["measure"] == "auc_free"].reset_index(drop=True)
    table["claim"] = [
        LESS if claim == HIDDEN and not _hidden_from_all(attacks, data, treatment) else claim
        for data, treatment, claim in zip(table["data"], table["treatment"], table["claim"], strict=True)
    ]
    for column, key in (("name", "treatment"), ("name_against", "against")):
        table[column] = [names[pair] for pair in zip(table["data"], table[key], strict=True)]
    return table


def _hidden_from_all(attacks: GenderAttacks, data: str, treatment: str) -> bool:
    """Whether every attacker who may speak is near chance; validation subjects may have picked another."""
    read = attacks.readings[data]
    return all(near_chance(read[who][treatment].auc_free) for who in attacks.learned(data, treatment))


def _claims_where_shown(
    panels: Mapping[str, ScoreTable], directions: Directions, against: Mapping[str, Sequence[str]], seed: int
) -> pd.DataFrame:
    shown = {name for panel in panels.values() for own in panel.scores.values() for name in own}
    there = {name: some for name, some in against.items() if name in shown and shown & set(some)}
    return claims_table(claims(panels, directions, there, seed=seed) if there else ())


def claims_table(found: Iterable[Claim]) -> pd.DataFrame:
    """Claims in rows, with COLUMNS: the difference and the treatment's own figure, each with its ends."""
    rows = [
        {
            "data": one.data,
            "judge": one.judge,
            "treatment": one.treatment,
            "against": one.baseline,
            "measure": one.measure,
            "difference": one.difference.estimate,
            "low": one.difference.low,
            "high": one.difference.high,
            "p_holm": one.p_holm,
            "m": one.m,
            "figure": one.figure.estimate,
            "figure_low": one.figure.low,
            "figure_high": one.figure.high,
            "claim": one.verdict,
        }
        for one in found
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def claim_of(table: pd.DataFrame, data: str, judge: str, treatment: str, measure: str) -> Verdict:
    """What may be claimed of one comparison; NONE where it was not made."""
    wanted = {"data": data, "judge": judge, "treatment": treatment, "measure": measure}
    rows = np.logical_and.reduce([table[column] == value for column, value in wanted.items()])
    return cast(Verdict, table.loc[rows, "claim"].iloc[0]) if rows.any() else NONE


def counted_claims(table: pd.DataFrame, data: str) -> pd.DataFrame:
    """For each treatment, of how many judges something may be claimed.

    Parameters
    ----------
    table : as `claims_table` gives it.

    Returns
    -------
    Columns treatment, against (the baselines that were met), judges, fooled, lower (the plain AUC, but not
    fooled), hidden, less (direction-free AUC, but not hidden).
    """
    rows = []
    for treatment, own in table[table["data"] == data].groupby("treatment", sort=False):
        counts = own.groupby(["measure", "claim"]).size()
        rows.append(
            {
                "treatment": treatment,
                "against": tuple(dict.fromkeys(own["against"])),
                "judges": own["judge"].nunique(),
                "fooled": int(counts.get(("auc", FOOLED), 0)),
                "lower": int(counts.get(("auc", LESS), 0)),
                "hidden": int(counts.get(("auc_free", HIDDEN), 0)),
                "less": int(counts.get(("auc_free", LESS), 0)),
            }
        )
    return pd.DataFrame(rows)
