"""Losses of generated faces by what frozen recognisers read from them: inner maps, embedding, subject."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from lib.networks.matcher import unit_length

EMBEDDING_SCALE = 16.0
"""Of the cosines before the softmax over subjects."""
_NEVER = -1e9
_TINY = 1e-6

Matcher = Callable[[Any], Any]
"""From grey pictures (B, H, W, 1) in [0, 1] to embeddings (B, D), with gradients: a Keras network, or a
function of the same backend's tensors."""


def feature_differences(network: keras.Model, image: Any, pictures: Any) -> list[Any]:
    """Mean absolute difference of each inner map of photograph and picture, as a part of the former's size.

    Parameters
    ----------
    network : from grey pictures to inner maps, see `matcher_features.feature_maps`.
    image, pictures : (B, H, W, 1) in [0, 1]; gradients go to the pictures only.

    Returns
    -------
    One scalar float32 for each map.
    """
    apart = []
    wanted = network(ops.cast(image, "float32"), training=False)
    for found, aim in zip(network(pictures, training=False), wanted, strict=True):
        aim = ops.stop_gradient(ops.cast(aim, "float32"))
        size = ops.mean(ops.abs(aim)) + _TINY
        apart.append(ops.mean(ops.abs(ops.cast(found, "float32") - aim)) / size)
    return apart


def matching_losses(
    matcher: Matcher, pictures: Any, target: Any, subject: Any, centres: np.ndarray, group: np.ndarray
) -> tuple[Any, Any]:
    """Per picture 1 - cos to the target, and the cross-entropy of its subject in nats, each (B,) float32.

    Parameters
    ----------
    pictures : (B, H, W, 1) in [0, 1].
    target : (B, D), what the matcher should read from each.
    subject : (B,) int.
    centres : float32 (S, D), each subject's mean target, of unit length.
    group : (S,) int; the softmax knows the subjects of the picture's own group.
    """
    keras_one = isinstance(matcher, keras.Model)
    said = matcher(pictures, training=False) if keras_one else matcher(pictures)  # type: ignore[call-arg]
    found = unit_length(ops.cast(said, "float32"))
    apart = 1 - ops.sum(found * unit_length(ops.cast(target, "float32")), axis=-1)
    subject, groups = ops.cast(subject, "int32"), ops.convert_to_tensor(group)
    others = ops.expand_dims(ops.take(groups, subject), 1) != ops.expand_dims(groups, 0)
    cosines = ops.matmul(found, ops.transpose(ops.convert_to_tensor(centres)))
    logits = ops.where(others, _NEVER, EMBEDDING_SCALE * cosines)
    return apart, keras.losses.sparse_categorical_crossentropy(subject, logits, from_logits=True)
