"""Losses of CLEANIR for each image: Kullback-Leibler divergence and distance of embeddings, eq. (2) and (3).

The reconstruction of eq. (1) is `san_losses.pixel_loss` with `reduction="sum"`; what is printed in the paper
is its first half, `san_losses.half_cross_entropy`, which a white picture minimises.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from lib.networks.matcher import unit_length


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
