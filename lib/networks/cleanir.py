"""CLEANIR: encoder to a latent vector in two halves, identity and attributes, and decoder back to a face.

Cho, Lee and Suh, "CLEANIR: Controllable Attribute-Preserving Natural Identity Remover", Applied Sciences
2020, 10, 1120, table 1; the heads of the variational autoencoder as in the authors' code, since the table
ends before them.

Two exact economies leave layers, counts and outputs as they are in the table. The two convolutions that begin
a residual block, one on the main path and one on the shortcut, read the same map: they are one convolution of
twice the channels, whose result is split. And nearest enlargement before a 3 x 3 convolution is a 2 x 2
convolution of the small map (`san.fold_upsampling`).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from lib.networks.matcher import unit_length
from lib.networks.san import fold_upsampling, interleave_phases

ENCODER = (64, 128, 192, 256)
"""Channels of the encoder's residual blocks, at width 1; the first layer has those of the first block."""
SEED = 512
"""Channels of the decoder's first map, at width 1."""
DECODER = (256, 128, 64, 32)
"""Channels of the decoder's residual blocks, at width 1."""
SLOPE = 0.2
MOMENTUM = 0.9
"""Of batch normalisation; the code has .8 and .99 for 300 epochs, which short trainings do not reach."""
HALVING = 32
"""Factor between the picture and the encoder's last map: five halvings."""
DOUBLING = 16
"""Factor between the decoder's first map and the picture: four doublings."""


def cleanir_encoder(
    size: int = 64,
    *,
    identity: int = 512,
    attributes: int = 512,
    width: float = 1.0,
    vae: bool = True,
    flat: bool = False,
) -> keras.Model:
    """Build the encoder; 7,258,240 parameters as in the source, 5,159,040 without the heads.

    Parameters
    ----------
    size : height and width of the picture, divisible by 32.
    identity, attributes : numbers of the two halves of the latent vector; the source has 512 and 512.
        `identity` is the length of the embeddings that the first half learns to follow.
    width : factor of all numbers of channels; 1 in the source.
    vae : whether mean and log-variance are two dense layers of their own, as in the code; else the last layer
        of table 1 is the mean, and nothing is drawn at random.
    flat : whether the last map is read place by place; else averaged over its places, as in table 1, after
        which no more numbers are left than it has channels.

    Returns
    -------
    Model from `image` (B, size, size, 3) in [0, 1] to {`mean`: (B, identity + attributes)}, with `vae` also
    {`log_variance`: the same shape}; float32 under any dtype policy. Identity comes first.

    Raises
    ------
    ValueError : a size that is not divisible by 32, or a width that leaves no channel.
    """
    _check_size(size, HALVING)
    latent, channels = identity + attributes, scaled(ENCODER, width)
    image = keras.Input((size, size, 3), name="image")
    x = layers.Conv2D(channels[0], 7, strides=2, padding="same", name="enc0")(image)
    x = _active(_normalised(x, "enc0"), "enc0")
    for number, filters in enumerate(channels, start=1):
        first = layers.Conv2D(2 * filters, 3, strides=2, padding="same", name=f"enc{number}_first")
        x = _residual_block(x, first, filters, f"enc{number}")
    x = layers.Flatten(name="flat")(x) if flat else layers.GlobalAveragePooling2D(name="average")(x)
    x = _active(layers.Dense(latent, name="encl")(x), "encl")
    x = _normalised(x, "encl", dtype="float32")
    if not vae:
        return keras.Model(image, {"mean": x}, name="cleanir_encoder")
    heads = {
        "mean": layers.Dense(latent, dtype="float32", name="mean")(x),
        # From 0: the exponential of other first weights dwarfs all other terms for the first steps.
        "log_variance": layers.Dense(
            latent, kernel_initializer="zeros", dtype="float32", name="log_variance"
        )(x),
    }
    return keras.Model(image, heads, name="cleanir_encoder")


