"""Interfaces of judges: Detector, Judge, Judgement, and ModelCard (who trained it on what).

A judge reads pixels only through the crop that its card prescribes. Where no face was found it says so: the
row is NaN and `acquired` is False. It never looks at the whole picture instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from tqdm import tqdm

from lib.faces.detections import Detections

Task = Literal["detect", "identity", "gender", "age", "emotion"]
Colour = Literal["rgb", "grey"]
Comparison = Literal["cosine", "euclidean", ""]

BATCH = 64


class JudgeError(ValueError):
    """A judge that cannot be loaded or used like this; the message names the file and the remedy."""


@dataclass(frozen=True)
class ModelCard:
    """Model card of a judge: training data, input, crop, output, licence.

    Attributes
    ----------
    name : as in result keys.
    task : what it judges.
    trained_by, trained_on : who trained it, on which pictures.
    size : height and width of its input in pixels; (0, 0) takes any.
    colour, range : of its input: `rgb` or `grey`, lowest and highest pixel value.
    crop : how the face is cut out for it.
    output : what its values mean, with unit or range.
    licence, source : terms of use; where the weights come from.
    sha256 : of its weight files, in the order in which they are read.
    comparison : of embeddings: `cosine` of the angle, or `euclidean` distance with its negative as score.
    threshold : of a gender judge: values above it are read as male.
    notes : whatever else, such as pictures that it may have seen in training.
    saw : names of the data sets that it learned from, `celeba/train` for a publisher's own part; None: the
        publisher does not say.
    needs : labels that it must be told, as a Protection's: ("points",), or () where it looks at the whole
        picture.
    """

    name: str
    task: Task
    trained_by: str
    trained_on: str
    size: tuple[int, int]
    colour: Colour
    range: tuple[float, float]
    crop: str
    output: str
    licence: str
    source: str
    sha256: tuple[str, ...]
    comparison: Comparison = ""
    threshold: float | None = None
    notes: str = ""
    needs: tuple[str, ...] = ("points",)
    saw: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Judgement:
    """Scores or embeddings of N images, NaN where no face was found.

    Attributes
    ----------
    values : float32, (N,) scores (gender: higher is more male; age: years) or (N, D) embeddings, or
        emotion probabilities in the order of EXPRESSIONS. NaN in the rows without a face.
    acquired : bool (N,), whether the judge had a face to look at.
    """

    values: np.ndarray
    acquired: np.ndarray

    def __post_init__(self) -> None:
        acquired = np.asarray(self.acquired, bool)
        values = np.asarray(self.values, np.float32)
        if acquired.shape != values.shape[:1]:
            raise JudgeError(f"{len(values)} values but acquired has the shape {acquired.shape}")
        if not np.isnan(values[~acquired]).all():
            raise JudgeError("a row without a face must be NaN")
        if np.isnan(values[acquired]).any():
            raise JudgeError("a judge gave NaN for a face that it acquired")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "acquired", acquired)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def failures(self) -> int:
        """Number of images without a face (failures to acquire)."""
        return int((~self.acquired).sum())


@runtime_checkable
class Detector(Protocol):
    """Protocol of a face detector.

    Attributes
    ----------
    card : who it is.
    name : the card's name with all settings that change what it finds; keys a cache.
    """

    card: ModelCard
    name: str

    def __call__(self, image: np.ndarray) -> Detections:
        """Detect the faces in `image`, uint8 (H, W, 3) RGB; none found is an empty Detections."""
        ...

    def many(self, images: np.ndarray) -> list[Detections]:
        """Detect the faces in each of `images`, uint8 (N, H, W, 3) RGB."""
        ...


@runtime_checkable
class Judge(Protocol):
    """Protocol of a judge that scores or embeds faces."""

    card: ModelCard

    def __call__(self, images: np.ndarray, points: np.ndarray | None = None) -> Judgement:
        """Judge `images`, uint8 (N, H, W, 3) RGB, by their `points`, (N, 5, 2) pixels, NaN: not found."""
        ...


def known(points: np.ndarray) -> np.ndarray:
    """Whether all five `points` (N, 5, 2) of each face are known (finite), bool (N,)."""
    return np.isfinite(points).all((1, 2))


def judge_batches(
    score: Callable[[np.ndarray, np.ndarray], np.ndarray],
    images: np.ndarray,
    points: np.ndarray,
    *,
    batch: int = BATCH,
    progress: str = "",
) -> Judgement:
    """Apply `score` to the images whose points are known, in batches, and return a Judgement.

    Parameters
    ----------
    score : (n, H, W, 3) uint8 and (n, 5, 2) in, (n,) or (n, D) out.
    images : uint8 (N, H, W, 3) RGB, may be a memory map: only one batch is in memory.
    points : (N, 5, 2), NaN where no face was found.
    batch : images at a time.
    progress : title of a progress bar on stderr; none if empty.

    Raises
    ------
    JudgeError : images of another type or shape, or images and points differ in number.
    """
    if images.ndim != 4 or images.shape[-1] != 3 or images.dtype != np.uint8:
        raise JudgeError(f"images must be uint8 (N, H, W, 3), got {images.dtype} {images.shape}")
    points = np.asarray(points, np.float32)
    if points.shape != (len(images), 5, 2):
        raise JudgeError(f"{len(images)} images need points of shape (N, 5, 2), got {points.shape}")
    acquired = known(points)
    rows = np.flatnonzero(acquired)
    values = np.full(len(images), np.nan, np.float32)
    for start in tqdm(range(0, len(rows), batch), desc=progress, disable=not progress, leave=False):
        part = rows[start : start + batch]
        found = np.asarray(score(images[part], points[part]), np.float32)
        if start == 0:
            values = np.full((len(images), *found.shape[1:]), np.nan, np.float32)
        values[part] = found
    return Judgement(values, acquired)
