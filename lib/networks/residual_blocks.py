"""Residual blocks with batch normalisation, the body of classifiers and matchers."""

from __future__ import annotations

from typing import Any

from keras import layers


def residual_features(
    image: Any, widths: tuple[int, ...], *, blocks: int = 1, activation: str = "relu"
) -> Any:
    """Feature map of a grey image by residual blocks.

    Parameters
    ----------
    image : (B, H, W, 1) in [0, 1].
    widths : channels of the stages. The first convolution halves the map, each stage after the first too.
    blocks : residual blocks in a stage.
    activation : after each normalisation.

    Returns
    -------
    (B, H / 2^len(widths), ..., widths[-1]), rounded up.
    """
    x = layers.Rescaling(4.0, -2.0, name="centred")(image)
    x = layers.Conv2D(widths[0], 5, strides=2, padding="same", use_bias=False, name="stem")(x)
    x = layers.Activation(activation, name="stem_active")(layers.BatchNormalization(name="stem_norm")(x))
    for stage, channels in enumerate(widths):
        for block in range(blocks):
            halve = stage > 0 and block == 0
            x = _block(x, channels, halve, activation, f"stage{stage + 1}_block{block + 1}")
    return x


def _block(x: Any, channels: int, halve: bool, activation: str, name: str) -> Any:
    """Two 3 x 3 convolutions plus the identity, pooled and widened where the map is halved."""
    y = layers.Conv2D(
        channels, 3, strides=2 if halve else 1, padding="same", use_bias=False, name=f"{name}_a"
    )(x)
    y = layers.Activation(activation, name=f"{name}_a_active")(
        layers.BatchNormalization(name=f"{name}_a_norm")(y)
    )
    y = layers.Conv2D(channels, 3, padding="same", use_bias=False, name=f"{name}_b")(y)
    y = layers.BatchNormalization(gamma_initializer="zeros", name=f"{name}_b_norm")(y)
    if halve:
        x = layers.MaxPooling2D(2, padding="same", name=f"{name}_pool")(x)
    if x.shape[-1] != channels:
        x = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_widen")(x)
    return layers.Activation(activation, name=f"{name}_active")(layers.Add(name=f"{name}_add")([x, y]))
