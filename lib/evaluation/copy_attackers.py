"""Attackers of the folder tool's copies as a stage trains them, and what a page shows of their readings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Unpack

import numpy as np
import pandas as pd

from lib.deidentify.attacks.grid import AttackGrid, Design, grid_trainings, read_grid
from lib.deidentify.attacks.image_attackers import NOBODY, train_attackers
from lib.deidentify.attacks.result import AttackSplit, strongest_attack
from lib.deidentify.protections.base import Protection
from lib.evaluation.pasted_copies import BEFORE, BLANKED, RED, pasted_copies, read_judges
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import subsample
from lib.faces.splits import role_rows
from lib.judges.base import Judge
from lib.measures.estimate import Estimate, strongest
from lib.measures.resampling import BootstrapOptions
from lib.training.recipes import FLIP_ONLY
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

ATTRIBUTE = "Male"
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
COPY = "copy_"
"""Beginning of the names of these attackers in a store."""


def _designs(designs: Mapping[str, int], seed: int = 0) -> dict[str, Design]:
    plans = {kind: TrainingPlan(epochs, 16, 0.001, seed) for kind, epochs in designs.items()}
    return {COPY + kind: Design(kind, plan) for kind, plan in plans.items()}


def train_on_copies(
    faces: FaceSet,
    protection: Protection,
    rows: AttackSplit,
    designs: Mapping[str, int],
    store: ModelStore,
    scratch: Path,
    *,
    seed: int,
) -> None:
    """Train classifiers on every plane of the copies, and keep them.

    Parameters
    ----------
    faces : frames with hair, neck and surroundings, points known.
    rows : of the attackers' own subjects, and of those by whom they choose; those attacked do not matter.
    designs : architecture -> epochs.
    scratch : for checkpoints.
    """
    lessons, places = AttackSplit(rows.train, rows.calibration, NOBODY).gathered(faces)
    planes = pasted_copies(lessons, protection).planes()
    trainings = grid_trainings(planes, places, _designs(designs, seed))
    train_attackers(trainings, lessons, store, scratch, attribute=ATTRIBUTE, augment=FLIP_ONLY)


def read_copies(
    faces: FaceSet,
    protection: Protection,
    rows: AttackSplit,
    designs: Mapping[str, int],
    store: ModelStore,
    judges: Mapping[str, Judge],
    **draws: Unpack[BootstrapOptions],
) -> pd.DataFrame:
    """What the strongest attacker and the strongest judge read of the test subjects' copies.

    Parameters
    ----------
    faces, protection, rows, designs, store : as for `train_on_copies`, and rows of those attacked.
    judges : published networks that never saw a copy.
    draws : of the intervals over subjects.

    Returns
    -------
    As `copies_table`.
    """
    shown, places = AttackSplit(NOBODY, rows.calibration, rows.test).gathered(faces)
    copies = pasted_copies(shown, protection)
    planes = copies.planes()
    grid = read_grid(store, shown, planes, places, _designs(designs), attribute=ATTRIBUTE, **draws)
    judged = read_judges(judges, shown, copies, places, attribute=ATTRIBUTE, **draws)
    return copies_table(grid, judged, copies.replaced)


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
        return pd.DataFrame({"copy": ["of any kind"], "read": ["not measured yet: `make real`"]})
    texts = [f"{row.estimate:.2f} [{row.low:.2f}, {row.high:.2f}]" for row in table.itertuples()]
    wide = table.assign(text=texts).pivot_table("text", "treatment", "reader", aggfunc="first", sort=False)
    part = table.groupby("treatment", sort=False)["replaced"].first().map("{:.0%}".format)
    wide.insert(0, "replaced part of the frame", part)
    return wide.rename(index=dict(WORDS)).rename_axis(index="copy", columns=None).reset_index()


def framed_rows(faces: FaceSet, most: int, seed: int) -> AttackSplit:
    """The attackers' own subjects, validation and test subjects, of pictures that the tool would copy.

    Parameters
    ----------
    most : pictures of the attackers' own subjects at most; 0: all.
    seed : of their draw.
    """
    points = faces.points
    there = np.ones(len(faces), bool) if points is None else np.isfinite(points).all((1, 2))
    there = there & faces.known(ATTRIBUTE)
    own = role_rows(faces.labels, "attackers")
    split = faces.labels["split"].to_numpy()
    choosing, test = (np.flatnonzero(there & (split == name)) for name in ("validation", "test"))
    return AttackSplit(subsample(own[there[own]], most, seed), choosing, test)
