"""What the run on photographs left: pages of rendered faces quote it, also before there is one."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lib.book import results

PROFILE = "real"
"""Whose results these are."""


def values(chapter: str) -> dict[str, Any]:
    """A chapter's values; none where no such run has been kept.

    Parameters
    ----------
    chapter : as `05_gender_roc`.
    """
    try:
        return results.read(PROFILE, chapter).values
    except results.ResultError:
        return {}


def table(chapter: str, name: str, otherwise: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind one figure; `otherwise` where no such run has been kept.

    Parameters
    ----------
    chapter, name : as of `results.read_table`.
    """
    try:
        return results.read_table(PROFILE, chapter, name)
    except results.ResultError:
        return otherwise


def missing(chapter: str, name: str) -> pd.DataFrame:
    """A table of one row that says what is not there and how to make it."""
    return pd.DataFrame(
        {f"results/{PROFILE}, {chapter}, {name}": [f"not there yet: `make {PROFILE}` makes it"]}
    )
