"""Find the faces of a photograph with several detectors, turned and at several scales, and merge them.

A detector misses faces that another one sees: dlib those that are turned or small, MTCNN some that are partly
covered. So the faces of all detectors are joined. Detectors see the picture at a bounded size, tiles of it in
full, and where that leaves a doubt the picture enlarged and turned by 90, 180 and 270 degrees, as all of
them expect upright faces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from lib.deidentify.photos.views import TURNS, View, views
from lib.faces.detections import Detections, FaceFinder
from lib.faces.loading.align import MEAN_SHAPE, apply, similarity
from lib.faces.loading.pack import detector_name

SAME_FACE = 0.35
"""Two boxes of different answers may be one face where their centres are nearer than this part of their mean
side. Of rendered faces, one partly in front of the other, boxes of one face were .2 apart at most, whatever
the detector and the way up, and those of two .43 or more."""

SAME_ANSWER = 0.15
"""The same for two boxes of one answer, which are two faces unless they are nearly one box."""

COVERED, PARTLY_COVERED = 0.9, 0.5
"""Parts of a box that must lie on what was altered: of any face, and of one where an altered one was."""

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


@dataclass(frozen=True)
class _Sighting:
    """A face in one answer: what one detector found in one view.

    Attributes
    ----------
    place : of the detector in the order of trust.
    answer : number of the answer, in the order of detectors and views.
    name : of the detector.
    box, points, score : (4,), (5, 2) and a number, as in Detections.
    """

    place: int
    answer: int
    name: str
    box: np.ndarray
    points: np.ndarray
    score: float

    def gap(self, other: np.ndarray) -> float:
        """Distance between the centres of this box and another one, as a part of their mean side."""
        return float(box_gaps(self.box, other[None])[0])


def merge(parts: Sequence[tuple[str, Detections]]) -> FoundFaces:
    """All faces of several answers, each once, as the first answer that has it gives it.

    Parts come in the order of trust. Points that a detector does not give are set from the box, as of an
    upright mean face.
    """
    return _listed([group[0] for group in _groups([[part] for part in parts])])


def _listed(faces: Sequence[_Sighting]) -> FoundFaces:
    if not faces:
        return FoundFaces(Detections.none(), ())
    points = [one.points if np.isfinite(one.points).all() else _points_from_box(one.box) for one in faces]
    found = Detections(
        np.array([one.box for one in faces]), np.array(points), np.array([one.score for one in faces])
    )
    return FoundFaces(found, tuple(one.name for one in faces))


def _groups(parts: Sequence[Sequence[tuple[str, Detections]]]) -> list[list[_Sighting]]:
    """The sightings of each face, most trusted and surest first.

    The nearest are joined first. All of a face must lie near its first one, and no two of one answer are one
    face: so of faces that overlap each keeps what was seen of it.

    Parameters
    ----------
    parts : for each detector, in the order of trust, what it found in each view.
    """
    seen = _sightings(parts)
    boxes = np.array([one.box for one in seen]).reshape(-1, 4)
    pairs = list[tuple[float, int, int]]()
    for row in range(len(seen)):
        gaps = box_gaps(boxes[row], boxes[row + 1 :])
        pairs += [(float(gaps[at]), row, row + 1 + int(at)) for at in np.flatnonzero(gaps < SAME_FACE)]
    groups = [[row] for row in range(len(seen))]
    for _, first, second in sorted(pairs):
        if groups[first] is groups[second]:
            continue
        both = sorted(groups[first] + groups[second])
        if _one_face([seen[row] for row in both]):
            for row in both:
                groups[row] = both
    return [[seen[at] for at in group] for row, group in enumerate(groups) if group[0] == row]


def _sightings(parts: Sequence[Sequence[tuple[str, Detections]]]) -> list[_Sighting]:
    """All faces of all answers with a proper box, the most trusted detector's first, of each the surest."""
    answers = [(place, name, found) for place, rows in enumerate(parts) for name, found in rows]
    seen = [
        _Sighting(place, answer, name, found.boxes[row], found.points[row], found.scores[row])
        for answer, (place, name, found) in enumerate(answers)
        for row in range(len(found))
        if np.isfinite(found.boxes[row]).all() and (found.boxes[row, 2:] > found.boxes[row, :2]).all()
    ]
    return sorted(seen, key=lambda one: (one.place, -one.score))


def _one_face(seen: Sequence[_Sighting]) -> bool:
    """Whether sightings, the first one leading, may be of one face."""
    return all(seen[0].gap(one.box) < SAME_FACE for one in seen) and all(
        one.answer != other.answer or one.gap(other.box) < SAME_ANSWER for one, other in combinations(seen, 2)
    )


