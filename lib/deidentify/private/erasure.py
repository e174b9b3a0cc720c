"""A binary attribute, as perceived gender, taken out of a face embedding by linear algebra.

An eraser is fitted on other subjects than it is used on. Recognisers code perceived gender in the
covariances of the two classes, some in their means too (dlib's does). So two steps: optimal transport carries
both classes onto one Gaussian half way between them (the Bures-Wasserstein barycentre), then the directions
in which the classes still differ most are removed. What is left must be judged by attackers that see
covariances (`attacks.embeddings`): making means equal blinds linear probes only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lib.arrays import WeightsError, digest, read_arrays, write_arrays
from lib.deidentify.private.gaussians import (
    barycentre,
    class_moments,
    differing_axes,
    removal,
    transport_map,
)
from lib.judges.recogniser_embeddings import unit_rows

LEAST_SUBJECTS = 20
"""Of each class. Far more are needed for a good eraser; fewer cannot even show the classes' shapes."""
LABEL_SHRINKAGE = 0.03
"""Share of the mean variance added to each covariance before likelihoods are compared."""
POOLING = 0.3
"""Of `fit_eraser`; chosen on validation subjects (CelebA) with 316 subjects to fit on."""
FOLDS = 5
"""Parts of the subjects; each is carried by what was fitted on the others, to see what transport leaves."""
_UNIT = 1e-3
_FORMAT = 1


class ErasureError(ValueError):
    """Embeddings or a file that no eraser can be made of; the message says what to do."""


def checked_rows(embeddings: np.ndarray) -> np.ndarray:
    """`embeddings` as float64 (N, d), all finite and of unit length.

    Raises
    ------
    ErasureError : another shape, missing values, or rows that are not of length 1.
    """
    rows = np.asarray(embeddings, np.float64)
    if rows.ndim != 2:
        raise ErasureError(f"embeddings must be (N, d), got shape {rows.shape}")
    missing = ~np.isfinite(rows).all(axis=1)
    if missing.any():
        raise ErasureError(f"{missing.sum()} embeddings are not finite: count them as failures, drop them")
    off = np.abs(np.linalg.norm(rows, axis=1) - 1) > _UNIT
    if off.any():
        raise ErasureError(f"{off.sum()} embeddings are not of length 1: scale them with `unit_rows`")
    return rows


@dataclass(frozen=True)
class Eraser:
    """A fitted eraser: embeddings in, embeddings of the same size out.

    Attributes
    ----------
    arrays : float32: `projection` (d, d) around `centre` (d,), as all embeddings may lie far from 0; with
        transport also `means` (2, d), `maps` (2, d, d), and the label predictor's `form` (d, d), `slope`
        (d,), `constant`. `axes` (d, d) and `spectrum` (d,) say what was removed, and what else could be.
    facts : what it was fitted on and how; can be written as JSON.
    """

    arrays: Mapping[str, np.ndarray]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def dimension(self) -> int:
        """Numbers per embedding, d."""
        return len(self.arrays["projection"])

    def predicted(self, rows: np.ndarray) -> np.ndarray:
        """The label by which each row (N, d) is carried, bool; it is read from the row, never given."""
        return scored(rows, self.arrays) > 0

    def __call__(self, embeddings: np.ndarray) -> np.ndarray:
        """Erase.

        Parameters
        ----------
        embeddings : (N, d) rows of unit length.

        Returns
        -------
        float32 (N, d), rows of unit length.

        Raises
        ------
        ErasureError : missing values, rows not of unit length, or another number of columns.
        """
        moved = self.transported(embeddings)
        centre, projection = (self.arrays[name].astype(np.float64) for name in ("centre", "projection"))
        return unit_rows(centre + moved @ projection.T).astype(np.float32)

    def transported(self, embeddings: np.ndarray) -> np.ndarray:
        """Embeddings carried to what both classes have in common, around 0, before directions are removed.

        Parameters
        ----------
        embeddings : as for a call.

        Returns
        -------
        float64 (N, d).

        Raises
        ------
        ErasureError : as for a call.
        """
        rows = checked_rows(embeddings)
        if rows.shape[1] != self.dimension:
            raise ErasureError(f"fitted on {self.dimension} numbers per embedding, got {rows.shape[1]}")
        if "maps" in self.arrays:
            rows = carried(rows, self.predicted(rows), *(self.arrays[n] for n in ("means", "maps", "centre")))
        return rows - self.arrays["centre"].astype(np.float64)

    def axes_left(self) -> np.ndarray:
        """Orthonormal basis (d, d - removed), columns, of what is not removed."""
        values, vectors = np.linalg.eigh(self.arrays["projection"].astype(np.float64))
        return vectors[:, values > 0.5]

    def removing(self, removed: int) -> Eraser:
        """The same eraser with another number of directions removed, to choose it on validation subjects.

        Raises
        ------
        ErasureError : no such number, or an eraser of another kind.
        """
        if "axes" not in self.arrays:
            raise ErasureError("only an eraser made by `fit_eraser` knows in which order directions go")
        _check_removed(removed, self.dimension)
        projection = removal(self.arrays["axes"], removed).astype(np.float32)
        return Eraser({**self.arrays, "projection": projection}, {**self.facts, "removed": removed})

    def save(self, path: str | Path) -> str:
        """Write as npz, swapped in with one rename; returns the file's sha256."""
        about = {"facts": dict(self.facts), "format": _FORMAT, "sha256": digest(self.arrays)}
        return write_arrays(path, {"about": np.array(json.dumps(about, sort_keys=True)), **self.arrays})

    @classmethod
    def load(cls, path: str | Path) -> Eraser:
        """Read what `save` wrote; no code is unpickled.

        Raises
        ------
        WeightsError : missing, damaged, or another kind of file.
        """
        if not Path(path).is_file():
            raise WeightsError(f"{path} is missing: fetch it with `dvc pull` or fit the eraser again")
        arrays = read_arrays(path)
        about = json.loads(str(arrays.pop("about", "{}")))
        if about.get("format") != _FORMAT or about.get("sha256") != digest(arrays):
            raise WeightsError(f"{path} is damaged or holds no eraser: fetch the file again")
        return cls(arrays, about["facts"])


