"""FaceSet: images (memory-mapped) with a table of labels, the data type of the whole project.

Images as a memory-mapped array, a table of labels beside it. An adapter makes one, a network reads one,
a judge scores one, a protection turns one into another.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.lib.format import open_memmap

from lib.files import atomic_write

SPLITS = ("train", "validation", "test")
EXPRESSIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
ATTRIBUTES = (
    "5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Bags_Under_Eyes", "Bald", "Bangs", "Big_Lips",
    "Big_Nose", "Black_Hair", "Blond_Hair", "Blurry", "Brown_Hair", "Bushy_Eyebrows", "Chubby", "Double_Chin",
    "Eyeglasses", "Goatee", "Gray_Hair", "Heavy_Makeup", "High_Cheekbones", "Male", "Mouth_Slightly_Open",
    "Mustache", "Narrow_Eyes", "No_Beard", "Oval_Face", "Pale_Skin", "Pointy_Nose", "Receding_Hairline",
    "Rosy_Cheeks", "Sideburns", "Smiling", "Straight_Hair", "Wavy_Hair", "Wearing_Earrings", "Wearing_Hat",
    "Wearing_Lipstick", "Wearing_Necklace", "Wearing_Necktie", "Young",
)  # fmt: skip
"""CelebA's forty attribute names, in the publisher's order. `Male` is the perceived gender in every set."""

POINTS = ("left_eye", "right_eye", "nose", "left_mouth", "right_mouth")
"""The five points, left and right as seen in the picture."""
POINT_COLUMNS = tuple(f"{point}_{axis}" for point in POINTS for axis in "xy")
BOX_COLUMNS = ("box_left", "box_top", "box_right", "box_bottom")

_TEXT = {"image": str, "subject": str, "split": str, "expression": str}
_FLAGS = {name: "boolean" for name in ATTRIBUTES}


class FaceSetError(ValueError):
    """A set of faces that cannot be used as it is; the message names the file and the remedy."""


@dataclass(frozen=True)
class FaceSet:
    """A set of face images with their labels.

    Attributes
    ----------
    images : uint8 array, (N, H, W, 3), RGB, 0 to 255; usually a read-only memory map.
    labels : table of N rows. Always: `image` (unique name), `subject` (str), `split` (one of SPLITS).
        Where known: `Male` and the other ATTRIBUTES (nullable boolean), `age` (years), `expression`
        (one of EXPRESSIONS), `yaw`, `pitch`, `roll` (degrees), POINT_COLUMNS and BOX_COLUMNS (pixels of
        `images`, x to the right, y down, boxes half-open), and whatever else the publisher says.
    name : of the set, as in result keys: `rendered`, `celeba`, `lfw`, ...
    about : facts for the datasheet: source, licence, skipped items, alignment, ...
    publishable : whether single images may be shown on a page (rendered faces may, photographs may not).
    """

    images: np.ndarray
    labels: pd.DataFrame
    name: str
    about: dict[str, Any] = field(default_factory=dict)
    publishable: bool = False

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.shape[-1] != 3 or self.images.dtype != np.uint8:
            raise FaceSetError(
                f"{self.name}: images must be uint8 (N, H, W, 3), got {self.images.dtype} {self.images.shape}"
            )
        if len(self.images) != len(self.labels):
            raise FaceSetError(
                f"{self.name}: {len(self.images)} images but {len(self.labels)} rows of labels"
            )
        missing = {"image", "subject", "split"} - set(self.labels.columns)
        if missing:
            raise FaceSetError(f"{self.name}: labels lack the columns {sorted(missing)}")

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the images in pixels."""
        return self.images.shape[1], self.images.shape[2]

    @property
    def subjects(self) -> np.ndarray:
        """Subject of each image, (N,) str."""
        return self.labels["subject"].to_numpy(dtype=str)

    @property
    def points(self) -> np.ndarray | None:
        """Five points of each face, (N, 5, 2) float32 in pixels (NaN where unknown), or None without any."""
        if not set(POINT_COLUMNS) <= set(self.labels.columns):
            return None
        return self.labels[list(POINT_COLUMNS)].to_numpy(np.float32).reshape(-1, 5, 2)

    @property
    def boxes(self) -> np.ndarray | None:
        """Face boxes (left, top, right, bottom), (N, 4) float32 in pixels, half-open, or None without any."""
        if not set(BOX_COLUMNS) <= set(self.labels.columns):
            return None
        return self.labels[list(BOX_COLUMNS)].to_numpy(np.float32)

    @property
    def attributes(self) -> pd.DataFrame:
        """The columns of ATTRIBUTES that this set has, nullable boolean."""
        return self.labels[[name for name in ATTRIBUTES if name in self.labels.columns]]

    def take(self, rows: np.ndarray | Sequence[int]) -> FaceSet:
        """Set of the images at `rows` (indices or an (N,) mask), in that order; copies the images."""
        index = np.asarray(rows)
        if index.dtype == bool:
            index = np.flatnonzero(index)
        return dataclasses.replace(
            self, images=self.images[index], labels=self.labels.iloc[index].reset_index(drop=True)
        )

    def split(self, name: str) -> FaceSet:
        """Set of the images of one split; FaceSetError unless it is one of SPLITS."""
        if name not in SPLITS:
            raise FaceSetError(f"{self.name}: no split {name!r}; there are {', '.join(SPLITS)}")
        return self.take((self.labels["split"] == name).to_numpy())

    def binary(self, name: str, rows: np.ndarray | None = None) -> np.ndarray:
        """Values of a binary attribute at `rows` (indices or a mask; None: all), (R,) bool.

        Raises
        ------
        FaceSetError : no such attribute, or it is unknown for an image: choose rows where it is known.
        """
        if name not in self.labels:
            raise FaceSetError(f"{self.name}: no attribute {name!r} in its labels")
        column = self.labels[name] if rows is None else self.labels[name].iloc[np.arange(len(self))[rows]]
        unknown = column.isna()
        if unknown.any():
            first = self.labels.loc[column.index[unknown.to_numpy()][0], "image"]
            raise FaceSetError(
                f"{self.name}: {name} is unknown for {unknown.sum()} of {len(column)} images, "
                f"such as {first}: choose rows where it is known"
            )
        values = column.to_numpy()
        if not np.isin(values, (0, 1)).all():
            raise FaceSetError(f"{self.name}: {name} is not binary")
        return values.astype(bool)

    def known(self, name: str) -> np.ndarray:
        """Whether the label `name` is known, bool (N,).

        Raises
        ------
        FaceSetError : no such label.
        """
        if name not in self.labels:
            raise FaceSetError(f"{self.name}: no attribute {name!r} in its labels")
        return self.labels[name].notna().to_numpy(bool)

    def with_images(self, images: np.ndarray) -> FaceSet:
        """Set with the same labels and other images; nothing is copied.

        Parameters
        ----------
        images : uint8 (N, H, W) grey, or (N, H, W, 3) RGB, one for each row and of the same size; may be a
            memory map. Grey ones are seen as three equal channels.

        Raises
        ------
        FaceSetError : another number or size of images.
        """
        if images.shape[:3] != self.images.shape[:3]:
            raise FaceSetError(f"{self.name}: pictures {images.shape} for images {self.images.shape}")
        if images.ndim == 3:
            images = np.broadcast_to(images[..., None], (*images.shape, 3), subok=True)
        return dataclasses.replace(self, images=images)

    def resized(self, size: tuple[int, int]) -> FaceSet:
        """Set with images resized to `size` (height, width) by area averaging.

        Points and boxes, where there are any, are scaled along. Of the same size the set comes back as it is.
        """
        if self.size == size:
            return self
        images = np.empty((len(self), *size, 3), np.uint8)
        for row in range(len(self)):
            images[row] = cv2.resize(np.asarray(self.images[row]), size[::-1], interpolation=cv2.INTER_AREA)
        labels = self.labels.copy()
        stretch = np.array([size[1] / self.size[1], size[0] / self.size[0]])
        if self.points is not None:
            labels[list(POINT_COLUMNS)] = ((self.points + 0.5) * stretch - 0.5).reshape(len(self), 10)
        if self.boxes is not None:
            labels[list(BOX_COLUMNS)] = self.boxes * np.tile(stretch, 2)
        return dataclasses.replace(self, images=images, labels=labels)

    @classmethod
    def concatenate(cls, parts: Mapping[str, FaceSet], name: str) -> tuple[FaceSet, dict[str, np.ndarray]]:
        """Concatenate sets; returns the new set (images copied) and the rows (int64) of each part by name.

        Parameters
        ----------
        parts : sets of one size; only the columns that all of them have are kept.
        name : of the new set.

        Raises
        ------
        FaceSetError : no part, or parts of different sizes.
        """
        sizes = {part.size for part in parts.values()}
        if len(sizes) != 1:
            raise FaceSetError(f"{name}: parts must be of one size, got {sorted(sizes) or 'none'}")
        shared = [
            column
            for column in next(iter(parts.values())).labels
            if all(column in part.labels for part in parts.values())
        ]
        labels = pd.concat([part.labels[shared] for part in parts.values()], ignore_index=True)
        images = np.concatenate([part.images for part in parts.values()])
        ends = np.cumsum([len(part) for part in parts.values()])
        rows = {
            key: np.arange(end - len(part), end) for (key, part), end in zip(parts.items(), ends, strict=True)
        }
        return cls(images, labels, name, publishable=all(part.publishable for part in parts.values())), rows

    def batches(self, size: int = 256) -> Iterator[tuple[np.ndarray, pd.DataFrame]]:
        """Iterate over images and labels in order, `size` rows at a time."""
        for start in range(0, len(self), size):
            yield np.asarray(self.images[start : start + size]), self.labels.iloc[start : start + size]

    def save(self, folder: str | Path) -> Path:
        """Write `images.npy`, `labels.csv` and `faceset.json` into a new folder, atomically.

        Raises
        ------
        FileExistsError : the folder is there already; nothing is overwritten.
        """
        folder = Path(folder)
        if folder.exists():
            raise FileExistsError(f"{folder} exists; remove it first or choose another folder")
        with atomic_write(folder) as part:
            part.mkdir()
            out = open_memmap(part / "images.npy", mode="w+", dtype=np.uint8, shape=self.images.shape)
            for start in range(0, len(self), 1024):
                out[start : start + 1024] = self.images[start : start + 1024]
            out.flush()
            write_description(part, self.labels, self.name, self.about, self.publishable)
        return folder

    @classmethod
    def open(cls, folder: str | Path) -> FaceSet:
        """Open a folder that `save` wrote; the images stay on disk as a read-only memory map.

        Raises
        ------
        FaceSetError : one of the three files is missing.
        """
        folder = Path(folder)
        for name in ("images.npy", "labels.csv", "faceset.json"):
            if not (folder / name).exists():
                raise FaceSetError(f"{folder / name} is missing: not a packed set of faces; pack it again")
        about = json.loads((folder / "faceset.json").read_text(encoding="utf-8"))
        images = np.load(folder / "images.npy", mmap_mode="r")
        return cls(
            images, read_labels(folder / "labels.csv"), about["name"], about["about"], about["publishable"]
        )

    def fingerprint(self) -> str:
        """sha256 of labels and images."""
        digest = hashlib.sha256(self.labels.to_csv(index=False, float_format="%.4f").encode())
        for images, _ in self.batches(1024):
            digest.update(images.tobytes())
        return digest.hexdigest()


def write_description(
    folder: Path, labels: pd.DataFrame, name: str, about: dict[str, Any], publishable: bool
) -> None:
    """Write `labels.csv` and `faceset.json` of a set whose images are written elsewhere."""
    labels.to_csv(folder / "labels.csv", index=False, float_format="%.4f", lineterminator="\n")
    text = json.dumps({"name": name, "about": about, "publishable": publishable}, indent=1, sort_keys=True)
    (folder / "faceset.json").write_text(text + "\n", encoding="utf-8")


def read_labels(path: Path) -> pd.DataFrame:
    """Read a table of labels with FaceSet's column types; empty fields are missing values."""
    try:
        columns = pd.read_csv(path, nrows=0).columns
        types: Any = {key: kind for key, kind in {**_TEXT, **_FLAGS}.items() if key in columns}
        table = pd.read_csv(path, dtype=types, keep_default_na=False, na_values=[""])
    except ValueError as error:
        raise FaceSetError(f"{path} cannot be read as a table ({error}); pack the set again") from error
    for column in set(_TEXT) & set(columns):
        table[column] = table[column].fillna("").astype(str)
    return table
