"""Find the faces of a photograph with several detectors, turned and at several scales, and merge them.

A detector misses faces that another one sees: dlib those that are turned or small, MTCNN some that are partly
covered. So the faces of all detectors are joined. Detectors see the picture at a bounded size, tiles of it in
full, and where that leaves a doubt the picture enlarged and turned by 90, 180 and 270 degrees, as all of
them expect upright faces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lib.deidentify.photos.views import TURNS, View, views
from lib.faces.detections import Detections, FaceFinder
from lib.faces.loading.align import MEAN_SHAPE, apply, similarity
from lib.faces.loading.pack import detector_name

SAME_FACE = 0.4
"""Two boxes are one face where their intersection is this part of the smaller box."""

EASY_SIDE = 60
"""Shorter side of a face's box in pixels below which others of its size may have been missed."""

EASY_ROLL = 20.0
"""Degrees by which the line of the eyes may be turned before other faces may be turned further."""

SURE_SCORES = {"dlib_frontal": 0.75}
"""Scores of detectors below which they may have seen a face upside down; chosen on 16 rendered faces (64 px,
enlarged three times). dlib's were 0.97 or more for 15 of them upright, and 0.58 at most upside down. MTCNN's
say nothing of it: 0.94 or more upright, up to 0.998 upside down."""


@dataclass(frozen=True)
class FoundFaces:
    """Faces of one photograph, each with the detector that scored it.

    Attributes
    ----------
    faces : Detections in pixels of the whole photograph; every point is known.
    detectors : name of the detector of each face.
    """

    faces: Detections
    detectors: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.faces)


def merge(parts: Sequence[tuple[str, Detections]]) -> FoundFaces:
    """All faces of several answers, each once.

    Of boxes that are one face (SAME_FACE) and of similar size the first is kept, so parts come in the order
    of trust. Points that a detector does not give are set from the box, as of an upright mean face.
    """
    boxes: list[np.ndarray] = []
    points, scores, names = [], [], []
    for name, found in parts:
        for row in np.argsort(-found.scores, kind="stable"):
            box = found.boxes[row]
            if not np.isfinite(box).all() or not (box[2:] > box[:2]).all():
                continue
            if any(_one_face(box, other) for other in boxes):
                continue
            five = found.points[row]
            boxes.append(box)
            points.append(five if np.isfinite(five).all() else _points_from_box(box))
            scores.append(found.scores[row])
            names.append(name)
    if not boxes:
        return FoundFaces(Detections.none(), ())
    return FoundFaces(Detections(np.array(boxes), np.array(points), np.array(scores)), tuple(names))


