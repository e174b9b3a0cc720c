"""Figures of chapter 05 as one long table, and what is read from it: the best of each group.

The table is the same on rendered faces and on photographs, so that what a run made and what `results/real`
keeps go through the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from lib.deidentify.attacks.result import AttackResult
from lib.evaluation.gender.attacker_readings import SIGN
from lib.evaluation.gender.readings import Readings, off_chance
from lib.evaluation.protections import AUTHORS_MATCHED
from lib.measures.estimate import Estimate

GROUPS = ("trained", "unseen", "published", "attacker")
"""First words of the names of judges: who took part in training, who did not, whom others published, who
retrained."""
FAILED = "failed the gate"
"""Note of an attacker who does not read originals well enough to say anything."""
COMPARED = (
    "before",
    "control",
    "op",
    "report_op",
    "reversed_op",
    "authors_op",
    AUTHORS_MATCHED,
    "private",
)
"""Treatments that a page compares, in this order."""
MEASURES = ("auc", "auc_free", "auc_free_averaged")
COLUMNS = ("data", "judge", "treatment", "measure", "estimate", "low", "high", "n", "calibration", "note")


def readings_table(
    read: Mapping[str, Readings],
    *,
    met: Mapping[tuple[str, str], str] | None = None,
    failed: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """All figures of MEASURES in rows, with COLUMNS.

    Parameters
    ----------
    read : data set -> readings.
    met : judge and protection, or judge and data set -> what they share (`parties.marks`): the note.
    failed : data set -> attackers that did not pass its gate: their note is FAILED.

    Returns
    -------
    `calibration` is the plain AUC on the validation subjects, by which the best are picked.
    """
    known = met or {}
    rows = []
    for data, own in read.items():
        for judge, treated in own.items():
            for treatment, one in treated.items():
                said = [known[judge, name] for name in (treatment, data) if (judge, name) in known]
                short = judge in (failed or {}).get(data, ())
                note = FAILED if short else " and ".join(said)
                figures = one.figures()
                rows += [
                    {"data": data, "judge": judge, "treatment": treatment, "measure": measure}
                    | {key: figures[measure].to_dict()[key] for key in ("estimate", "low", "high", "n")}
                    | {"calibration": one.calibration_auc, "note": note}
                    for measure in MEASURES
                ]
    numbers = dict.fromkeys(("estimate", "low", "high", "calibration"), float)
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(numbers)


def _grouped(table: pd.DataFrame, data: str) -> pd.DataFrame:
    """Rows of a set with `group`, `rank` (0: no note, 1: one, 2: FAILED), and `off`, by which to pick."""
    some = table[table["data"] == data].assign(note=lambda own: own["note"].fillna(""))
    some = some[some["judge"] != SIGN]  # of OP only: originals have no map
    rank = np.where(some["note"] == FAILED, 2, np.where(some["note"] == "", 0, 1))
    group = [str(judge).partition("_")[0] for judge in some["judge"]]
    return some.assign(group=group, rank=rank, off=[off_chance(one) for one in some["calibration"]])


def best_of_groups(table: pd.DataFrame, data: str, treatments: Iterable[str]) -> pd.DataFrame:
    """Of each group of judges and treatment the one that reads most, in GROUPS' order.

    Most on the validation subjects, so that the figure on test subjects is not raised by the choice. A judge
    that met a protection counts only where its whole group did; one that failed the gate, where all did.

    Parameters
    ----------
    table : as `readings_table` gives it.
    treatments : in this order; those that a group did not read are left out.

    Returns
    -------
    COLUMNS, with `group` and `of`, the number of judges that it is the best of; a row for each measure.
    """
    some, found = _grouped(table, data), []
    for group in GROUPS:
        for treatment in treatments:
            own = some[(some["group"] == group) & (some["treatment"] == treatment)]
            free = own[(own["measure"] == "auc_free") & (own["rank"] == own["rank"].min())]
            ranked = free.sort_values("off", ascending=False, kind="stable")
            if len(ranked):
                found.append(own[own["judge"] == ranked["judge"].iloc[0]].assign(of=len(ranked)))
    return pd.concat(found, ignore_index=True) if found else some[:0].assign(of=0)


def one_of_groups(table: pd.DataFrame, data: str, treatments: Sequence[str]) -> pd.DataFrame:
    """Of each group the one judge, or design, that reads the first treatment best, under all treatments.

    Parameters
    ----------
    table : as `readings_table` gives it.
    treatments : the first, on whose validation subjects the judge is picked, and others; judges that lack
        one of them do not count.

    Returns
    -------
    As `best_of_groups`.
    """
    some, found = _grouped(table, data), []
    some = some[some["treatment"].isin(list(treatments))]
    for group in GROUPS:
        own = some[some["group"] == group]
        judges = own.groupby("judge", sort=False).agg(many=("treatment", "nunique"), rank=("rank", "max"))
        judges = judges[judges["many"] == len(treatments)]
        names = judges.index[judges["rank"] == judges["rank"].min()]
        first = own[(own["treatment"] == treatments[0]) & own["judge"].isin(names)]
        if len(first):
            name = first.sort_values("off", ascending=False, kind="stable")["judge"].iloc[0]
            ours = own[own["judge"] == name].assign(of=len(names))
            found += [ours[ours["treatment"] == treatment] for treatment in treatments]
    return pd.concat(found, ignore_index=True) if found else some[:0].assign(of=0)


def all_readings(
    judged: Mapping[str, Readings],
    attacked: Mapping[str, Readings],
    met: Mapping[tuple[str, str], str],
    failed: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """`readings_table` of judges and attackers together; parameters as there."""
    parts = [readings_table(judged, met=met), readings_table(attacked, met=met, failed=failed)]
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
