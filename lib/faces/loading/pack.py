"""Pack a Source into a FaceSet on disk: detect, align, crop and resize, streamed and resumable.

Streamed: memory does not grow with the number of pictures. In parallel: one thread reads in order, several
decode and crop. Resumable: what is done lies in `<folder>.part`, and a run that was killed goes on there.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from lib.faces.detections import Detections, FaceFinder
from lib.faces.faceset import BOX_COLUMNS, POINT_COLUMNS, FaceSet, FaceSetError
from lib.faces.loading.align import Template, apply
from lib.faces.loading.crops import Crop, align_with_matrix, aligned, crop_face, move_box, picture_window
from lib.faces.loading.open_photograph import Photograph
from lib.faces.loading.source import Source
from lib.faces.locking import beside, locked
from lib.faces.resumable_array import NAN_BOX, NAN_POINTS, PackedFace, ResumableArray

VERSION = 1
"""Raised when a change of the code changes what is packed; part of every cache's key."""

NO_FACE = "no face found"
NO_POINTS = "five points unknown"

_Item = tuple[int, bytes | Photograph]
_BATCH = 16
_BATCH_BYTES = 2**18


def pack(
    source: Source,
    folder: str | Path,
    size: int | tuple[int, int],
    *,
    detector: FaceFinder | None = None,
    crop: Crop = "window",
    workers: int | None = None,
    limit: int | None = None,
    progress: bool = True,
) -> FaceSet:
    """Pack the images of `source` into the new folder `folder` and return them as a FaceSet.

    A picture that cannot be read, and with an aligning crop one without a face, is not packed: it is counted
    in `about` and listed in `skipped.csv`. With `window` or `whole` a picture without a found face is packed,
    and counted in `about["no face found"]`.

    Parameters
    ----------
    source : what an adapter's `read` gave.
    folder : where `images.npy`, `labels.csv`, `faceset.json` and `skipped.csv` go; must not exist.
    size : height and width of the packed images in pixels, or one number for both.
    detector : asked for the five points where the labels know none. Called by one thread at a time.
    crop : see `crops.Crop`; an alignment needs points from the labels or a detector.
    workers : threads that decode and crop; by default the number of processors.
    limit : at most this many pictures, whole subjects where possible.
    progress : show a progress bar on stderr.

    Returns
    -------
    FaceSet, opened from `folder`. With a detector its labels have `faces`, the number of faces found.

    Raises
    ------
    FileExistsError : `folder` is there already.
    FaceSetError : nothing could be packed, the size is below 1, or an alignment has no points to go by.
    """
    folder, source = Path(folder), source.limited(limit)
    height_width = height_and_width(size)
    cutter = Cutter(source, height_width, crop, detector)
    with locked(beside(folder)):  # a second run waits
        if folder.exists():
            raise FileExistsError(f"{folder} exists; remove it first or choose another folder")
        part = ResumableArray.open(folder, len(source), height_width, _key(cutter))
        with tqdm(total=len(source), initial=part.done, desc=f"pack {source.name}", unit="image",
                  disable=not progress) as bar:  # fmt: skip
            for cuts in _chunks(cutter, part, workers or os.cpu_count() or 1):
                part.add(_counted(cuts, bar))
        labels, about, skipped = _describe(cutter, part.results())
        return part.finish(labels, skipped, source.name, about, source.publishable)


def height_and_width(size: int | tuple[int, int]) -> tuple[int, int]:
    """Height and width of packed images in pixels; FaceSetError unless both are 1 or more."""
    height, width = (size, size) if isinstance(size, int) else size
    if min(height, width) < 1:
        raise FaceSetError(f"faces of {height} x {width} pixels cannot be packed: take a size of 1 or more")
    return height, width


