"""Adapter of the rendered faces' shards.

Layout: `shard-00000.tar`, `shard-00001.tar`, ..., each with `<image>.webp` and one `labels.csv` whose column
`image` names them; the other columns are FaceSet's, with subject and split. These pictures may be published.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from lib.faces.faceset import ATTRIBUTES, FaceSetError
from lib.faces.loading.archive import Archive, Paths, as_paths, open_archives
from lib.faces.loading.source import Members, Source, join_pictures, once, skips, whole
from lib.faces.loading.text_lists import read_table

ABOUT = {
    "title": "Rendered faces",
    "citation": "This book: lib/faces/rendered",
    "terms": "MIT, like the rest of the book; nobody is shown",
    "layout": "shard-*.tar, each with <image>.webp and labels.csv",
}


def read(path: Paths) -> Source:
    """Read rendered faces from a folder of shards, or from named shards.

    Raises
    ------
    FaceSetError : no shard is there, one is cut off, or has no `labels.csv` with image, subject and split.
    """
    archives = open_archives(_shards(path))
    tables, names, left = [], [], []
    for number, archive in enumerate(archives):
        table, members, orphans = _shard(archive)
        tables.append(table.assign(owner=number))
        names += members
        left += orphans
    labels = pd.concat(tables, ignore_index=True)
    _check_names(labels, archives)
    owners = labels.pop("owner").to_numpy()
    return Source(
        "rendered",
        labels,
        Members(archives, owners, names),
        skipped=skips(left),
        about=dict(ABOUT),
        window=whole,
        publishable=True,
    )


def _check_names(labels: pd.DataFrame, archives: list[Archive]) -> None:
    """Raise FaceSetError if two shards hold images of one name, so that they belong to different sets."""
    again = labels["image"].duplicated()
    if again.any():
        name = labels["image"][again].iloc[0]
        first, second = (archives[owner].path for owner in labels["owner"][labels["image"] == name][:2])
        raise FaceSetError(
            f"{int(again.sum())} pictures are in two shards: {name} in {first} and in {second}; "
            "keep the shards of two drawings in two folders"
        )


def _shards(path: Paths) -> list[str]:
    """Paths of shards: named ones, and those in named folders."""
    found: list[str] = []
    for one in as_paths(path):
        shards = (
            sorted(str(shard) for shard in Path(one).glob("shard-*.tar")) if Path(one).is_dir() else [one]
        )
        if not shards:
            raise FaceSetError(
                f"no shard-*.tar in {one}: draw faces with `python -m lib.faces.rendered --out {one}`, "
                "or fetch those that ship with `dvc pull`"
            )
        found += shards
    return found


def _shard(archive: Archive) -> tuple[pd.DataFrame, list[str], list[tuple[str, str]]]:
    text = archive.text(archive.find("labels.csv"))
    types: Any = dict.fromkeys(ATTRIBUTES, "boolean")
    types |= dict.fromkeys(("image", "subject", "split", "expression"), str)
    where = f"labels.csv in {archive.path}"
    table = read_table(text, where, "draw it again", dtype=types, keep_default_na=False, na_values=[""])
    missing = {"image", "subject", "split"} - set(table.columns)
    if missing:
        raise FaceSetError(f"labels.csv in {archive.path} lacks the columns {sorted(missing)}; draw it again")
    if table["image"].duplicated().any():
        raise FaceSetError(
            f"labels.csv in {archive.path} lists {table['image'][table['image'].duplicated()].iloc[0]} "
            "twice; draw it again"
        )
    found = ((name.rpartition("/")[2].rpartition(".")[0], name) for name in archive.pictures())
    pictures, twice = once(archive, found)
    kept, left = join_pictures(table.set_index("image", drop=False), pictures, "labels.csv", archive.path)
    left += twice
    return kept.reset_index(drop=True), [pictures[image] for image in kept["image"]], left
