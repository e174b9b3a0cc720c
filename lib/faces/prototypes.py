"""Prototypes: mean faces of groups, and how the mean converges with the number of faces.

Both come from one pass over the images in batches, so a set of any size fits. A mean of few people is nearly
a portrait: of a set whose images may not be shown no mean of fewer than FEWEST subjects is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from lib.faces.faceset import SPLITS, FaceSet, FaceSetError

FEWEST = 100
"""Subjects that a mean face must stand for before it may be shown."""
LARGEST_SHARE = 0.1
"""Share of one subject in the images of a mean face, at most: a mean of 900 images of somebody and of one
image each of 99 others is nearly a portrait."""

Warp = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Takes an image (H, W, 3) uint8 and its points (5, 2), gives the aligned image, (H', W', 3) uint8."""


@dataclass(frozen=True)
class Settling:
    """Convergence of a mean face: distance of the mean of n images to the final one.

    Attributes
    ----------
    images : (K,) int, number of images n at which the running mean was compared.
    distance : (R, K) float, RMSE in grey levels (0 to 255) between the running and the final mean.
    """

    images: np.ndarray
    distance: np.ndarray


@dataclass(frozen=True)
class Prototypes:
    """Mean faces of groups of one set.

    Attributes
    ----------
    means : group name -> float64 (H, W, 3), 0 to 255; without the groups that are withheld.
    counts : group name -> number of images.
    subjects : group name -> number of subjects.
    settling : group name -> Settling, empty when no orders were asked for.
    left_out : images that could not be aligned, because no points are known for them.
    withheld : group name -> why there is no mean face of it.
    """

    means: Mapping[str, np.ndarray]
    counts: Mapping[str, int]
    subjects: Mapping[str, int]
    settling: Mapping[str, Settling]
    left_out: int = 0
    withheld: Mapping[str, str] = field(default_factory=dict)

    def neutral(self, weights: Mapping[str, float] | None = None) -> np.ndarray:
        """Neutral prototype: weighted mean of the group means, (H, W, 3) float64, by default unweighted.

        Arguments
        ---------
        weights : group name -> weight, of any sum above zero; `counts` gives the sources' neutral face,
            which is the mean of all images.
        """
        chosen = dict.fromkeys(self.means, 1.0) if weights is None else weights
        missing = [name for name in chosen if name not in self.means]
        if missing or not chosen:
            raise FaceSetError(
                f"no neutral prototype without the mean of {', '.join(missing) or 'any group'}"
            )
        total = float(sum(chosen.values()))
        if total <= 0:
            raise ValueError(f"weights of the neutral prototype must have a positive sum, got {total}")
        return np.sum([chosen[name] / total * mean for name, mean in self.means.items()], axis=0)

    def picture(self, mean: np.ndarray) -> np.ndarray:
        """A mean face rounded to uint8."""
        return np.clip(np.rint(mean), 0, 255).astype(np.uint8)


def groups_by_gender(faces: FaceSet) -> dict[str, np.ndarray]:
    """Masks (N,) bool of the groups `female` and `male` of images with a label.

    A set that tells nobody's perceived gender is one group, `everybody`.
    """
    if "Male" in faces.labels and faces.known("Male").any():
        known, male = faces.known("Male"), np.zeros(len(faces), bool)
        male[known] = faces.binary("Male", known)
        groups = {"female": known & ~male, "male": male}
        return {name: mask for name, mask in groups.items() if mask.any()}
    return {"everybody": np.ones(len(faces), bool)}


def training_part(faces: FaceSet) -> tuple[FaceSet, str]:
    """The training split and its name; of a set without one its first split."""
    there = [name for name in SPLITS if (faces.labels["split"] == name).any()]
    return faces.split(there[0]), there[0]


def why_withheld(faces: FaceSet, mask: np.ndarray) -> str:
    """Reason why the mean of the images in `mask` (N,) bool may not be shown; empty if it may.

    The images of a publishable set may be shown one by one, so their mean may be.
    """
    images = np.unique(faces.subjects[mask], return_counts=True)[1]
    if not len(images):
        return "none of its images has the five points"
    if faces.publishable:
        return ""
    if len(images) < FEWEST:
        return f"{len(images)} subjects; a mean face may be shown from {FEWEST} subjects on"
    share = images.max() / images.sum()
    if share > LARGEST_SHARE:
        return f"one subject is in {share:.0%} of its images; at most {LARGEST_SHARE:.0%} may be of one"
    return ""


