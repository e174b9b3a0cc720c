"""A reader of faces with several heads: expression, binary attributes, and numbers such as age and yaw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import keras
from keras import layers

from lib.networks.classifiers import patch_features
from lib.networks.residual_blocks import residual_features

Body = Literal["residual", "patch"]

WIDTHS = (24, 48, 96, 160)
"""Channels of the residual body's stages."""
EXPRESSION, ATTRIBUTES, NUMBERS = "expression", "attributes", "numbers"
"""Names of the heads."""


def face_reader(
    size: int = 64,
    *,
    expressions: int = 7,
    attributes: int = 0,
    numbers: int = 0,
    body: Body = "residual",
    dropout: float = 0.3,
) -> keras.Model:
    """Build a reader of grey faces; one body, a linear head for each kind of label that there is.

    Parameters
    ----------
    size : height and width in pixels; divisible by 16 for the body of patches.
    expressions, attributes, numbers : how many classes, binary attributes and numbers it reads; 0: no such
        head.
    body : `residual`, with batch normalisation, or `patch`, of 4 x 4 patches without batch statistics.
    dropout : rate before the heads.

    Returns
    -------
    Model from `image` (B, size, size, 1) in [0, 1] to {`expression`: logits (B, expressions), `attributes`:
    logits (B, attributes), `numbers`: (B, numbers)}, float32 under any dtype policy.

    Raises
    ------
    ValueError : no such body, nothing to read, or a size that patches do not divide.
    """
    heads = {EXPRESSION: expressions, ATTRIBUTES: attributes, NUMBERS: numbers}
    wanted = {name: units for name, units in heads.items() if units}
    if body not in _BODIES or not wanted:
        raise ValueError(f"a reader has a body ({', '.join(_BODIES)}) and a head, got {body!r} and {heads}")
    image, features = _BODIES[body](size)
    x = layers.GlobalAveragePooling2D(name="average")(features)
    x = layers.Dropout(dropout, name="dropout")(x)
    outputs = {name: layers.Dense(units, dtype="float32", name=name)(x) for name, units in wanted.items()}
    return keras.Model(image, outputs, name=f"face_reader_{body}")


def _residual(size: int) -> tuple[Any, Any]:
    image = keras.Input((size, size, 1), name="image")
    return image, residual_features(image, WIDTHS)


_BODIES: dict[str, Callable[[int], tuple[Any, Any]]] = {"residual": _residual, "patch": patch_features}
