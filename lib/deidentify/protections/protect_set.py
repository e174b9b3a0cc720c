"""A FaceSet in, the protected FaceSet out.

Streamed: memory does not grow with the number of images. Resumable: what is done lies in `<folder>.part`,
and a run that was killed goes on there.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from ast import literal_eval
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from lib.deidentify.protections.base import Protection, ProtectionError, check_size, protect
from lib.faces.faceset import FaceSet, FaceSetError, write_description
from lib.faces.grey import to_grey
from lib.faces.loading.align import Template
from lib.faces.loading.crops import aligned
from lib.faces.loading.pack import crop_name
from lib.faces.locking import beside, locked
from lib.faces.resumable_array import goes_on, npy_header
from lib.measures.image_quality import rmse

VERSION = 1
"""Raised when a change of the code changes what is written; half a run of another version is begun anew."""

DISTANCE = "distance"
"""Column of the protected set: RMSE of the 8-bit grey output to the grey input, in grey levels."""

Labels = Mapping[str, np.ndarray]
_SAMPLED = 32


def protect_faceset(
    faces: FaceSet,
    protection: Protection,
    folder: str | Path,
    *,
    labels: Labels | None = None,
    batch: int = 256,
    progress: bool = True,
) -> FaceSet:
    """Protect every image of `faces` and write the set into the new folder `folder`.

    The images are handed over as they are packed: pack with the protection's template where it has one.

    Parameters
    ----------
    protection : what alters the images; its `needs` come from `labels`, else from the columns of
        `faces.labels`, and `points` from the five points.
    folder : must not exist; it appears, whole, with the last image.
    labels : what the columns do not say, or say otherwise (a predicted label, distances): name to (N, ...).
    batch : images that are handed over at once.
    progress : show a progress bar on stderr.

    Returns
    -------
    FaceSet, opened from `folder`, with the labels of `faces` and the column `distance`. Its `about` names the
    protection and counts the images that it left `unaltered`.

    Raises
    ------
    FileExistsError : `folder` is there already, or a folder `<folder>.part` that no such run left.
    ProtectionError : wrong size, faces cut otherwise than the protection knows them, or a label that is
        unknown, or not for every image.
    """
    folder = Path(folder)
    with locked(beside(folder)):  # a second run waits
        return _protect(faces, protection, folder, labels, batch, progress)


def _protect(
    faces: FaceSet, protection: Protection, folder: Path, labels: Labels | None, batch: int, progress: bool
) -> FaceSet:
    if folder.exists():
        raise FileExistsError(f"{folder} exists; remove it first or choose another folder")
    check_size(protection, faces.size)
    check_crop(faces, protection)
    told = labels_for(faces, protection, labels)
    part = _ResumableProtection.open(
        folder, _key(faces, protection, told, batch), (len(faces), *faces.size, 3), batch
    )
    with tqdm(total=len(faces), initial=part.done, desc=f"protect {faces.name}", unit="image",
              disable=not progress) as bar:  # fmt: skip
        for rows, images in _batches(faces, part.done, batch):
            altered = protect(protection, images, **{name: values[rows] for name, values in told.items()})
            part.add(altered, rmse(to_grey(altered), to_grey(images)))
            bar.update(len(images))
    return part.finish(faces, protection)


def check_crop(faces: FaceSet, protection: Protection) -> None:
    """Raise ProtectionError where the faces were cut in another way than the protection was trained with.

    A set that does not say how it was cut is taken as it is.
    """
    template, cut = protection.template, faces.about.get("crop")
    if template is not None and cut is not None and not _alike(str(cut), template, faces.size):
        raise ProtectionError(
            f"{faces.name} was cut as {cut}, but {protection.name} takes faces cut as "
            f"{crop_name(template)}: pack the photographs anew with `crop=protection.template`"
        )


def _alike(cut: str, template: Template, size: tuple[int, int]) -> bool:
    """Whether `cut`, as `crop_name` writes it, is the crop of `template`, to 0.01 px, named at any size."""
    points, joint, meant = cut.rpartition(" in ")
    try:
        found = Template(np.array(literal_eval(points)), literal_eval(meant)) if joint else aligned(cut)
    except (ValueError, SyntaxError, FaceSetError):
        return False
    return found is not None and bool(np.allclose(found.at(size), template.at(size), rtol=0, atol=0.01))


def labels_for(faces: FaceSet, protection: Protection, labels: Labels | None = None) -> dict[str, np.ndarray]:
    """The labels that the protection needs, one row an image; all of them are known.

    Raises
    ------
    ProtectionError : a label is nowhere, has another number of rows, or is missing for some images.
    """
    return {name: _labels(faces, protection, name, labels or {}) for name in protection.needs}


def protected_pictures(protection: Protection, faces: FaceSet) -> np.ndarray:
    """Pictures by a protection, told the true labels that it needs and no others, uint8 (N, H, W) grey.

    Raises
    ------
    ProtectionError : it needs a label that the faces do not have, or that is unknown for some.
    """
    return to_grey(protect(protection, faces.images, **labels_for(faces, protection)))


def _labels(faces: FaceSet, protection: Protection, name: str, labels: Labels) -> np.ndarray:
    if name in labels:
        values = np.asarray(labels[name])
    elif name == "points" and faces.points is not None:
        values = faces.points
    elif name in faces.labels:
        values = faces.labels[name].to_numpy()
    else:
        raise ProtectionError(f"{protection.name} needs {name}, which {faces.name} does not have: hand it in")
    if len(values) != len(faces):
        raise ProtectionError(f"{name}: {len(values)} rows for {len(faces)} images")
    unknown = int(np.asarray(pd.isna(values)).reshape(len(faces), -1).any(1).sum()) if len(faces) else 0
    if unknown:
        raise ProtectionError(
            f"{protection.name} needs {name}, unknown for {unknown} images of {faces.name}: "
            "take them out, or hand in a prediction"
        )
    if values.dtype == object and all(isinstance(value, bool | np.bool_) for value in values):
        return values.astype(bool)
    return values


def _batches(faces: FaceSet, start: int, size: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Rows and images; pages of a memory map that were read are given back to the system at once."""
    for first in range(start, len(faces), size):
        rows = slice(first, min(first + size, len(faces)))
        yield rows, np.asarray(faces.images[rows])
        _forget(faces.images)


