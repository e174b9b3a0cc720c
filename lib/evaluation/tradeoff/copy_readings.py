"""What attackers and published networks read of copies: a table, results, words for a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self, Unpack

import pandas as pd

from lib.deidentify.attacks.kept_scores import load_scores
from lib.deidentify.attacks.result import AttackResult, AttackSplit, strongest_attack
from lib.evaluation.tradeoff.copy_attackers import ATTACKERS, ATTRIBUTE, FILE, JUDGES, REPLACED
from lib.evaluation.tradeoff.pasted_copies import BEFORE, BLANKED, COPIES, RED
from lib.faces.faceset import FaceSet
from lib.measures.estimate import Estimate, strongest
from lib.measures.resampling import BootstrapOptions

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


MEASURES: Mapping[str, str] = {
    "attacker": "auc_free",
    "attacker, all pictures": "auc_free_averaged",
    "published network": "published_auc_free",
}
"""Reader in a table -> measure in results."""
WHOLE = 0.995
"""Replaced part of a frame from which on nothing of the photograph is left to read."""
COLUMNS = ("treatment", "reader", "replaced", "estimate", "low", "high", "n")
Readings = Mapping[str, Mapping[str, AttackResult]]
"""Who reads -> treatment, or plane of one -> result."""


@dataclass(frozen=True)
class CopyReadings:
    """The strongest readings of each kind of copy.

    Attributes
    ----------
    figures : treatment -> reader, one of MEASURES -> figure.
    replaced : treatment -> mean part of the frame that was replaced.
    """

    figures: Mapping[str, Mapping[str, Estimate]]
    replaced: Mapping[str, float]

    @classmethod
    def load(cls, folder: Path, faces: FaceSet, rows: AttackSplit, **draws: Unpack[BootstrapOptions]) -> Self:
        """Figures of what `CopyAttackers.train` kept.

        Parameters
        ----------
        faces, rows : as they were attacked.
        draws : of the intervals over subjects.

        Raises
        ------
        WeightsError : nobody was trained.
        """
        positive, subjects = faces.binary(ATTRIBUTE, rows.test), faces.subjects[rows.test]
        read: dict[str, dict[str, dict[str, AttackResult]]] = {ATTACKERS: {}, JUDGES: {}}
        for (kind, who, treatment), said in load_scores(folder / FILE).items():
            read[kind].setdefault(who, {})[treatment] = said.result(positive, subjects, **draws)
        parts = pd.read_csv(folder / REPLACED, index_col="treatment")["part"]
        return cls.of(read[ATTACKERS], read[JUDGES], {str(name): part for name, part in parts.items()})

    @classmethod
    def of(cls, attackers: Readings, judges: Readings, replaced: Mapping[str, float]) -> Self:
        """The strongest of all who read.

        Parameters
        ----------
        attackers : of luma and redness of a copy the stronger counts.
        replaced : treatment -> part of the frame; a control in which it is blank lacks as much.
        """
        figures = {name: _strongest_of(name, attackers, judges) for name in WORDS}
        parts = {name: replaced.get(name, replaced.get(name.removesuffix("_blank"), 0.0)) for name in WORDS}
        return cls({name: own for name, own in figures.items() if own}, parts)

    def table(self) -> pd.DataFrame:
        """A row for each figure, with COLUMNS."""
        rows = [
            {"treatment": name, "reader": who, "replaced": self.replaced[name], **figure.to_dict()}
            for name, own in self.figures.items()
            for who, figure in own.items()
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def results(self) -> dict[str, dict[str, Estimate]]:
        """What results keep: treatment -> measure -> figure."""
        return {
            name: {MEASURES[who]: figure for who, figure in own.items()} for name, own in self.figures.items()
        }


def _strongest_of(name: str, attackers: Readings, judges: Readings) -> dict[str, Estimate]:
    planes = (name, name + RED)
    attacks = {
        f"{who} {plane}": own[plane] for who, own in attackers.items() for plane in planes if plane in own
    }
    told: dict[str, Estimate] = {}
    if attacks:
        several = {key: one.averaged for key, one in attacks.items()}
        told["attacker"] = strongest_attack(attacks)[1].auc_free
        told["attacker, all pictures"] = several[strongest(several)]
    seen = {who: own[name].auc_free for who, own in judges.items() if name in own}
    return told | ({"published network": seen[strongest(seen)]} if seen else {})


def copies_words(table: pd.DataFrame) -> pd.DataFrame:
    """`CopyReadings.table` for a page: one row for each kind of copy, a column of texts for each reader.

    Where nobody has read copies yet, one row that says so.
    """
    if not len(table):
        return pd.DataFrame({"copy": ["of any kind"], "read": ["not measured yet: make real"]})
    figures = table[["estimate", "low", "high", "n"]].itertuples(index=False)
    texts = [f"{Estimate(*figure):.2f}" for figure in figures]
    wide = table.assign(text=texts).pivot_table("text", "treatment", "reader", aggfunc="first", sort=False)
    part = table.groupby("treatment", sort=False)["replaced"].first().map("{:.0%}".format)
    wide.insert(0, "replaced part of the frame", part)
    return wide.rename(index=dict(WORDS)).rename_axis(index="copy", columns=None).reset_index()


def frame_words(table: pd.DataFrame) -> str:
    """Whether a kind of copy leaves nothing of the photograph, and what its row says then, in sentences.

    Parameters
    ----------
    table : of `CopyReadings.table`, or one that ships.
    """
    whole = table["treatment"].isin(list(COPIES)) & (table["replaced"] >= WHOLE)
    if not whole.any():
        return "Every kind of copy leaves a part of the photograph." if len(table) else ""
    names = [f"“{WORDS[name]}”" for name in dict.fromkeys(table["treatment"][whole])]
    return (
        f"In these frames, {' and '.join(names)} leave{'' if len(names) > 1 else 's'} nothing of the "
        "photograph: such rows say what the new head itself gives away. Around it, a wider photograph shows "
        "more, and how much was not measured."
    )
