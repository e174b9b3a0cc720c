"""Gender classifier of the semi-adversarial network, in three variants from its sources.

The report's text says six convolutions, each followed by LeakyReLU and 2 x 2 pooling, to a map of
4 x 4 x 256; its code ends at 1 x 1 x 256; the first paper's code has other channels. All are here, with one
output of three forms and equal weights, so what was trained with one form can be read with another.
"""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import layers

from lib.networks.san_reference import SLOPES

Reading = Literal["same", "valid", "original"]
Output = Literal["logit", "softmax", "sigmoids"]

OUTPUTS: tuple[Output, ...] = ("logit", "softmax", "sigmoids")
CHANNELS = {
    "same": (32, 64, 64, 128, 128, 256),
    "valid": (32, 64, 64, 128, 128, 256),
    "original": (32, 64, 128, 256, 256),
}
UNITS = 256
LAST = 512  # channels of the original's convolution without pooling


def gender_classifier(
    size: int = 224,
    *,
    reading: Reading = "same",
    output: Output = "logit",
    slope: float | None = None,
    dropout: float | None = None,
) -> keras.Model:
    """Build a classifier of perceived gender from a grey image.

    Parameters
    ----------
    size : height and width in pixels.
    reading : `same` (text): padding `same` in convolutions and pooling; 1,622,210 parameters at 224 px,
        835,778 at 112, 639,170 at 64. `valid` (code): no padding, dense layers on the 1 x 1 map; 639,170 at
        224 px, the only common size that leaves 1 x 1. `original` (first paper): 32 to 256 channels pooled,
        512 not pooled, global average; 2,159,618 at any size.
    output : see `head`.
    slope : of LeakyReLU; None takes the source's (0.3, original 0.01).
    dropout : rate before the last layers; None takes the source's (0.5, original 0.25).

    Returns
    -------
    Model from `image` (B, size, size, 1) in [0, 1] to the output, float32 under any dtype policy.

    Raises
    ------
    ValueError : no such reading or output, or a size that `valid` does not bring to 1 x 1.
    """
    if reading not in CHANNELS:
        raise ValueError(f"reading must be one of {', '.join(CHANNELS)}, not {reading!r}")
    if reading == "valid" and _valid_map(size) != 1:
        raise ValueError(
            f"without padding {size} px end at {_valid_map(size)} px, not 1: take 224 px, or reading 'same'"
        )
    first = reading == "original"
    slope = SLOPES["original" if first else "report"] if slope is None else slope
    dropout = (0.25 if first else 0.5) if dropout is None else dropout
    image = keras.Input((size, size, 1), name="image")
    x = _body(image, reading, slope, dropout)
    return keras.Model(image, head(x, output), name=f"gender_classifier_{reading}")


def _body(image: Any, reading: Reading, slope: float, dropout: float) -> Any:
    padding = "valid" if reading == "valid" else "same"
    x = image
    for place, channels in enumerate(CHANNELS[reading]):
        x = layers.Conv2D(channels, 3 if place else 5, padding=padding, name=f"convolution{place + 1}")(x)
        x = layers.LeakyReLU(slope, name=f"relu{place + 1}")(x)
        x = layers.MaxPooling2D(2, padding=padding, name=f"pool{place + 1}")(x)
    if reading == "original":
        x = layers.LeakyReLU(slope, name="relu6")(
            layers.Conv2D(LAST, 3, padding="same", name="convolution6")(x)
        )
        return layers.Dropout(dropout, name="dropout")(layers.GlobalAveragePooling2D(name="average")(x))
    x = layers.Dense(UNITS, name="dense")(layers.Flatten(name="flatten")(x))
    return layers.LeakyReLU(slope, name="relu")(layers.Dropout(dropout, name="dropout")(x))


def _valid_map(size: int) -> int:
    """Side of the last feature map without padding; 0 where a convolution no longer fits."""
    for kernel in (5, 3, 3, 3, 3, 3):
        size = max(size - kernel + 1, 0) // 2
    return size


def head(features: Any, output: Output = "logit") -> Any:
    """Last layer: two units (female, male), read as logit, softmax or sigmoids with the same weights.

    Parameters
    ----------
    features : (B, K) tensor.
    output : `logit`, (B, 1), z1 - z0: the log odds of male, for `BinaryCrossentropy(from_logits=True)`;
        `softmax`, (B, 2), probabilities of [female, male], where P(male) is the sigmoid of that logit;
        `sigmoids`, (B, 2), the source's: a sigmoid of each. They are no distribution (their sum is not 1);
        Keras' categorical cross-entropy divides them by their sum. The decision, male where the second is
        larger, is that of the other two forms; the ranking of pictures need not be.

    Raises
    ------
    ValueError : no such output.

    The logits of the two units are z0 and z1.
    """
    if output not in OUTPUTS:
        raise ValueError(f"output must be one of {', '.join(OUTPUTS)}, not {output!r}")
    z = layers.Dense(2, dtype="float32", name="gender")(features)
    if output == "logit":
        return z[:, 1:] - z[:, :1]
    form = "softmax" if output == "softmax" else "sigmoid"
    return layers.Activation(form, dtype="float32", name=output)(z)
