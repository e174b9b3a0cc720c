from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.faces.detections import Detections
from lib.faces.faceset import FaceSet
from lib.judges.base import Detector, ModelCard
from lib.judges.dlib_detector import DlibFrontal
from lib.judges.dlib_recogniser import DlibRecogniser
from lib.judges.mtcnn_judge import Mtcnn
from lib.judges.registry import CARDS
from lib.judges.subject_face import (
    centre_inside,
    choose_subject,
    enlarged,
    enlargement,
    find_subject_faces,
    reduced,
)
from lib.judges.yunet import STRIDES, decode
from tests.exact import exactly


def face(box: list[float], score: float = 1.0) -> Detections:
    return Detections(np.array([box]), np.full((1, 5, 2), np.mean(box)), np.array([score]))


def joined(*faces: Detections) -> Detections:
    parts = ((f.boxes, f.points, f.scores) for f in faces)
    return Detections(*(np.concatenate(part) for part in zip(*parts, strict=True)))


class Scripted:
    """A detector that says what it was told, whatever it sees."""

    name = "scripted"

    def __init__(self, answers: list[Detections], card: ModelCard = CARDS["yunet"]) -> None:
        self.answers, self.card = answers, card

    def __call__(self, image: np.ndarray) -> Detections:
        return self.many(image[None])[0]

    def many(self, images: np.ndarray) -> list[Detections]:
        return [self.answers[int(image[0, 0, 0])] for image in images]


def numbered(count: int, side: int = 100) -> np.ndarray:
    return np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, side, side, 3), np.uint8)


@pytest.mark.parametrize(
    ("size", "wanted", "factor"),
    [
        ((112, 112), 320, 3),
        ((128, 128), 320, 3),
        ((112, 112), 224, 2),
        ((48, 48), 224, 5),
        ((250, 400), 224, 1),
    ],
)
def test_small_pictures_are_enlarged(size: tuple[int, int], wanted: int, factor: int) -> None:
    assert enlargement(size, wanted) == factor


@given(st.integers(1, 6), st.integers(0, 19), st.integers(0, 19))
def test_points_come_back_to_the_same_pixel(factor: int, x: int, y: int) -> None:
    image = np.zeros((20, 20, 3), np.uint8)
    image[y, x] = 255
    large = enlarged(image, factor)[..., 0].astype(float)
    rows, columns = np.nonzero(large >= large.max())
    centre = np.array([[[columns.mean(), rows.mean()]] * 5])
    back = reduced(Detections(np.zeros((1, 4)), centre, np.ones(1)), factor)
    np.testing.assert_allclose(back.points[0, 0], [x, y], atol=0.51)
    whole = reduced(face([0, 0, 20 * factor, 20 * factor]), factor)
    np.testing.assert_allclose(whole.boxes[0], [0, 0, 20, 20])


def test_the_subject_is_the_labelled_or_the_central_large_face() -> None:
    small_central, large, corner = face([45, 45, 55, 55]), face([30, 30, 75, 75]), face([0, 0, 40, 40])
    faces = joined(small_central, corner, large)
    assert choose_subject(faces, (100, 100)) == 2
    assert choose_subject(faces, (100, 100), np.array([0, 0, 38, 44])) == 1
    assert centre_inside(faces.boxes, np.array([40, 40, 60, 60])).tolist() == [True, False, True]


def test_a_face_in_the_wrong_place_is_not_found() -> None:
    answers = [face([10, 10, 50, 50], 0.7), Detections.none(), face([60, 60, 90, 90])]
    boxes = np.array([[0, 0, 60, 60], [0, 0, 60, 60], [0, 0, 55, 55]], np.float32)
    images = numbered(3)
    found = find_subject_faces(images, Scripted(answers), boxes)
    assert found.found.tolist() == found.acquired.tolist() == [True, False, False]
    assert (
        exactly(found.scores[0], np.float32(0.7), because="copied, not computed")
        and np.isnan(found.points[1:]).all()
    )
    assert find_subject_faces(images, Scripted(answers)).found.tolist() == [True, False, True]
    boxes[2] = np.nan
    assert find_subject_faces(images, Scripted(answers), boxes).found.tolist() == [True, False, True]


def test_a_detector_without_points_finds_but_does_not_acquire() -> None:
    blind = Detections(np.array([[1.0, 1, 9, 9]]), np.full((1, 5, 2), np.nan), np.ones(1))
    found = find_subject_faces(numbered(1), Scripted([blind]))
    assert found.found.all() and not found.acquired.any()