def box_gaps(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Distances between the centre of a box, (4,), and those of others, (k, 4), as parts of their mean sides,
    (k,); infinite where one has four times the other's area or more: a far smaller face is another one."""
    area, areas = np.prod(box[2:] - box[:2]), np.prod(others[:, 2:] - others[:, :2], 1)
    apart = (box[:2] + box[2:] - others[:, :2] - others[:, 2:]) / 2
    alike = np.maximum(area, areas) < 4 * np.minimum(area, areas)
    return np.where(alike, np.hypot(*apart.T) / np.sqrt(np.sqrt(area * areas)), np.inf)


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
        if self.thorough and (self.always or _doubtful(_groups(parts), self._sure)):
            further = self._look(views(image, turns=TURNS[1:], enlarge=True))
            parts = [first + more for first, more in zip(parts, further, strict=True)]
        return _listed([_right_way_up(group) for group in _groups(parts)])

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


def _right_way_up(group: Sequence[_Sighting]) -> _Sighting:
    """Of the sightings of a face one of the way up for which the detectors' best scores have the largest sum.

    Of what the most trusted detector saw that way up, the points count that are most like a mean face's:
    those of a face that lay on its side in the view are squeezed, whatever its score.
    """
    seen = sorted(
        (one for one in group if np.isfinite(one.points).all()), key=lambda one: one.answer
    )  # of equals the first view's counts
    if not seen:
        return group[0]
    way = max(seen, key=lambda one: _agreement(one.points, seen)).points
    agreeing = [one for one in seen if _same_way_up(one.points, way)]
    trusted = [one for one in agreeing if one.place == agreeing[0].place]
    return min(trusted, key=lambda one: _unlike_a_face(one.points))


def _unlike_a_face(points: np.ndarray) -> float:
    """How far five points, (5, 2), lie from those of a mean face brought onto them, in its eye distances."""
    matrix = similarity(MEAN_SHAPE, points)
    scale = float(np.hypot(*matrix[:, 0]))
    apart = apply(matrix, MEAN_SHAPE) - points
    return float(np.sqrt((apart**2).sum(1).mean())) / scale if scale > 0 else np.inf


def _agreement(points: np.ndarray, seen: Sequence[_Sighting]) -> float:
    """Sum over detectors of the best score of what each saw the same way up as `points` (5, 2)."""
    best: dict[int, float] = {}
    for one in seen:
        if _same_way_up(points, one.points):
            best[one.place] = max(float(one.score), best.get(one.place, float(one.score)))
    return sum(best.values())


def _same_way_up(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether the lines of the eyes of two faces, points (5, 2), are turned by EASY_ROLL at most against each
    other; points of a face seen upside down may lie in between."""
    one, other = first[1] - first[0], second[1] - second[0]
    return float(one @ other) >= np.cos(np.radians(EASY_ROLL)) * float(np.hypot(*one) * np.hypot(*other))


def _doubtful(groups: Sequence[Sequence[_Sighting]], sure: Sequence[float]) -> bool:
    """Whether the first look may have missed a face or seen one upside down: it found none, a small or turned
    one, or one that not every detector found with a sure score.

    Parameters
    ----------
    groups : the sightings of each face.
    sure : for each detector, its sure score.
    """
    if not groups:
        return True
    every = _listed([min(group, key=lambda one: one.answer) for group in groups]).faces
    sides = (every.boxes[:, 2:] - every.boxes[:, :2]).min(1)
    along, down = (every.points[:, 1] - every.points[:, 0]).T
    roll = np.degrees(np.abs(np.arctan2(down, along)))
    if (sides < EASY_SIDE).any() or (roll > EASY_ROLL).any():
        return True
    found_by = [{one.place for one in group if one.score >= sure[one.place]} for group in groups]
    return any(len(detectors) < len(sure) for detectors in found_by)


def find_faces(detector: FaceFinder, image: np.ndarray) -> FoundFaces:
    """The faces that any detector finds, with the name of the detector of each."""
    find: Callable[[np.ndarray], FoundFaces] | None = getattr(detector, "find", None)
    if find is not None:
        return find(image)
    faces = detector(image)
    return FoundFaces(faces, (detector_name(detector),) * len(faces))


def unaltered_faces(found: FoundFaces, mask: np.ndarray, altered: np.ndarray) -> FoundFaces:
    """Of the faces `found` in a finished copy those that do not clearly belong to what was altered.

    One belongs to it that lies on it, or for the larger part where it is at the place of an altered face: a
    neighbour's mask may cover half of a face that is clear.

    Parameters
    ----------
    found : faces of the finished copy.
    mask : bool (H, W), pixels that were altered.
    altered : (k, 4) boxes of the faces that were altered.
    """
    left = []
    for row, box in enumerate(found.faces.boxes):
        own = (box_gaps(box, altered) < SAME_FACE).any()
        if _covered(box, mask) < (PARTLY_COVERED if own else COVERED):
            left.append(row)
    return FoundFaces(found.faces.take(left), tuple(found.detectors[row] for row in left))


def _covered(box: np.ndarray, mask: np.ndarray) -> float:
    """Part of a box, within the picture, that lies on the mask, in [0, 1]; 1 where the box lies outside."""
    limits = np.array([mask.shape[1], mask.shape[0]])
    left, top = np.clip(np.floor(box[:2]), 0, limits).astype(int)
    right, bottom = np.clip(np.ceil(box[2:]), 0, limits).astype(int)
    part = mask[top:bottom, left:right]
    return float(part.mean()) if part.size else 1.0
