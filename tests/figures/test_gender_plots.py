from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd

from lib.figures import gender_plots as figures
from tests.figures.best_readings import best


def test_fooled_stands_beside_hidden_a_row_for_each_group_and_set():
    drawn = figures.fooled_and_hidden({"A": best(), "none": best()[:0], "B": best()})
    assert len(drawn.axes) == 4
    rows = [label.get_text() for label in drawn.axes[0].get_yticklabels()]
    assert rows == ["classifier of training", "unseen classifiers,\nbest of 2"]
    assert [axes.get_xlabel() for axes in drawn.axes] == ["", "", *figures.TITLES.values()]
    titles = [axes.get_title("left") or axes.get_title() for axes in drawn.axes]
    assert titles == ["A", "", "B", ""]
    plt.close(drawn)


def test_curves_of_a_set_that_nobody_ran_are_a_notice():
    table = pd.DataFrame({"classifier": ["unseen_patch, rendered"], "treatment": ["op"]})
    assert hasattr(figures.roc_of_judges(table, "celeba", ["op"]), "pixels")


def test_no_portrait_where_no_network_ships():
    assert figures.portrait_sheet(None).pixels.ndim == 3
