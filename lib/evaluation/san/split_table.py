"""Who is in which part of a set, beside the parts of the 2019 report on semi-adversarial networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib.faces.faceset import FaceSet
from lib.faces.splits import ROLES, role_rows

PARTS = {
    "protection": "one third: protection, this chapter",
    "unseen": "one third: judges it never meets",
    "attackers": "one third: attackers",
}
"""Roles of training subjects in words."""


def parts_table(faces: FaceSet, enlarged: Sequence[str] = ()) -> pd.DataFrame:
    """Images, subjects and share of `male` in the splits, and in the three parts of the training split.

    Parameters
    ----------
    faces : with `Male` known in all rows.
    enlarged : archives whose images are smaller than those of the set, and were enlarged.

    Returns
    -------
    Rows `training`, those of PARTS, `validation`, `test`; columns `part`, `images`, `subjects`,
    `labelled male`, and `enlarged`, the number of images that were enlarged.
    """
    split, male = faces.labels["split"].to_numpy(str), faces.binary("Male")
    small = np.zeros(len(faces), bool)
    if enlarged:
        small = faces.labels["archive"].isin(enlarged).to_numpy()
    rows = {"training": np.flatnonzero(split == "train")}
    rows |= {PARTS[role]: role_rows(faces.labels, role) for role in ROLES}
    rows |= {part: np.flatnonzero(split == part) for part in ("validation", "test")}
    return pd.DataFrame(
        [
            {
                "part": part,
                "images": len(some),
                "subjects": len(np.unique(faces.subjects[some])),
                "labelled male": float(male[some].mean()) if len(some) else np.nan,
                "enlarged": int(small[some].sum()),
            }
            for part, some in rows.items()
        ]
    )


def beside_report(parts: pd.DataFrame, report: pd.DataFrame) -> pd.DataFrame:
    """Parts of a set beside the report's, as a table for a page.

    Parameters
    ----------
    parts : as `parts_table` gives it.
    report : `part`, `male`, `images` of the report's folders; those that `parts` lacks, as LFW, come last.

    Returns
    -------
    Columns `part`, `images`, `subjects`, `labelled male`, `report's images`, `report's labelled male`.
    """
    folders = report.dropna(subset=["male"]).set_index("part")
    theirs = pd.DataFrame(
        {
            "report's images": folders["images"],
            "report's labelled male": folders["male"] / folders["images"],
        }
    )
    both = parts.drop(columns="enlarged").set_index("part").join(theirs, how="left")
    both = pd.concat([both, theirs.loc[[name for name in theirs.index if name not in both.index]]])
    shares = ["labelled male", "report's labelled male"]
    both[shares] = both[shares].map("{:.1%}".format, "ignore")
    counts = ["images", "subjects", "report's images"]
    return both.astype(dict.fromkeys(counts, "Int64")).rename_axis("part").reset_index()