def prototypes(
    faces: FaceSet,
    groups: Mapping[str, np.ndarray],
    *,
    warp: Warp | None = None,
    few: Literal["refuse", "withhold"] = "refuse",
    orders: int = 0,
    checkpoints: Sequence[int] = (),
    seed: int = 0,
    batch: int = 256,
) -> Prototypes:
    """Compute mean faces of groups of images in one pass.

    Parameters
    ----------
    faces : the images; take the training split only, as a prototype is a statistic of training.
    groups : group name -> (N,) bool, disjoint.
    warp : aligns each image by its five points before it is averaged, and leaves out (counted) what has none;
        None averages as they are.
    few : what becomes of a group whose mean may not be made (see `why_withheld`): an error, or it is left
        out of `means` with the reason in `withheld`, while its counts and `settling` are told.
    orders : number R of random orders of the subjects for `settling`; 0 leaves it out.
    checkpoints : image counts n at which the running means are compared with the final one.
    seed : of the orders.
    batch : images read at a time; memory grows with it and with `orders` times `checkpoints`.

    Raises
    ------
    FaceSetError : a group is empty; with `few="refuse"` also: a mean may not be made, or `warp` is given and
        the set has no points.
    """
    asked = sum(int(mask.sum()) for mask in groups.values())
    groups = _usable(faces, groups, warp, few)
    withheld = {name: why for name, mask in groups.items() if (why := why_withheld(faces, mask))}
    if withheld and few == "refuse":
        raise FaceSetError(f"{faces.name}: no mean face of {'; '.join(map(': '.join, withheld.items()))}")
    sums = {
        name: _Sums(faces, mask, orders, checkpoints, seed) for name, mask in groups.items() if mask.any()
    }
    points = faces.points
    for start in range(0, len(faces), batch):
        index = np.arange(start, min(start + batch, len(faces)))
        for name, mask in groups.items():
            chosen = index[mask[index]]
            if len(chosen) == 0:
                continue
            images = faces.images[chosen]
            if warp is not None and points is not None:
                images = np.stack(
                    [warp(image, point) for image, point in zip(images, points[chosen], strict=True)]
                )
            sums[name].add(chosen, images)
    return Prototypes(
        means={name: total.mean() for name, total in sums.items() if name not in withheld},
        counts={name: int(mask.sum()) for name, mask in groups.items()},
        subjects={name: len(np.unique(faces.subjects[mask])) for name, mask in groups.items()},
        settling={name: total.settling() for name, total in sums.items()} if orders else {},
        left_out=asked - sum(int(mask.sum()) for mask in groups.values()),
        withheld=withheld,
    )


def _usable(
    faces: FaceSet, groups: Mapping[str, np.ndarray], warp: Warp | None, few: str
) -> dict[str, np.ndarray]:
    """The groups; if `warp` is given, without images that have no points."""
    if np.sum([mask for mask in groups.values()], axis=0).max() > 1:
        raise FaceSetError(f"{faces.name}: an image is in two groups of prototypes")
    points = faces.points
    ready = np.full(len(faces), warp is None)
    if warp is not None and points is not None:
        ready = ~np.isnan(points).any(axis=(1, 2))
    if few == "refuse" and not ready.any():
        raise FaceSetError(
            f"{faces.name}: aligned prototypes need five points for each image; detect them first"
        )
    kept = {name: mask & ready for name, mask in groups.items()}
    for name, mask in (groups if few == "withhold" else kept).items():
        if mask.shape != (len(faces),) or not mask.any():
            raise FaceSetError(f"{faces.name}: the group {name!r} is empty or its mask does not fit the set")
    return kept


class _Sums:
    """Running sums of one group's images, per random order and checkpoint."""

    def __init__(
        self, faces: FaceSet, mask: np.ndarray, orders: int, checkpoints: Sequence[int], seed: int
    ) -> None:
        self.count = int(mask.sum())
        self.checkpoints = np.array([n for n in checkpoints if 0 < n < self.count], int)
        self.orders = orders
        self.stretch = np.full((orders, len(faces)), -1)
        subjects = faces.subjects[mask]
        for order in range(orders):
            self.stretch[order, mask] = self._stretches(subjects, np.random.default_rng([seed, order]))
        self.total: np.ndarray | None = None
        self.parts: np.ndarray | None = None

    def _stretches(self, subjects: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Index of the interval between checkpoints that each image falls into, in a random order."""
        names, code = np.unique(subjects, return_inverse=True)
        rank = np.empty(len(subjects), int)
        rank[np.argsort(random.permutation(len(names))[code], kind="stable")] = np.arange(len(subjects))
        return np.searchsorted(self.checkpoints, rank, side="right")

    def add(self, index: np.ndarray, images: np.ndarray) -> None:
        """Add `images` (B, H, W, 3), which are the rows `index` (B,) of the set."""
        self.shape = images.shape[1:]
        flat = images.reshape(len(images), -1).astype(np.float32)
        if self.total is None:
            self.total = np.zeros(flat.shape[1])
            self.parts = np.zeros((self.orders * (len(self.checkpoints) + 1), flat.shape[1]), np.float64)
        self.total += flat.sum(0, dtype=np.float64)
        if self.orders and self.parts is not None:
            rows = self.stretch[:, index] + np.arange(self.orders)[:, None] * (len(self.checkpoints) + 1)
            member = np.zeros((len(self.parts), len(index)), np.float32)
            member[rows, np.arange(len(index))] = 1
            self.parts += member @ flat

    def mean(self) -> np.ndarray:
        """Mean of all images added, float64 (H, W, 3)."""
        assert self.total is not None
        return (self.total / self.count).reshape(self.shape)

    def settling(self) -> Settling:
        """Distances of the mean at each checkpoint from the final mean."""
        assert self.parts is not None
        parts = self.parts.reshape(self.orders, len(self.checkpoints) + 1, -1)
        running = np.cumsum(parts, axis=1)[:, :-1] / self.checkpoints[None, :, None]
        distance = np.sqrt(np.mean((running - self.mean().ravel()) ** 2, axis=-1))
        return Settling(self.checkpoints, distance)
