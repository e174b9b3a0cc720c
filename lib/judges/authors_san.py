"""The original authors' own semi-adversarial network (Mirjalili and others, ICB 2018), as they trained it.

It is no part of this repository; see `lib.judges.published`. It takes faces of 224 px, aligned to A(0.322,
0.493), which is this book's A(0.32, 0.49) within a pixel at 112 px; smaller faces are enlarged for it.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from lib.faces.grey import to_grey
from lib.judges.published import Networks

NETWORK = "san_mirjalili_2018"
SIDE = 224
BATCH = 16
NAMES = ("female", "male")

Target = Literal["sm", "nt", "op"]


class AuthorsSan:
    """The published autoencoder with the prototypes recovered from the authors' notebook."""

    def __init__(self, networks: Networks) -> None:
        """Read network and prototypes.

        Raises
        ------
        JudgeError : a file is missing or another one than was measured.
        """
        self._graph = networks.graph(NETWORK)
        self._prototypes = {
            name: (picture / np.float32(255)).astype(np.float32)
            for name, picture in networks.prototypes().items()
            if name != "points"
        }

    def __call__(self, images: np.ndarray, label: np.ndarray, target: Target = "op") -> np.ndarray:
        """Alter faces.

        Parameters
        ----------
        images : uint8 (N, H, W), (N, H, W, 1) or RGB (N, H, W, 3), square, aligned to A(0.32, 0.49).
        label : (N,) male 1, female 0.
        target : prototype of the last layer: of the same gender, the neutral one, or of the opposite one.

        Returns
        -------
        uint8 (N, H, W), the size of `images`.

        Raises
        ------
        ValueError : pictures that are not square, or a label that is neither 0 nor 1.
        """
        grey = np.asarray(images) if images.ndim == 3 else to_grey(images)
        label = np.asarray(label)
        if grey.shape[1] != grey.shape[2] or not np.isin(label, (0, 1)).all() or len(label) != len(grey):
            raise ValueError(f"square pictures and a label 0 or 1 for each, got {grey.shape}, {label.shape}")
        parts = [
            self._altered(grey[i : i + BATCH], label[i : i + BATCH].astype(int), target)
            for i in range(0, len(grey), BATCH)
        ]
        return np.concatenate([np.zeros((0, *grey.shape[1:]), np.uint8), *parts])

    def _altered(self, grey: np.ndarray, label: np.ndarray, target: Target) -> np.ndarray:
        chosen = {"sm": label, "nt": None, "op": 1 - label}[target]
        said = self._graph(
            np.stack([enlarged(one) for one in grey])[..., None],
            prototype=self._of(label),
            target=self._of(chosen) if chosen is not None else self._neutral(len(label)),
        )["image"]
        return np.stack([reduced(one, grey.shape[1]) for one in said.numpy()[..., 0]])

    def _of(self, label: np.ndarray) -> np.ndarray:
        return np.stack([self._prototypes[NAMES[one]] for one in label])

    def _neutral(self, count: int) -> np.ndarray:
        return np.stack([self._prototypes["neutral"]] * count)


def enlarged(picture: np.ndarray) -> np.ndarray:
    """A grey uint8 picture (H, H) at 224 px, float32 in [0, 1]; bicubic, as it is where it has that size."""
    unit = picture.astype(np.float32) / np.float32(255)
    return np.clip(_resized(unit, SIDE, cv2.INTER_CUBIC), 0, 1)


def reduced(picture: np.ndarray, side: int) -> np.ndarray:
    """A picture (224, 224) in [0, 1] as uint8 (side, side); each pixel the mean over the area it covers."""
    small = _resized(picture, side, cv2.INTER_AREA if side < SIDE else cv2.INTER_CUBIC)
    return np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)


def _resized(picture: np.ndarray, side: int, how: int) -> np.ndarray:
    if picture.shape == (side, side):
        return picture
    return np.asarray(cv2.resize(picture, (side, side), interpolation=how))
