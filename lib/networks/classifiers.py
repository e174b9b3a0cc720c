"""Classifiers of other designs than the SAN's own (residual, patches, transformer): judges and attackers.

Chosen to differ in what they look at: a residual network with batch normalisation; a network of 4 x 4
patches, which sees nothing across a patch's border until late; and a transformer of patches, where
every place looks at every other. All take the grey picture and end in `gender_classifier.head`.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from lib.networks.gender_classifier import Output, head
from lib.networks.residual_blocks import residual_features


def residual_classifier(
    size: int = 112,
    *,
    widths: tuple[int, ...] = (24, 48, 96, 160),
    output: Output = "logit",
    dropout: float = 0.3,
) -> keras.Model:
    """Residual classifier with batch normalisation: 559,290 parameters at any size from 16 px.

    Parameters
    ----------
    size : height and width in pixels.
    widths : channels of the stages, each of which halves the map.
    output : see `gender_classifier.head`.
    dropout : rate before the last layer.

    Returns
    -------
    Model from `image` (B, size, size, 1) in [0, 1] to the output, float32.
    """
    image = keras.Input((size, size, 1), name="image")
    x = residual_features(image, widths)
    x = layers.Dropout(dropout, name="dropout")(layers.GlobalAveragePooling2D(name="average")(x))
    return keras.Model(image, head(x, output), name="residual_classifier")


def patch_classifier(
    size: int = 112,
    *,
    width: int = 64,
    blocks: int = 2,
    output: Output = "logit",
    dropout: float = 0.3,
) -> keras.Model:
    """Classifier of non-overlapping 4 x 4 patches, merged 2 x 2 twice; no batch statistics.

    993,442 parameters at any size that 16 divides.

    Parameters
    ----------
    size : height and width in pixels, divisible by 16.
    width : numbers of a patch; doubled by each merge.
    blocks : residual 3 x 3 blocks at the two merged resolutions; the unmerged patches stay apart.
    output, dropout : as for `residual_classifier`.

    Raises
    ------
    ValueError : the size is not divisible by 16.
    """
    image, features = patch_features(size, width, blocks)
    x = layers.GlobalAveragePooling2D(name="average")(features)
    return keras.Model(
        image, head(layers.Dropout(dropout, name="dropout")(x), output), name="patch_classifier"
    )


def patch_features(size: int, width: int = 64, blocks: int = 2) -> tuple[Any, Any]:
    """Return the input and the feature map of a network of 4 x 4 patches, merged 2 x 2 twice.

    Parameters
    ----------
    size : height and width in pixels, divisible by 16.
    width, blocks : as for `patch_classifier`.

    Returns
    -------
    `image` (B, size, size, 1) in [0, 1], and (B, size / 16, size / 16, 4 width), normalised over the channels
    of each place.

    Raises
    ------
    ValueError : the size is not divisible by 16.
    """
    if size % 16:
        raise ValueError(f"patches of 4 pixels are merged twice: {size} is not divisible by 16")
    image = keras.Input((size, size, 1), name="image")
    x = layers.Rescaling(4.0, -2.0, name="centred")(image)
    for stage, kernel in enumerate((4, 2, 2)):
        x = layers.Conv2D(width << stage, kernel, strides=kernel, name=f"merge{stage}")(x)
        x = layers.LayerNormalization(name=f"merge{stage}_norm")(x)
        for block in range(blocks if stage else 1):
            x = _patch_block(x, 3 if stage else 1, f"stage{stage}_block{block + 1}")
    return image, layers.LayerNormalization(name="norm")(x)


def _patch_block(x: Any, kernel: int, name: str) -> Any:
    """Residual block: normalise, convolve to half the channels, GELU, back by 1 x 1, add."""
    channels = x.shape[-1]
    y = layers.LayerNormalization(name=f"{name}_norm")(x)
    y = layers.Conv2D(channels // 2, kernel, padding="same", activation="gelu", name=f"{name}_in")(y)
    y = layers.Conv2D(channels, 1, kernel_initializer="zeros", name=f"{name}_out")(y)
    return layers.Add(name=f"{name}_add")([x, y])


def transformer_classifier(
    size: int = 112,
    *,
    patch: int = 8,
    width: int = 96,
    heads: int = 4,
    blocks: int = 3,
    output: Output = "logit",
    dropout: float = 0.1,
) -> keras.Model:
    """Vision transformer classifier; 268,226 parameters at 112 px and patches of 8 px.

    The patches overlap by half, which trains better on few pictures.

    Parameters
    ----------
    size : height and width in pixels, divisible by `patch`.
    patch : stride of the patches in pixels; they are twice as large.
    width, heads, blocks : numbers of a place, heads of attention, blocks.
    output : see `gender_classifier.head`.
    dropout : rate within the blocks.

    Raises
    ------
    ValueError : the size is not divisible by the patch.
    """
    if size % patch:
        raise ValueError(f"{size} px are not divisible into patches of {patch} px")
    image = keras.Input((size, size, 1), name="image")
    x = layers.Rescaling(4.0, -2.0, name="centred")(image)
    x = layers.Conv2D(width, 2 * patch, strides=patch, padding="same", name="patches")(x)
    x = Places(name="places")(layers.Reshape((-1, width), name="tokens")(x))
    for number in range(1, blocks + 1):
        x = _attention_block(x, width, heads, dropout, f"block{number}")
    x = layers.GlobalAveragePooling1D(name="average")(layers.LayerNormalization(name="norm")(x))
    return keras.Model(image, head(x, output), name="transformer_classifier")


def _attention_block(x: Any, width: int, heads: int, dropout: float, name: str) -> Any:
    y = layers.LayerNormalization(name=f"{name}_norm1")(x)
    y = layers.MultiHeadAttention(heads, width // heads, dropout=dropout, name=f"{name}_attention")(y, y)
    x = layers.Add(name=f"{name}_add1")([x, y])
    y = layers.LayerNormalization(name=f"{name}_norm2")(x)
    y = layers.Dense(2 * width, activation="gelu", name=f"{name}_in")(y)
    y = layers.Dropout(dropout, name=f"{name}_dropout")(layers.Dense(width, name=f"{name}_out")(y))
    return layers.Add(name=f"{name}_add2")([x, y])


@keras.saving.register_keras_serializable("networks")
class Places(layers.Layer):
    """Layer that adds a learned position embedding to a sequence (B, N, K)."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the position embedding (N, K)."""
        start = keras.initializers.RandomNormal(stddev=0.02)
        self.place = self.add_weight(shape=tuple(input_shape[1:]), initializer=start, name="place")

    def call(self, x: Any) -> Any:
        """Sequence plus position embedding, (B, N, K)."""
        return x + ops.convert_to_tensor(self.place)