def maps(side: int) -> dict[str, np.ndarray]:
    shapes = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
    return {
        f"{kind}_{stride}": np.zeros((1, side // stride, side // stride, channels), np.float32)
        for stride in STRIDES
        for kind, channels in shapes.items()
    }


def test_yunet_cell_by_hand() -> None:
    said = maps(64)
    said["cls_16"][0, 2, 1], said["obj_16"][0, 2, 1] = 0.81, 1.0  # row 2, column 1: x 16, y 32
    said["bbox_16"][0, 2, 1] = [0.5, -0.25, np.log(2), np.log(3)]
    said["kps_16"][0, 2, 1] = np.arange(10) / 10
    faces = decode(said, 0, 0.6, 0.3)
    np.testing.assert_allclose(faces.boxes, [[24 - 16, 28 - 24, 24 + 16, 28 + 24]], rtol=1e-6)
    np.testing.assert_allclose(faces.points[0, 0], [16, 32 + 1.6], rtol=1e-6)
    np.testing.assert_allclose(faces.points[0, 4], [16 + 12.8, 32 + 14.4], rtol=1e-6)
    np.testing.assert_allclose(faces.scores, [0.9], rtol=1e-6)
    assert len(decode(said, 0, 0.95, 0.3)) == 0


def test_yunet_suppresses_the_same_face_twice() -> None:
    said = maps(64)
    for column, likely in ((1, 0.9), (2, 0.99)):
        said["cls_8"][0, 1, column], said["obj_8"][0, 1, column] = likely, 1.0
        said["bbox_8"][0, 1, column] = [0, 0, np.log(5), np.log(5)]
    faces = decode(said, 0, 0.6, 0.3)
    assert len(faces) == 1 and faces.scores[0] == pytest.approx(np.sqrt(0.99))
    assert len(decode(said, 0, 0.6, 0.9)) == 2


def right_places(faces: FaceSet, detector: Detector) -> float:
    found = find_subject_faces(faces.images, detector, faces.boxes)
    assert faces.points is not None
    eyes = np.linalg.norm(faces.points[:, 0] - faces.points[:, 1], axis=1)
    off = np.linalg.norm(found.points - faces.points, axis=2).mean(1) / eyes
    assert np.nanmedian(off) < 0.2, "points are far from the labelled ones"
    return float(found.found.mean())


def test_detectors_of_pip_find_rendered_faces(world: FaceSet) -> None:
    frontal = world.take((world.labels["yaw"].abs() < 20).to_numpy())
    assert right_places(frontal, DlibFrontal()) > 0.85
    assert right_places(frontal.take(range(12)), Mtcnn()) > 0.85


@pytest.mark.parametrize("side", [112, 128, 150, 224, 256])
def test_mtcnn_builds_no_scale_below_its_first_network(side: int) -> None:
    """The package takes that error for "no faces": a flat picture then looks like any other."""
    from mtcnn.utils.images import build_scale_pyramid

    from lib.judges.mtcnn_judge import SMALLEST

    smallest = int(side * build_scale_pyramid(side, side, SMALLEST, 0.709).min())
    assert smallest >= 11


def test_a_flat_picture_has_no_face() -> None:
    flat = np.full((2, 64, 64, 3), 127, np.uint8)
    for detector in (DlibFrontal(), Mtcnn()):
        assert not find_subject_faces(flat, detector).found.any()


def test_dlib_embeds_without_importing_its_package_of_models(world: FaceSet) -> None:
    import sys

    part = world.take(range(6))
    points = np.array(part.points)
    points[2] = np.nan
    judgement = DlibRecogniser()(part.images, points)
    assert (
        judgement.values.shape == (6, 128)
        and judgement.acquired.tolist() == [True] * 2 + [False] + [True] * 3
    )
    again = DlibRecogniser()(part.images[:1], points[:1]).values
    np.testing.assert_allclose(again, judgement.values[:1], atol=1e-5)
    assert "face_recognition_models" not in sys.modules


def test_dlib_finds_the_face_itself_when_asked(world: FaceSet) -> None:
    part = world.take(range(3))
    blank = np.concatenate([part.images, np.zeros_like(part.images[:1])])
    judgement = DlibRecogniser()(blank)
    found = DlibFrontal().many(blank)
    assert judgement.acquired.tolist() == [len(faces) > 0 for faces in found]
    assert not judgement.acquired[-1]
