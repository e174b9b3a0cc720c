"""Learning curves of attackers: what they read over the number of subjects that they learned from.

Two kinds learn from the same altered pictures of the same subjects: attackers on a recogniser's embeddings,
and classifiers of the pictures; of each kind the strongest counts. Classifiers take the same number of steps,
however few their subjects are, so that their curve shows what subjects add and not what training adds.
Attackers on embeddings are cheap: each trains to its end and keeps the epoch best on calibration subjects.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lib.deidentify.attacks.result import AttackResult
from lib.measures.estimate import Estimate, strongest

ONE_PICTURE, ALL_PICTURES = "one picture", "all pictures of a subject"

LearningCurve = list[dict[str, AttackResult]]
"""For each number of subjects, rising: the result of each attacker."""


def curve_table(curves: Mapping[tuple[str, str], LearningCurve]) -> pd.DataFrame:
    """Table that `figures.learning_curve` draws and a CSV keeps: two rows for each size of attackers.

    Parameters
    ----------
    curves : by method and by what the attackers read, `embeddings` or `pictures`.

    Returns
    -------
    Columns method, reads, subjects, images, averaged (`one picture` or `all pictures of a subject`) and
    estimate, low, high, n of the strongest attacker of that size.
    """
    rows = []
    for (method, reads), curve in curves.items():
        for attackers in curve:
            first = next(iter(attackers.values()))
            size = {"subjects": first.learned_subjects, "images": first.learned_images}
            kinds = {ONE_PICTURE: "auc_free", ALL_PICTURES: "averaged"}
            for said, kind in kinds.items():
                estimates = {name: getattr(one, kind) for name, one in attackers.items()}
                told = estimates[strongest(estimates)].to_dict()
                rows.append({"method": method, "reads": reads, **size, "averaged": said, **told})
    return pd.DataFrame(rows)


def strongest_point(table: pd.DataFrame, method: str, averaged: str = ONE_PICTURE) -> Estimate:
    """The highest estimate of all attackers on one method's pictures, whatever they read and their size.

    Parameters
    ----------
    table : of `curve_table`. averaged : ONE_PICTURE or ALL_PICTURES.
    """
    some = table[(table["method"] == method) & (table["averaged"] == averaged)]
    rows = some[["estimate", "low", "high", "n"]].itertuples(index=False)
    estimates = {number: Estimate(*row) for number, row in enumerate(rows)}
    return estimates[strongest(estimates)]
