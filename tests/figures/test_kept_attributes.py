"""Figures of what is kept show every panel, row and method."""

import matplotlib

matplotlib.use("Agg")
import numpy as np
import pandas as pd
import pytest

from lib.book import results
from lib.figures import kept_attributes


def title(axes) -> str:
    """Where the book's style puts it, or where matplotlib does."""
    return axes.get_title("left") or axes.get_title()


def rows(groups=("worn",), series=("90", "ours")) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"row": f"{group} {k}", "series": one, "group": group, "estimate": 0.5, "low": 0.4, "high": 0.6}
            for group in groups
            for k in range(2)
            for one in series
        ]
    )


def test_a_panel_for_each_treatment_and_shares_of_rows():
    matrix = np.eye(7, 8, dtype=int) * 8
    matrix[0, 7] = 8
    drawing = kept_attributes.confusion_panels(
        {"original": matrix, "0": matrix, "90": matrix, "ours": matrix},
        list("abcdefg"),
        dict.fromkeys(("original", "0", "90", "ours"), "F 1.00"),
    )
    drawn = [axes for axes in drawing.axes if axes.images]
    assert len(drawn) == 4 and title(drawn[0]) == "original: F 1.00"
    assert drawn[0].images[0].get_array()[0, 0] == pytest.approx(50)


def test_labels_have_a_panel_for_each_group():
    drawing = kept_attributes.label_panels(rows(("worn", "hair")), ["90", "ours"])
    assert [title(axes) for axes in drawing.axes] == ["worn", "hair"]
    assert kept_attributes.group_figure(rows(), ["90", "ours"]).axes


def test_where_nothing_is_read_the_figure_says_so():
    for drawing in (
        kept_attributes.label_panels(rows()[:0], []),
        kept_attributes.group_figure(rows()[:0], []),
    ):
        assert "reads none" in drawing.axes[0].texts[0].get_text()


def test_the_paper_stands_beside_the_judges():
    printed = results.read_table("sources", "09_kept_attributes", "figure9")
    assert printed["f"].tolist() == pytest.approx([0.448, 0.338, 0.333, 0.324])
    table = pd.DataFrame(
        {"row": printed["treatment"], "series": "the paper", "estimate": printed["f"], "low": np.nan}
    ).assign(high=np.nan)
    assert kept_attributes.f_beside_paper(table).axes[0].get_xlabel().startswith("mean F")


def methods(tmr: float) -> pd.DataFrame:
    names = [("0", "rotation", 0.0), ("90", "rotation", 90.0), ("ours", "ours", np.nan), ("op", "op", np.nan)]
    table = pd.DataFrame(names, columns=["treatment", "method", "strength"])
    return table.assign(
        open=table["method"] == "op",
        kept=1.02,
        kept_low=0.9,
        kept_high=1.1,
        tmr=tmr,
        tmr_low=tmr,
        tmr_high=tmr,
    )


def test_methods_are_named_and_angles_written_at_their_points():
    axes = kept_attributes.methods_figure({"rendered faces": methods(0.4)}).axes[0]
    said = [text.get_text() for text in axes.texts]
    assert {"turned by 0°", "90°", "OP", "ours", "nine tenths"} <= set(said)
    assert axes.get_xlabel().startswith("TMR")


def test_without_attackers_only_what_is_kept_is_drawn():
    axes = kept_attributes.methods_figure({"rendered faces": methods(np.nan)}).axes[0]
    assert axes.get_xlabel().startswith("F, part")
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "0° (reconstruction)",
        "90°",
        "ours",
        "OP",
    ]


def test_methods_on_photographs_get_a_panel_of_their_own_where_there_are_any():
    both = {"rendered faces": methods(0.4), "photographs": methods(np.nan)}
    assert [title(axes) for axes in kept_attributes.methods_figure(both).axes] == list(both)
    alone = {"rendered faces": methods(0.4), "photographs": methods(0.4)[:0]}
    (axes,) = kept_attributes.methods_figure(alone).axes
    assert title(axes) == ""
