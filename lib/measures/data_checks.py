"""Checks of data and reports; each raises CheckError that says what is wrong, or returns None."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.validation import check_lengths, encode_labels

_CELLS = 2**20
"""Hashes compared at once."""


class CheckError(AssertionError):
    """Data or a report that contradict themselves; the message names the rows to look at."""


def _refuse(wrong: bool, message: str) -> None:
    if wrong:
        raise CheckError(message)


# --- data ---------------------------------------------------------------------------------------------------


def crossing(keys: ArrayLike, splits: ArrayLike) -> np.ndarray:
    """Sorted keys (subjects, file hashes, perceptual hashes) that occur in more than one split."""
    names = np.asarray(keys)
    (key, split), number = encode_labels(names)[0] + encode_labels(splits)[0], encode_labels(names)[1]
    check_lengths(len(key), splits=split)
    pairs = np.unique(np.stack([key, split]), axis=1)
    return np.unique(names)[np.bincount(pairs[0], minlength=number) > 1]


def disjoint(keys: ArrayLike, splits: ArrayLike, what: str = "subjects") -> None:
    """Raise CheckError if a key (a subject, a hash) occurs in two splits.

    Parameters
    ----------
    keys : (N,) subject, hash of the file, or perceptual hash of each image. splits : (N,). what : for the
        message, in the plural.
    """
    shared = crossing(keys, splits)
    _refuse(len(shared) > 0, f"{len(shared)} {what} are in several splits, such as {shared[:3].tolist()}")


def near_duplicates(hashes: ArrayLike, splits: ArrayLike, *, distance: int = 0) -> np.ndarray:
    """Row pairs (P, 2) of images in different splits whose 64-bit hashes differ in at most `distance` bits.

    Hashes that close agree in one of `distance` + 1 bands of bits (pigeonhole), so only images that share a
    band are compared.
    """
    words, (split,) = np.asarray(hashes, dtype=np.uint64), encode_labels(splits)[0]
    check_lengths(len(words), splits=split)
    edges = np.linspace(0, 64, distance + 2).astype(int)
    found = [np.zeros((0, 2), dtype=int)]
    for low, high in pairwise(edges):
        band = (words >> np.uint64(low)) & np.uint64(2 ** int(high - low) - 1)
        order = np.argsort(band, kind="stable")
        starts = np.append(np.flatnonzero(np.diff(band[order], prepend=~band[order[:1]])), len(order))
        for start, stop in pairwise(starts):
            if stop - start > 1:
                found.append(_close(words, split, np.sort(order[start:stop]), distance))
    return np.unique(np.concatenate(found), axis=0)


def _close(words: np.ndarray, split: np.ndarray, rows: np.ndarray, distance: int) -> np.ndarray:
    pairs = [np.zeros((0, 2), dtype=int)]
    step = max(1, _CELLS // len(rows))
    for start in range(0, len(rows), step):
        some = rows[start : start + step, None]
        near = (split[some] != split[rows]) & (some < rows)
        near &= np.bitwise_count(words[some] ^ words[rows]) <= distance
        first, second = np.nonzero(near)
        pairs.append(np.stack([some[first, 0], rows[second]], axis=1))
    return np.concatenate(pairs)


def no_near_duplicates(hashes: ArrayLike, splits: ArrayLike, *, distance: int = 0) -> None:
    """Raise CheckError if images of different splits have perceptual hashes within `distance` bits."""
    pairs = near_duplicates(hashes, splits, distance=distance)
    _refuse(len(pairs) > 0, f"{len(pairs)} near duplicates across splits, such as rows {pairs[:3].tolist()}")


def one_hot(labels: ArrayLike) -> None:
    """Raise CheckError unless every row of `labels` (N, K) holds one 1 and zeros."""
    rows = np.asarray(labels)
    right = np.isin(rows, (0, 1)).all(axis=1) & (rows.sum(axis=1) == 1)
    _refuse(not right.all(), f"{(~right).sum()} rows are not one-hot, such as row {np.argmin(right)}")


def opposites(labels: ArrayLike, opposite: ArrayLike) -> None:
    """Raise CheckError unless label plus opposite label is 1 everywhere in every row."""
    total = np.asarray(labels) + np.asarray(opposite)
    wrong = ~(total == 1).reshape(len(total), -1).all(axis=1)
    _refuse(wrong.any(), f"{wrong.sum()} rows are not opposite, such as row {np.argmax(wrong)}")


def covers(steps: int, batch: int, images: int) -> None:
    """Raise CheckError unless `steps` batches of `batch` cover all `images` with less than one batch over."""
    _refuse(not images <= steps * batch < images + batch, f"{steps} x {batch} does not cover {images} images")


# --- reports ------------------------------------------------------------------------------------------------


def support(counts: Mapping[str, int] | Sequence[int], n: int) -> None:
    """Raise CheckError unless the support of all classes sums to `n`."""
    total = sum(counts.values() if isinstance(counts, Mapping) else counts)
    _refuse(total != n, f"support sums to {total}, the test set has {n}")


def weighted_recall(
    recalls: Sequence[float], counts: Sequence[int], accuracy: float, *, digits: int = 12
) -> None:
    """Raise CheckError unless recall weighted by support equals accuracy to `digits` decimals."""
    known = [(recall, count) for recall, count in zip(recalls, counts, strict=True) if count]
    mean = sum(recall * count for recall, count in known) / sum(count for _, count in known)
    _refuse(abs(mean - accuracy) > 10**-digits, f"weighted recall {mean:.6f} is not accuracy {accuracy:.6f}")


def is_count(rate: float, n: int, *, digits: int | None = None) -> None:
    """Raise CheckError unless `rate` times `n` is a whole number of items.

    Parameters
    ----------
    digits : decimals to which the rate was printed, if it was rounded.
    Without `digits` to within 1e-6, else some integer must print as `rate`.
    """
    slack = 1e-6 / n if digits is None else 0.5 * 10**-digits + 1e-12
    wrong = abs(round(rate * n) / n - rate) > slack
    _refuse(wrong, f"{rate} of {n} is {rate * n:.3f}, not a whole number of items")


def threshold_reported(threshold: float, reported: Mapping[float, object] | Sequence[float]) -> None:
    """Raise CheckError unless a report gives FMR and FNMR at the threshold that a program uses."""
    _refuse(threshold not in list(reported), f"threshold {threshold} is in no report: {list(reported)}")


def per_source(sources: ArrayLike, reported: Mapping[str, object]) -> None:
    """Raise CheckError unless every source of a mixed test set has a row in the report."""
    missing = sorted({str(source) for source in np.unique(np.asarray(sources))} - set(reported))
    _refuse(bool(missing), f"no row for the sources {missing}: a mixture is shown only beside its parts")
