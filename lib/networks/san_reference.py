"""The semi-adversarial autoencoder layer by layer, as in its sources; reference for `networks.san`.

The layers are those of the 2019 report and of the first semi-adversarial network (ICB 2018). `networks.san`
has equal outputs and gradients at a fraction of the cost; weights can be exchanged between both.
"""

from __future__ import annotations

from typing import Literal

import keras
from keras import layers

Combiner = Literal["pointwise", "hidden"]

ENCODER = (8, 12)
HIDDEN = 16
SLOPES = {"report": 0.3, "original": 0.01}
"""Negative slope of LeakyReLU: Keras' default, which the report's code took, and that of the first paper."""


def autoencoder(
    size: int | tuple[int, int] = 224,
    *,
    decoder: tuple[int, int] = (256, 128),
    slope: float = SLOPES["report"],
    combiner: Combiner = "pointwise",
) -> keras.Model:
    """Build the autoencoder layer by layer as in its source; 324,248 parameters at any size.

    All 3 x 3 convolutions have bias, stride 1 and padding `same`. The combiner sees the 128 maps of the trunk
    and the three of the prototype shown. If it is pointwise, the output is sigmoid(T + w . shown + b), with T
    the trunk's part: two shown prototypes give two outputs that differ by one fixed map in the logit.

    Parameters
    ----------
    size : height and width of the picture, divisible by 4; one number for a square.
    decoder : channels of the two decoder convolutions.
    slope : of LeakyReLU below zero, see `SLOPES`.
    combiner : `pointwise`, one 1 x 1 convolution to the output (both sources); `hidden`, 1 x 1 to 16
        channels, LeakyReLU, 1 x 1 to the output (326,245 parameters), where the prototype acts by image.

    Returns
    -------
    Model from {`image` (B, H, W, 1), `same` (B, H, W, 3), `shown` (B, H, W, 3)}, all in [0, 1], to the
    altered picture (B, H, W, 1) in [0, 1], float32 under any dtype policy. `same` is the prototype of the
    label, which the encoder sees; `shown` is that of the wanted output: same, neutral or opposite.

    Raises
    ------
    ValueError : the size is not divisible by 4, or no such combiner.
    """
    height, width = check_size(size)
    check_combiner(combiner)
    image = keras.Input((height, width, 1), name="image")
    same = keras.Input((height, width, 3), name="same")
    shown = keras.Input((height, width, 3), name="shown")
    x = layers.Concatenate(name="encoder_input")([image, same])
    for name, channels in zip(("encoder1", "encoder2"), ENCODER, strict=True):
        x = layers.Conv2D(channels, 3, padding="same", name=name)(x)
        x = layers.AveragePooling2D(2, name=f"{name}_pool")(layers.LeakyReLU(slope, name=f"{name}_relu")(x))
    for name, channels in zip(("decoder1", "decoder2"), decoder, strict=True):
        x = layers.Conv2D(channels, 3, padding="same", name=name)(x)
        x = layers.UpSampling2D(2, name=f"{name}_up")(layers.LeakyReLU(slope, name=f"{name}_relu")(x))
    x = layers.Concatenate(name="combiner_input")([x, shown])
    if combiner == "hidden":
        x = layers.Conv2D(HIDDEN, 1, name="combiner_hidden")(x)
        x = layers.LeakyReLU(slope, name="combiner_relu")(x)
    x = layers.Conv2D(1, 1, name="combiner")(x)
    output = layers.Activation("sigmoid", dtype="float32", name="output")(x)
    return keras.Model({"image": image, "same": same, "shown": shown}, output, name="autoencoder")


def check_size(size: int | tuple[int, int]) -> tuple[int, int]:
    """Return height and width; ValueError unless both are divisible by 4."""
    height, width = (size, size) if isinstance(size, int) else size
    if height % 4 or width % 4 or height < 4 or width < 4:
        raise ValueError(
            f"the autoencoder halves its picture twice: {height} x {width} is not divisible by 4"
        )
    return height, width


def check_combiner(combiner: str) -> None:
    """Raise ValueError for an unknown combiner."""
    if combiner not in ("pointwise", "hidden"):
        raise ValueError(f"combiner must be pointwise or hidden, not {combiner!r}")
