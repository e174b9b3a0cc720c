"""Pictures of a collapse: two losses of a constant output, the way of two trainings, a slider through it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lib.figures.gallery import Scores, scored_gallery
from lib.figures.line_labels import Label, name_ends
from lib.figures.slider import Slider
from lib.figures.style import COLOURS

LOSSES: Mapping[str, str] = {"half": "attacked", "whole": "measured"}
"""The two losses, and whose colour they have."""


def draw_constant_losses(axes: Axes, mean: float) -> None:
    """Draw both losses of a picture of one grey against that grey, for originals of a mean grey (0 to 1).

    Both are linear in the original, so that of all originals only the mean counts.
    """
    grey = np.linspace(0.02, 0.998, 250)
    half = -mean * np.log(grey)
    curves = {"half": half, "whole": half - (1 - mean) * np.log(1 - grey)}
    for name, values in curves.items():
        axes.plot(grey, values, color=COLOURS[LOSSES[name]], lw=1.6)
        lowest = int(np.argmin(values))
        axes.plot(grey[lowest], values[lowest], "o", color=COLOURS[LOSSES[name]])
    axes.set(xlim=(0, 1), ylim=(-0.05, 2.2), xlabel="grey of the output", ylabel="loss, nats per pixel")
    axes.text(0.3, 1.25, "whole", color=COLOURS[LOSSES["whole"]], fontsize="small")
    axes.text(0.1, 0.45, "half", color=COLOURS[LOSSES["half"]], fontsize="small")


def draw_course(axes: Axes, course: pd.DataFrame, mean: float) -> None:
    """Draw the mean output of trainings with both losses against the step.

    Parameters
    ----------
    course : `step`, `mean_output`, and `loss_function`, which is `half` or `whole`.
    mean : mean grey of the originals, 0 to 1.
    """
    labels = []
    for name, colour in LOSSES.items():
        part = course[course["loss_function"] == name]
        axes.plot(part["step"], part["mean_output"], color=COLOURS[colour], lw=1.6)
        labels.append(Label(float(part["mean_output"].iloc[-1]), name, COLOURS[colour]))
    axes.axhline(mean, color=COLOURS["chance"], linestyle=(0, (4, 2)), linewidth=1.2, zorder=1)
    labels.append(Label(mean, "originals", "#777777"))
    axes.set(xlabel="step", ylabel="mean output", ylim=(0, 1.05), xlim=(0, int(course["step"].max())))
    name_ends(axes, labels)


def collapse_slider(steps: Mapping[int, Scores], **how: Any) -> Slider:
    """Slider through the steps of trainings: originals above what each network makes of them.

    Parameters
    ----------
    steps : number of steps -> the originals and what each network makes of them then, with their scores.
    how : passed to `scored_gallery`.
    """
    frames = [scored_gallery(one, **how) for one in steps.values()]
    labels = [f"after {step:,} step{'s' * (step != 1)}" for step in steps]
    alt = "Faces above what two networks make of them: one turns white, the other grey and blurred"
    return Slider(frames, labels, title="training", alt=alt)
