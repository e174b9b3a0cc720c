"""Pairs of images to compare (mated and impostor pairs), and their scores in bounded memory.

Self-comparisons and duplicate unordered pairs never occur. How the impostors were formed is kept in words,
because random pairs across gender and age make the task easier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.ties import round_for_ties, round_lengths_for_ties
from lib.measures.validation import check_lengths, encode_labels

MOST = 20_000_000
"""Impostor pairs that may be listed; more must be sampled."""
BLOCK = 2**21
"""Numbers held at once while scoring."""

Metric = Literal["cosine", "euclidean"]


@dataclass(frozen=True)
class Pairs:
    """Comparisons of image `first` with image `second`.

    Attributes
    ----------
    first, second : (P,) int rows of the probes and of the gallery (one and the same set for `within`).
    mated : (P,) bool, both show one subject.
    how : how the impostors were formed, for the head of a table.
    """

    first: np.ndarray
    second: np.ndarray
    mated: np.ndarray
    how: str

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class _Sets:
    """Probe and gallery subjects and groups as integers; `unordered` where both are one set."""

    probe: np.ndarray
    gallery: np.ndarray
    probe_group: np.ndarray
    gallery_group: np.ndarray
    unordered: bool

    def allowed(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Whether (first, second) is an impostor pair that may be drawn."""
        strangers = self.probe[first] != self.gallery[second]
        ordered = first < second if self.unordered else True
        return strangers & (self.probe_group[first] == self.gallery_group[second]) & ordered

    def count(self) -> int:
        """Number of allowed impostor pairs."""
        groups = 1 + max(self.probe_group.max(), self.gallery_group.max())
        people = 1 + max(self.probe.max(), self.gallery.max())
        probe, gallery = (
            (
                np.bincount(group, minlength=groups),
                np.bincount(group * people + who, minlength=groups * people),
            )
            for group, who in ((self.probe_group, self.probe), (self.gallery_group, self.gallery))
        )
        ordered = int(probe[0] @ gallery[0] - probe[1] @ gallery[1])
        return ordered // 2 if self.unordered else ordered


def _group_codes(
    groups: ArrayLike | None, other: ArrayLike | None, sizes: tuple[int, int]
) -> list[np.ndarray]:
    if groups is None or other is None:
        return [np.zeros(size, dtype=int) for size in sizes]
    return encode_labels(groups, other)[0]


