"""What copies by the folder tool leave readable: a face is replaced, the rest of the photograph is not.

The copies are made as the tool makes them (`photos.compositing`), in each region and tint, of frames with one
face each that show what lies around it. Two kinds of reader look at them: attackers, who train a classifier
on copies of subjects of their own, and judges, published networks that never saw a copy. Beside the copies
stand controls in which all that was replaced is blank: what is read from those comes from outside.

Attackers see one plane at a time, luma or redness (Cr): classifiers of the house read grey pictures, and tint
is colour. They are trained and read as on any other pictures:

    copies = pasted_copies(faces, protection)
    train_attackers(grid_trainings(copies.planes(), lessons, designs), faces, store, ...)
    AttackReader(store, faces, rows, attribute).grid(copies.planes(), designs)
    read_judges(judges, faces, copies, rows, ...)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from tqdm import tqdm

from lib.deidentify.attacks.result import (
    AttackScores,
    AttackSplit,
    calibrated_auc,
    check_disjoint_subjects,
)
from lib.deidentify.photos.compositing import alter_each
from lib.deidentify.photos.pasting import EVEN, paste_faces
from lib.deidentify.photos.regions import Paste
from lib.deidentify.protections.base import Protection
from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.grey import to_grey
from lib.judges.base import Judge

BEFORE = "before"
"""The photographs as they were."""
COPIES: Mapping[str, Paste] = {
    "face": Paste("face", "face"),
    "face_untinted": Paste("face", "none"),
    "head": Paste("head", "face"),
    "head_untinted": Paste("head", "none"),
}
"""Treatment -> how the tool pastes."""
BLANKED = {"face": "face_blank", "head": "head_blank"}
"""Treatment -> its control: all that was replaced is one tone."""
RED = "_red"
"""Ending of a treatment of which attackers see redness instead of luma."""
PLANES = (*(BEFORE, *COPIES, *BLANKED.values()), *(name + RED for name in (BEFORE, *COPIES)))
"""All planes that attackers may be shown."""
_BATCH = 256


@dataclass(frozen=True)
class PastedCopies:
    """Copies of the same photographs, pasted in every way.

    Attributes
    ----------
    pictures : treatment -> uint8 (N, H, W, 3) RGB: BEFORE, those of COPIES, and those of BLANKED.
    replaced : of COPIES, mean part of the frame that was replaced, in [0, 1]; where it is near 1, the frames
        are too tight to say what a copy leaves readable.
    """

    pictures: dict[str, np.ndarray]
    replaced: dict[str, float]

    def planes(self, names: Iterable[str] = PLANES) -> dict[str, np.ndarray]:
        """What attackers see, uint8 (N, H, W) each: luma of a treatment, or redness where RED ends its name.

        Tint alters luma where it rounds or saturates, so both tints are worth an attacker in luma too.
        """
        shown = self.pictures
        return {
            name: redness(shown[name.removesuffix(RED)]) if name.endswith(RED) else to_grey(shown[name])
            for name in names
        }


def pasted_copies(faces: FaceSet, protection: Protection, *, progress: bool = True) -> PastedCopies:
    """Copy photographs with one face each as the folder tool does, in every region and tint.

    Parameters
    ----------
    faces : N frames with hair, neck and surroundings, and the five points of each face.
    protection : of the faces; may need no label but `points`.
    progress : a bar on stderr.

    Raises
    ------
    FaceSetError : points are unknown, for which the tool makes no copy either.
    ProtectionError : as `compositing.protect_faces`.
    """
    points = _known_points(faces)
    pictures = {name: np.empty_like(faces.images) for name in (*COPIES, *BLANKED.values())}
    replaced = dict.fromkeys(COPIES, 0.0)
    with tqdm(total=len(faces), desc=f"copies of {faces.name}", disable=not progress, leave=False) as bar:
        for start in range(0, len(faces), _BATCH):
            rows = range(start, min(start + _BATCH, len(faces)))
            photos = [np.asarray(faces.images[row]) for row in rows]
            for row, photo, face in zip(
                rows, photos, alter_each(photos, points[start : start + _BATCH], protection), strict=True
            ):
                for name, paste in COPIES.items():
                    done = paste_faces(photo, [face], paste)
                    pictures[name][row] = done.image
                    replaced[name] += float(done.mask.mean()) / len(faces)
                    if name in BLANKED:
                        pictures[BLANKED[name]][row] = np.where(done.mask[..., None], EVEN, photo)
            bar.update(len(photos))
    return PastedCopies({BEFORE: np.asarray(faces.images), **pictures}, replaced)


def judge_scores(
    judges: Mapping[str, Judge], faces: FaceSet, copies: PastedCopies, rows: AttackSplit, attribute: str
) -> dict[str, dict[str, AttackScores]]:
    """What judges say of the test subjects' copies, in colour; they learned from no copy.

    Parameters
    ----------
    judges : by name.
    faces : of which `copies` were made; their points hold for copies too.
    rows : to calibrate by, which teach a judge's direction, and attacked; those to train with do not matter.
    attribute : binary, that is read.

    Returns
    -------
    Judge -> treatment -> scores.

    Raises
    ------
    ValueError : as `scores_of_judge`.
    """
    return {
        name: {
            treatment: scores_of_judge(judge, faces.with_images(shown), rows, attribute)
            for treatment, shown in copies.pictures.items()
        }
        for name, judge in judges.items()
    }


def scores_of_judge(judge: Judge, faces: FaceSet, rows: AttackSplit, attribute: str) -> AttackScores:
    """What a judge says of the test subjects; its direction is that of the calibration subjects.

    Parameters
    ----------
    faces : with points, if the judge needs them.
    rows, attribute : as for `judge_scores`.

    Raises
    ------
    ValueError : a class is missing, or a subject both calibrates and is attacked.
    """
    check_disjoint_subjects(faces.subjects[rows.calibration], faces.subjects[rows.test])

    def said(part: np.ndarray) -> np.ndarray:
        points = None if faces.points is None else faces.points[part]
        found = judge(np.asarray(faces.images[part]), points)
        return np.where(found.acquired, np.asarray(found.values, np.float64), np.nan)

    known, attacked = said(rows.calibration), said(rows.test)
    there = ~np.isnan(known)
    direction = calibrated_auc(known[there], faces.binary(attribute, rows.calibration[there]))
    return AttackScores(attacked, direction, 0, 0)


def redness(pictures: np.ndarray) -> np.ndarray:
    """Red less luma (Cr of ITU-R BT.601), uint8 (N, H, W) of RGB pictures (N, H, W, 3); 128 where grey."""
    flat = np.ascontiguousarray(pictures).reshape(-1, pictures.shape[-2], 3)
    return np.ascontiguousarray(cv2.cvtColor(flat, cv2.COLOR_RGB2YCrCb)[..., 1]).reshape(pictures.shape[:-1])


def _known_points(faces: FaceSet) -> np.ndarray:
    points = faces.points
    lost = len(faces) if points is None else int((~np.isfinite(points).all((1, 2))).sum())
    if points is None or lost:
        raise FaceSetError(
            f"{faces.name}: the five points of {lost} of {len(faces)} faces are unknown, and the tool copies "
            "no such photograph: choose rows where they are known"
        )
    return points.astype(np.float64)
