"""Pictures of chapter 05: fooled beside hidden, ROC curves of every judge, and one face large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from lib.figures import roc
from lib.figures.gallery import Picture, Scores, notice, portrait_gallery
from lib.figures.interval_plot import dots
from lib.figures.line_labels import shown
from lib.figures.style import mark_chance
from lib.judges.names import GROUPS, judge_name

TITLES = {"auc": "AUC: fooled?", "auc_free": "direction-free AUC: hidden?"}
_HEIGHT = 0.56


def fooled_and_hidden(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Two charts for each data set: plain AUC on the left, direction-free AUC on the right.

    Parameters
    ----------
    tables : title of the data set -> rows as `gender.readings_table.one_of_groups` gives them; a row of the
        chart for each group, a colour for each treatment. Empty ones are left out.
    """
    full = {title: table for title, table in tables.items() if len(table)}
    heights = [table["group"].nunique() + 0.8 for table in full.values()]
    size = (7.6, 0.7 + _HEIGHT * sum(heights))
    layout: dict[str, Any] = {"sharey": "row", "figsize": size, "height_ratios": heights}
    drawing, grid = plt.subplots(len(full), 2, squeeze=False, **layout)
    for number, (title, table) in enumerate(full.items()):
        named = table.assign(row=table["group"].map(_group_name(table)), series=table["treatment"])
        for axes, (measure, words) in zip(grid[number], TITLES.items(), strict=True):
            dots(axes, named[named["measure"] == measure], spread=0.2, names=False)
            mark_chance(axes, 0.5, vertical=True)
            axes.set(xlim=(-0.02, 1.02), xlabel=words if number + 1 == len(full) else "")
        grid[number, 0].set_title(title)
    marks, names = grid[0, 0].get_legend_handles_labels()
    options = {"loc": "outside upper right", "ncols": len(names), "frameon": False, "handletextpad": 0.1}
    drawing.legend(marks, [shown(name) for name in names], **options)
    return drawing


def _group_name(table: pd.DataFrame) -> dict[str, str]:
    most = table.groupby("group")["of"].max()
    return {
        group: f"{words}s,\nbest of {most[group]}" if most.get(group, 0) > 1 else words
        for group, words in GROUPS.items()
        if group in most
    }


def curves_of_judges(bands: Mapping[str, tuple[Any, Any]]) -> pd.DataFrame:
    """Table of the ROC curves of all judges, as `roc.panels` draws it, with the column `classifier`.

    Parameters
    ----------
    bands : `JUDGE, DATA SET` -> bands and AUCs by treatment, as for `roc.curves_table`.
    """
    parts = [roc.curves_table(*own).assign(classifier=name) for name, own in bands.items()]
    table = pd.concat(parts, ignore_index=True).rename(columns={"fmr": "fpr", "tmr": "tpr"})
    return table.round(4)


def roc_of_judges(table: pd.DataFrame, data: str, treatments: Sequence[str]) -> Figure | Picture:
    """ROC curves of each judge on one data set, or a notice where there are none.

    Parameters
    ----------
    table : as `curves_of_judges` gives it.
    treatments : lines of each panel.
    """
    own = table[table["classifier"].str.endswith(f", {data}") & table["treatment"].isin(list(treatments))]
    if not len(own):
        return notice("No run on photographs is kept: `make real` makes it.")
    titles = {name: judge_name(name.partition(",")[0]) for name in own["classifier"]}
    return roc.panels(own, titles=titles, interval=False)


def portrait_sheet(portrait: Scores | None) -> Picture:
    """One face large under several treatments, two in a row, with a classifier's certainty below each.

    Parameters
    ----------
    portrait : None: a notice in its place.
    """
    lines = (("before", "control"), ("op", "private"))
    missing = "The networks that ship with the book are not in this copy."
    return portrait_gallery(portrait, lines, otherwise=missing)
