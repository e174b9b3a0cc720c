"""Restorer: a network that guesses the picture that a protection was given from the one that it made."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

WIDTHS = (32, 64, 128, 192)
"""Channels after each halving."""
SLOPE = 0.2


def restorer(
    size: int = 64, *, condition: int = 2, widths: tuple[int, ...] = WIDTHS, code: int = 256
) -> keras.Model:
    """Build a restorer: a U-Net with a dense code at its narrowest map, as a person is no local matter.

    Parameters
    ----------
    size : height and width of the picture, divisible by 2 to the power of the number of widths.
    condition : numbers that tell how the picture was protected, such as cosine and sine of an angle.
    widths : channels after each halving. code : numbers of the dense code.

    Returns
    -------
    Model from {`image` (B, size, size, 3) in [0, 1], `condition` (B, condition)} to the guessed picture, the
    same shape and range, float32 under any dtype policy.

    Raises
    ------
    ValueError : a size that cannot be halved so often.
    """
    if size % 2 ** len(widths):
        raise ValueError(f"{size} px cannot be halved {len(widths)} times")
    inputs = {
        "image": keras.Input((size, size, 3), name="image"),
        "condition": keras.Input((condition,), name="condition"),
    }
    x, skips = inputs["image"], []
    for place, width in enumerate(widths):
        skips.append(x)
        x = _convolved(x, width, f"down{place}", strides=2)
    side = size // 2 ** len(widths)
    told = layers.Concatenate(name="told")([layers.Flatten(name="flat")(x), inputs["condition"]])
    told = layers.LeakyReLU(SLOPE)(layers.Dense(code, name="code")(told))
    spread = layers.Dense(side * side * widths[-1], name="spread")(told)
    x = x + ops.reshape(spread, (-1, side, side, widths[-1]))
    for place, (skip, width) in enumerate(zip(skips[::-1], (*widths[-2::-1], widths[0]), strict=True)):
        x = layers.UpSampling2D(2, interpolation="bilinear", name=f"up{place}")(x)
        x = _convolved(layers.Concatenate(name=f"joined{place}")([x, skip]), width, f"out{place}")
    x = layers.Conv2D(3, 3, padding="same", name="colours")(x)
    face = layers.Activation("sigmoid", dtype="float32", name="face")(x)
    return keras.Model(inputs, face, name="restorer")


def _convolved(x: Any, width: int, name: str, strides: int = 1) -> Any:
    x = layers.Conv2D(width, 3, strides=strides, padding="same", name=name)(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.LeakyReLU(SLOPE, name=f"{name}_active")(x)
