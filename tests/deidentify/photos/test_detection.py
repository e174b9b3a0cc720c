"""Faces of several detectors, turned and scaled, in pixels of the photograph."""

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from PIL import Image

from lib.deidentify.photos.compositing import protect_faces
from lib.deidentify.photos.detection import (
    DetectorUnion,
    FoundFaces,
    merge,
    unaltered_faces,
)
from lib.deidentify.photos.manifest import PROTECTED
from lib.deidentify.photos.protect_photo import LOOK_AGAIN, NO_FACE, SEEN_LATER, Settings, protect_file
from lib.deidentify.photos.views import LARGEST_SIDE, views
from lib.deidentify.protections.baselines import SolidFill
from lib.faces.detections import Detections
from lib.faces.loading.align import MEAN_SHAPE, apply
from tests.deidentify.photos.tiny_photos import photograph
from tests.exact import exactly


def marks(image):
    """Finds one face: the five brightest points of a picture that is dark elsewhere, in their order."""
    places = [np.argwhere(image[..., 0] == 250 - i) for i in range(5)]
    if not all(len(place) for place in places):
        return Detections.none()
    points = np.array([place.mean(0)[::-1] for place in places])
    low, high = points.min(0), points.max(0) + 1
    return Detections([[*low, *high]], points[None], [1.0])


def marked(height, width, points):
    image = np.zeros((height, width, 3), np.uint8)
    for i, (x, y) in enumerate(points):
        image[y, x] = 250 - i
    return image


POINTS = [(20, 30), (60, 33), (41, 50), (25, 70), (58, 71)]


@pytest.mark.parametrize("turn", range(4))
def test_a_turned_view_comes_back_to_the_same_pixels(turn):
    view = next(iter(views(marked(100, 140, POINTS), turns=(turn,), enlarge=False)))
    found = view.back(marks(view.image))
    np.testing.assert_allclose(found.points[0], POINTS, atol=1e-4)
    np.testing.assert_allclose(found.boxes[0], [20, 30, 61, 72], atol=1e-4)


def test_tiles_of_a_large_photograph_come_back_to_the_same_pixels():
    far = [(x + 2400, y + 1700) for x, y in POINTS]
    photo = marked(2000, 3000, far)
    shown = list(views(photo, turns=(0,)))
    assert max(max(view.image.shape) for view in shown) <= LARGEST_SIDE, "bounded memory"
    found = [view.back(marks(view.image)) for view in shown[1:]]
    seen = [one for one in found if len(one)]
    assert seen
    np.testing.assert_allclose(seen[0].points[0], far, atol=1e-3)


def test_tiles_cover_every_pixel():
    seen = np.zeros((1700, 3500), bool)
    for view in list(views(np.zeros((1700, 3500, 3), np.uint8), turns=(0,)))[1:]:
        seen[view.top : view.top + view.image.shape[0], view.left : view.left + view.image.shape[1]] = True
    assert seen.all()


def test_enlarged_tiles_are_no_larger_than_they_must_be():
    """Four tiles of 1600 px a side showed the detectors ten megapixels of one."""
    photo = np.zeros((900, 1200, 3), np.uint8)
    shown = list(views(photo, turns=()))
    assert sum(view.image[..., 0].size for view in shown) < 6 * photo[..., 0].size
    seen = np.zeros(photo.shape[:2], int)
    for view in shown:
        high, wide = (int(pixels / view.scale) for pixels in view.image.shape[:2])
        seen[view.top : view.top + high, view.left : view.left + wide] += 1
    assert seen.min() == 1 and max(max(view.image.shape) for view in shown) <= LARGEST_SIDE
    assert (seen[300] == 2).sum() >= 160, "a face that the edge of a tile cuts lies whole in the next"


def one_box(*box, points=None, score=1.0):
    return Detections([box], [points] if points is not None else np.full((1, 5, 2), np.nan), [score])


