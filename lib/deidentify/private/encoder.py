"""From a photograph to what may be said of it: the erased embedding, a few numbers that are not the person.

Training and use go through the same code here, so a generator meets the codes that it was made for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lib.arrays import WeightsError, digest, read_arrays, write_arrays
from lib.deidentify.private.erasure import Eraser, fit_eraser
from lib.deidentify.private.gaussians import barycentre, class_moments, once_each, transport_map
from lib.faces.grey import to_grey
from lib.judges.base import Judge
from lib.judges.recogniser_embeddings import stored_name, unit_embeddings, unit_rows

NUISANCE_RIDGE = 0.01
"""Added to the variances of the nuisance numbers, each of variance 1 before."""
_NOSE = 2
_WITH_NOSE = 6  # nuisance numbers where the nose is the pose
LEAST_SPREAD = 0.1
"""Of a direction of the code, as a part of the widest one's standard deviation. Directions that hardly vary
carry no identity, but tell an attacker by which class's map a row was carried."""
_FORMATS = 1, 2  # the first scaled all directions of the erased embedding, also those that hardly vary


@dataclass(frozen=True)
class FaceCodes:
    """What a generator is told of N photographs.

    Attributes
    ----------
    code : float32 (N, D), each number of variance about 1. nuisance : float32 (N, n).
    known : bool (N,), whether there was a face; the other rows are 0.
    """

    code: np.ndarray
    nuisance: np.ndarray
    known: np.ndarray

    @property
    def told(self) -> np.ndarray:
        """All that the generator is told, (N, D + n): attackers of it bound attackers of pictures."""
        return np.hstack([self.code, self.nuisance])


def nuisance_features(images: np.ndarray, points: np.ndarray | None, *, pose: bool = False) -> np.ndarray:
    """Few, independent numbers of an aligned crop that are not the person: light, and pose where known.

    Parameters
    ----------
    images : uint8 (N, H, W, 1 or 3).
    points : (N, 5, 2) pixels, or None.
    pose : whether the head's pose is told in full; in crops that are not aligned a generator that is told
        the nose alone paints the mean over all ways to hold a head.

    Returns
    -------
    float64 (N, 4): mean brightness of the four quadrants, 0 to 1, row by row. With points (N, 6): also the
    nose's x and y as parts of the side. With points and `pose` (N, 10): `head_pose` instead of these two.
    """
    grey = to_grey(images).astype(np.float64) / 255
    high, wide = grey.shape[1] // 2, grey.shape[2] // 2
    halves = [(rows, columns) for rows in (0, high) for columns in (0, wide)]
    light = np.stack([grey[:, r : r + high, c : c + wide].mean(axis=(1, 2)) for r, c in halves], axis=1)
    if points is None:
        return light
    side = np.asarray(grey.shape[2:0:-1], np.float64)
    found = np.asarray(points, np.float64) / side
    return np.hstack([light, head_pose(found) if pose else found[:, _NOSE]])


def head_pose(points: np.ndarray) -> np.ndarray:
    """How a head is held, from its five points: six numbers that leave out the shape of the face.

    Parameters
    ----------
    points : float (N, 5, 2), left eye, right eye, nose and corners of the mouth, as parts of the side.

    Returns
    -------
    float64 (N, 6): x and y of the middle between the eyes, their distance, the tilt of the line through them
    in radians, and how far the nose lies across and along that line's normal, in eye distances (turn, nod).
    """
    left, right, nose = (points[:, number] for number in (0, 1, _NOSE))
    across, middle = right - left, (left + right) / 2
    distance = np.linalg.norm(across, axis=1)
    unit = across / np.maximum(distance, 1e-6)[:, None]
    away = (nose - middle) / np.maximum(distance, 1e-6)[:, None]
    turn = np.sum(away * unit, axis=1)
    nod = np.sum(away * np.stack([-unit[:, 1], unit[:, 0]], axis=1), axis=1)
    tilt = np.arctan2(across[:, 1], across[:, 0])
    return np.column_stack([middle, distance, tilt, turn, nod])


