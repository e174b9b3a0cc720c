"""Where rendered eyes look: a label that the pack does not hold, drawn again from each picture's numbers.

The eyes take back a part of the head's turn, so that whoever reads the turn would seem to read the gaze. The
label is what the eyes do beyond that: it can be read from the eyes alone. It is drawn where readers are
trained and kept with them, as drawing it takes the renderer some milliseconds for each picture.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from lib.faces.faceset import FaceSet
from lib.faces.rendered import sample_subject
from lib.faces.rendered.scene.sequence import FOLLOWED
from lib.faces.rendered.scene.shot import sample_shot
from lib.faces.rendered.subject.subject import Subject
from lib.files import write_text

FILE = "gaze.csv"
"""Beside the readers: columns image and gaze, degrees to the picture's right."""


def eyes_beyond_turn(images: Iterable[str], expressions: Iterable[str]) -> np.ndarray:
    """Degrees by which the eyes look to the right of where they look on average at that turn of the head.

    Parameters
    ----------
    images : names as in the pack, `000012_03`. expressions : of these pictures, by which they were drawn.

    Returns
    -------
    float (N,).
    """
    subjects: dict[int, Subject] = {}
    found = []
    for image, expression in zip(images, expressions, strict=True):
        subject, shot = (int(part) for part in image.split("_"))
        if subject not in subjects:
            subjects[subject] = sample_subject(subject)
        drawn = sample_shot(subjects[subject], shot, expression)
        found.append(np.degrees(drawn.gaze[0]) + FOLLOWED * drawn.yaw)
    return np.array(found, float)


def draw_gaze(faces: FaceSet, rows: np.ndarray, path: Path) -> None:
    """Write the gaze of some rows of rendered faces to a file; of other sets nothing is known or written."""
    if faces.name != "rendered":
        return
    some = faces.labels.iloc[np.unique(rows)]
    images = some["image"].astype(str).tolist()
    gaze = eyes_beyond_turn(images, some["expression"].astype(str))
    table = pd.DataFrame({"image": images, "gaze": gaze.round(2)})
    write_text(path, table.to_csv(index=False))


def with_gaze(faces: FaceSet, path: Path) -> FaceSet:
    """Faces with the label `gaze`, NaN where the file says nothing; as they are where there is no file."""
    if not path.exists():
        return faces
    known = pd.read_csv(path).set_index("image")["gaze"]
    gaze = faces.labels["image"].astype(str).map(known).astype(float)
    return dataclasses.replace(faces, labels=faces.labels.assign(gaze=gaze))
