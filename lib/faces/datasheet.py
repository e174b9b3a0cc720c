"""Datasheet of a FaceSet: tables of counts, balance, attributes, ages, duplicates and skipped images."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from lib.faces.duplicates import SAME, Duplicates, find_duplicates
from lib.faces.faceset import EXPRESSIONS, SPLITS, FaceSet

DECADES = (0, 3, 10, 20, 30, 40, 50, 60, 70, 80, 90, 200)
"""Edges of the age groups, years."""


def counts(faces: FaceSet) -> pd.DataFrame:
    """Table of images, subjects and perceived gender per split.

    Returns
    -------
    One row a split, and `all`: `images`, `subjects`, `fewest`, `mean`, `most` images of a subject; where
    `Male` is known `male` (share of the images that have the label), `men`, `women` (subjects by the majority
    of their images) and `both` (subjects with both values).
    """
    parts = {name: faces.labels[faces.labels["split"] == name] for name in SPLITS}
    parts = {name: part for name, part in parts.items() if len(part)} | {"all": faces.labels}
    table = pd.DataFrame({name: {**_subjects(part), **_gender(part)} for name, part in parts.items()}).T
    return table.astype({column: int for column in table if column not in ("mean", "male")})


def _subjects(labels: pd.DataFrame) -> dict[str, float]:
    each = labels["subject"].value_counts()
    numbers = {"fewest": each.min(), "mean": each.mean(), "most": each.max()}
    return {"images": len(labels), "subjects": len(each), **numbers}


def _gender(labels: pd.DataFrame) -> dict[str, float]:
    if "Male" not in labels:
        return {}
    known = labels[labels["Male"].notna()]
    share = known["Male"].astype(float).groupby(known["subject"]).mean()
    return {
        "male": known["Male"].astype(float).mean(),
        "men": (share > 0.5).sum(),
        "women": (share < 0.5).sum(),
        "both": ((share > 0) & (share < 1)).sum(),
    }


def shared_subjects(faces: FaceSet) -> list[str]:
    """Sorted names of subjects in more than one split; empty in a correctly divided set."""
    splits = faces.labels.groupby("subject")["split"].nunique()
    return sorted(str(name) for name in splits.index[splits > 1])


def attributes(faces: FaceSet) -> pd.DataFrame:
    """Table of the frequency of each attribute, overall and by perceived gender.

    Returns
    -------
    Index the attribute: `known` (images with the label), `share` of them with it, and `men`, `women`: the
    share among images of each perceived gender, NaN where that is not known. Attributes that no image of the
    set has a label for are left out.
    """
    table = faces.attributes.astype("Float64")
    out = pd.DataFrame({"known": table.notna().sum(), "share": table.mean()})
    gender = table["Male"] if "Male" in table else pd.Series(pd.NA, index=table.index, dtype="Float64")
    out["men"] = table[(gender == 1).fillna(False)].mean()
    out["women"] = table[(gender == 0).fillna(False)].mean()
    out = out[out["known"] > 0]
    return out.astype({"known": int, "share": float, "men": float, "women": float})


def ages(faces: FaceSet) -> pd.DataFrame:
    """Table of images by age group (left edge included) and split; empty if no age is known."""
    if "age" not in faces.labels:
        return pd.DataFrame()
    names = [f"{low}-{high - 1}" for low, high in pairwise(DECADES[:-1])]
    group = pd.cut(
        faces.labels["age"].astype(float), DECADES, right=False, labels=[*names, f"{DECADES[-2]}+"]
    )
    return _by_split(faces, group)


def expressions(faces: FaceSet) -> pd.DataFrame:
    """Table of images by expression and split; empty if no expression is known."""
    if "expression" not in faces.labels:
        return pd.DataFrame()
    return _by_split(faces, pd.Categorical(faces.labels["expression"], categories=EXPRESSIONS))


def _by_split(faces: FaceSet, values: pd.Series | pd.Categorical) -> pd.DataFrame:
    table = pd.crosstab(np.asarray(values, object), faces.labels["split"].to_numpy(str))
    order = values.cat.categories if isinstance(values, pd.Series) else values.categories
    table = table.reindex(index=order, columns=[s for s in SPLITS if s in table.columns], fill_value=0)
    table["all"] = table.sum(axis=1)
    return table.rename_axis(index=None, columns=None)


def left_out(faces: FaceSet) -> pd.DataFrame:
    """Table of skipped images and oddities by reason: columns `kind`, `what`, `count`."""
    kinds = {"skipped": "left out", "counts": "label", "notes": "picture"}
    rows = [(kinds[key], what, count) for key in kinds for what, count in faces.about.get(key, {}).items()]
    rows += [
        ("picture", what, faces.about[what])
        for what in ("no face found", "several faces")
        if what in faces.about
    ]
    return pd.DataFrame(rows, columns=["kind", "what", "count"])


def repeated(faces: FaceSet, found: Duplicates) -> pd.DataFrame:
    """Table of numbers of duplicates: columns `what`, `count`."""
    groups = found.exact.groupby("group")
    rows = {
        "groups of identical pictures": groups.ngroups,
        "pictures in such groups": len(found.exact),
        "groups in more than one split": int((groups["split"].nunique() > 1).sum()),
        "near duplicates across splits (pairs)": len(found.near),
        "of these, the same picture stored twice (pairs)": int((found.near["rms"] <= SAME).sum()),
        "training pictures also in validation or test": len(found.leaking()),
        "pictures of one flat tone": len(found.flat),
    }
    named = ["subject"] if faces.labels["subject"].duplicated().any() else []
    for label in (*named, "Male", "age", "expression"):
        if label in faces.labels and len(found.exact):
            values = faces.labels[label].iloc[found.exact["row"]].astype(str).to_numpy()
            differ = pd.Series(values).groupby(found.exact["group"].to_numpy()).nunique() > 1
            rows[f"groups of identical pictures that differ in {label}"] = int(differ.sum())
    return pd.DataFrame({"what": list(rows), "count": list(rows.values())})


def datasheet(faces: FaceSet, duplicates: bool = True) -> dict[str, pd.DataFrame]:
    """All tables of a set by name; empty tables are left out.

    Parameters
    ----------
    duplicates : look for them too; reads every image.
    """
    tables = {
        "counts": counts(faces),
        "attributes": attributes(faces),
        "ages": ages(faces),
        "expressions": expressions(faces),
        "left out": left_out(faces),
    }
    if duplicates:
        tables["duplicates"] = repeated(faces, find_duplicates(faces))
    return {name: table for name, table in tables.items() if len(table)}