def _key(cutter: Cutter) -> str:
    """Hash of everything that determines the packed bytes; a partial folder with another key is redone."""
    names = hashlib.sha256("\n".join(cutter.source.labels["image"]).encode()).hexdigest()
    how = [cutter.size, crop_name(cutter.crop), detector_name(cutter.detector)]
    facts = [VERSION, cutter.source.name, names, how]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def crop_name(crop: Crop) -> str:
    """Name of a crop for cache keys and datasheets; equal for equal crops."""
    return f"{crop.points.round(3).tolist()} in {crop.size}" if isinstance(crop, Template) else crop


def detector_name(detector: FaceFinder | None) -> str:
    """Name of a detector for cache keys: its `name`, else its function's or class's; empty without one."""
    if detector is None:
        return ""
    return str(getattr(detector, "name", getattr(detector, "__qualname__", type(detector).__qualname__)))


def _chunks(cutter: Cutter, part: ResumableArray, workers: int) -> Iterator[Iterator[PackedFace]]:
    """Crops in order, by chunks; at most one chunk is in memory."""
    source, total = cutter.source, len(cutter.source)
    with Parallel(workers, backend="threading", return_as="generator", batch_size=1) as parallel:
        for start in range(part.done, total, part.chunk):
            rows = range(start, min(start + part.chunk, total))
            # joblib takes batches when workers are free (`pre_dispatch`); at most one chunk of crops waits.
            batches = _batches((i, source.read_safely(i)) for i in rows)
            yield chain.from_iterable(parallel(delayed(_cut_all)(cutter, batch) for batch in batches))


