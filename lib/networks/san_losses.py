"""Losses of the semi-adversarial network, each with its value at chance or at a constant output.

Pictures x, x' in [0, 1]; y = 1 male; S(t, p) = -[t log p + (1 - t) log(1 - p)] in nats; f gives a probability
of male, here as its logit; R is an embedding. Numbers of equations are those of the 2019 report.
"""

from __future__ import annotations

import math
from typing import Any, Literal

from keras import ops

from lib.networks.matcher import unit_length

Opposite = Literal["opposite", "reversed"]
Reduction = Literal["mean", "sum"]

CLIP = 1e-7
"""Keras' bound on probabilities. In float32, 1 - 1e-7 is 1 - 2^-23."""


def pixel_loss(target: Any, output: Any, reduction: Reduction = "mean") -> Any:
    """Cross-entropy of each image, eq. (2): J_D.

    Its least value is the entropy of the target, not 0; a constant output of 1/2 costs log 2.

    Parameters
    ----------
    target, output : (B, H, W, C) in [0, 1].
    reduction : over the pixels. `mean` is the loss to train with; `sum` (eq. 2 to the letter) is H W times
        larger and drowns the other terms.

    Returns
    -------
    (B,) float32, nats per pixel, or per picture for `sum`.
    """
    t, p = _flat(target), ops.clip(_flat(output), CLIP, 1 - CLIP)
    entropy = -(t * ops.log(p) + (1 - t) * ops.log(1 - p))
    return ops.sum(entropy, axis=1) if reduction == "sum" else ops.mean(entropy, axis=1)


def pixel_floor(target: Any, reduction: Reduction = "mean") -> Any:
    """Lowest `pixel_loss` of each image, (B,): its own entropy, about .55 nats per pixel on faces."""
    return pixel_loss(target, target, reduction)


def half_cross_entropy(target: Any, output: Any) -> Any:
    """One-sided cross-entropy -sum t log p of the report's code, which a white image minimises.

    Kept to show the collapse; train with `pixel_loss`.

    Parameters
    ----------
    target, output : (B, H, W, C) in [0, 1].

    Returns
    -------
    Scalar, float32.

    The sum is over pixels *and* batch.
    """
    p = ops.clip(_flat(output), CLIP, 1 - CLIP)
    return -ops.sum(_flat(target) * ops.log(p))


def half_cross_entropy_of_white(mean: float, pixels: int, batch: int) -> float:
    """`half_cross_entropy` of an all-white output, in nats.

    Parameters
    ----------
    mean : of the target pictures.
    pixels, batch : pixels of a picture, pictures in a batch.

    Example: 0.1764 for a mean of 0.4608, 224 x 224 px, batch 64.
    """
    return -mean * pixels * batch * math.log1p(-(2.0**-23))


def opposite_label(label: Any, opposite: Opposite = "opposite") -> Any:
    """Target label of the opposite output (OP).

    Parameters
    ----------
    label : (B,) or (B, 1), male 1.
    opposite : `opposite`, 1 - y, as the text says; `reversed`, the labels in reverse order along the batch,
        as the report's code does: another picture's label, which no network can know.

    Returns
    -------
    (B,) float32.

    Raises
    ------
    ValueError : no such rule.
    """
    y = ops.reshape(ops.cast(label, "float32"), (-1,))
    if opposite not in ("opposite", "reversed"):
        raise ValueError(f"opposite must be opposite or reversed, not {opposite!r}")
    return 1 - y if opposite == "opposite" else ops.flip(y, axis=0)


def label_loss(label: Any, logit: Any) -> Any:
    """Cross-entropy S(y, f) of each image, (B,), from the logit of male (B,) or (B, 1)."""
    y = ops.reshape(ops.cast(label, "float32"), (-1,))
    z = ops.reshape(ops.cast(logit, "float32"), (-1,))
    return ops.softplus(z) - y * z


def gender_loss(label: Any, logit_sm: Any, logit_op: Any, opposite: Opposite = "opposite") -> Any:
    """Gender loss of each image, eq. (3): J_G = S(y, f(x'_SM)) + S(y_OP, f(x'_OP)).

    Parameters
    ----------
    label : (B,) male 1.
    logit_sm, logit_op : of male, as `gender_classifier(output="logit")` gives them, for both outputs.
    opposite : see `opposite_label`.

    Returns
    -------
    (B,) float32.
    """
    return label_loss(label, logit_sm) + label_loss(opposite_label(label, opposite), logit_op)


def gender_chance(male: float, opposite: Opposite = "opposite", answer: float | None = None) -> float:
    """Expected `gender_loss` where the classifier gives one answer to all outputs.

    For `opposite` it is -log q - log(1 - q), whatever the share: at least 2 log 2 = 1.386, and 1.416 at the
    base rate .4148. For `reversed` it is 2 S(male, q): 1.357 at the base rate. There .679 of it remain with a
    perfect SM, as nothing tells the other picture's label.

    Parameters
    ----------
    male : share of male labels, in (0, 1).
    opposite : see `opposite_label`.
    answer : the probability q of male; None takes the best one (1/2, for `reversed` the base rate).
    """
    if opposite == "reversed":
        return 2 * entropy(male, answer)
    q = 0.5 if answer is None else answer
    return -math.log(q) - math.log(1 - q)


def entropy(share: float, answer: float | None = None) -> float:
    """Cross-entropy S(share, answer) of a binary label in nats; its entropy if `answer` is None."""
    q = share if answer is None else answer
    return -share * math.log(q) - (1 - share) * math.log(1 - q)


def matching_loss(reference: Any, embedding: Any, *, unit: bool = True) -> Any:
    """Matching loss of each image, eq. (4): J_M = || R(x'_SM) - R(x) ||^2.

    The first paper takes the mean of R(x'_SM) and R(x'_OP) for the altered picture, at length 1 each.

    Parameters
    ----------
    reference, embedding : (B, K), of the picture before and after; no gradient is stopped.
    unit : compare directions, 0 to 4; False takes the vectors as they are, whose scale is the matcher's.

    Returns
    -------
    (B,) float32.
    """
    pair = [ops.cast(x, "float32") for x in (reference, embedding)]
    a, b = [unit_length(x) for x in pair] if unit else pair
    return ops.sum(ops.square(a - b), axis=-1)


def matching_chance(embeddings: Any, *, unit: bool = True) -> Any:
    """Mean `matching_loss` between images of different subjects: the loss at chance.

    Parameters
    ----------
    embeddings : (N, K) with N > 1, of pictures of different subjects; 2 for directions that average to zero.

    Returns
    -------
    Scalar, float32.
    """
    e = ops.cast(embeddings, "float32")
    e = unit_length(e) if unit else e
    count = e.shape[0]
    spread = ops.mean(ops.sum(ops.square(e - ops.mean(e, axis=0)), axis=-1))
    return 2 * spread * count / (count - 1)


def _flat(pictures: Any) -> Any:
    x = ops.cast(pictures, "float32")
    return ops.reshape(x, (ops.shape(x)[0], -1))
