"""Tables for pages: figures of merit as text with their intervals."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from IPython.display import Markdown

_INTERVAL = re.compile(r"[-+–]?[\d.]+%? \[.*\]")  # as `interval_text` writes it
_DRAWN: Counter[str] = Counter()  # tables of this process, by what they say


def interval_text(figure: Mapping[str, Any] | None, form: str = ".3f") -> str:
    """Text of a figure with its interval, `0.981 [0.975, 0.987]`, or a dash without estimate.

    Parameters
    ----------
    figure : mapping with `estimate`, `low`, `high` as results keep it, or None.
    form : format of each number; a `%` form writes percentages.
    """
    if figure is None or figure.get("estimate") is None or math.isnan(figure["estimate"]):
        return "–"
    low, high = figure.get("low"), figure.get("high")
    if low is None or high is None:
        return format(figure["estimate"], form)
    return f"{figure['estimate']:{form}} [{low:{form}}, {high:{form}}]"


def rate_text(figure: Mapping[str, Any] | None) -> str:
    """Text of an error rate with its interval: two decimals, or three where the rate lies below 1 %.

    Parameters
    ----------
    figure : as for `interval_text`.
    """
    low = figure is not None and 0 < (figure.get("estimate") or 0) < 0.01
    return interval_text(figure, ".3f" if low else ".2f")


def wide_table(
    figures: pd.DataFrame,
    measures: Mapping[str, str],
    index: Sequence[str],
    form: str = ".2f",
    *,
    rates: Collection[str] = (),
) -> pd.DataFrame:
    """Figures of merit side by side: one row for each place, one column of texts for each measure.

    Parameters
    ----------
    figures : as `figures_table` gives it; `row` becomes the column `treatment`.
    measures : those shown, in this order -> heading.
    index : columns that name a row, `treatment` among them.
    form : of the numbers.
    rates : measures that are written as `rate_text` does, such as a false match rate that was reached.
    """

    def text(row: Mapping[Hashable, Any]) -> str:
        figure = {str(key): value for key, value in row.items()}
        return rate_text(figure) if figure["series"] in rates else interval_text(figure, form)

    some = figures[figures["series"].isin(list(measures))].rename(columns={"row": "treatment"})
    some = some.assign(text=[text(one) for one in some.to_dict("records")])
    wide = some.pivot_table("text", list(index), "series", aggfunc="first", sort=False)
    return wide.reindex(columns=list(measures)).rename(columns=dict(measures)).reset_index()


def page_table(table: pd.DataFrame, *, index: bool = False) -> pd.io.formats.style.Styler:
    """Styled table for a page: missing values as dashes, reproducible bytes.

    Cells that hold a figure with its interval have the class `interval`: the page breaks them before
    the bracket at most.
    """
    table = table if index else table.reset_index(drop=True)  # classes of cells need a unique index
    style = table.style.format(na_rep="–", precision=3, thousands=",", escape="html")
    style = style if index else style.hide(axis="index")
    style.set_table_attributes('class="results"')
    style.set_td_classes(table.map(lambda cell: "interval" if _INTERVAL.fullmatch(str(cell)) else ""))
    digest = hashlib.sha256(table.to_csv().encode()).hexdigest()[:8]
    _DRAWN[digest] += 1  # tables of a page need different ids, also where two of them say the same
    return style.set_uuid(digest if _DRAWN[digest] == 1 else f"{digest}_{_DRAWN[digest]}")


def page_notes(notes: Iterable[str], heading: str = "What this set does not tell") -> Markdown | None:
    """List of what a page leaves out and why, below `heading`; None without notes."""
    lines = [f"- {note}" for note in dict.fromkeys(notes)]
    return Markdown("\n".join([f"**{heading}**", "", *lines])) if lines else None


def figure_texts(
    records: Mapping[str, Mapping[str, Any]],
    first: str = "",
    form: str = ".3f",
    *,
    headings: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Table of figures of merit as text with intervals: one row per record, one column per measure.

    Parameters
    ----------
    records : row name -> measure -> figure of merit (an object with `to_dict`, or a mapping).
    first : heading of the column of row names.
    form : format of each number.
    headings : measure -> heading of its column; others keep their name. Without any, names lose their
        underscores.
    """

    def heading(name: str) -> str:
        return name.replace("_", " ") if headings is None else headings.get(name, name)

    def text(figure: Any) -> str:
        return interval_text(figure if isinstance(figure, Mapping) else figure.to_dict(), form)

    rows = [
        {first: row, **{heading(name): text(one) for name, one in measures.items()}}
        for row, measures in records.items()
    ]
    return pd.DataFrame(rows)
