"""What attackers and published networks read of copies: a table, results, words for a page."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lib.deidentify.attacks.reading_attackers import AttackGrid
from lib.deidentify.attacks.result import strongest_attack
from lib.evaluation.tradeoff.pasted_copies import BEFORE, BLANKED, RED
from lib.measures.estimate import Estimate, strongest

WORDS: Mapping[str, str] = {
    BEFORE: "the photograph itself",
    "face": "face replaced, with its tint",
    "face_untinted": "face replaced, grey",
    BLANKED["face"]: "face blank",
    "head": "head replaced, with its tint",
    "head_untinted": "head replaced, grey",
    BLANKED["head"]: "head blank",
}
"""Treatment -> what a table calls it."""


def copies_table(grid: AttackGrid, judged: AttackGrid, replaced: Mapping[str, float]) -> pd.DataFrame:
    """Table of the strongest readings of each kind of copy.

    Parameters
    ----------
    grid : attackers -> plane -> result; of luma and redness of a copy the stronger counts.
    judged : judge -> treatment -> result.
    replaced : treatment -> part of the frame that was replaced.

    Returns
    -------
    Columns treatment, reader (`attacker`, `attacker, all pictures` or `published network`), replaced,
    estimate, low, high, n.
    """
    records = []
    for name in WORDS:
        planes = [plane for plane in (name, name + RED) if any(plane in own for own in grid.values())]
        attacks = {(who, plane): own[plane] for who, own in grid.items() for plane in planes if plane in own}
        told: dict[str, Estimate] = {}
        if attacks:
            told["attacker"] = strongest_attack(attacks)[1].auc_free  # type: ignore[arg-type]
            several = {key: one.averaged for key, one in attacks.items()}
            told["attacker, all pictures"] = several[strongest(several)]
        seen = {who: own[name].auc_free for who, own in judged.items() if name in own}
        if seen:
            told["published network"] = seen[strongest(seen)]
        part = replaced.get(name, replaced.get(name.removesuffix("_blank"), 0.0))
        records += [
            {"treatment": name, "reader": who, "replaced": part, **one.to_dict()} for who, one in told.items()
        ]
    columns = ["treatment", "reader", "replaced", "estimate", "low", "high", "n"]
    return pd.DataFrame(records, columns=columns)


def copies_results(table: pd.DataFrame) -> dict[str, dict[str, Estimate]]:
    """What results keep of `copies_table`: treatment -> measure -> figure."""
    named = {
        "attacker": "auc_free",
        "attacker, all pictures": "auc_free_averaged",
        "published network": "published_auc_free",
    }
    kept: dict[str, dict[str, Estimate]] = {}
    for row in table.to_dict("records"):
        figure = Estimate(*(row[key] for key in ("estimate", "low", "high", "n")))
        kept.setdefault(str(row["treatment"]), {})[named[str(row["reader"])]] = figure
    return kept


def copies_words(table: pd.DataFrame) -> pd.DataFrame:
    """`copies_table` for a page: one row for each kind of copy, a column of texts for each reader.

    Where nobody has read copies yet, one row that says so.
    """
    if not len(table):
        return pd.DataFrame({"copy": ["of any kind"], "read": ["not measured yet: make real"]})
    texts = [f"{row.estimate:.2f} [{row.low:.2f}, {row.high:.2f}]" for row in table.itertuples()]
    wide = table.assign(text=texts).pivot_table("text", "treatment", "reader", aggfunc="first", sort=False)
    part = table.groupby("treatment", sort=False)["replaced"].first().map("{:.0%}".format)
    wide.insert(0, "replaced part of the frame", part)
    return wide.rename(index=dict(WORDS)).rename_axis(index="copy", columns=None).reset_index()