def _mated(sets: _Sets, limit: int | None, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    gallery_order = np.argsort(sets.gallery, kind="stable")
    ordered = sets.gallery[gallery_order]
    first, second = [np.zeros(0, dtype=int)], [np.zeros(0, dtype=int)]
    for person in np.intersect1d(sets.probe, sets.gallery):
        mine = np.flatnonzero(sets.probe == person) if not sets.unordered else None
        start, stop = np.searchsorted(ordered, [person, person + 1])
        theirs = gallery_order[start:stop]
        mine = theirs if mine is None else mine
        one, other = (part.ravel() for part in np.meshgrid(mine, theirs, indexing="ij"))
        if sets.unordered:
            one, other = one[one < other], other[one < other]
        if limit is not None and len(one) > limit:
            kept = np.sort(generator.choice(len(one), limit, replace=False))
            one, other = one[kept], other[kept]
        first.append(one)
        second.append(other)
    return np.concatenate(first), np.concatenate(second)


def _every(sets: _Sets) -> np.ndarray:
    width = len(sets.gallery)
    step = max(1, BLOCK // width)
    columns = np.arange(width)[None]
    found = [np.zeros(0, dtype=np.int64)]
    for start in range(0, len(sets.probe), step):
        rows = np.arange(start, min(start + step, len(sets.probe)))[:, None]
        found.append(np.flatnonzero(sets.allowed(rows, columns)) + start * width)
    return np.concatenate(found)


def _sampled(sets: _Sets, count: int, total: int, generator: np.random.Generator) -> np.ndarray:
    width = len(sets.gallery)
    if total <= MOST and count > total // 2:
        return np.sort(generator.choice(_every(sets), count, replace=False))
    kept = np.zeros(0, dtype=np.int64)
    share = total / (len(sets.probe) * width)
    while len(kept) < count:
        wanted = int(1.1 * (count - len(kept)) / share) + 100
        drawn = generator.integers(0, len(sets.probe) * width, size=min(wanted, 10 * BLOCK))
        drawn = drawn[sets.allowed(drawn // width, drawn % width)]
        kept = np.unique(np.concatenate([kept, drawn]))
    return np.sort(generator.choice(kept, count, replace=False))


def _impostors(sets: _Sets, wanted: int | None, generator: np.random.Generator) -> tuple[np.ndarray, int]:
    total = sets.count()
    if wanted is None and total > MOST:
        raise ValueError(f"{total} impostor pairs are too many to list: give a number of them to draw")
    whole = wanted is None or wanted >= total
    return (_every(sets) if whole else _sampled(sets, int(wanted or 0), total, generator)), total


def _form(sets: _Sets, limit: int | None, wanted: int | None, seed: int, grouped: bool) -> Pairs:
    generator = np.random.default_rng(seed)
    first, second = _mated(sets, limit, generator)
    impostors, total = _impostors(sets, wanted, generator)
    design = "pairs of the same group only" if grouped else "all cross pairs"
    sample = "" if len(impostors) == total else f", {len(impostors)} of {total} drawn with seed {seed}"
    return Pairs(
        np.concatenate([first, impostors // len(sets.gallery)]),
        np.concatenate([second, impostors % len(sets.gallery)]),
        np.repeat([True, False], [len(first), len(impostors)]),
        design + sample,
    )


def within(
    subjects: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    impostors: int | None = 100_000,
    mated_per_subject: int | None = None,
    seed: int = 0,
) -> Pairs:
    """Mated and impostor pairs of images of one set; each unordered pair at most once.

    Parameters
    ----------
    subjects : (N,) subject of each image.
    groups : (N,) group of each image (perceived gender, age band); impostors then share it.
    impostors : number of impostor pairs, drawn evenly from all; None lists all of them (at most 20 million).
    mated_per_subject : most mated pairs of one subject; None lists all.
    """
    (people,), _ = encode_labels(subjects)
    group, other = _group_codes(groups, groups, (len(people), len(people)))
    check_lengths(len(people), groups=group)
    sets = _Sets(people, people, group, other, unordered=True)
    return _form(sets, mated_per_subject, impostors, seed, groups is not None)


def across(
    probe_subjects: ArrayLike,
    gallery_subjects: ArrayLike,
    *,
    probe_images: ArrayLike | None = None,
    gallery_images: ArrayLike | None = None,
    probe_groups: ArrayLike | None = None,
    gallery_groups: ArrayLike | None = None,
    impostors: int | None = 100_000,
    mated_per_subject: int | None = None,
    seed: int = 0,
) -> Pairs:
    """Pairs of a probe (say, an altered image) with an image of the gallery (say, an original).

    Parameters
    ----------
    probe_subjects, gallery_subjects : (N,), (M,) subjects of both sets.
    probe_images, gallery_images : (N,), (M,) names of the photographs behind the images; a probe is then
        never compared with its own source photo, which is another, easier question (see `same_photo`).
    probe_groups, gallery_groups : (N,), (M,) groups; impostors then share it.
    impostors, mated_per_subject, seed : as in `within`.
    """
    (probe, gallery), _ = encode_labels(probe_subjects, gallery_subjects)
    group = _group_codes(probe_groups, gallery_groups, (len(probe), len(gallery)))
    check_lengths(len(probe), probe_groups=group[0])
    check_lengths(len(gallery), gallery_groups=group[1])
    sets = _Sets(probe, gallery, group[0], group[1], unordered=False)
    pairs = _form(sets, mated_per_subject, impostors, seed, probe_groups is not None)
    if probe_images is None or gallery_images is None:
        return pairs
    (probe_photo, gallery_photo), _ = encode_labels(probe_images, gallery_images)
    other = probe_photo[pairs.first] != gallery_photo[pairs.second]
    return Pairs(pairs.first[other], pairs.second[other], pairs.mated[other], pairs.how)


def same_photo(number: int) -> Pairs:
    """Pairs of each of `number` altered images with its own source photo: mated pairs only."""
    rows = np.arange(number)
    return Pairs(rows, rows, np.ones(number, dtype=bool), "same photo, no impostors")


def prepared(embeddings: ArrayLike, metric: Metric = "cosine") -> np.ndarray:
    """Embeddings (N, D) as float64, scaled to unit length for "cosine", rows of NaN where missing.

    An embedding of length zero or with a NaN is a failure to acquire, never a non-match.
    """
    rows = np.array(embeddings, dtype=np.float64)
    if rows.ndim != 2:
        raise ValueError(f"embeddings must be (N, D), got shape {rows.shape}")
    if metric not in ("cosine", "euclidean"):
        raise ValueError(f"metric must be cosine or euclidean, got {metric!r}")
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    rows[~(np.isfinite(length) & (length > 0))[:, 0]] = np.nan
    return rows / length if metric == "cosine" else rows


def pair_scores(
    pairs: Pairs, probes: ArrayLike, gallery: ArrayLike | None = None, *, metric: Metric = "cosine"
) -> np.ndarray:
    """Similarity scores of `pairs`, (P,) float64: cosine similarity, or minus the Euclidean distance.

    NaN where an embedding is missing. `gallery` is `probes` by default. Chunked. About 12 digits are kept, so
    that equal embeddings tie on any processor, however their sums are ordered.
    """
    first = prepared(probes, metric)
    second = first if gallery is None else prepared(gallery, metric)
    scores = np.empty(len(pairs))
    step = max(1, BLOCK // max(1, first.shape[1]))
    for start in range(0, len(pairs), step):
        part = slice(start, start + step)
        one, other = first[pairs.first[part]], second[pairs.second[part]]
        if metric == "cosine":
            scores[part] = round_for_ties(np.clip(np.einsum("pd,pd->p", one, other), -1, 1))
        else:
            scores[part] = -round_lengths_for_ties(np.linalg.norm(one - other, axis=1))
    return scores


def closeness(distances: ArrayLike) -> np.ndarray:
    """Map distances d >= 0 to 1 / (1 + d^2), the student report's similarity: 1 at distance 0, falling to 0.

    The student report (eq. 6) calls it a class membership probability. It is a monotone map of the distance
    and nothing more: ROC, AUC and EER are those of -d, and its values turn with the unit of d.

    Raises
    ------
    ValueError : a distance below 0.
    """
    values = np.asarray(distances, dtype=np.float64)
    if (values < 0).any():
        raise ValueError("distances must not be negative; a score -d is none")
    return 1 / (1 + values * values)
