"""Figures of chapter 05 as one long table, and what is read from it: the best of each group, claims counted.

The table is the same on rendered faces and on photographs, so that what a run made and what `results/real`
keeps go through the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lib.deidentify.attacks.result import AttackResult
from lib.evaluation.gender_attacks import GenderAttacks
from lib.evaluation.gender_page import GenderJudged
from lib.evaluation.gender_protocol import sampled_aucs
from lib.evaluation.protections import AUTHORS_MATCHED, CONTROLS, RESAMPLED
from lib.measures.claims import Claim, claims
from lib.measures.estimate import Estimate
from lib.measures.score_table import Directions, ScoreTable

GROUPS = ("trained", "unseen", "published", "attacker")
"""First words of the names of judges: who took part in training, who did not, whom others published, who
retrained."""
FAILED = "failed the gate"
"""Note of an attacker who does not read originals well enough to say anything."""
COMPARED = (
    "before",
    "control",
    RESAMPLED,
    "op",
    "report_op",
    "reversed_op",
    AUTHORS_MATCHED,
    "private",
)
"""Treatments that a page compares, in this order."""
BESIDE = ("before", "sm", "nt", "op", "report_op", "reversed_op")
"""Treatments that stand beside the report's figures."""
MEASURES = ("auc", "auc_free", "auc_free_averaged")
COLUMNS = ("data", "judge", "treatment", "measure", "estimate", "low", "high", "n", "note")
Readings = Mapping[str, Mapping[str, AttackResult]]
"""Judge -> treatment -> result."""


def readings_table(
    read: Mapping[str, Readings],
    *,
    met: Mapping[tuple[str, str], str] | None = None,
    failed: Sequence[str] = (),
) -> pd.DataFrame:
    """All figures of MEASURES in rows, with COLUMNS.

    Parameters
    ----------
    read : data set -> readings.
    met : judge and protection, or judge and data set -> what they share (`gender_judges.marks`): the note.
    failed : attackers that did not pass the gate: their note is FAILED.
    """
    known = met or {}
    rows = []
    for data, own in read.items():
        for judge, treated in own.items():
            for treatment, one in treated.items():
                said = [known[judge, name] for name in (treatment, data) if (judge, name) in known]
                note = FAILED if judge in failed else " and ".join(said)
                figures = one.figures()
                rows += [
                    {"data": data, "judge": judge, "treatment": treatment, "measure": measure}
                    | {key: figures[measure].to_dict()[key] for key in ("estimate", "low", "high", "n")}
                    | {"note": note}
                    for measure in MEASURES
                ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"estimate": float, "low": float, "high": float})


def best_of_groups(table: pd.DataFrame, data: str, treatments: Iterable[str]) -> pd.DataFrame:
    """Of each group of judges and treatment the one with the highest direction-free AUC, in GROUPS' order.

    A judge that met a protection counts only where its whole group did; one that failed the gate never.

    Parameters
    ----------
    table : as `readings_table` gives it.
    treatments : in this order; those that a group did not read are left out.

    Returns
    -------
    COLUMNS, with `group` and `of`, the number of judges that it is the best of; a row for each measure.
    """
    groups = [str(judge).partition("_")[0] for judge in table["judge"]]
    some = table.assign(note=table["note"].fillna(""), group=groups)
    some = some[(some["data"] == data) & (some["note"] != FAILED)]
    found = []
    for group in GROUPS:
        for treatment in treatments:
            own = some[(some["group"] == group) & (some["treatment"] == treatment)]
            free = own[own["measure"] == "auc_free"]
            clean = free[free["note"] == ""]
            ranked = (clean if len(clean) else free).sort_values("estimate", ascending=False, kind="stable")
            if len(ranked):
                found.append(own[own["judge"] == ranked["judge"].iloc[0]].assign(of=len(ranked)))
    return pd.concat(found, ignore_index=True) if found else some[:0].assign(of=0)


def held_out(table: pd.DataFrame, data: str, treatment: str) -> dict[str, Any] | None:
    """Name and direction-free AUC of the held-out judge, retrained by nobody, that reads most of a treatment.

    Parameters
    ----------
    table : as `readings_table` gives it.

    Returns
    -------
    `name` and `auc_free` (estimate, low, high, n); None where every judge met the protection.
    """
    best = best_of_groups(table, data, [treatment])
    free = best[(best["measure"] == "auc_free") & best["group"].isin(["unseen", "published"])]
    free = free[free["note"] == ""].sort_values("estimate", ascending=False, kind="stable")
    if not len(free):
        return None
    first = free.iloc[0]
    figure = {key: float(first[key]) for key in ("estimate", "low", "high")} | {"n": int(first["n"])}
    return {"name": str(first["judge"]), "auc_free": figure}