def _one_face(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two boxes frame one face: they overlap, and neither is far larger than the other."""
    sides = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
    areas = [float(np.prod(box[2:] - box[:2])) for box in (first, second)]
    shared = float(np.prod(np.maximum(sides, 0)))
    return shared > SAME_FACE * min(areas) and max(areas) < 4 * min(areas)


def _points_from_box(box: np.ndarray) -> np.ndarray:
    """Five points of an upright mean face in a box, (5, 2)."""
    return (box[:2] + box[2:]) / 2 + MEAN_SHAPE * float((box[2:] - box[:2]).max()) / 2.3


class DetectorUnion:
    """Several detectors, whose faces are joined; a detector itself."""

    def __init__(
        self,
        detectors: Sequence[FaceFinder],
        *,
        thorough: bool = True,
        always: bool = False,
        threshold: float = 0.0,
    ):
        """Choose the detectors.

        Parameters
        ----------
        detectors : in the order of trust: where two find one face, the first one's points count.
        thorough : look at turned and enlarged pictures too, where the first look leaves a doubt: no face,
            one that not every detector found, or a small or turned one.
        always : look at them without a doubt, too.
        threshold : lowest score of a face; on each detector's own scale.
        """
        if not detectors:
            raise ValueError("a union needs at least one detector")
        self.detectors, self.thorough, self.always = tuple(detectors), thorough or always, always
        self.threshold = threshold
        names = " + ".join(detector_name(one) for one in self.detectors)
        further = ", turned and at two scales" * self.thorough
        further += " in case of doubt" * (thorough and not always)
        self.name = f"{names}{further}, threshold {threshold:g}"

    @property
    def _sure(self) -> list[float]:
        return [SURE_SCORES.get(detector_name(one).split(",")[0], -np.inf) for one in self.detectors]

    @property
    def plain(self) -> DetectorUnion:
        """The same detectors on the upright picture alone, for a second look."""
        return DetectorUnion(self.detectors, thorough=False, threshold=self.threshold)

    def __call__(self, image: np.ndarray) -> Detections:
        """All faces in `image`, uint8 (H, W, 3) RGB."""
        return self.find(image).faces

    def find(self, image: np.ndarray) -> FoundFaces:
        """All faces in `image`, uint8 (H, W, 3) RGB, with the detector that found each."""
        parts = self._look(views(image, turns=(0,), enlarge=False))
        if self.thorough and (self.always or _doubtful(parts, self._sure)):
            further = self._look(views(image, turns=TURNS[1:], enlarge=True))
            parts = [first + more for first, more in zip(parts, further, strict=True)]
        return _right_way_up(merge([part for rows in parts for part in _together(rows)]), parts)

    def _look(self, shown: Iterable[View]) -> list[list[tuple[str, Detections]]]:
        """What each detector finds in some views, in pixels of the photograph."""
        parts: list[list[tuple[str, Detections]]] = [[] for _ in self.detectors]
        for view in shown:
            for place, detector in enumerate(self.detectors):
                found = detector(view.image)
                found = found.take(found.scores >= self.threshold)
                if len(found):
                    parts[place].append((detector_name(detector), view.back(found)))
        return parts


def _mtcnn(small_faces: bool) -> FaceFinder:
    from lib.judges.mtcnn_judge import Mtcnn

    return Mtcnn()


def _dlib(small_faces: bool) -> FaceFinder:
    from lib.judges.dlib_detector import DlibFrontal

    return DlibFrontal(upsampling=int(small_faces))


MEMBERS = {"mtcnn": _mtcnn, "dlib": _dlib}
"""Detectors by name on the command line; the package of each is imported only where it is asked for."""
UNION = "union"
"""Name of all of them together."""


def detector_named(name: str, small_faces: bool = False, threshold: float = 0.0) -> DetectorUnion:
    """The detector of the folder tool by its name on the command line.

    Parameters
    ----------
    name : one of MEMBERS, or UNION, which looks at turned and enlarged pictures too.
    small_faces : whether dlib's looks at the picture enlarged twice.
    threshold : score below which a face does not count; 0 counts all.

    Raises
    ------
    KeyError : no such detector.
    """
    members = list(MEMBERS) if name == UNION else [name]
    return DetectorUnion(
        [MEMBERS[one](small_faces) for one in members], thorough=name == UNION, threshold=threshold
    )


def _together(rows: Sequence[tuple[str, Detections]]) -> list[tuple[str, Detections]]:
    """What one detector found in several views, as one answer, or none.

    Of a face that it sees in several the surest counts: upside down it may see one too, with wrong points.
    """
    if not rows:
        return []
    every = [found for _, found in rows]
    boxes, points = (np.concatenate([getattr(one, name) for one in every]) for name in ("boxes", "points"))
    return [(rows[0][0], Detections(boxes, points, np.concatenate([one.scores for one in every])))]


def _right_way_up(found: FoundFaces, parts: Sequence[Sequence[tuple[str, Detections]]]) -> FoundFaces:
    """The faces, each with points of the way up for which the detectors' best scores have the largest sum.

    Of what the most trusted detector saw that way up, the points count that are most like a mean face's:
    those of a face that lay on its side in the view are squeezed, whatever its score.

    Parameters
    ----------
    found : the faces, each once.
    parts : for each detector, in the order of trust, what it found in each view.
    """
    boxes, points = found.faces.boxes.copy(), found.faces.points.copy()
    scores, names = found.faces.scores.copy(), list(found.detectors)
    for row, box in enumerate(found.faces.boxes):
        seen = [
            (place, name, one.boxes[at], one.points[at], float(one.scores[at]))
            for place, rows in enumerate(parts)
            for name, one in rows
            for at in range(len(one))
            if _one_face(box, one.boxes[at]) and np.isfinite(one.points[at]).all()
        ]
        if not seen:
            continue
        told = [(place, five, score) for place, _, _, five, score in seen]
        way = max(seen, key=lambda one: _agreement(one[3], told))[3]
        agreeing = [one for one in seen if _same_way_up(one[3], way)]
        trusted = [one for one in agreeing if one[0] == min(place for place, *_ in agreeing)]
        chosen = min(trusted, key=lambda one: _unlike_a_face(one[3]))
        _, names[row], boxes[row], points[row], scores[row] = chosen
    return FoundFaces(Detections(boxes, points, scores), tuple(names))


def _unlike_a_face(points: np.ndarray) -> float:
    """How far five points, (5, 2), lie from those of a mean face brought onto them, in its eye distances."""
    matrix = similarity(MEAN_SHAPE, points)
    scale = float(np.hypot(*matrix[:, 0]))
    apart = apply(matrix, MEAN_SHAPE) - points
    return float(np.sqrt((apart**2).sum(1).mean())) / scale if scale > 0 else np.inf


def _agreement(points: np.ndarray, seen: Sequence[tuple[int, np.ndarray, float]]) -> float:
    """Sum over detectors of the best score of what each saw the same way up as `points` (5, 2)."""
    best: dict[int, float] = {}
    for detector, other, score in seen:
        if _same_way_up(points, other):
            best[detector] = max(score, best.get(detector, score))
    return sum(best.values())


def _same_way_up(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether the lines of the eyes of two faces, points (5, 2), are turned by EASY_ROLL at most against each
    other; points of a face seen upside down may lie in between."""
    one, other = first[1] - first[0], second[1] - second[0]
    return float(one @ other) >= np.cos(np.radians(EASY_ROLL)) * float(np.hypot(*one) * np.hypot(*other))


def _doubtful(parts: Sequence[Sequence[tuple[str, Detections]]], sure: Sequence[float]) -> bool:
    """Whether the first look may have missed a face or seen one upside down: it found none, a small or turned
    one, or one that not every detector found with a sure score.

    Parameters
    ----------
    parts : for each detector, what it found.
    sure : for each detector, its sure score.
    """
    every = merge([part for rows in parts for part in rows]).faces
    if not len(every):
        return True
    sides = (every.boxes[:, 2:] - every.boxes[:, :2]).min(1)
    along, down = (every.points[:, 1] - every.points[:, 0]).T
    roll = np.degrees(np.abs(np.arctan2(down, along)))
    if (sides < EASY_SIDE).any() or (roll > EASY_ROLL).any():
        return True
    known = zip(parts, sure, strict=True)
    return not all(_found_by(box, rows, least) for rows, least in known for box in every.boxes)


def _found_by(box: np.ndarray, rows: Sequence[tuple[str, Detections]], least: float) -> bool:
    """Whether one of the answers of a detector has this face, with at least this score."""
    return any(
        score >= least and _one_face(box, other)
        for _, found in rows
        for other, score in zip(found.boxes, found.scores, strict=True)
    )


def find_faces(detector: FaceFinder, image: np.ndarray) -> FoundFaces:
    """The faces that any detector finds, with the name of the detector of each."""
    find: Callable[[np.ndarray], FoundFaces] | None = getattr(detector, "find", None)
    if find is not None:
        return find(image)
    faces = detector(image)
    return FoundFaces(faces, (detector_name(detector),) * len(faces))


def unaltered_faces(found: FoundFaces, mask: np.ndarray) -> FoundFaces:
    """Of the faces `found` in a finished copy those that lie outside what was altered.

    Parameters
    ----------
    found : faces of the finished copy.
    mask : bool (H, W), pixels that were altered.
    """
    left = [row for row, box in enumerate(found.faces.boxes) if _covered(box, mask) < 0.5]
    return FoundFaces(found.faces.take(left), tuple(found.detectors[row] for row in left))


def _covered(box: np.ndarray, mask: np.ndarray) -> float:
    """Part of a box, within the picture, that lies on the mask, in [0, 1]; 1 where the box lies outside."""
    limits = np.array([mask.shape[1], mask.shape[0]])
    left, top = np.clip(np.floor(box[:2]), 0, limits).astype(int)
    right, bottom = np.clip(np.ceil(box[2:]), 0, limits).astype(int)
    part = mask[top:bottom, left:right]
    return float(part.mean()) if part.size else 1.0