def carried(
    rows: np.ndarray, positive: np.ndarray, means: np.ndarray, maps: np.ndarray, centre: np.ndarray
) -> np.ndarray:
    """Rows (N, d) carried by the map of their class `positive` (N,), and scaled to unit length."""
    out = np.empty_like(rows)
    for one in (False, True):
        mine = positive == one
        out[mine] = centre + (rows[mine] - means[int(one)]) @ maps[int(one)].T
    return unit_rows(out)


def scored(rows: np.ndarray, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Log-likelihood ratio (N,) of the classes as Gaussians, equally frequent; above 0: positive."""
    curve = np.einsum("nd,de,ne->n", rows, arrays["form"].astype(np.float64), rows, optimize=True)
    return curve + rows @ arrays["slope"].astype(np.float64) + float(arrays["constant"])


def fit_eraser(
    embeddings: np.ndarray,
    positive: np.ndarray,
    subjects: np.ndarray,
    *,
    removed: int,
    transport: bool = True,
    pooling: float = POOLING,
    seed: int = 0,
    facts: Mapping[str, Any] | None = None,
) -> Eraser:
    """Fit an eraser on subjects of whom nobody is to be protected, attacked or tested later.

    A map chosen by the true label stamps that label on its result, because no two fitted maps agree on new
    subjects. So the label is predicted from the embedding, by the likelihoods of the very Gaussians that are
    carried: it needs far fewer subjects than a perceptron. The directions to remove are fitted on rows
    carried by predictors and maps that were fitted without their subjects, as those of new subjects will be.

    Parameters
    ----------
    embeddings : (N, d) rows of unit length.
    positive : (N,) bool, the binary attribute to be erased. subjects : (N,) subject of each row.
    removed : directions to remove, 0 <= removed < d; choose it on validation subjects.
    transport : whether to carry both classes onto their barycentre first.
    pooling : share of the mean covariance that is mixed into each class's before its map is made. Maps of few
        subjects differ by chance, and what they differ in tells by which one a row was carried.
    seed : of the division of the subjects into folds.
    facts : to keep with the eraser: which recogniser, which data.

    Raises
    ------
    ErasureError : one class only, too few subjects of a class, rows missing or not of unit length, removed
        or pooling out of range.
    """
    rows, labels, people = _checked(embeddings, positive, subjects, removed)
    if not 0 <= pooling <= 1:
        raise ErasureError(f"pooling must lie in 0 to 1, got {pooling}")
    arrays = {"centre": class_moments(rows, labels, people)[0].mean(axis=0)}
    if transport:
        arrays = _transport(rows, labels, people, pooling)
        rows = _carried_unseen(rows, labels, people, pooling, seed)
    axes = differing_axes(*class_moments(rows, labels, people))
    arrays |= {"axes": axes.vectors, "spectrum": axes.values, "projection": np.eye(len(axes.values))}
    how = {"kind": "erasure", "removed": removed, "transport": transport, "pooling": pooling, "seed": seed}
    return _eraser(arrays, how | _counts(labels, people) | dict(facts or {})).removing(removed)


def _transport(
    rows: np.ndarray, labels: np.ndarray, people: np.ndarray, pooling: float
) -> dict[str, np.ndarray]:
    means, covariances = class_moments(rows, labels, people)
    pooled = (1 - pooling) * covariances + pooling * covariances.mean(axis=0)
    target = barycentre(*pooled)
    maps = np.stack([transport_map(covariance, target) for covariance in pooled])
    return {"means": means, "maps": maps, "centre": means.mean(axis=0), **_likelihoods(means, covariances)}


def _likelihoods(means: np.ndarray, covariances: np.ndarray) -> dict[str, np.ndarray]:
    """Quadratic function of a row: log-likelihood of class 1 less that of class 0."""
    size = covariances.shape[1]
    inverse = [
        np.linalg.inv(one + LABEL_SHRINKAGE * np.trace(one) / size * np.eye(size)) for one in covariances
    ]
    slopes = [one @ mean for one, mean in zip(inverse, means, strict=True)]
    offsets = [
        np.linalg.slogdet(one)[1] - mean @ slope
        for one, mean, slope in zip(inverse, means, slopes, strict=True)
    ]
    form, constant = (inverse[0] - inverse[1]) / 2, (offsets[1] - offsets[0]) / 2
    return {"form": form, "slope": slopes[1] - slopes[0], "constant": np.array(constant)}


def _carried_unseen(
    rows: np.ndarray, labels: np.ndarray, people: np.ndarray, pooling: float, seed: int
) -> np.ndarray:
    """Rows carried by transport that was fitted without their subjects."""
    names, codes = np.unique(people, return_inverse=True)
    folds = (np.random.default_rng(seed).permutation(len(names)) % FOLDS)[codes]
    out = np.empty_like(rows)
    for fold in range(FOLDS):
        mine = folds == fold
        fitted = _transport(rows[~mine], labels[~mine], people[~mine], pooling)
        predicted = scored(rows[mine], fitted) > 0
        out[mine] = carried(rows[mine], predicted, fitted["means"], fitted["maps"], fitted["centre"])
    return out


def _counts(labels: np.ndarray, people: np.ndarray) -> dict[str, Any]:
    classes = (("male", 1), ("female", 0))  # positive and negative, as stored erasers name them
    by_class = {name: len(np.unique(people[labels == one])) for name, one in classes}
    return {"images": len(labels), "subjects": len(np.unique(people)), "subjects_by_class": by_class}


def _eraser(arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> Eraser:
    return Eraser({name: np.asarray(array, np.float32) for name, array in arrays.items()}, facts)


def _checked(
    embeddings: np.ndarray, positive: np.ndarray, subjects: np.ndarray, removed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows, labels, people = checked_rows(embeddings), np.asarray(positive), np.asarray(subjects)
    if labels.shape != (len(rows),) or people.shape != (len(rows),):
        raise ErasureError(f"{len(rows)} embeddings, {labels.shape} labels, {people.shape} subjects")
    if not np.isin(labels, (0, 1)).all():
        raise ErasureError("labels must be true or false: leave out the rows without one")
    labels = labels.astype(bool)
    if labels.all() or not labels.any():
        raise ErasureError("all labels are of one class: an eraser needs subjects of both")
    few = min(len(np.unique(people[labels == one])) for one in (False, True))
    if few < LEAST_SUBJECTS:
        raise ErasureError(f"{few} subjects in the smaller class, at least {LEAST_SUBJECTS} are needed")
    _check_removed(removed, rows.shape[1])
    return rows, labels, people


def _check_removed(removed: int, dimension: int) -> None:
    if not 0 <= removed < dimension:
        raise ErasureError(f"removed must lie in 0 to {dimension - 1}, got {removed}")
