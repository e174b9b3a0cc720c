"""The sample of LFW that the report judged by."""

from __future__ import annotations

import numpy as np

from lib.faces.faceset import FaceSet


def first_pictures(faces: FaceSet) -> FaceSet:
    """The first picture, by name, of every subject who has two or more: the sample of the report.

    Parameters
    ----------
    faces : whose `image` names sort in the publisher's order within a subject.
    """
    images = faces.labels.groupby("subject")["image"]
    return faces.take(np.flatnonzero((images.transform("size") >= 2) & (images.rank() == 1)))
