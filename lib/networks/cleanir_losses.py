"""Losses of CLEANIR for each image, eq. (2) and (3); grey and reversed gradients for terms of our own.

The reconstruction of eq. (1) is `san_losses.pixel_loss` with `reduction="sum"`; what is printed in the paper
is its first half, `san_losses.half_cross_entropy`, which a white picture minimises.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from lib.networks.matcher import unit_length

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue, ITU-R BT.601, as in `faces.grey`."""


def kl_divergence(mean: Any, log_variance: Any) -> Any:
    """Divergence of the latent distribution from the standard normal one, eq. (2); 0 only if they are equal.

    Parameters
    ----------
    mean, log_variance : (B, D).

    Returns
    -------
    (B,) float32, nats.
    """
    mean, log_variance = (ops.cast(one, "float32") for one in (mean, log_variance))
    return -0.5 * ops.sum(1 + log_variance - ops.square(mean) - ops.exp(log_variance), axis=-1)


def cosine_distance(target: Any, identity: Any) -> Any:
    """1 - cos of an embedding and the identity half, eq. (3).

    Parameters
    ----------
    target, identity : (B, D), of any length above 0.

    Returns
    -------
    (B,) float32 in [0, 2]; 1 for directions that have nothing to do with each other.
    """
    a, b = (unit_length(ops.cast(one, "float32")) for one in (target, identity))
    return 1 - ops.sum(a * b, axis=-1)


def grey_of(pictures: Any) -> Any:
    """Brightness of colour pictures with gradients, (B, H, W, 3) to (B, H, W, 1), both in [0, 1]."""
    weights = ops.cast(ops.convert_to_tensor(LUMA), pictures.dtype)
    return ops.sum(pictures * weights, axis=-1, keepdims=True)


def reverse_gradient(values: Any) -> Any:
    """The values unchanged, with the sign of their gradient reversed (Ganin and Lempitsky 2015).

    What follows learns to read them, and what comes before learns to say nothing. A stopped gradient does it
    alike on every backend.
    """
    return 2 * ops.stop_gradient(values) - values
