"""Face decoder, the generator that paints a grey face from a code (an embedding) and nuisance numbers.

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
LINEAR = "linear_face"
"""Layer of the linear face."""


def face_decoder(
    size: int = 112,
    code: int = 128,
    nuisance: int = 0,
    *,
    widths: tuple[int, ...] = WIDTHS,
    seed: int = 96,
    linear_face: bool = False,
) -> keras.Model:
    """Build the face decoder; 1,342,625 parameters at 64 px, 1,751,297 at 112 px.

    With a linear face, one logit per pixel from code and nuisance numbers, the convolutions learn what it
    lacks; 1,871,009 parameters at 64 px. It is not trained but solved, by
    `training.objectives.linear_face.solve_linear_face`, 0 before; without it a short training ended in
    crooked faces with a lower loss than that of the linear face, which looks like one (measured).
    The first map of the convolutions is one that all faces share, with what the code adds to it; every later
    one is scaled and shifted as the code says, so details need not travel through the first. Nothing is
    normalised: over a batch a face would depend on those beside it, and over the channels of each place the
    network got stuck at the mean face (measured). Bilinear enlargement keeps blocks out of the picture.

    Parameters
    ----------
    size : height and width of the picture, divisible by 16.
    code : numbers of the code.
    nuisance : further numbers that say what is not the person (pose, light); 0 for none.
    widths : channels of the five maps.
    linear_face : whether there is one, the layer LINEAR.
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
    x = _first_map(told, size // BASE, seed)
    for step, channels in enumerate(widths):
        x = layers.UpSampling2D(2, interpolation="bilinear", name=f"up{step}")(x) if step else x
        x = _styled(layers.Conv2D(channels, 3, padding="same", name=f"conv{step}")(x), told, f"style{step}")
    logit = _logit_with_linear_face(x, told, size) if linear_face else _tone()(x)
    picture = layers.Activation("sigmoid", dtype="float32", name="picture")(logit)
    return keras.Model(inputs, picture, name="generator")


def _first_map(told: Any, side: int, channels: int) -> Any:
    """First map, (B, side, side, channels): one that all faces share (the bias), and what the code adds."""
    x = layers.Dense(
        side * side * channels,
        kernel_initializer=keras.initializers.VarianceScaling(0.1),
        bias_initializer=keras.initializers.RandomNormal(stddev=1.0),
        name="seed",
    )(told)
    return layers.Reshape((side, side, channels), name="seed_map")(x)


def _tone(**options: Any) -> layers.Layer:
    """Convolution from the last map to one logit per pixel."""
    return layers.Conv2D(1, 3, padding="same", name="tone", **options)


def _logit_with_linear_face(x: Any, told: Any, size: int) -> Any:
    """Sum of the linear face and of the convolutions, which while untrained disturb it little."""
    x = _tone(kernel_initializer=keras.initializers.VarianceScaling(0.01))(x)
    return layers.Add(dtype="float32", name="logit")([_linear(told, size), x])


def _linear(told: Any, size: int) -> Any:
    """One logit per pixel, (B, size, size, 1), linear in what the decoder is told."""
    flat = layers.Dense(
        size * size, kernel_initializer="zeros", trainable=False, dtype="float32", name=LINEAR
    )(told)
    return layers.Reshape((size, size, 1), dtype="float32", name="linear_map")(flat)


def _styled(x: Any, told: Any, name: str) -> Any:
    """Feature map scaled and shifted by the code, then LeakyReLU."""
    channels = x.shape[-1]
    style = layers.Dense(2 * channels, kernel_initializer="zeros", name=name)(told)
    style = layers.Reshape((1, 1, 2 * channels), name=f"{name}_map")(style)
    return layers.LeakyReLU(SLOPE, name=f"{name}_active")(Styled(name=f"{name}_styled")([x, style]))


@keras.saving.register_keras_serializable("networks")
class Styled(layers.Layer):
    """Layer x * (1 + scale) + shift, of x (B, H, W, C) and the pair (B, 1, 1, 2 C)."""

    def call(self, inputs: Any) -> Any:
        """The scaled and shifted map, (B, H, W, C)."""
        x, style = inputs
        scale, shift = ops.split(style, 2, axis=-1)
        return x * (1 + scale) + shift

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shape of x."""
        return input_shape[0]
