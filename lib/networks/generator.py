"""A face from a code alone: whatever the picture shows, the code said it.

Made for codes that perceived gender was taken out of (`ours_private`). The network sees no photograph, so by
the data-processing inequality no reader of its pictures learns more than a reader of the codes.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

BASE = 16
"""Factor between the first map and the picture: four doublings."""
WIDTHS = (256, 192, 128, 64, 24)
"""Channels of the first map and after each doubling."""
SLOPE = 0.2


def generator(
    size: int = 112, code: int = 128, nuisance: int = 0, *, widths: tuple[int, ...] = WIDTHS, seed: int = 96
) -> keras.Model:
    """Decoder of a code; 1,342,625 parameters at 64 px, 1,751,297 at 112 px.

    The code says what the first map is, and again the scale and the shift of every later one: details need
    not travel through the first. Maps are normalised over their channels at each place, never over a batch,
    so a face does not depend on those beside it. Bilinear enlargement keeps blocks out of the picture.

    Parameters
    ----------
    size : height and width of the picture, divisible by 16.
    code : numbers of the code.
    nuisance : further numbers that say what is not the person (pose, light); 0 for none.
    widths : channels of the five maps.
    seed : channels of the first map before its convolution; the dense layer has size^2 / 256 times as many.

    Returns
    -------
    Model from {`code` (B, code)}, with `nuisance` (B, nuisance) if there are such numbers, to the grey
    picture (B, size, size, 1) in [0, 1], float32 under any dtype policy.

    Raises
    ------
    ValueError : a size that is not divisible by 16, or not five widths.
    """
    if size < BASE or size % BASE:
        raise ValueError(f"the generator doubles its map four times: {size} px is not divisible by {BASE}")
    if len(widths) != 5:
        raise ValueError(f"the generator has five maps, not {len(widths)}")
    inputs = {"code": keras.Input((code,), name="code")}
    if nuisance:
        inputs["nuisance"] = keras.Input((nuisance,), name="nuisance")
    told = layers.Concatenate(name="told")(list(inputs.values())) if nuisance else inputs["code"]
    grid = size // BASE
    x = layers.Dense(grid * grid * seed, name="seed")(told)
    x = layers.Reshape((grid, grid, seed), name="seed_map")(x)
    for step, channels in enumerate(widths):
        x = layers.UpSampling2D(2, interpolation="bilinear", name=f"up{step}")(x) if step else x
        x = _styled(layers.Conv2D(channels, 3, padding="same", name=f"conv{step}")(x), told, f"style{step}")
    x = layers.Conv2D(1, 3, padding="same", name="tone")(x)
    picture = layers.Activation("sigmoid", dtype="float32", name="picture")(x)
    return keras.Model(inputs, picture, name="generator")


def _styled(x: Any, told: Any, name: str) -> Any:
    """The map normalised at each place, then scaled and shifted as the code says, then active."""
    channels = x.shape[-1]
    style = layers.Dense(2 * channels, kernel_initializer="zeros", name=name)(told)
    style = layers.Reshape((1, 1, 2 * channels), name=f"{name}_map")(style)
    return layers.LeakyReLU(SLOPE, name=f"{name}_active")(Styled(name=f"{name}_norm")([x, style]))


@keras.saving.register_keras_serializable("networks")
class Styled(layers.Layer):
    """x / rms(x over channels) * (1 + scale) + shift, from x (B, H, W, C) and the pair (B, 1, 1, 2 C)."""

    def call(self, inputs: Any) -> Any:
        """The styled map, (B, H, W, C)."""
        x, style = inputs
        scale, shift = ops.split(style, 2, axis=-1)
        power = ops.mean(ops.square(ops.cast(x, "float32")), axis=-1, keepdims=True)
        return x * ops.cast(ops.rsqrt(power + 1e-4), x.dtype) * (1 + scale) + shift

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of x."""
        return input_shape[0]