def test_faces_of_all_detectors_are_joined_each_once():
    first, same, other = one_box(0, 0, 100, 100), one_box(5, 5, 105, 110), one_box(300, 0, 360, 60)
    small = one_box(10, 10, 40, 40)
    found = merge([("a", first), ("b", same), ("b", other), ("c", small)])
    assert found.detectors == ("a", "b", "c"), "a far smaller face inside a box is another face"
    assert np.isfinite(found.faces.points).all()
    assert len(merge([("a", Detections.none())])) == 0


def test_the_union_finds_what_one_detector_misses():
    blind = lambda image: Detections.none()  # noqa: E731
    photo = marked(100, 140, POINTS)
    assert not len(DetectorUnion([blind], thorough=False)(photo))
    assert len(DetectorUnion([blind, marks], thorough=False)(photo)) == 1
    assert not len(DetectorUnion([marks], thorough=False, threshold=1.5)(photo))


def test_a_face_outside_the_mask_is_seen():
    mask = np.zeros((200, 200), bool)
    mask[:100, :100] = True
    faces = Detections(
        [[10, 10, 90, 90], [120, 120, 180, 180], [60, 60, 140, 140]], np.zeros((3, 5, 2)), np.ones(3)
    )
    left = unaltered_faces(FoundFaces(faces, ("a", "b", "c")), mask, faces.boxes[:1])
    assert left.detectors == ("b", "c")


FRONT, BACK = np.array([232, 221, 393, 436]), np.array([341, 219, 463, 379])
"""Of a face of 300 px partly in front of another one, as MTCNN found them."""


def both(*boxes, scores=(0.99, 0.98)):
    """Faces with points within their boxes."""
    points = [(box[:2] + box[2:]) / 2 + MEAN_SHAPE * (box[2] - box[0]) / 2.5 for box in boxes]
    return Detections(np.array(boxes), np.array(points), scores[: len(boxes)])


@pytest.mark.parametrize("shift", [0, 15, 30])
def test_faces_of_one_answer_are_two_though_they_overlap(shift):
    """They were one, whatever stood clear of the other."""
    assert len(merge([("a", both(FRONT + np.array([shift, 0, shift, 0]), BACK))])) == 2
    assert len(merge([("a", both(FRONT, FRONT + 8))])) == 1, "nearly one box"


@pytest.mark.parametrize("scores", [(0.99, 0.98), (0.98, 0.99)])
@pytest.mark.parametrize("alone", [FRONT, BACK])
def test_faces_that_overlap_keep_their_own_boxes_and_points(scores, alone):
    """One of them was pasted twice, with its neighbour's box and points, and the other stayed clear."""
    photo, shown = marked(600, 900, [(0, 0)]), both(alone, scores=(0.999,))
    corner = np.array([900, 600])
    turned = [[*corner - shown.boxes[0, 2:], *corner - shown.boxes[0, :2]]]
    upside_down = Detections(turned, corner - 1 - shown.points, shown.scores)

    def first(image):
        if image.shape[:2] == (600, 900) and image[0, 0, 0] == 250:
            return both(FRONT, BACK, scores=scores)
        return upside_down if image.shape[:2] == (600, 900) else Detections.none()

    def second(image):
        upright = image.shape[:2] == (600, 900) and image[0, 0, 0] == 250
        return both(BACK + 9, FRONT + 9, scores=scores) if upright else Detections.none()

    found = DetectorUnion([first, second], always=True).find(photo).faces
    assert len(found) == 2
    for box in (FRONT, BACK):
        row = np.abs(found.boxes - box).sum(1).argmin()
        np.testing.assert_allclose(found.boxes[row], box, atol=10)
        np.testing.assert_allclose(found.points[row], both(box).points[0], atol=10)


def test_a_neighbour_that_only_another_detector_sees_is_a_face():
    one, other = (lambda image: both(FRONT)), (lambda image: both(BACK - np.array([18, 0, 18, 0])))
    assert len(DetectorUnion([one, other], thorough=False)(np.zeros((600, 900, 3), np.uint8))) == 2


