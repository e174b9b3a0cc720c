from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lib.deidentify.attacks.result import attack_result
from lib.figures import gender_sliders as figures
from lib.figures.slider import Slider


def test_a_threshold_moves_over_the_scores_of_each_treatment():
    scores = {"before": np.array([0.1, 0.2, 0.8, 0.9]), "op": np.array([0.9, 0.8, 0.2, 0.1])}
    asked = []

    def errors(values, positive, threshold):
        asked.append((tuple(values), threshold))
        return 0.0, 1.0

    male = np.array([False, False, True, True])
    slider = figures.threshold_slider(scores, male, errors, [0.25, 0.5, 0.75])
    assert isinstance(slider, Slider) and slider.labels == [
        "threshold 0.25",
        "threshold 0.50",
        "threshold 0.75",
    ]
    assert len(asked) == 6 and len({data for data in slider.pictures}) == 3


def test_the_errors_of_a_frame_are_written_above_it():
    drawn, axes = plt.subplots()
    male = np.array([False, False, True])
    figures.score_histograms(axes, np.array([0.1, 0.1, 0.9]), male, threshold=0.3)
    heights = [patch.get_data().values.max() for patch in axes.patches]
    assert max(heights) == 1 and axes.lines[0].get_xdata()[0] == pytest.approx(0.3)
    plt.close(drawn)


def test_attackers_grow_a_frame_each_and_a_single_one_is_no_slider():
    male = np.array([False, False, True, True])
    one = attack_result([0.1, 0.2, 0.8, 0.9], male, np.arange(4), 0.9, replicates=20)
    slider = figures.growth_slider({20: one, 1500: one}, "OP")
    assert isinstance(slider, Slider) and slider.labels == ["20 subjects", "1,500 subjects"]
    assert hasattr(figures.growth_slider({20: one}, "OP"), "pixels")
