"""Test faces, and what CLEANIR paints of them: identity turned by each angle, or drawn anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.deidentify.cleanir.codec import CleanirCodec
from lib.deidentify.cleanir.protection import NewIdentity, RotatedIdentity
from lib.deidentify.protections.identity_rotation import rotate_identity
from lib.evaluation.chapter_faces import open_faces
from lib.evaluation.rotation.stage import CLEANER
from lib.faces.duplicates import find_duplicates
from lib.faces.faceset import EXPRESSIONS, POINT_COLUMNS, FaceSet
from lib.faces.loading.align import align, crop_template
from lib.faces.loading.archive import Paths
from lib.faces.loading.load import load
from lib.faces.row_sampling import equal_expressions, subsample
from lib.judges.published_cards_and_crops import FER_FRAME

ORIGINAL, RECONSTRUCTION, OURS, BEST = "original", "0", "ours", "best"
NEW = "new"
"""Identity drawn anew and attributes as they are, where `ours` has them cleaned of the old identity."""
OURS_RECONSTRUCTION = "ours_reconstruction"
"""The reconstruction by the network that paints `ours`; `0` is that of the one whose identity is turned."""
PAPER = (0, 90, 180)
"""Angles of the source's figure 9."""
FER, FER_SIDE = "fer2013", 48
"""A set whose pictures are framed already, and their height and width in pixels."""


def angle_name(angle: float) -> str:
    """Treatment of an angle: `90`, `112.5`."""
    return f"{angle:g}"


def expression_rows(faces: FaceSet, images: int, seed: int, split: str = "test") -> np.ndarray:
    """Rows of a split with equally many images of each expression; any rows where none is labelled.

    Parameters
    ----------
    images : at most; 0: all of the split, however unequal. seed : of the draw.
    """
    rows = np.flatnonzero(faces.labels["split"] == split)
    if not images:
        return rows
    labels = faces.labels.iloc[rows].reset_index(drop=True)
    shown = set(labels["expression"]) if "expression" in labels else set()
    if not set(EXPRESSIONS) <= shown:
        return subsample(rows, images, seed)
    return rows[equal_expressions(labels, images, per_subject=len(EXPRESSIONS), seed=seed)]


def repaint(
    rotated: CleanirCodec,
    renewed: CleanirCodec,
    images: np.ndarray,
    angles: Iterable[float],
    *,
    cleaner: AttributeCleaner | None = None,
    key: str = "",
) -> dict[str, np.ndarray]:
    """Faces untouched, with their identity turned by each angle about an axis of their own, and drawn anew.

    Each face is encoded once by either network; a protection would do it again for every angle.

    Parameters
    ----------
    rotated, renewed : networks whose identity half is turned, and drawn anew.
    images : uint8 (N, size, size, 3) RGB. key : of all draws.
    cleaner : of the attributes' halves of `renewed`, for OURS; None: OURS keeps them as they are.

    Returns
    -------
    ORIGINAL, the angles by `angle_name`, OURS, with a cleaner also NEW, and OURS_RECONSTRUCTION -> uint8
    (N, size, size, 3).
    """
    halves, axes = rotated.encode(images), RotatedIdentity(rotated, key=key).axes(images)
    turned = {
        angle_name(angle): rotated.decode(rotate_identity(halves.identity, axes, angle), halves.attributes)
        for angle in angles
    }
    own = renewed.encode(images)
    identities = NewIdentity(renewed, key=key).identities(images)
    anew = {OURS: renewed.decode(identities, own.attributes)}
    if cleaner is not None:
        anew = {NEW: anew[OURS], OURS: renewed.decode(identities, cleaner(own.attributes))}
    rebuilt = renewed.decode(own.identity, own.attributes)
    return {ORIGINAL: images, **turned, **anew, OURS_RECONSTRUCTION: rebuilt}


def stored_cleaner(folder: Callable[[], Path], missing: type[Exception]) -> AttributeCleaner | None:
    """The cleaner that chapter 08 fitted; None where it has not been run.

    Parameters
    ----------
    folder : gives the folder of its networks, or raises `missing`.
    """
    try:
        path = folder() / CLEANER
    except missing:
        return None
    return AttributeCleaner.load(path) if path.exists() else None


def photograph_sets(
    named: Mapping[str, Path | list[Path]], *, size: int, aligned: Sequence[float], cache: Path
) -> dict[str, FaceSet]:
    """Photographs with a labelled expression in the crop that CLEANIR knows, by set.

    Parameters
    ----------
    named : publisher -> where its files lie; an empty one is left out.
    size, aligned : of the crop, as for `crop_of`; aligned must be given.
    """
    found = {}
    for name, where in named.items():
        if where:
            if name == FER:
                faces = fer_faces(where, cache)
                found[name] = framed(faces.take(once_in_test(faces)), size=size, aligned=aligned)
            else:
                faces = open_faces(name, where, size=size, aligned=aligned, cache=cache)
                found[name] = faces.take(faces.known("expression"))
    return found


def fer_faces(path: Paths, cache: Path) -> FaceSet:
    """All of FER-2013 as it is published, 48 x 48 pixels."""
    return load(FER, path, size=(FER_SIDE, FER_SIDE), crop="whole", cache=cache)


def framed(faces: FaceSet, *, size: int, aligned: Sequence[float]) -> FaceSet:
    """Pictures of FER-2013 in CLEANIR's crop.

    They are framed by the challenge: all of them are placed by that frame, so that none is lost to a
    detector. What the crop shows beyond the picture repeats the picture's edge.

    Parameters
    ----------
    faces : of `fer_faces`, or some of them. size, aligned : of the crop, as for `crop_of`.
    """
    points = crop_template(*FER_FRAME, (FER_SIDE, FER_SIDE)).points
    eye_distance, centre = aligned
    template = crop_template(eye_distance, centre, (size, size))
    images = [align(image, points, template) for image in faces.images]
    placed = dict(zip(POINT_COLUMNS, template.points.ravel().tolist(), strict=True))
    labels = faces.labels.assign(**placed)
    return dataclasses.replace(faces, images=np.stack(images), labels=labels)


def once_in_test(faces: FaceSet) -> np.ndarray:
    """Rows of the test part that occur nowhere else, and once of each that occurs several times there."""
    found, test = find_duplicates(faces), (faces.labels["split"] == "test").to_numpy(copy=True)
    outside = found.exact.loc[found.exact["split"] != "test", "group"]
    again = found.exact["group"].isin(outside) | found.exact["group"].duplicated()
    dropped = [found.exact.loc[again, "row"], found.near["row"], found.near["other"]]
    test[np.concatenate([one.to_numpy(int) for one in dropped])] = False
    return np.flatnonzero(test)
