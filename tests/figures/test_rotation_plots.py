"""Pictures of the rotation tables show every rate, every mark and every attacker."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from lib.figures import rotation_plots


def rates(columns):
    return pd.DataFrame(0.5, index=np.arange(1, 18) / 10, columns=columns)


def test_heat_maps_have_all_numbers_and_marks():
    parts = {"paper": rates(["original", "90"]), "ours": rates(["original", "90", "fmr"])}
    figure = rotation_plots.threshold_heat_maps(parts, {"ours": {"FMR 1 %": 0.65}})
    paper, ours = figure.axes
    assert [one.get_text() for one in ours.get_xticklabels()] == ["I", "90°", "FMR"]
    assert sum(one.get_text() == ".50" for one in ours.texts) == 51 and len(paper.texts) == 34
    assert "FMR 1 %, η = 0.65" in [one.get_text() for one in ours.texts]
    assert ours.lines[0].get_ydata()[0] == pytest.approx(6)  # half way between the rows of .6 and .7
    plt.close(figure)


def test_angles_are_lines_and_other_conditions_points():
    rows = [
        {
            "attacker": name,
            "network": network,
            "condition": condition,
            "estimate": 0.5,
            "low": 0.4,
            "high": 0.6,
        }
        for name in ("naive", "parrot")
        for network in ("theirs", "ours")
        for condition in ("0", "100", "20", "ours")
    ]
    figure = rotation_plots.angle_panels(pd.DataFrame(rows), 0.01, {"new": "new", "ours": "ours"})
    assert [one.get_title("left") or one.get_title() for one in figure.axes] == ["naive", "parrot", ""]
    lines = [one for one in figure.axes[0].lines if len(one.get_xdata()) == 3]
    assert [one.get_xdata().tolist() for one in lines] == [[0, 20, 100]] * 2
    assert [one.get_text() for one in figure.axes[1].get_xticklabels()][-2:] == ["new", "ours"]
    plt.close(figure)


def test_the_choice_is_ringed():
    table = pd.DataFrame({"removed": [0, 4, 8], "auc": [0.9, 0.7, 0.5], "tmr": [0.5, 0.2, 0.0]})
    figure, axes = plt.subplots()
    rotation_plots.removed_plot(axes, table, 4)
    rings = [one for one in axes.lines if one.get_markersize() > 10]
    assert [one.get_xdata().tolist() for one in rings] == [[4], [4]]
    plt.close(figure)
