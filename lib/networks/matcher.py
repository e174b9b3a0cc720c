"""Face matchers (grey image to embedding), and the margin softmax head to train them."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from lib.networks.classifiers import patch_features
from lib.networks.residual_blocks import residual_features

TINY = 1e-12


def matcher(
    size: int = 112,
    *,
    dimensions: int = 128,
    widths: tuple[int, ...] = (24, 48, 96, 160),
    blocks: int = 1,
    dropout: float = 0.2,
    unit: bool = True,
) -> keras.Model:
    """Build a residual matcher, from a face to its embedding; 1,562,872 parameters at 112 px.

    A residual network, its last map flattened: a face is aligned, so the place of a feature counts.

    Parameters
    ----------
    size : height and width in pixels, 32 or more.
    dimensions : numbers of the embedding.
    widths, blocks : see `residual.residual_features`.
    dropout : rate on the last map.
    unit : embeddings of length 1 (a picture whose features are all 0 gives zeros); False leaves their length.

    Returns
    -------
    Model from `image` (B, size, size, 1) in [0, 1] to the embedding (B, dimensions), float32.
    """
    image = keras.Input((size, size, 1), name="image")
    x = _embedding(residual_features(image, widths, blocks=blocks), dimensions, dropout)
    return keras.Model(image, UnitLength(name="unit")(x) if unit else x, name="matcher")


def patch_matcher(
    size: int = 112, *, dimensions: int = 128, width: int = 64, blocks: int = 2, dropout: float = 0.2
) -> keras.Model:
    """Build a matcher of patches, to be held out where `matcher` takes part in training.

    It shares no layer design with `matcher` but the last one: no batch statistics in the body, no overlapping
    windows until 4 x 4 patches are merged. 2,598,944 parameters at 112 px.

    Parameters
    ----------
    size : height and width in pixels, divisible by 16.
    dimensions, dropout : as for `matcher`.
    width, blocks : see `classifiers.patch_features`.

    Returns
    -------
    Model from `image` (B, size, size, 1) in [0, 1] to the embedding (B, dimensions) of unit length, float32.

    Raises
    ------
    ValueError : the size is not divisible by 16.
    """
    image, features = patch_features(size, width, blocks)
    x = _embedding(features, dimensions, dropout)
    return keras.Model(image, UnitLength(name="unit")(x), name="patch_matcher")


def _embedding(features: Any, dimensions: int, dropout: float) -> Any:
    """Embedding of a flattened feature map; faces are aligned, so the place of a feature counts."""
    x = layers.Dropout(dropout, name="dropout")(layers.Flatten(name="flatten")(features))
    x = layers.Dense(dimensions, use_bias=False, dtype="float32", name="embedding")(x)
    # Centring over the training faces spreads the embeddings over the whole sphere.
    return layers.BatchNormalization(scale=False, dtype="float32", name="embedding_norm")(x)


def with_head(body: keras.Model, subjects: int, *, scale: float = 24.0, margin: float = 0.2) -> keras.Model:
    """The matcher with a margin softmax head over the training subjects; train this, keep `body`.

    Parameters
    ----------
    body : from {`image`} to embeddings; it is shared, not copied.
    subjects : number of subjects, numbered from 0.
    scale, margin : see `MarginHead`.

    Returns
    -------
    Model from {`image`, `subject` (B,) int} to logits (B, subjects), for
    `SparseCategoricalCrossentropy(from_logits=True)` with the subject as target too.
    """
    image = keras.Input(body.input_shape[1:], name="image")
    subject = keras.Input((), dtype="int32", name="subject")
    logits = MarginHead(subjects, scale, margin, name="head")(body(image), subject)
    return keras.Model({"image": image, "subject": subject}, logits, name="matcher_training")


@keras.saving.register_keras_serializable("networks")
class UnitLength(layers.Layer):
    """Layer that divides vectors (B, K) by their length; a zero vector stays zero with a finite gradient."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"dtype": "float32", **options})

    def call(self, x: Any) -> Any:
        """Vectors of unit length, (B, K) float32."""
        return unit_length(x)


def unit_length(x: Any) -> Any:
    """Vectors (..., K) divided by their length; zero vectors stay zero with a finite gradient."""
    return x * ops.rsqrt(ops.maximum(ops.sum(x * x, axis=-1, keepdims=True), TINY))


@keras.saving.register_keras_serializable("networks")
class MarginHead(layers.Layer):
    """Head with a margin softmax (CosFace): scale * (cosine to each subject - margin at the true one).

    Parameters
    ----------
    subjects : number of classes.
    scale : of the cosines, so that the softmax can become sharp.
    margin : taken off the true subject's cosine in training only; 0 is the plain normalised softmax.
    """

    def __init__(self, subjects: int, scale: float = 24.0, margin: float = 0.2, **options: Any) -> None:
        super().__init__(**{"dtype": "float32", **options})
        self.subjects, self.scale, self.margin = subjects, scale, margin

    def build(self, embedding_shape: Any, subject_shape: Any = None) -> None:
        """Make one direction (class centre) per subject."""
        self.kernel = self.add_weight(shape=(embedding_shape[-1], self.subjects), name="kernel")

    def call(self, embedding: Any, subject: Any, training: bool | None = None) -> Any:
        """Logits (B, subjects) float32."""
        directions = ops.transpose(unit_length(ops.transpose(ops.convert_to_tensor(self.kernel))))
        cosines = ops.matmul(unit_length(embedding), directions)
        if training:
            cosines = cosines - self.margin * ops.one_hot(subject, self.subjects, dtype=cosines.dtype)
        return self.scale * cosines

    def compute_output_shape(self, embedding_shape: Any, subject_shape: Any = None) -> tuple[Any, int]:
        """Shape (B, subjects)."""
        return (embedding_shape[0], self.subjects)

    def get_config(self) -> dict[str, Any]:
        """Configuration: subjects, scale and margin."""
        own = {"subjects": self.subjects, "scale": self.scale, "margin": self.margin}
        return {**super().get_config(), **own}
