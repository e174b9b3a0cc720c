"""A few steps of an autoencoder's training, with pictures of the way: the collapse of chapter 03."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pandas as pd

from lib.faces.grey import unit_grey
from lib.training.inference import reconstruct

Loss = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class LabelledImages:
    """Images with the label that an autoencoder is told.

    Attributes
    ----------
    images : uint8 (N, H, W, 3) RGB or grey (N, H, W, 1).
    label : (N,), male 1.
    """

    images: np.ndarray
    label: np.ndarray


@dataclass(frozen=True)
class BriefTraining:
    """What a brief training left.

    Attributes
    ----------
    course : `step` (from 0), `loss` and `mean_output` (0 to 1) of that step's batch, before its update.
    pictures : number of updates -> outputs for the images that were shown, uint8 (M, H, W).
    """

    course: pd.DataFrame
    pictures: dict[int, np.ndarray]


def steps_to_show(steps: int, most: int = 9) -> list[int]:
    """Numbers of updates from 0 to `steps`, at most `most`, dense at the beginning.

    Raises
    ------
    ValueError : fewer than one step, or fewer than two to show.
    """
    if steps < 1 or most < 2:
        raise ValueError(f"needs a step and two pictures, got {steps} steps and {most} pictures")
    later = np.unique(np.rint(np.geomspace(1, steps, most - 1)).astype(int))
    return [0, *later.tolist()]


def train_briefly(
    network: keras.Model,
    loss: Loss,
    optimizer: keras.optimizers.Optimizer,
    *,
    learn: LabelledImages,
    show: LabelledImages,
    steps: int,
    batch: int,
    seed: int = 0,
) -> BriefTraining:
    """Train an autoencoder for a few steps and keep what it makes of other images on the way.

    Parameters
    ----------
    network : from {`image`, `label`} to {`sm`}; changed in place.
    loss : (target, output) -> scalar, or one value per image.
    learn, show : images to train with, and those whose pictures are kept.
    steps, batch, seed : updates, images in each, and the order of the images.
    """
    image = keras.Input((*learn.images.shape[1:3], 1), name="image")
    inputs = {"image": image, "label": keras.Input((), name="label")}
    whole = keras.Model(inputs, network(inputs)["sm"])
    whole.compile(optimizer, loss=loss, jit_compile=False)
    random, number, shown = np.random.default_rng(seed), len(learn.images), steps_to_show(steps)
    pictures = {0: reconstruct(network, show.images, show.label)["sm"]}
    rows = []
    for step in range(steps):
        some = random.choice(number, min(batch, number), replace=False)
        part = {"image": unit_grey(learn.images[some]), "label": learn.label[some].astype("float32")}
        mean = float(keras.ops.mean(network(part, training=False)["sm"]))
        value = float(whole.train_on_batch(part, part["image"]))
        rows.append({"step": step, "loss": value, "mean_output": mean})
        if step + 1 in shown:
            pictures[step + 1] = reconstruct(network, show.images, show.label)["sm"]
    return BriefTraining(pd.DataFrame(rows), pictures)
