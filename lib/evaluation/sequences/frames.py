"""Frames of sequences, whole and as the crops that a network protects: rendered, or from clips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from lib.faces.faceset import POINT_COLUMNS, FaceSet, FaceSetError
from lib.faces.loading.align import apply
from lib.faces.loading.clips import Clip
from lib.faces.loading.crops import Crop, align_with_matrix, aligned, crop_face
from lib.faces.rendered import prepare, sample_subject
from lib.faces.rendered.scene.sequence import render_sequence
from lib.judges.base import Detector, known
from lib.judges.subject_face import find_subject_faces


@dataclass(frozen=True)
class Frames:
    """Frames of the sequences of several subjects, in order of subject, sequence and time.

    Attributes
    ----------
    faces : crops; labels `subject`, `sequence` (0, 1, ... of each subject), `frame` (place in time) and the
        five points.
    photos : N whole frames, each uint8 (H, W, 3).
    points : (N, 5, 2) in pixels of `photos`. matrices : (N, 2, 3) from photo to crop.
    lost : frames in which no face was found; they are left out.
    """

    faces: FaceSet
    photos: Sequence[np.ndarray]
    points: np.ndarray
    matrices: np.ndarray
    lost: int = 0

    def __len__(self) -> int:
        return len(self.faces)

    @property
    def sequence(self) -> np.ndarray:
        """Number of each frame's sequence within its subject, (N,) int."""
        return self.faces.labels["sequence"].to_numpy(int)

    @property
    def time(self) -> np.ndarray:
        """Place of each frame in its sequence, (N,) int; a lost frame leaves a gap."""
        return self.faces.labels["frame"].to_numpy(int)

    @property
    def steps(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of each two frames that follow each other, (S,) each."""
        together = pd.DataFrame({"subject": self.faces.subjects, "sequence": self.sequence, "at": self.time})
        same = (together[["subject", "sequence"]] == together[["subject", "sequence"]].shift()).all(axis=1)
        later = np.flatnonzero((same & (together["at"].diff() == 1)).to_numpy())
        return later - 1, later


def rendered_frames(
    subjects: Iterable[str], counts: Sequence[int], *, scene: int, crop: Crop, size: int, workers: int = 2
) -> Frames:
    """Render sequences of subjects of the rendered world.

    Parameters
    ----------
    subjects : their names, numbers in digits.
    counts : frames of the first sequence of each subject, of the second, ...
    scene : pixels of a whole frame. size : of a crop.
    crop : as for `load`; a window is the whole frame.
    workers : threads; the renderer's loops run beside each other.
    """
    names = list(subjects)
    drawn = Parallel(workers, backend="threading")(
        delayed(_rendered)(int(name), tuple(counts), scene) for name in names
    )
    rows = [
        (name, number, at, *one)
        for name, sequences in zip(names, drawn, strict=True)
        for number, frames in enumerate(sequences)
        for at, one in enumerate(frames)
    ]
    return _frames(rows, crop, size, "rendered", publishable=True)


def _rendered(number: int, counts: Sequence[int], scene: int) -> list[list[tuple[np.ndarray, np.ndarray]]]:
    prepared = prepare(sample_subject(number))
    return [
        [(one.image, one.truth.points) for one in render_sequence(prepared, sequence, count, scene)]
        for sequence, count in enumerate(counts)
    ]


def clip_frames(clips: Iterable[Clip], detector: Detector, *, crop: Crop, size: int) -> Frames:
    """Frames of clips in which a detector finds a face; several clips of a subject are its sequences.

    Parameters
    ----------
    crop, size : as for `rendered_frames`.

    Raises
    ------
    FaceSetError : no face in any frame.
    """
    rows, seen = list[tuple[str, int, int, np.ndarray, np.ndarray]](), dict[str, int]()
    lost = 0
    for clip in clips:
        number = seen[clip.subject] = seen.get(clip.subject, -1) + 1
        points = find_subject_faces(np.stack(clip.frames), detector).points
        there = known(points)
        lost += int((~there).sum())
        rows += [(clip.subject, number, int(at), clip.frames[at], points[at]) for at in np.flatnonzero(there)]
    if not rows:
        raise FaceSetError("no face was found in any frame of the clips")
    return _frames(rows, crop, size, "clips", lost=lost)


def _frames(
    rows: Sequence[tuple[str, int, int, np.ndarray, np.ndarray]],
    crop: Crop,
    size: int,
    name: str,
    *,
    publishable: bool = False,
    lost: int = 0,
) -> Frames:
    cuts = [_cut(photo, points, crop, size) for *_, photo, points in rows]
    matrices = np.stack([matrix for _, matrix in cuts])
    points = np.stack([np.asarray(one[-1], float) for one in rows])
    within = np.stack([apply(matrix, five) for matrix, five in zip(matrices, points, strict=True)])
    labels = pd.DataFrame(
        {
            "image": [f"{subject}_{number}_{at:03d}" for subject, number, at, *_ in rows],
            "subject": [one[0] for one in rows],
            "split": "test",
            "sequence": [one[1] for one in rows],
            "frame": [int(one[2]) for one in rows],
        }
    )
    labels[list(POINT_COLUMNS)] = within.reshape(len(rows), -1)
    faces = FaceSet(np.stack([image for image, _ in cuts]), labels, name, publishable=publishable)
    return Frames(faces, [one[3] for one in rows], points, matrices, lost)


def _cut(photo: np.ndarray, points: np.ndarray, crop: Crop, size: int) -> tuple[np.ndarray, np.ndarray]:
    template = aligned(crop)
    if template is not None:
        return align_with_matrix(photo, points, template, (size, size))
    return crop_face(photo, (0.0, 0.0, float(photo.shape[1]), float(photo.shape[0])), (size, size))
