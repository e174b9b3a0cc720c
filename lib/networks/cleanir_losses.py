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


def wavelet_distance(image: Any, face: Any, levels: int = 3) -> Any:
    """Absolute difference of the Haar coefficients of detail of two pictures, summed over all of them.

    Parameters
    ----------
    image, face : (B, H, W, C) in [0, 1], H and W divisible by 2^levels.
    levels : halvings of the picture; the coarse rest takes no part.

    Returns
    -------
    (B,) float32; 0 for pictures that differ in a constant.
    """
    rest, total = ops.cast(face, "float32") - ops.cast(image, "float32"), 0.0
    for _ in range(levels):
        _, height, width, channels = rest.shape
        blocks = ops.reshape(rest, (-1, height // 2, 2, width // 2, 2, channels))
        (a, b), (c, d) = [[blocks[:, :, row, :, column] for column in (0, 1)] for row in (0, 1)]
        for detail in (a + b - c - d, a - b + c - d, a - b - c + d):
            total = total + ops.sum(ops.abs(detail), axis=(1, 2, 3)) / 2
        rest = (a + b + c + d) / 2
    return total


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
