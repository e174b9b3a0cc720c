"""Tables for pages: figures of merit as text with their intervals."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from IPython.display import Markdown

_INTERVAL = re.compile(r"[-+–]?[\d.]+%? \[.*\]")  # as `interval_text` writes it


def interval_text(figure: Mapping[str, Any] | None, form: str = ".3f") -> str:
    """Text of a figure with its interval, `0.981 [0.975, 0.987]`, or a dash without estimate.

    Arguments
    ---------
    figure : mapping with `estimate`, `low`, `high` as results keep it, or None.
    form : format of each number; a `%` form writes percentages.
    """
    if figure is None or figure.get("estimate") is None or math.isnan(figure["estimate"]):
        return "–"
    low, high = figure.get("low"), figure.get("high")
    if low is None or high is None:
        return format(figure["estimate"], form)
    return f"{figure['estimate']:{form}} [{low:{form}}, {high:{form}}]"


def page_table(table: pd.DataFrame, *, index: bool = False) -> pd.io.formats.style.Styler:
    """Styled table for a page: missing values as dashes, reproducible bytes.

    Cells that hold a figure with its interval have the class `interval`: the page breaks them before
    the bracket at most.
    """
    table = table if index else table.reset_index(drop=True)  # classes of cells need a unique index
    style = table.style.format(na_rep="–", precision=3, thousands=" ", escape="html")
    style = style if index else style.hide(axis="index")
    style.set_table_attributes('class="results"')
    style.set_td_classes(table.map(lambda cell: "interval" if _INTERVAL.fullmatch(str(cell)) else ""))
    digest = hashlib.sha256(table.to_csv().encode()).hexdigest()  # tables of a page need different ids
    return style.set_uuid(digest[:8])


def page_notes(notes: Iterable[str], heading: str = "What this set does not tell") -> Markdown | None:
    """List of what a page leaves out and why, below `heading`; None without notes."""
    lines = [f"- {note}" for note in dict.fromkeys(notes)]
    return Markdown("\n".join([f"**{heading}**", "", *lines])) if lines else None


def figure_texts(
    records: Mapping[str, Mapping[str, Any]], first: str = "", form: str = ".3f"
) -> pd.DataFrame:
    """Table of figures of merit as text with intervals: one row per record, one column per measure.

    Arguments
    ---------
    records : row name -> measure -> figure of merit (an object with `to_dict`, or a mapping).
    first : heading of the column of row names.
    form : format of each number.
    """

    def text(figure: Any) -> str:
        return interval_text(figure if isinstance(figure, Mapping) else figure.to_dict(), form)

    rows = [
        {first: row, **{name.replace("_", " "): text(one) for name, one in measures.items()}}
        for row, measures in records.items()
    ]
    return pd.DataFrame(rows)