def _forget(images: np.ndarray) -> None:
    mapped = getattr(images, "_mmap", None)
    if mapped is not None and getattr(images, "mode", "") == "r" and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def _key(faces: FaceSet, protection: Protection, told: Labels, batch: int) -> str:
    """What decides the bytes: names, labels, some of the images, and the protection."""
    digest = hashlib.sha256(json.dumps([VERSION, protection.name, batch, *faces.images.shape]).encode())
    digest.update(faces.labels.to_csv(index=False, float_format="%.4f").encode())
    for name, values in told.items():
        digest.update(name.encode() + pd.util.hash_array(values.ravel(), categorize=False).tobytes())
    for row in np.unique(np.linspace(0, max(len(faces) - 1, 0), _SAMPLED).astype(int)) if len(faces) else ():
        digest.update(np.ascontiguousarray(faces.images[row]).data)
    return digest.hexdigest()


@dataclass
class _ResumableProtection:
    """`<folder>.part`: the images so far, and after each batch their distances: so many images are done."""

    folder: Path
    final: Path
    shape: tuple[int, ...]
    done: int = 0

    @classmethod
    def open(cls, final: Path, key: str, shape: tuple[int, ...], batch: int) -> _ResumableProtection:
        """Begin, or go on behind the last whole batch where a run with the same `key` stopped."""
        part = cls(final.with_name(final.name + ".part"), final, shape)
        if not goes_on(
            part.folder, "key.txt", key, ("images.npy", "distances", "labels.csv", "faceset.json")
        ):
            (part.folder / "images.npy").write_bytes(npy_header(shape))
            (part.folder / "distances").write_bytes(b"")
            (part.folder / "key.txt").write_text(key, encoding="utf-8")
        part.done = len(part.distances()) // batch * batch  # the same batches as without a break
        for name, size in (("images.npy", part._offset()), ("distances", 8 * part.done)):
            os.truncate(part.folder / name, size)
        return part

    def _offset(self) -> int:
        return len(npy_header(self.shape)) + self.done * int(np.prod(self.shape[1:]))

    def distances(self) -> np.ndarray:
        """Of the images so far, float64 (done,)."""
        data = (self.folder / "distances").read_bytes()
        return np.frombuffer(data[: len(data) // 8 * 8], np.float64)

    def add(self, images: np.ndarray, distances: np.ndarray) -> None:
        """Append one batch; first the images, so that what has a distance is there."""
        for name, values in (("images.npy", images), ("distances", distances)):
            with open(self.folder / name, "ab") as out:
                out.write(np.ascontiguousarray(values).data)
        self.done += len(images)

    def finish(self, faces: FaceSet, protection: Protection) -> FaceSet:
        """Add the labels, give the folder its name and open it."""
        distances = self.distances()
        labels = faces.labels.assign(**{DISTANCE: distances})
        about = {**faces.about, "protection": protection.name, "unaltered": int((distances == 0).sum())}
        write_description(self.folder, labels, faces.name, about, faces.publishable)
        (self.folder / "key.txt").write_bytes(b"")  # against a kill: no run goes on here
        for name in ("distances", "key.txt"):
            (self.folder / name).unlink()
        os.replace(self.folder, self.final)
        return FaceSet.open(self.final)
