"""Judges on real photographs, at the size of the rendered faces: reference for the reality check.

Each publisher's set is asked what it is labelled for. Faces are found in the pictures as published; then the
pictures are reduced to the size at which rendered faces are judged, their points with them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lib.evaluation.reality_check import DETECTORS, JudgeEstimates, JudgeReadings, read_faces
from lib.faces.faceset import POINT_COLUMNS, FaceSet
from lib.faces.loading.archive import Paths
from lib.faces.loading.load import load
from lib.faces.row_sampling import some_subjects
from lib.judges.base import Detector, Judge, JudgeError, Task
from lib.judges.published_networks import PublishedJudge
from lib.judges.subject_face import find_subject_faces
from lib.measures.resampling import REPLICATES


@dataclass(frozen=True)
class Protocol:
    """Which tasks a set of photographs is judged on, and how.

    Attributes
    ----------
    tasks : of the judges that look at it.
    framed : its pictures are shown whole to the judges, who were trained on pictures framed like these.
    native : height and width of its pictures as published, in pixels (LFW: of the part with the face).
    part : the split that is asked, from its beginning; empty: some subjects of all splits.
    """

    tasks: tuple[Task, ...]
    framed: bool = False
    native: tuple[int, int] = (128, 128)
    part: str = ""


PROTOCOLS = {
    "lfw": Protocol(("detect", "identity", "gender")),
    "celeba": Protocol(("detect", "identity", "gender"), native=(218, 178)),
    "utkface": Protocol(("gender", "age")),
    "fairface": Protocol(("gender",)),
    "fer2013": Protocol(("emotion",), framed=True, native=(48, 48), part="test"),
}
"""By the name of the FaceSet. UTKFace's chips and FairFace's crops are too tight to judge detectors by."""


def drawn_photographs(
    name: str, path: Paths, limit: int, *, cache: str | Path, seed: int = 0, progress: bool = True
) -> FaceSet:
    """Sample of a publisher's photographs to be judged, in the publisher's size and frame.

    Parameters
    ----------
    name : one of PROTOCOLS.
    path, cache : as `load.load` takes them.
    limit : images, three per subject; where the protocol names a split twice as many, from its beginning (the
        whole set where it lacks that split).
    seed : of the draw of subjects.

    Raises
    ------
    JudgeError : no protocol for this set.
    FaceSetError : as `load.load`.
    """
    protocol = PROTOCOLS.get(name)
    if protocol is None:
        raise JudgeError(f"no protocol for {name!r}; there are {', '.join(PROTOCOLS)}")
    faces = load(name, path, size=protocol.native, crop="whole", cache=cache, progress=progress)
    if not protocol.part:
        return faces.take(some_subjects(faces.labels, max(1, limit // 3), 3, seed=seed))
    rows = np.flatnonzero(faces.labels["split"] == protocol.part)
    return faces.take((rows if len(rows) else np.arange(len(faces)))[: 2 * limit])


def reduce_to(faces: FaceSet, size: int, detector: Detector, *, progress: bool = True) -> FaceSet:
    """Images reduced to a shorter side of `size` pixels, with points found before reduction.

    Pictures that are small already stay as they are. Each pixel is the mean over the area that it covers.

    Returns
    -------
    FaceSet with POINT_COLUMNS, NaN where no face was found, and the labelled boxes scaled.
    """
    found = find_subject_faces(
        faces.images, detector, faces.boxes, progress=f"{faces.name}: points" * progress
    )
    height, width = faces.size
    scale = min(1.0, size / min(height, width))
    labels = faces.labels.assign(
        **dict(zip(POINT_COLUMNS, found.points.reshape(len(faces), 10).T, strict=True))
    )
    return dataclasses.replace(faces, labels=labels).resized((round(height * scale), round(width * scale)))


def _finder(judges: Mapping[str, Detector | Judge]) -> Detector:
    for name in DETECTORS:
        judge = judges.get(name)
        if isinstance(judge, Detector):
            return judge
    raise JudgeError(f"no detector among the judges; one of {', '.join(DETECTORS)} must find the points")


def _read_framed(faces: FaceSet, judges: Mapping[str, Judge], progress: bool) -> JudgeReadings:
    judgements = {}
    for name, judge in tqdm(judges.items(), desc=faces.name, disable=not progress, leave=False):
        if isinstance(judge, PublishedJudge):
            judgements[name] = judge.framed(np.asarray(faces.images))
    cards = {name: judges[name].card for name in judgements}
    return JudgeReadings(faces.labels, {}, judgements, cards, "the publisher's frame")


def read_photographs(
    faces: FaceSet,
    judges: Mapping[str, Detector | Judge],
    *,
    size: int = 112,
    protocol: Protocol | None = None,
    progress: bool = True,
) -> JudgeReadings:
    """Let the judges of a protocol's tasks judge a set of photographs.

    Parameters
    ----------
    faces : N photographs as published (LFW: the central 128 px), packed unaligned.
    judges : all that there are; those of other tasks are not asked.
    size : pixels of the shorter side at which they are judged.
    protocol : by default that of PROTOCOLS for the set's name.

    Raises
    ------
    JudgeError : no protocol for this set.
    """
    protocol = protocol or PROTOCOLS.get(faces.name)
    if protocol is None:
        raise JudgeError(f"no protocol for {faces.name!r}; there are {', '.join(PROTOCOLS)}: hand one in")
    asked = {name: judge for name, judge in judges.items() if judge.card.task in protocol.tasks}
    if protocol.framed:
        scorers = {name: judge for name, judge in asked.items() if not isinstance(judge, Detector)}
        return _read_framed(faces, scorers, progress)
    small = reduce_to(faces, size, _finder(judges), progress=progress)
    return read_faces(small, asked, points_from="labels", progress=progress)


def check_photographs(
    sets: Mapping[str, FaceSet],
    judges: Mapping[str, Detector | Judge],
    *,
    size: int = 112,
    replicates: int = REPLICATES,
    seed: int = 0,
    progress: bool = True,
) -> dict[str, JudgeEstimates]:
    """Figures of merit of judges on photographs, by set, judge and measure.

    Parameters
    ----------
    sets : by name, one of PROTOCOLS.
    judges, size : as `read_photographs`.
    replicates, seed : of the intervals over subjects.
    """
    out = {}
    for name, faces in sets.items():
        reading = read_photographs(faces, judges, size=size, protocol=PROTOCOLS.get(name), progress=progress)
        out[name] = reading.figures(replicates=replicates, seed=seed)
    return out