def _counted(cuts: Iterator[PackedFace], bar: tqdm) -> Iterator[PackedFace]:
    for one in cuts:
        yield one
        bar.update()


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Group items into batches of a few small images, as dispatching single ones costs too much."""
    batch: list[_Item] = []
    held = 0
    for item in items:
        batch.append(item)
        held += len(item[1]) if isinstance(item[1], bytes) else 0
        if len(batch) == _BATCH or held > _BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _cut_all(cutter: Cutter, batch: list[_Item]) -> list[PackedFace]:
    return [cutter(*item) for item in batch]


class Cutter:
    """Turns a record's bytes into a packed crop: decode, find the face, align or crop."""

    def __init__(
        self, source: Source, size: tuple[int, int], crop: Crop, detector: FaceFinder | None
    ) -> None:
        self.source, self.size, self.crop, self.detector = source, size, crop, detector
        self.template = aligned(crop)
        labels, count = source.labels, len(source)
        known = set(POINT_COLUMNS) <= set(labels)
        if self.template is not None and not known and detector is None:
            raise FaceSetError(
                f"{source.name}: the crop {crop_name(crop)} needs the five points of each face, and "
                "the labels have none: hand in a detector, or take the crop `window`"
            )
        nan = np.full((count, 14), np.nan)
        points = labels[list(POINT_COLUMNS)].to_numpy(float, na_value=np.nan) if known else nan[:, :10]
        boxed = set(BOX_COLUMNS) <= set(labels)
        self._points = points.reshape(count, 5, 2)
        self._boxes = labels[list(BOX_COLUMNS)].to_numpy(float, na_value=np.nan) if boxed else nan[:, 10:]
        self._labels_known = known or boxed
        self._lock = Lock()

    def __call__(self, i: int, data: bytes | Photograph) -> PackedFace:
        """Decode record `i`, find its face and crop it."""
        photo = self.source.decode_safely(data)
        if photo.image is None:
            return PackedFace(None, photo.reason)
        frame = self.source.frame or photo.size
        image = self._unsqueezed(photo.image, frame)
        points, box = self._labelled(i, image, frame)
        faces = np.nan
        if np.isnan(points).any() and self.detector is not None:
            found = self._detect(image)
            faces = len(found)
            points, box = _chosen(found, image, self.source.choose)
        if self.template is not None and np.isnan(points).any():
            return PackedFace(None, NO_FACE if faces == 0 else NO_POINTS, photo.notes, faces=faces)
        crop, matrix = self._cut(image, frame, points)
        points = points if np.isnan(points).all() else apply(matrix, points)
        box = box if np.isnan(box).any() else move_box(matrix, box)
        return PackedFace(crop, "", photo.notes, points, box, faces)

    def _unsqueezed(self, image: np.ndarray, frame: tuple[int, int]) -> np.ndarray:
        """Image stretched to its frame's aspect ratio, if faces are detected or aligned."""
        down, across = image.shape[0] / frame[0], image.shape[1] / frame[1]
        if abs(down / across - 1) < 0.02 or (self.template is None and self.detector is None):
            return image
        return cv2.resize(image, frame[::-1], interpolation=cv2.INTER_CUBIC)

    def _labelled(self, i: int, image: np.ndarray, frame: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Points and box from the labels, scaled from the publisher's frame to the image."""
        if not self._labels_known:
            return NAN_POINTS, NAN_BOX
        scale = np.array([image.shape[1] / frame[1], image.shape[0] / frame[0]])
        return (self._points[i] + 0.5) * scale - 0.5, self._boxes[i] * np.tile(scale, 2)

    def _detect(self, image: np.ndarray) -> Detections:
        assert self.detector is not None
        with self._lock:
            return self.detector(image)

    def _cut(
        self, image: np.ndarray, frame: tuple[int, int], points: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        if self.template is not None:
            return align_with_matrix(image, points, self.template, self.size)
        window = self.source.window if self.crop == "window" else None
        return crop_face(
            image, picture_window(window, frame, (image.shape[0], image.shape[1]), self.size), self.size
        )


def _chosen(found: Detections, image: np.ndarray, choose: str) -> tuple[np.ndarray, np.ndarray]:
    """Points and box of the chosen face: the largest, or the most central of the large ones."""
    if not len(found):
        return NAN_POINTS, NAN_BOX
    if choose == "central":
        found = found.take(found.areas >= found.areas.max() / 4)
        centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        middle = np.array([image.shape[1], image.shape[0]]) / 2
        found = found.take([int(((centres - middle) ** 2).sum(1).argmin())])
    face = found.largest()
    return face.points[0].astype(float), face.boxes[0].astype(float)


def _describe(cutter: Cutter, results: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any], pd.DataFrame]:
    """Labels of packed images, facts for the datasheet, and the table of skipped images."""
    source = cutter.source
    kept = results["row"] >= 0
    labels = source.labels.iloc[results["record"][kept]].reset_index(drop=True)
    found = results[kept].reset_index(drop=True)
    for columns in (POINT_COLUMNS, BOX_COLUMNS):
        if found[list(columns)].notna().any(axis=None):
            labels[list(columns)] = found[list(columns)]
    if found["faces"].notna().any():
        labels["faces"] = found["faces"].astype("Int64")
    if cutter.template is not None and "roll" in labels:
        labels = labels.drop(columns="roll")  # removed by the alignment
    lost = pd.DataFrame({"image": source.labels["image"].iloc[results["record"][~kept]].to_numpy()})
    lost["reason"] = results["reason"][~kept].to_numpy()
    skipped = pd.concat([source.skipped, lost], ignore_index=True)
    return labels, _about(cutter, found, skipped), skipped


def _about(cutter: Cutter, found: pd.DataFrame, skipped: pd.DataFrame) -> dict[str, Any]:
    notes = Counter(note for notes in found["notes"].fillna("") for note in notes.split(";") if note)
    about = {
        **cutter.source.about,
        "crop": crop_name(cutter.crop),
        "detector": detector_name(cutter.detector),
        "skipped": {str(k): int(v) for k, v in skipped["reason"].value_counts().sort_index().items()},
        "notes": dict(sorted(notes.items())),
        "version": VERSION,
    }
    if found["faces"].notna().any():
        about |= {NO_FACE: int((found["faces"] == 0).sum()), "several faces": int((found["faces"] > 1).sum())}
    return about