def test_a_face_that_its_neighbours_mask_covers_by_half_is_clear(tmp_path):
    """What the second look found there passed for the altered face beside it."""
    Image.fromarray(np.full((600, 900, 3), 90, np.uint8)).save(tmp_path / "two.png")
    settings = Settings(SolidFill(), one_after_another(both(BACK), both(FRONT)), False, 10**6)
    record, _ = protect_file(settings, str(tmp_path), "two.png", "", "two.png")
    assert (record.status, record.faces) == (PROTECTED, 2) and SEEN_LATER in record.notes
    third = both(FRONT - np.array([90, 0, 90, 0]))
    settings = Settings(SolidFill(), one_after_another(both(BACK), both(FRONT), third), False, 10**6)
    record, _ = protect_file(settings, str(tmp_path), "two.png", "", "two.png")
    assert record.status == LOOK_AGAIN and "142 221 303 436" in record.detail


def one_after_another(*answers):
    """Answers so, and ends with the last answer."""
    left = list(answers)

    def detector(image):
        return left.pop(0) if len(left) > 1 else left[0]

    return detector


def test_of_a_face_that_is_seen_in_two_views_the_surest_counts():
    """Detectors see faces that are upside down now and then, with the eyes where the mouth is."""
    photo = marked(300, 300, [(0, 0)])
    upright = np.array(POINTS, np.float32) * 2 + 60

    def sees(image):
        if len(image) != 300:
            return Detections.none()
        turned = image[-1, -1, 0] == 250
        return one_box(100, 100, 200, 220, points=upright, score=0.9 if turned else 0.3)

    found = DetectorUnion([sees], always=True).find(photo).faces
    assert len(found) == 1 and exactly(found.scores[0], np.float32(0.9), because="passed on as it is")
    np.testing.assert_allclose(found.points[0], 299 - upright, atol=1e-3)


def test_the_way_up_is_that_of_all_detectors_together():
    """MTCNN gave a rendered face .967, and .998 when it was upside down; dlib 1.58 and .012."""
    photo = marked(300, 300, [(0, 0)])
    points = np.array(POINTS, np.float32) * 2 + 60

    def detector(name, upright, turned):
        def sees(image):
            if image.shape[0] != 300 or 250 not in (image[0, 0, 0], image[-1, -1, 0]):
                return Detections.none()
            score = turned if image[-1, -1, 0] == 250 else upright
            return one_box(100, 100, 200, 200, points=points, score=score)

        sees.name = name
        return sees

    members = [detector("mtcnn, side 224", 0.998, 0.967), detector("dlib_frontal, 80 px", 0.012, 1.58)]
    found = DetectorUnion(members).find(photo)
    assert found.detectors == ("mtcnn, side 224",), "the points of the one that is trusted more"
    np.testing.assert_allclose(found.faces.points[0], 299 - points, atol=1e-3)
    surely = [members[0], detector("dlib_frontal, 80 px", 1.2, 1.0)]
    np.testing.assert_allclose(DetectorUnion(surely).find(photo).faces.points[0], points, atol=1e-3)


def test_points_of_a_face_on_its_side_do_not_count_whatever_its_score():
    """MTCNN saw one in a sideways view with .975 and half its eye distance: a tenth of the face stayed."""
    photo = marked(300, 300, [(0, 0)])
    upright = MEAN_SHAPE * 60 + 150
    squeezed = upright * [0.5, 1] + [75, 0]
    on_its_side = np.stack([squeezed[:, 1], 299 - squeezed[:, 0]], 1)  # as `np.rot90` turns the picture

    def sees(image):
        if image[0, 0, 0] == 250 and len(image) == 300:
            return one_box(100, 100, 200, 200, points=upright, score=0.96)
        if image[-1, 0, 0] == 250 and len(image) == 300:
            return one_box(100, 100, 200, 200, points=on_its_side, score=0.975)
        return Detections.none()

    found = DetectorUnion([sees], always=True).find(photo).faces
    assert len(found) == 1
    np.testing.assert_allclose(found.points[0], upright, atol=1e-3)


