"""Results on photographs (profile `real`) that pages quote: values, tables, check of their protocol.

A page may quote such a result only while it was made by the protocol that its chapter describes. Results from
before there were numbers carry none, which counts as 0; they are shown under a box that says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.display import HTML

from lib.book import chapter_text, paths, results

if TYPE_CHECKING:
    import pandas as pd

PROFILE = "real"
"""Whose results these are."""
UNNUMBERED = 0
"""Protocol of results made before there were numbers."""


def check_protocol(chapter: str, provenance: dict[str, Any]) -> int:
    """Protocol number of a result; ResultError if the chapter now describes another one."""
    made, described = int(provenance.get("protocol", UNNUMBERED)), chapter_text.protocol(chapter)
    if made not in (UNNUMBERED, described):
        raise results.ResultError(
            f"results/{PROFILE}/{chapter}.json was made by protocol {made}, its chapter describes "
            f"{described}: `make {PROFILE}` makes it again"
        )
    return made


def _record(chapter: str) -> results.Record | None:
    try:
        record = results.read(PROFILE, chapter)
    except results.ResultError:
        return None
    check_protocol(chapter, record.provenance)
    return record


def values(chapter: str) -> dict[str, Any]:
    """A chapter's values on photographs; empty if there are none.

    Parameters
    ----------
    chapter : as `05_gender_roc`.

    Raises
    ------
    ResultError : they were made by another protocol than the chapter describes.
    """
    record = _record(chapter)
    return record.values if record else {}


def parameters(chapter: str) -> dict[str, Any]:
    """Parameters of a chapter's run on photographs; empty if there is none.

    Raises
    ------
    ResultError : as `values`.
    """
    record = _record(chapter)
    return dict(record.provenance["parameters"]) if record else {}


def table(chapter: str, name: str, otherwise: pd.DataFrame) -> pd.DataFrame:
    """A chapter's table on photographs; `otherwise` if there is none.

    Parameters
    ----------
    chapter, name : as of `results.read_table`.

    Raises
    ------
    ResultError : they were made by another protocol than the chapter describes.
    """
    _record(chapter)
    try:
        return results.read_table(PROFILE, chapter, name)
    except results.ResultError:
        return otherwise


def beside(chapter: str, name: str, own: pd.DataFrame, faces: str) -> pd.DataFrame:
    """A chapter's own table with a first column `faces`, and below it the one on photographs.

    Parameters
    ----------
    chapter, name : as of `results.read_table`.
    own : the table of this run; in a run on photographs it stands alone.
    faces : name of the set of this run.
    """
    import pandas as pd

    other = own[:0] if paths.profile() == PROFILE else table(chapter, name, own[:0])
    both = pd.concat([own.assign(faces=faces), other.assign(faces="photographs")], ignore_index=True)
    return both[["faces", *own.columns]]


def missing(chapter: str, name: str) -> pd.DataFrame:
    """Table of one row that says which result is missing and how to make it."""
    import pandas as pd

    return pd.DataFrame(
        {f"results/{PROFILE}, {chapter}, {name}": [f"not there yet: `make {PROFILE}` makes it"]}
    )


def box(*chapters: str) -> HTML | None:
    """Warning box for figures on photographs made by an earlier protocol; None if there are none."""
    old = []
    for chapter in chapters:
        record = _record(chapter)
        if record and check_protocol(chapter, record.provenance) == UNNUMBERED:
            old.append(chapter)
    return HTML(box_text(old)) if old else None


def box_text(chapters: Iterable[str]) -> str:
    """HTML of the warning box."""
    return (
        '<div class="admonition warning"><p class="admonition-title">Measured before this protocol</p>'
        f"<p>The figures on photographs ({', '.join(chapters)}) were made by an earlier protocol than this "
        f"page describes. They will be made again by <code>make {PROFILE}</code>.</p></div>"
    )


def stale_quotes(quoted: Iterable[str], root: Path = paths.ROOT) -> list[str]:
    """Faults of the results on photographs that pages quote, one line each.

    Parameters
    ----------
    quoted : chapters whose results some page quotes.
    """
    said = []
    for chapter in sorted(set(quoted)):
        path = root / "results" / PROFILE / f"{chapter}.json"
        if not path.exists():
            continue
        try:
            check_protocol(chapter, json.loads(path.read_text(encoding="utf-8"))["provenance"])
        except results.ResultError as error:
            said.append(str(error))
    return said
