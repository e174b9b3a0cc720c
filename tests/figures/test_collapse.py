"""Pictures of the collapse, and of a classifier's outputs and training."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from lib.book import results
from lib.figures.classifier_plots import draw_shares, draw_sums, training_panels
from lib.figures.collapse import collapse_slider, draw_constant_losses, draw_course
from tests.figures.scored_faces import Said


def test_half_is_lowest_at_white_and_the_whole_at_the_mean():
    axes = plt.figure().subplots()
    draw_constant_losses(axes, 0.45)
    half, half_dot, whole, whole_dot = axes.get_lines()
    assert half_dot.get_xdata()[0] == pytest.approx(half.get_xdata().max())
    assert whole_dot.get_xdata()[0] == pytest.approx(0.45, abs=0.01)
    assert whole.get_ydata().min() == pytest.approx(-0.45 * np.log(0.45) - 0.55 * np.log(0.55), abs=1e-3)
    assert half.get_ydata().min() < 0.01


def test_the_course_names_both_losses():
    steps = pd.DataFrame({"step": range(4), "mean_output": [0.4, 0.8, 0.9, 1.0]})
    table = pd.concat([steps.assign(loss_function=name) for name in ("half", "whole")])
    axes = plt.figure().subplots()
    draw_course(axes, table, 0.44)
    assert {text.get_text() for text in axes.texts} >= {"half", "whole", "originals"}


def test_the_slider_has_a_frame_for_each_step():
    slider = collapse_slider({0: Said(), 1: Said(), 5: Said()}, across=True, side=32)
    assert slider.labels == ["after 0 steps", "after 1 step", "after 5 steps"]


def test_two_sigmoids_are_drawn_against_the_softmax():
    z = np.random.default_rng(1).normal(0, 2, (50, 2))
    softmax, sigmoids = np.exp(z) / np.exp(z).sum(1, keepdims=True), 1 / (1 + np.exp(-z))
    left, right = plt.figure().subplots(1, 2)
    draw_sums(left, sigmoids)
    draw_shares(right, softmax, sigmoids, np.arange(50) % 2 == 1)
    assert sum(bar.get_height() for bar in left.patches) == 50
    x, y = (np.concatenate([line.get_data()[k] for line in right.get_lines()[:2]]) for k in (0, 1))
    assert ((x > 0.5) == (y > 0.5)).all() and np.abs(x - y).max() > 0.1


def test_a_training_stands_beside_the_reports():
    report = results.read_table("sources", "03_san_pretraining", "figure8")
    drawing = training_panels({"report": report, "this book": report})
    assert [(axes.get_title("left") or axes.get_title()) for axes in drawing.axes] == [
        f"{who}, {what}" for what in ("loss", "accuracy") for who in ("report", "this book")
    ]