def test_a_score_below_the_threshold_is_no_face(tmp_path):
    """A round badge was repainted as a face; its score was .04."""
    Image.fromarray(np.full((300, 300, 3), 90, np.uint8)).save(tmp_path / "badge.png")

    def badge(image):
        return one_box(100, 100, 200, 200, points=np.array(POINTS) * 2 + 60, score=0.04)

    for threshold, status in ((0.0, PROTECTED), (0.5, NO_FACE)):
        detector = DetectorUnion([badge], thorough=False, threshold=threshold)
        settings = Settings(SolidFill(), detector, False, 10**6)
        record, _ = protect_file(settings, str(tmp_path), "badge.png", "", "badge.png")
        assert record.status == status


@dataclass(frozen=True)
class DarkAboveBrightBelow(SolidFill):
    """Tells which way up a face was protected."""

    def __call__(self, faces, **labels):
        out = np.zeros_like(faces)
        out[:, faces.shape[1] // 2 :] = 255
        return out


@pytest.mark.parametrize("degrees", [0, 15, 90, 180, 270])
def test_turned_faces_are_found_and_altered_the_right_way_up(renderings, degrees):
    from lib.judges.dlib_detector import DlibFrontal

    straight = min(
        renderings, key=lambda one: abs(one.truth.yaw) + abs(one.truth.pitch) + abs(one.truth.roll)
    )
    photo, points = photograph((360, 360), [straight], [(84, 84, 3)])
    turn = cv2.getRotationMatrix2D((179.5, 179.5), degrees, 1)
    photo = cv2.warpAffine(photo, turn, (360, 360), borderMode=cv2.BORDER_REPLICATE)
    true = apply(turn, points[0])
    found = DetectorUnion([DlibFrontal()], always=True).find(photo).faces
    assert len(found) == 1, "dlib sees this face upside down too, with other points and a lower score"
    eyes = np.hypot(*(true[1] - true[0]))
    assert np.hypot(*(found.points[0] - true).T).max() < 0.3 * eyes, (
        "each point nearer than any other's place"
    )
    copy = protect_faces(photo, found.points.astype(float), DarkAboveBrightBelow()).image
    column, row = np.rint(true).astype(int).T
    assert (copy[row[:2], column[:2]] < 40).all() and (copy[row[3:], column[3:]] > 215).all()


EASY = np.array([[130, 140], [190, 142], [160, 175], [138, 205], [184, 206]], np.float32)
TURNED = (EASY - 160) @ np.array([[0.5, 0.87], [-0.87, 0.5]], np.float32) + 160  # 60 degrees


def counting(found):
    def detector(image):
        detector.calls += 1
        return found if detector.calls == 1 else Detections.none()

    detector.calls = 0
    return detector


@pytest.mark.parametrize(
    "first, second, doubt",
    [
        (one_box(100, 100, 220, 220, points=EASY), one_box(105, 98, 222, 218, points=EASY), False),
        (one_box(100, 100, 220, 220, points=EASY), Detections.none(), True),
        (Detections.none(), Detections.none(), True),
        (one_box(100, 100, 150, 150, points=EASY), one_box(100, 100, 150, 150, points=EASY), True),
        (one_box(100, 100, 220, 220, points=TURNED), one_box(100, 100, 220, 220, points=TURNED), True),
    ],
    ids=("easy", "one detector alone", "none", "small", "turned"),
)
def test_further_views_only_in_doubt(first, second, doubt):
    photo = np.zeros((300, 400, 3), np.uint8)
    members = counting(first), counting(second)
    assert len(DetectorUnion(members)(photo)) == min(1, len(first) + len(second))
    assert [one.calls for one in members] == ([5, 5] if doubt else [1, 1])
    always = counting(first)
    DetectorUnion([always], always=True)(photo)
    assert always.calls == 5, "upright, three turns, enlarged"