def cleanir_decoder(
    size: int = 64, *, identity: int = 512, attributes: int = 512, width: float = 1.0
) -> keras.Model:
    """Build the decoder; 13,893,187 parameters as in the source.

    Parameters
    ----------
    size, identity, attributes, width : as for `cleanir_encoder`; here the size must be divisible by 16.

    Returns
    -------
    Model from {`identity` (B, identity), `attributes` (B, attributes)} to the face (B, size, size, 3) in
    [0, 1], float32 under any dtype policy. The identity is scaled to length 1 first, also in training.

    Raises
    ------
    ValueError : a size that is not divisible by 16, or a width that leaves no channel.
    """
    _check_size(size, DOUBLING)
    (seed, *channels), side = scaled((SEED, *DECODER), width), size // DOUBLING
    inputs = {
        "identity": keras.Input((identity,), name="identity"),
        "attributes": keras.Input((attributes,), name="attributes"),
    }
    unit = UnitLength(dtype="float32", name="unit_identity")(inputs["identity"])
    latent = layers.Concatenate(name="latent")([unit, inputs["attributes"]])
    x = layers.Dense(side * side * seed, name="dec0")(latent)
    x = _active(layers.Reshape((side, side, seed), name="dec0_map")(x), "dec0")
    for number, filters in enumerate(channels, start=1):
        first = EnlargedConv2D(2 * filters, name=f"dec{number}_first")
        x = _residual_block(x, first, filters, f"dec{number}")
    x = layers.Conv2D(3, 3, padding="same", name="decl")(_active(x, "decl"))
    face = layers.Activation("sigmoid", dtype="float32", name="face")(x)
    return keras.Model(inputs, face, name="cleanir_decoder")


@keras.saving.register_keras_serializable("networks")
class EnlargedConv2D(layers.Conv2D):
    """3 x 3 convolution of the map enlarged by 2 (nearest), computed on the small map.

    (B, H, W, C) -> (B, 2 H, 2 W, filters); variables are those of the plain convolution.
    """

    def __init__(self, filters: int, **options: Any) -> None:
        fixed = {"kernel_size": 3, "padding": "same"}
        super().__init__(filters, **{**options, **fixed})

    def call(self, inputs: Any) -> Any:
        """The convolved larger map."""
        small = ops.pad(inputs, ((0, 0), (1, 1), (1, 1), (0, 0)))
        kernel = ops.cast(fold_upsampling(self.kernel), self.compute_dtype)
        return interleave_phases(ops.conv(small, kernel, padding="valid")) + self.bias

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Twice the height and width, and the number of filters."""
        batch, height, width, _ = input_shape
        return batch, 2 * height, 2 * width, self.filters


@keras.saving.register_keras_serializable("networks")
class UnitLength(layers.Layer):
    """Rows scaled to Euclidean length 1, (B, D) -> (B, D)."""

    def call(self, inputs: Any) -> Any:
        """The scaled rows."""
        return unit_length(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shape of the input."""
        return input_shape


def scaled(channels: tuple[int, ...], width: float) -> tuple[int, ...]:
    """Numbers of channels times a factor, rounded.

    Raises
    ------
    ValueError : one of them would be 0.
    """
    found = tuple(round(width * one) for one in channels)
    if min(found) < 1:
        raise ValueError(f"a width of {width} leaves {found} channels: give one of 1/32 or more")
    return found


def _residual_block(x: Any, first: layers.Layer, filters: int, name: str) -> Any:
    """Residual block of table 1; `first` changes the size of the map and begins both of its paths."""
    both = _normalised(first(x), f"{name}_first")
    main, shortcut = ops.split(both, 2, axis=-1)
    main = _convolved(_active(main, f"{name}_a"), filters, f"{name}_b")
    x = _active(main + shortcut, f"{name}_joined")
    main = _convolved(_convolved(x, filters, f"{name}_c"), filters, f"{name}_d")
    return _active(main + x, name)


def _convolved(x: Any, filters: int, name: str) -> Any:
    """3 x 3 convolution, normalisation, LeakyReLU."""
    x = layers.Conv2D(filters, 3, padding="same", name=name)(x)
    return _active(_normalised(x, name), name)


def _normalised(x: Any, name: str, **options: Any) -> Any:
    return layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm", **options)(x)


def _active(x: Any, name: str) -> Any:
    return layers.LeakyReLU(SLOPE, name=f"{name}_active")(x)


def _check_size(size: int, factor: int) -> None:
    if size < factor or size % factor:
        raise ValueError(f"the picture's side must be divisible by {factor}: {size} px is not")
