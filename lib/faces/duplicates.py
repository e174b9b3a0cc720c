"""Find exact and near duplicates (by difference hash) in a FaceSet; across splits they are a leak."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd

from lib.faces.faceset import FaceSet

SIDE = 16
SAME = 3.5
"""Grey levels: two lossy copies of one picture differ less (root mean square)."""
NEAR = 24
"""Bits of 256 in which two near duplicates may differ. Of 11,541 aligned CelebA pictures 184 pairs are this
close, each of one person; within 40 bits half of the pairs are strangers."""

_FLAT = 2.0
_BLOCK = 2048


@dataclass(frozen=True)
class Duplicates:
    """Images that occur more than once, exactly or nearly.

    Attributes
    ----------
    exact : one row a picture that has an equal: `row`, `image`, `split`, `group` (numbered from 0).
    near : one row a pair from different splits that is not exact: `row`, `other`, `distance` (bits of 256),
        `rms` (root mean square difference in grey levels), `split` (of `row`).
    flat : rows of pictures of nearly one tone, which no hash can tell apart.
    """

    exact: pd.DataFrame
    near: pd.DataFrame
    flat: np.ndarray

    def leaking(self) -> np.ndarray:
        """Rows of training images with a duplicate in validation or test."""
        elsewhere = self.exact[self.exact["split"] != "train"]["group"]
        inside = self.exact[(self.exact["split"] == "train") & self.exact["group"].isin(elsewhere)]["row"]
        nearly = self.near["row"][self.near["split"] == "train"]
        return np.unique(np.concatenate([inside, nearly]).astype(int))


def difference_hash(image: np.ndarray) -> np.ndarray:
    """Difference hash of an image, (256,) bool: 16 x 16 cells, darker than the right neighbour or not."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA).astype(int)
    return (small[:, 1:] > small[:, :-1]).ravel()


def find_duplicates(faces: FaceSet, near: int = NEAR) -> Duplicates:
    """Find all exact duplicates, and near duplicates across splits.

    Time grows with the product of the splits' sizes: seconds for 10,000 pictures, minutes for 200,000.

    Parameters
    ----------
    near : largest number of differing bits of 256; 0 leaves the near ones out.
    """
    digests, hashes, flat = [], [], []
    for images, _ in faces.batches(512):
        for image in images:
            digests.append(hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16).hexdigest())
            hashes.append(difference_hash(image))
            flat.append(image.std() < _FLAT)
    exact = _groups(faces.labels, pd.Series(digests))
    pairs = _near(np.array(hashes), faces.labels["split"].to_numpy(str), np.array(flat), near)
    same = np.array(digests)
    pairs = pairs[same[pairs["row"]] != same[pairs["other"]]].reset_index(drop=True)
    pairs["rms"] = [_rms(faces.images[i], faces.images[j]) for i, j in pairs[["row", "other"]].to_numpy()]
    pairs["split"] = faces.labels["split"].to_numpy(str)[pairs["row"]]
    return Duplicates(exact, pairs, np.flatnonzero(flat))


def _rms(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(np.mean((a.mean(-1) - b.mean(-1)) ** 2)))


def _groups(labels: pd.DataFrame, digests: pd.Series) -> pd.DataFrame:
    table = pd.DataFrame({"row": np.arange(len(labels)), "image": labels["image"], "split": labels["split"]})
    table["group"] = pd.factorize(digests)[0]
    table = table[digests.duplicated(keep=False).to_numpy()].reset_index(drop=True)
    table["group"] = pd.factorize(table["group"])[0]
    return table


def _near(hashes: np.ndarray, splits: np.ndarray, flat: np.ndarray, near: int) -> pd.DataFrame:
    """Table of row pairs from different splits whose hashes differ in at most `near` bits."""
    found = [np.zeros((0, 3), int)]
    parts = [np.flatnonzero((splits == name) & ~flat) for name in ("train", "validation", "test")]
    for a, b in ((0, 1), (0, 2), (1, 2)) if near else ():
        for rows in _blocks(parts[a]):
            for others in _blocks(parts[b]):
                distance = _distances(hashes[rows], hashes[others])
                i, j = np.nonzero(distance <= near)
                found.append(np.stack([rows[i], others[j], distance[i, j].astype(int)], 1))
    return pd.DataFrame(np.concatenate(found), columns=["row", "other", "distance"])


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Hamming distances of all pairs of hashes, (len(a), len(b)) float32, exact."""
    signs, others = (2 * bits.astype(np.float32) - 1 for bits in (a, b))
    return (a.shape[1] - signs @ others.T) / 2


def _blocks(rows: np.ndarray) -> list[np.ndarray]:
    return [rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)]