def all_readings(
    judged: Mapping[str, Readings],
    attacked: Mapping[str, Readings],
    met: Mapping[tuple[str, str], str],
    failed: Sequence[str],
) -> pd.DataFrame:
    """`readings_table` of judges and attackers together; parameters as there."""
    parts = [readings_table(judged, met=met), readings_table(attacked, failed=failed)]
    return pd.concat(parts, ignore_index=True)


def estimates_table(found: Mapping[str, Estimate], first: str) -> pd.DataFrame:
    """Estimates in rows: a column `first` with their names, estimate, low, high, n."""
    rows = [{first: name, **one.to_dict()} for name, one in found.items()]
    return pd.DataFrame(rows, columns=[first, "estimate", "low", "high", "n"])


def growth_table(grown: Mapping[int, AttackResult]) -> pd.DataFrame:
    """Direction-free AUC by number of attackers' subjects: subjects, estimate, low, high, n."""
    return estimates_table({str(number): one.auc_free for number, one in grown.items()}, "subjects").astype(
        {"subjects": int}
    )


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
    """What the attackers who passed the gate allow to claim, of the protections whose blur they learned from.

    Parameters
    ----------
    seed : of the draws of subjects.
    """
    against = {name: (CONTROLS[name],) for name in ("op", "private")}
    return _claims_where_shown(attacks.qualified(), attacks.directions, against, seed)


def _claims_where_shown(
    panels: Mapping[str, ScoreTable], directions: Directions, against: Mapping[str, Sequence[str]], seed: int
) -> pd.DataFrame:
    shown = {name for panel in panels.values() for own in panel.scores.values() for name in own}
    there = {name: some for name, some in against.items() if name in shown and shown & set(some)}
    return claims_table(claims(panels, directions, there, seed=seed))


def claims_table(found: Iterable[Claim]) -> pd.DataFrame:
    """Claims in rows of numbers: data, judge, treatment, against, measure, difference, its ends, p, claim."""
    return pd.DataFrame(
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
            "claim": one.kind or "none",
        }
        for one in found
    )


def counted_claims(table: pd.DataFrame, data: str) -> pd.DataFrame:
    """For each treatment, of how many judges something may be claimed.

    Parameters
    ----------
    table : as `claims_table` gives it.

    Returns
    -------
    Columns treatment, against (the baselines that were met), judges, fooled, hidden, and the median
    difference of each measure, `auc` and `auc_free`.
    """
    rows = []
    for treatment, own in table[table["data"] == data].groupby("treatment", sort=False):
        rows.append(
            {
                "treatment": treatment,
                "against": tuple(dict.fromkeys(own["against"])),
                "judges": own["judge"].nunique(),
                "fooled": int((own["claim"] == "fooled").sum()),
                "hidden": int((own["claim"] == "hidden").sum()),
                **own.groupby("measure")["difference"].median().to_dict(),
            }
        )
    return pd.DataFrame(rows)


def samples_table(judged: GenderJudged, count: int, seed: int) -> pd.DataFrame:
    """Plain AUCs of each judge on a sample as large as a source's, and on all pictures.

    Parameters
    ----------
    count : pictures of the sample. seed : of the draw.

    Returns
    -------
    Columns data, pictures, classifier and BESIDE.
    """
    panels, directions = judged.panels, judged.directions
    sizes = [
        (data, number)
        for data, panel in panels.items()
        for number in sorted({min(count, len(panel.positive)), len(panel.positive)})
    ]
    parts = [
        sampled_aucs(panels[data], directions, BESIDE, number, seed).assign(data=data)
        for data, number in sizes
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[["data", "pictures", "classifier", *BESIDE]]


def threshold_errors(scores: np.ndarray, positive: np.ndarray, threshold: float) -> tuple[float, float]:
    """Share of negatives called positive, and of positives called negative, where a score above is positive.

    Parameters
    ----------
    scores : (N,). positive : (N,) bool. threshold : in units of the scores.
    """
    called = np.asarray(scores) > threshold
    truth = np.asarray(positive, bool)
    return float(called[~truth].mean()), float((~called[truth]).mean())