@dataclass(frozen=True)
class FaceEncoder:
    """Photographs in, codes out.

    Attributes
    ----------
    recogniser : embeds the photographed face.
    eraser : takes a binary attribute, as perceived gender, out of the embedding.
    arrays : `basis` (d, D), orthonormal columns: the directions of the embedding that the code keeps;
        `centre`, `spread` (D,) of the rows there; `light`, `scale` (n,) of the nuisance numbers, `means`
        (2, n) and `maps` (2, n, n) that carry them to what both classes have in common.
    """

    recogniser: Judge
    eraser: Eraser
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def dimension(self) -> int:
        """Numbers of a code, D."""
        return len(self.arrays["centre"])

    def __call__(self, images: np.ndarray, points: np.ndarray | None = None) -> FaceCodes:
        """Codes of faces.

        Parameters
        ----------
        images : uint8 (N, H, W, 1 or 3); colour is not looked at.
        points : (N, 5, 2) pixels, NaN where unknown; None if the recogniser needs none.

        Raises
        ------
        JudgeError : the recogniser needs points and there are none, or it refuses the images.
        """
        points = points if self.recogniser.card.needs else None
        pose = len(self.arrays["light"]) > _WITH_NOSE
        nuisance = nuisance_features(images, points, pose=pose)
        return self.coded(unit_embeddings(self.recogniser, images, points), nuisance)

    def coded(self, embeddings: np.ndarray, nuisance: np.ndarray) -> FaceCodes:
        """As a call, from embeddings (N, D) that are known already and from `nuisance_features` (N, n)."""
        known = np.isfinite(embeddings).all(axis=1) & np.isfinite(nuisance).all(axis=1)
        code = np.zeros((len(known), self.dimension), np.float32)
        light = np.zeros((len(known), len(self.arrays["light"])), np.float32)
        if known.any():
            code[known] = (self._kept(embeddings[known]) - self.arrays["centre"]) / self.arrays["spread"]
            light[known] = self._carried(nuisance[known], self.eraser.predicted(embeddings[known]))
        return FaceCodes(code, light, known)

    def _kept(self, embeddings: np.ndarray) -> np.ndarray:
        if "basis" not in self.arrays:
            return self.eraser(embeddings)
        return self.eraser.transported(embeddings) @ self.arrays["basis"].astype(np.float64)

    def _carried(self, nuisance: np.ndarray, positive: np.ndarray) -> np.ndarray:
        """Nuisance numbers by the map of the class that the *embedding* shows."""
        rows = (nuisance - self.arrays["light"]) / self.arrays["scale"]
        means, maps = self.arrays["means"], self.arrays["maps"]
        label = positive.astype(int)
        moved = np.einsum("nij,nj->ni", maps[label], rows - means[label]) + means.mean(axis=0)
        return moved.astype(np.float32)

    def digest(self) -> str:
        """sha256 of all numbers."""
        return hashlib.sha256((digest(self.arrays) + digest(self.eraser.arrays)).encode()).hexdigest()

    def save(self, folder: Path) -> None:
        """Write `eraser.npz` and `coder.npz`; the recogniser is kept by whoever made it."""
        self.eraser.save(folder / "eraser.npz")
        about = {
            "embedder": stored_name(self.recogniser),
            "format": _FORMATS[-1],
            "sha256": digest(self.arrays),
        }
        write_arrays(folder / "coder.npz", {"about": np.array(json.dumps(about)), **self.arrays})

    @classmethod
    def load(cls, folder: Path, recogniser: Judge) -> FaceEncoder:
        """Read what `save` wrote.

        Raises
        ------
        WeightsError : a file is missing or damaged, or was made for another recogniser.
        """
        path = folder / "coder.npz"
        arrays = read_arrays(path)
        about = json.loads(str(arrays.pop("about", "{}")))
        if about.get("format") not in _FORMATS or about.get("sha256") != digest(arrays):
            raise WeightsError(f"{path} is damaged or holds no coder: fetch the file again")
        if about["embedder"] != stored_name(recogniser):
            raise WeightsError(f"{path} was made for {about['embedder']}, not for {stored_name(recogniser)}")
        return cls(recogniser, Eraser.load(folder / "eraser.npz"), arrays)


def recogniser_named(folder: Path) -> str:
    """Name of the recogniser for which the coder in `folder` was made."""
    return str(json.loads(str(read_arrays(folder / "coder.npz")["about"]))["embedder"])


def fit_encoder(
    recogniser: Judge,
    eraser: Eraser,
    embeddings: np.ndarray,
    nuisance: np.ndarray,
    positive: np.ndarray,
    subjects: np.ndarray,
    *,
    dimension: int = 0,
) -> FaceEncoder:
    """A coder on the faces on which its eraser was fitted.

    The code keeps the directions in which the erased embeddings vary most, each scaled to variance 1.

    Parameters
    ----------
    recogniser : of the task `identity`.
    eraser : of embeddings by this recogniser.
    embeddings : (N, D) rows of unit length. nuisance : (N, n) of `nuisance_features`, all finite.
    positive : (N,) bool, the attribute that is erased. subjects : (N,).
    dimension : numbers of the code at most; 0: all directions of at least LEAST_SPREAD.
    """
    left = eraser.axes_left()
    moved = eraser.transported(embeddings)
    rows = moved @ left
    values, vectors = np.linalg.eigh(np.cov(rows.T, aweights=once_each(subjects)))
    wide = np.sqrt(np.maximum(values[::-1], 0))
    count = int((wide >= LEAST_SPREAD * wide[0]).sum())
    basis = left @ vectors[:, ::-1][:, : min(count, dimension or count)]
    kept = moved @ basis
    light, scale = nuisance.mean(axis=0), nuisance.std(axis=0) + 1e-6
    rows = (nuisance - light) / scale
    means, covariances = class_moments(rows, np.asarray(positive, bool), subjects, ridge=NUISANCE_RIDGE)
    common = barycentre(*covariances)
    arrays = {
        "basis": basis,
        "centre": kept.mean(axis=0),
        "spread": kept.std(axis=0),
        "light": light,
        "scale": scale,
        "means": means,
        "maps": np.stack([transport_map(one, common) for one in covariances]),
    }
    return FaceEncoder(recogniser, eraser, {name: one.astype(np.float32) for name, one in arrays.items()})


def erased_targets(
    embeddings: np.ndarray, positive: np.ndarray, subjects: np.ndarray, rows: np.ndarray, *, removed: int
) -> np.ndarray:
    """What a matcher should read from generated faces: its own embeddings, erased by its own eraser.

    Parameters
    ----------
    embeddings : (N, D) by the matcher, of all photographs; NaN rows stay NaN.
    positive : (N,) bool, the attribute that is erased. subjects : (N,).
    rows : photographs to fit the eraser on, embeddings known.
    removed : directions to remove.

    Returns
    -------
    float32 (N, D).
    """
    known = np.isfinite(embeddings).all(axis=1)
    unit = np.full(embeddings.shape, np.nan)
    unit[known] = unit_rows(embeddings[known])
    eraser = fit_eraser(unit[rows], positive[rows], subjects[rows], removed=removed)
    out = np.full(embeddings.shape, np.nan, np.float32)
    out[known] = eraser(unit[known])
    return out
