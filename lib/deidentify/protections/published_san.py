"""The original authors' own semi-adversarial network (Mirjalili and others, ICB 2018), as they trained it.

It is no part of this repository; see `lib.judges.published_networks`. It takes grey faces of 224 px, aligned
to A(0.322, 0.493). Faces that are cut otherwise are turned and scaled to it by their five points, and what
the network changes is carried back: pixels that it does not see stay as they are.
"""

from __future__ import annotations

import cv2
import numpy as np

from lib.deidentify.protections.base import Colour
from lib.faces.grey import to_grey
from lib.faces.loading.align import crop_template, invert, similarity, warp
from lib.judges.published_networks import Networks
from lib.networks.san import Output

NETWORK = "san_mirjalili_2018"
SIDE = 224
CROP = (0.322, 0.493)
"""f and c of the authors' crop: where the five points of the recovered prototypes lie."""
BATCH = 16
NAMES = ("female", "male")


class PublishedSan:
    """The published autoencoder with the prototypes recovered from the authors' notebook, as a protection.

    It takes grey faces of any size and crop, and must be told the gender and the five points.

    Attributes
    ----------
    output : prototype of the last layer: of the same gender, the neutral one, or of the opposite one.
    """

    size = None
    colour: Colour = "grey"
    template = None
    needs = ("Male", "points")

    def __init__(self, networks: Networks, output: Output = "op") -> None:
        """Read network and prototypes.

        Raises
        ------
        JudgeError : a file is missing or another one than was measured.
        """
        self.output = output
        self._graph = networks.graph(NETWORK)
        self._prototypes = {
            name: (picture / np.float32(255)).astype(np.float32)
            for name, picture in networks.prototypes().items()
            if name != "points"
        }

    @property
    def name(self) -> str:
        """Of the network, whose files are always the same, with the output."""
        return f"{NETWORK} {self.output}"

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Alter `faces`, uint8 (N, H, W, 1).

        Parameters
        ----------
        labels : `Male` (N,) male 1, female 0, and `points` (N, 5, 2) pixels, as `FaceSet.points`.

        Raises
        ------
        ValueError : a label that is neither 0 nor 1, or unknown points.
        """
        grey, label = to_grey(faces), np.asarray(labels["Male"])
        if label.shape != grey.shape[:1] or not np.isin(label, (0, 1)).all():
            raise ValueError(f"one label 0 or 1 for each of {len(grey)} pictures, got {label.shape}")
        template = crop_template(*CROP, (SIDE, SIDE)).points
        matrices = np.array([similarity(five, template) for five in labels["points"]]).reshape(-1, 2, 3)
        parts = [np.zeros((0, *grey.shape[1:]), np.uint8)]
        for start in range(0, len(grey), BATCH):
            some = slice(start, start + BATCH)
            parts.append(self._altered(grey[some], label[some].astype(int), matrices[some]))
        return np.concatenate(parts)[..., None]

    def _altered(self, grey: np.ndarray, label: np.ndarray, matrices: np.ndarray) -> np.ndarray:
        shown = np.stack([to_published_crop(one, matrix) for one, matrix in zip(grey, matrices, strict=True)])
        chosen = {"sm": label, "nt": np.full(len(label), -1), "op": 1 - label}[self.output]
        said = self._graph(shown[..., None], prototype=self._of(label), target=self._of(chosen))["image"]
        changes = said.numpy()[..., 0] - shown
        return np.stack([apply_change(*three) for three in zip(grey, changes, matrices, strict=True)])

    def _of(self, label: np.ndarray) -> np.ndarray:
        """Prototypes of labels; -1 is the neutral one."""
        return np.stack([self._prototypes["neutral" if one < 0 else NAMES[one]] for one in label])


def to_published_crop(picture: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """A grey uint8 picture (H, W) in the authors' crop, float32 (224, 224) in [0, 1]; bicubic.

    Parameters
    ----------
    matrix : (2, 3), from the picture's pixels to those of the crop.
    """
    unit = picture.astype(np.float32) / np.float32(255)
    large = cv2.warpAffine(unit, matrix, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.clip(large, 0, 1)


def apply_change(picture: np.ndarray, change: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """A grey uint8 picture (H, W) with the change (224, 224), in [-1, 1], made in the authors' crop.

    Only the change is resampled: where the network changes nothing the picture stays as it is.
    """
    back = warp(change.astype(np.float32), invert(matrix), picture.shape, border="black")
    return np.rint(np.clip(picture + 255 * back, 0, 255)).astype(np.uint8)
