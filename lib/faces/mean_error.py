"""Error of a mean face: how far the mean of n images is from the mean of all images that there could be.

Nobody has all images that there could be. But two means of n images each, of different subjects, differ by
twice the error variance of one of them. So the error can be measured without a final mean, up to half of the
set, and it does not vanish at the end of the set as the distance to the mean of everything does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.prototypes import Warp
from lib.measures.estimate import Estimate


@dataclass(frozen=True)
class MeanError:
    """Error of the mean of n images of a group, from random halves of its subjects.

    Attributes
    ----------
    images : (K,) int, number of images n.
    halves : (R, K) float, error from each random division in grey levels (0 to 255, root of the mean square
        over pixels and channels).
    subjects : of the group.
    """

    images: np.ndarray
    halves: np.ndarray
    subjects: int

    @property
    def error(self) -> np.ndarray:
        """(K,) root of the mean squared error over the divisions."""
        return np.sqrt(np.mean(self.halves**2, axis=0))

    def estimates(self) -> dict[str, Estimate]:
        """Image count -> error, with the interval that holds 95 % of the divisions."""
        found = {}
        for n, error, halves in zip(self.images, self.error, self.halves.T, strict=True):
            low, high = np.percentile(halves, [2.5, 97.5])
            found[str(n)] = Estimate(float(error), float(low), float(high), self.subjects)
        return found

    def needed(self, error: float) -> float:
        """Images from which the error is below `error` grey levels, as it falls with the root of n.

        Read off the largest n that was measured; NaN where none was.
        """
        return float(self.images[-1] * (self.error[-1] / error) ** 2) if len(self.images) else float("nan")

    def at(self, images: float) -> float:
        """Error of a mean of `images` images, by the same law; NaN where nothing was measured."""
        return float(self.error[-1] * np.sqrt(self.images[-1] / images)) if len(self.images) else float("nan")

    def slope(self) -> float:
        """Slope of log(error) over log(n) by least squares: -0.5 by the law; NaN for fewer than two n."""
        if len(self.images) < 2:
            return float("nan")
        return float(np.polyfit(np.log(self.images), np.log(self.error), 1)[0])


def mean_error(
    faces: FaceSet,
    groups: Mapping[str, np.ndarray],
    *,
    warp: Warp | None = None,
    orders: int = 20,
    checkpoints: Sequence[int] = (10, 100, 1000),
    seed: int = 0,
    batch: int = 256,
) -> dict[str, MeanError]:
    """Measure the error of mean faces of groups of images, in one pass.

    Parameters
    ----------
    faces, groups, warp, batch : as of `prototypes.prototypes`; images that cannot be warped are left out.
    orders : random divisions R of the subjects into two halves.
    checkpoints : image counts n; those above half of the group are left out, and the largest n of which there
        are two means is added.
    seed : of the divisions.

    Returns
    -------
    Group -> MeanError; groups of fewer than two subjects have no `images`.
    """
    ready = np.ones(len(faces), bool)
    if warp is not None:
        ready = ~np.isnan(faces.points).any(axis=(1, 2)) if faces.points is not None else ~ready
    sums = {
        name: _Halves(faces.subjects, mask & ready, orders, checkpoints, seed)
        for name, mask in groups.items()
    }
    for start in range(0, len(faces), batch):
        index = np.arange(start, min(start + batch, len(faces)))
        for half in sums.values():
            chosen = index[half.mask[index]]
            if not len(chosen) or not len(half.images):
                continue
            images = faces.images[chosen]
            if warp is not None and faces.points is not None:
                points = faces.points[chosen]
                images = np.stack([warp(image, five) for image, five in zip(images, points, strict=True)])
            half.add(chosen, images)
    return {name: half.result() for name, half in sums.items()}


def error_table(errors: Mapping[str, MeanError]) -> pd.DataFrame:
    """Table of errors, one row for each group and image count: group, n, estimate, low, high, subjects."""
    rows = [
        {"group": name, "n": int(n), **{key: figure.to_dict()[key] for key in ("estimate", "low", "high")}}
        | {"subjects": found.subjects}
        for name, found in errors.items()
        for n, figure in found.estimates().items()
    ]
    return pd.DataFrame(rows, columns=["group", "n", "estimate", "low", "high", "subjects"])


def needed_images(table: pd.DataFrame, error: float) -> str:
    """Images from which the error of every group is below `error`, in two digits: `5,200`; a dash for none.

    Parameters
    ----------
    table : as `error_table` gives it; read off the largest n of each group, by the law of the root.
    """
    if not len(table):
        return "–"
    last = table.sort_values("n").groupby("group").tail(1)
    needed = (last["n"] * (last["estimate"] / error) ** 2).max()
    return f"{float(f'{needed:.2g}'):,.0f}"


def growing_means(
    faces: FaceSet, mask: np.ndarray, counts: Sequence[int], *, warp: Warp | None = None, seed: int = 0
) -> dict[int, np.ndarray]:
    """Means of the first n images of a group, one image of each subject first, in one random order.

    Parameters
    ----------
    mask : (N,) bool, the group; with `warp`, images without points are left out.
    counts : image counts n; those above the group's are left out.
    seed : of the order.

    Returns
    -------
    n -> float64 (H, W, 3), 0 to 255.

    Raises
    ------
    FaceSetError : faces that may not be shown, of which the mean of few is nearly a portrait.
    """
    if not faces.publishable:
        raise FaceSetError(f"{faces.name}: the mean of few of its images may not be shown")
    ready = mask.copy()
    if warp is not None:
        ready &= ~np.isnan(faces.points).any(axis=(1, 2)) if faces.points is not None else False
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(ready))
    turn = pd.Series(faces.subjects[rows]).groupby(faces.subjects[rows]).cumcount().to_numpy()
    rows = rows[np.argsort(turn, kind="stable")]
    wanted = {n for n in counts if 0 < n <= len(rows)}
    total, means = np.zeros(faces.images.shape[1:]), {}
    for at, row in enumerate(rows[: max(wanted, default=0)], 1):
        image = np.asarray(faces.images[row])
        if warp is not None and faces.points is not None:
            image = warp(image, faces.points[row])
        total = total + image if at > 1 else image.astype(float)
        if at in wanted:
            means[at] = total / at
    return means


class _Halves:
    """Running sums of one group: for each division, half and stretch between two image counts."""

    def __init__(
        self, subjects: np.ndarray, mask: np.ndarray, orders: int, checkpoints: Sequence[int], seed: int
    ) -> None:
        self.mask, self.orders = mask, orders
        names, code = np.unique(subjects[mask], return_inverse=True)
        self.subjects = len(names)
        rank, self.half = np.zeros((orders, len(code)), int), np.zeros((orders, len(code)), int)
        fewest = 0
        for order in range(orders):
            place = np.random.default_rng([seed, order]).permutation(len(names))[code]
            self.half[order] = place % 2
            for half in (0, 1):
                rows = np.flatnonzero(self.half[order] == half)
                rank[order, rows[np.argsort(place[rows], kind="stable")]] = np.arange(len(rows))
            sizes = np.bincount(self.half[order], minlength=2)
            fewest = int(sizes.min()) if order == 0 else min(fewest, int(sizes.min()))
        known = {n for n in checkpoints if 0 < n < fewest} | ({fewest} if fewest else set())
        self.images = np.array(sorted(known), int)
        self.stretch = np.searchsorted(self.images, rank, side="right")
        self.row = np.full(len(mask), -1)
        self.row[mask] = np.arange(len(code))
        self.parts: np.ndarray | None = None

    def add(self, index: np.ndarray, images: np.ndarray) -> None:
        """Add `images` (B, H, W, 3), which are the rows `index` (B,) of the set."""
        flat, count = images.reshape(len(images), -1).astype(np.float32), len(self.images) + 1
        if self.parts is None:
            self.parts = np.zeros((self.orders * 2 * count, flat.shape[1]), np.float32)
        rows = self.row[index]
        at = (np.arange(self.orders)[:, None] * 2 + self.half[:, rows]) * count + self.stretch[:, rows]
        member = np.zeros((len(self.parts), len(index)), np.float32)
        member[at, np.arange(len(index))] = 1
        self.parts += member @ flat

    def result(self) -> MeanError:
        """Errors at each image count."""
        if self.parts is None:
            return MeanError(np.zeros(0, int), np.zeros((self.orders, 0)), self.subjects)
        parts = self.parts.reshape(self.orders, 2, len(self.images) + 1, -1)[:, :, :-1].astype(np.float64)
        means = np.cumsum(parts, axis=2) / self.images[:, None]
        squares = np.mean((means[:, 0] - means[:, 1]) ** 2, axis=-1)
        return MeanError(self.images, np.sqrt(squares / 2), self.subjects)
