"""VGG16-face, the matcher of the semi-adversarial network's sources, with preprocessing inside."""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import layers, ops

from lib.networks.matcher import UnitLength

Embedding = Literal["scores", "fc7"]

GROUPS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Channels and number of 3 x 3 convolutions before each pooling."""
UNITS = 4096
CLASSES = 2622
MEAN_BGR = (93.5940, 104.7624, 129.1863)
"""Mean of the pictures that the published weights were trained with; they expect 0 to 255, blue first."""


def vgg_face(
    *,
    embedding: Embedding = "scores",
    channels: Literal[1, 3] = 1,
    normalise: bool = True,
    initializer: str = "glorot_uniform",
) -> keras.Model:
    """Build VGG16-face at 224 px; 145,002,878 parameters up to the class scores, 580 MB in float32.

    The sources feed grey values in [0, 1] without the mean, 255 times less than the weights expect. Here the
    picture is brought to 0 to 255, blue first, less the mean, within the model.

    Parameters
    ----------
    embedding : `scores`, the 2,622 class scores before the softmax, as in the sources; `fc7`, the 4,096
        numbers before them (134,260,544 parameters).
    channels : 1 for grey, repeated three times; 3 for red, green, blue.
    normalise : embeddings of length 1.
    initializer : of the kernels; `zeros` where weights are loaded anyway.

    Returns
    -------
    Model from `image` (B, 224, 224, channels) in [0, 1] to the embedding, float32.

    Raises
    ------
    ValueError : no such embedding, or another number of channels.
    """
    if embedding not in ("scores", "fc7"):
        raise ValueError(f"embedding must be scores or fc7, not {embedding!r}")
    if channels not in (1, 3):
        raise ValueError(f"VGG16-face takes 1 or 3 channels, not {channels}")
    image = keras.Input((224, 224, channels), name="image")
    x = FacePixels(name="pixels")(image)
    for group, (filters, count) in enumerate(GROUPS, 1):
        for place in range(1, count + 1):
            x = _convolution(filters, 3, "same", "relu", initializer, f"conv{group}{'abc'[place - 1]}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{group}")(x)
    x = _convolution(UNITS, 7, "valid", "relu", initializer, "fc6")(x)
    x = layers.Dropout(0.5, name="dropout6")(x)
    x = _convolution(UNITS, 1, "valid", "relu", initializer, "fc7")(x)
    if embedding == "scores":
        x = layers.Dropout(0.5, name="dropout7")(x)
        x = _convolution(CLASSES, 1, "valid", None, initializer, "fc8")(x)
    x = layers.Flatten(dtype="float32", name="flatten")(x)
    return keras.Model(image, UnitLength(name="unit")(x) if normalise else x, name="vgg_face")


def _convolution(
    filters: int, kernel: int, padding: str, activation: str | None, initializer: str, name: str
) -> layers.Layer:
    return layers.Conv2D(
        filters, kernel, padding=padding, activation=activation, kernel_initializer=initializer, name=name
    )


@keras.saving.register_keras_serializable("networks")
class FacePixels(layers.Layer):
    """Layer that preprocesses images (B, H, W, 1 or 3) in [0, 1]: to 0 to 255, BGR, minus the mean."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"dtype": "float32", **options})

    def call(self, image: Any) -> Any:
        """The preprocessed image (B, H, W, 3), blue first."""
        grey = image.shape[-1] == 1
        blue_first = ops.repeat(image, 3, axis=-1) if grey else ops.flip(image, axis=-1)
        return 255.0 * blue_first - ops.array(MEAN_BGR, "float32")

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Shape of the image with three channels."""
        return (*input_shape[:-1], 3)
