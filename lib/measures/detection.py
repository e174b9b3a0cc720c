"""Face detection: overlap of boxes, matching to the ground truth, average precision; landmark error.

Boxes are (left, top, right, bottom) in pixels, half-open: the width is right - left, with no 1 added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.resampling import BootstrapOptions, ResamplingUnits, Statistic, bootstrap_replicates
from lib.measures.ties import round_for_ties
from lib.measures.validation import as_floats, check_lengths


def as_boxes(boxes: ArrayLike, name: str = "boxes") -> np.ndarray:
    """Check boxes and return them as float64 (K, 4).

    Raises
    ------
    ValueError : another shape, NaN, or a box without area.
    """
    array = np.asarray(boxes, dtype=np.float64)
    array = array.reshape(0, 4) if array.size == 0 else array
    if array.ndim != 2 or array.shape[1] != 4 or not np.isfinite(array).all():
        raise ValueError(f"{name}: expected finite numbers (K, 4), got shape {array.shape}")
    if (array[:, 2:] <= array[:, :2]).any():
        raise ValueError(f"{name}: a box has no area (right <= left or bottom <= top)")
    return array


def iou(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """Intersection over union of every pair of boxes of (A, 4) and (B, 4): (A, B) in [0, 1]."""
    one, other = as_boxes(first)[:, None], as_boxes(second)[None]
    sides = np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2])
    shared = np.clip(sides, 0, None).prod(axis=-1)
    areas = (one[..., 2:] - one[..., :2]).prod(axis=-1) + (other[..., 2:] - other[..., :2]).prod(axis=-1)
    return shared / (areas - shared)


@dataclass(frozen=True)
class Matched:
    """Detections of a test set matched to the ground truth.

    Attributes
    ----------
    scores, true_positive, image : (D,) score, verdict, and position of the image, of all kept detections.
    truths : (I,) ground-truth boxes per image that count.
    dropped : detections on ignored boxes, neither right nor wrong.
    overlap : IoU from which a detection is right.
    """

    scores: np.ndarray
    true_positive: np.ndarray
    image: np.ndarray
    truths: np.ndarray
    dropped: int
    overlap: float


def match_image(
    boxes: ArrayLike, scores: ArrayLike, truth: ArrayLike, ignore: ArrayLike, overlap: float
) -> tuple[np.ndarray, np.ndarray]:
    """Match the detections of one image: (true positive, dropped), (D,) bool each, in their order."""
    values, real = as_floats(scores, "scores"), as_boxes(truth, "truth")
    skipped = np.asarray(ignore, dtype=bool)
    check_lengths(len(real), ignore=skipped)
    right, dropped = np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool)
    if not len(values) or not len(real):
        return right, dropped
    overlaps = round_for_ties(iou(boxes, real))
    free = np.ones(len(real), dtype=bool)
    for detection in np.argsort(-values, kind="stable"):
        best = int(overlaps[detection].argmax())
        if overlaps[detection, best] < overlap:
            continue
        dropped[detection] = skipped[best]
        right[detection] = free[best] and not skipped[best]
        free[best] = False
    return right, dropped


def match(
    boxes: Sequence[ArrayLike],
    scores: Sequence[ArrayLike],
    truths: Sequence[ArrayLike],
    ignores: Sequence[ArrayLike] | None = None,
    *,
    overlap: float = 0.5,
) -> Matched:
    """Match the detections of a test set to the ground truth by the rule of PASCAL VOC and WIDER FACE.

    By falling score, each detection looks at the true box that it overlaps most: right if IoU >= `overlap`
    and the box is free, else wrong (COCO would go on to the next free box). A detection whose best box is
    ignored is dropped.

    Parameters
    ----------
    boxes, scores : per image, (D, 4) and (D,). truths : per image, (T, 4).
    ignores : per image, (T,) bool: truths that do not count (say, of a harder subset).
    """
    count = len(truths)
    flagged = [np.zeros(len(as_boxes(truth)), dtype=bool) for truth in truths] if ignores is None else ignores
    for name, part in (("boxes", boxes), ("scores", scores), ("ignores", flagged)):
        check_lengths(count, **{name: part})
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for at in range(count):
        check_lengths(len(as_boxes(boxes[at])), scores=np.asarray(scores[at]))
        right, dropped = match_image(boxes[at], scores[at], truths[at], flagged[at], overlap)
        found.append((np.asarray(scores[at], dtype=np.float64)[~dropped], right[~dropped], dropped))
    image = np.repeat(np.arange(count), [len(kept) for kept, _, _ in found])
    return Matched(
        scores=np.concatenate([np.zeros(0), *(kept for kept, _, _ in found)]),
        true_positive=np.concatenate([np.zeros(0, dtype=bool), *(right for _, right, _ in found)]),
        image=image,
        truths=np.array([int((~np.asarray(flag, dtype=bool)).sum()) for flag in flagged], dtype=int),
        dropped=int(sum(dropped.sum() for _, _, dropped in found)),
        overlap=overlap,
    )


@dataclass(frozen=True)
class _Curve:
    """Precision and recall (R, V) at the end of each group of tied scores, scores falling."""

    precision: np.ndarray
    recall: np.ndarray

    @classmethod
    def of(cls, scores: np.ndarray, right: np.ndarray, weights: np.ndarray, truths: np.ndarray) -> _Curve:
        """Curve of detections (D,) with `weights` (R, D) and the total weight `truths` (R,) of true boxes."""
        order = np.argsort(-scores, kind="stable")
        ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
        weighted = weights[:, order]
        hits = np.cumsum(weighted * right[order], axis=1)[:, ends]
        tried = np.cumsum(weighted, axis=1)[:, ends]
        precision = np.divide(hits, tried, out=np.zeros_like(hits), where=tried > 0)
        return cls(precision, hits / np.where(truths > 0, truths, np.nan)[:, None])

    def area(self, envelope: bool) -> np.ndarray:
        """Area under precision over recall, (R,); `envelope` first makes precision fall, as VOC 2010 does."""
        height = self.precision
        if envelope:
            height = np.maximum.accumulate(height[:, ::-1], axis=1)[:, ::-1]
        return (np.diff(self.recall, axis=1, prepend=0) * height).sum(axis=1)

    def sampled(self, levels: int) -> np.ndarray:
        """Mean over `levels` equal steps of recall of the highest precision at that recall or more."""
        wanted = np.arange(levels) / (levels - 1)
        highest = [np.where(self.recall >= step - 1e-12, self.precision, 0).max(axis=1) for step in wanted]
        return np.where(np.isnan(self.recall).any(axis=1), np.nan, np.mean(highest, axis=0))


def _ap(
    scores: np.ndarray, right: np.ndarray, weights: np.ndarray, truths: np.ndarray, interpolation: str
) -> np.ndarray:
    if len(scores) == 0:
        return np.where(truths > 0, 0.0, np.nan)
    curve = _Curve.of(scores, right, weights, truths)
    if interpolation in ("all-point", "none"):
        return curve.area(envelope=interpolation == "all-point")
    if interpolation in ("11-point", "101-point"):
        return curve.sampled(int(interpolation.split("-")[0]))
    raise ValueError(f"interpolation must be all-point, none, 11-point or 101-point, got {interpolation!r}")


def average_precision(
    scores: ArrayLike, true_positive: ArrayLike, truths: int, *, interpolation: str = "all-point"
) -> float:
    """Average precision of detections (D,); detections with tied scores enter together.

    Parameters
    ----------
    truths : number of true boxes; without any AP is undefined, without detections it is 0.
    interpolation : "all-point" (highest precision at this recall or more), "none" (the raw curve, as in
        scikit-learn), "11-point" or "101-point". They differ: name the one used.
    """
    values, right = as_floats(scores, "scores"), np.asarray(true_positive, dtype=np.float64)
    check_lengths(len(values), true_positive=right)
    return float(_ap(values, right, np.ones((1, len(values))), np.array([float(truths)]), interpolation)[0])


@dataclass(frozen=True)
class Detection:
    """Measures of a detector on a test set; the `n` of its figures counts images or subjects, as given.

    Attributes
    ----------
    ap : average precision, all-point. recall, precision : at score >= `threshold`.
    false_positives : at `threshold`, in all. overlap, threshold : settings.
    """

    ap: Estimate
    recall: Estimate
    precision: Estimate
    false_positives: int
    overlap: float
    threshold: float


def detection(
    matched: Matched,
    units: ArrayLike | None = None,
    *,
    threshold: float = -np.inf,
    **draws: Unpack[BootstrapOptions],
) -> Detection:
    """AP, and recall and precision at `threshold`, with intervals over `units` (I,), else over images."""
    images = np.arange(len(matched.truths)) if units is None else np.asarray(units)
    check_lengths(len(matched.truths), units=images)
    if not len(images):
        none = undefined_estimate("no images")
        return Detection(none, none, none, 0, matched.overlap, threshold)
    statistic = _detection_of(matched, threshold)
    drawn = bootstrap_replicates(statistic, ResamplingUnits.of(images), **draws)
    ap, recall, precision = drawn.figures("no true box, or no detection")
    wrong = int(((matched.scores >= threshold) & ~matched.true_positive).sum())
    return Detection(ap, recall, precision, wrong, matched.overlap, threshold)


def _detection_of(matched: Matched, threshold: float) -> Statistic:
    kept = matched.scores >= threshold
    right = matched.true_positive.astype(np.float64)

    def statistic(weights: np.ndarray) -> np.ndarray:
        truths, each = weights @ matched.truths.astype(np.float64), weights[:, matched.image]
        hits, tried = each[:, kept] @ right[kept], each[:, kept].sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            recall, precision = hits / truths, hits / tried
        return np.stack([_ap(matched.scores, right, each, truths, "all-point"), recall, precision], axis=1)

    return statistic


def recall_at_false_positives(matched: Matched, false_positives: int) -> float:
    """Recall at the lowest threshold with at most `false_positives` false detections in total (FDDB)."""
    truths = matched.truths.sum()
    if truths == 0:
        return float("nan")
    wrong = np.sort(matched.scores[~matched.true_positive])[::-1]
    counted = matched.true_positive
    if false_positives < len(wrong):
        counted = counted & (matched.scores > wrong[false_positives])
    return float(counted.sum() / truths)


def landmark_error(found: ArrayLike, true: ArrayLike, *, eyes: tuple[int, int] = (0, 1)) -> np.ndarray:
    """Mean landmark distance over the true interocular distance, (N,), of landmarks (N, P, 2).

    `eyes` are the positions of both eyes among the P points.
    NaN where nothing was found.

    Raises
    ------
    ValueError : shapes differ, or both true eyes of a face coincide.
    """
    points, truth = np.asarray(found, dtype=np.float64), np.asarray(true, dtype=np.float64)
    if points.shape != truth.shape or points.ndim != 3 or points.shape[2] != 2:
        raise ValueError(f"landmarks: expected (N, P, 2) twice, got {points.shape} and {truth.shape}")
    between = np.linalg.norm(truth[:, eyes[0]] - truth[:, eyes[1]], axis=1)
    if (between == 0).any():
        raise ValueError("landmarks: the true eyes of a face coincide")
    return np.linalg.norm(points - truth, axis=2).mean(axis=1) / between
