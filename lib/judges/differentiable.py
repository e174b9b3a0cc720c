"""Published recognisers as differentiable functions of grey images, for use as a training loss.

A judge that takes part in a training judges no longer: keep one out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from lib.faces.loading.align import Template, similarity
from lib.judges.base import JudgeError
from lib.judges.published_cards_and_crops import RECIPES
from lib.judges.published_networks import Networks


def differentiable_matcher(
    name: str, networks: Networks, template: Template
) -> Callable[[tf.Tensor], tf.Tensor]:
    """Build a differentiable function from aligned grey images to a recogniser's embeddings.

    The network's crop is cut by scale and shift alone: all templates are upright.

    Parameters
    ----------
    name : of an identity judge.
    template : where the five points lie in the pictures, at their size.

    Returns
    -------
    Function from (B, H, W, 1) in [0, 1], H and W of the template, to embeddings (B, D) of length 1.

    Raises
    ------
    JudgeError : no such recogniser.
    """
    if name not in RECIPES or RECIPES[name].card.task != "identity":
        known = ", ".join(key for key, one in RECIPES.items() if one.card.task == "identity")
        raise JudgeError(f"no published recogniser {name!r}; there are {known}")
    recipe = RECIPES[name]
    graph, size = networks.graph(recipe.network), recipe.card.size
    matrix = similarity(template.points, recipe.template.at(size))
    down = tf.constant(_resampling(matrix[0, 0], matrix[1, 2], template.size[0], size[0]))
    across = tf.constant(_resampling(matrix[0, 0], matrix[0, 2], template.size[1], size[1]))
    channels = 3 if recipe.card.colour == "rgb" else 1

    def matcher(pictures: tf.Tensor) -> tf.Tensor:
        crop = tf.einsum("yh,bhwc,xw->byxc", down, tf.cast(pictures, tf.float32), across)
        return tf.math.l2_normalize(graph(tf.repeat(crop, channels, axis=-1))[recipe.output], axis=-1)

    return matcher


def _resampling(scale: float, shift: float, before: int, after: int) -> np.ndarray:
    """Matrix (after, before) float32 of linear interpolation along one axis.

    Coordinates: after = scale * before + shift.
    """
    place = np.clip((np.arange(after) - shift) / scale, 0, before - 1)
    left = np.minimum(place.astype(int), before - 2)
    out = np.zeros((after, before), np.float32)
    out[np.arange(after), left] = 1 - (place - left)
    out[np.arange(after), left + 1] += place - left
    return out
