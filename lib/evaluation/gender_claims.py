"""What may be claimed in chapter 05: who is fooled, from whom something is hidden, and who only reads less.

`lib.measures.claims` tests whether a figure lies MIN_EFFECT or more below that on a control. That alone is
neither: a judge at .85 is right most of the time. It is *fooled* where its plain AUC lies, with the whole
interval, below one half; gender is *hidden* from it where its direction-free AUC is near chance. Otherwise it
*reads less*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from lib.evaluation.gender_attack_results import GenderAttacks
from lib.evaluation.gender_page import GenderJudged
from lib.evaluation.protections import CONTROLS, RESAMPLED
from lib.measures.claims import Claim, claims
from lib.measures.estimate import Estimate
from lib.measures.score_table import Directions, ScoreTable

NEAR_CHANCE = 0.60
"""A direction-free AUC is near chance if its interval lies between one minus this and this."""
STRONGEST = "attacker_strongest"
"""In place of a judge: the attacker that is picked for each treatment."""
FOOLED, HIDDEN, LESS, NONE = "fooled", "hidden", "reads less", "none"
COLUMNS = (
    *("data", "judge", "treatment", "against", "measure", "difference", "low", "high", "p_holm", "m"),
    *("figure", "figure_low", "figure_high", "claim"),
)
"""Of `claims_table`."""
ATTACKED = ("op", "private")
"""Protections from whose control attackers learned as well."""


def near_chance(figure: Estimate) -> bool:
    """Whether the whole interval of an AUC is near one half."""
    return bool(figure.low >= 1 - NEAR_CHANCE and figure.high <= NEAR_CHANCE)


def verdict(one: Claim) -> str:
    """FOOLED by the plain AUC, HIDDEN by the direction-free one, LESS, or NONE without a loss to claim."""
    if not one.kind:
        return NONE
    if one.measure == "auc":
        return FOOLED if one.auc.high < 0.5 else LESS
    return HIDDEN if near_chance(one.auc_free) else LESS


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
    where nobody learned from a control.
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
    for column, key in (("name", "treatment"), ("name_against", "against")):
        table[column] = [names[pair] for pair in zip(table["data"], table[key], strict=True)]
    return table


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
            "figure": own.estimate,
            "figure_low": own.low,
            "figure_high": own.high,
            "claim": verdict(one),
        }
        for one in found
        for own in (one.auc if one.measure == "auc" else one.auc_free,)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def claim_of(table: pd.DataFrame, data: str, judge: str, treatment: str, measure: str) -> str:
    """What may be claimed of one comparison; NONE where it was not made."""
    wanted = {"data": data, "judge": judge, "treatment": treatment, "measure": measure}
    rows = np.logical_and.reduce([table[column] == value for column, value in wanted.items()])
    return str(table.loc[rows, "claim"].iloc[0]) if rows.any() else NONE


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
