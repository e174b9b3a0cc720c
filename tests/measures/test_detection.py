import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from lib.measures import detection
from tests.exact import exactly

pytestmark = pytest.mark.numeric

QUICK = settings(max_examples=60, deadline=None)
box = st.tuples(*[st.integers(0, 8)] * 2, *[st.integers(1, 8)] * 2).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)
detections = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=15)


@QUICK
@given(box, box)
def test_iou_counts_pixels(first, second):
    def pixels(b):
        return {(x, y) for x in range(b[0], b[2]) for y in range(b[1], b[3])}

    expected = len(pixels(first) & pixels(second)) / len(pixels(first) | pixels(second))
    assert detection.iou([first], [second])[0, 0] == pytest.approx(expected)
    assert detection.iou([second], [first])[0, 0] == pytest.approx(detection.iou([first], [second])[0, 0])


def test_one_is_not_added_to_the_width():
    """The wrong variant of inclusive pixels."""
    first, second = (0, 0, 2, 2), (1, 0, 3, 2)
    assert detection.iou([first], [second])[0, 0] == pytest.approx(2 / 6)
    inclusive = 2 * 3 / (9 + 9 - 6)
    assert inclusive != pytest.approx(2 / 6)


@pytest.mark.parametrize("wrong", [[(2, 0, 2, 5)], [(0, 0, np.nan, 1)], [(0, 0, 1)]])
def test_degenerate_boxes_are_errors(wrong):
    with pytest.raises(ValueError, match="boxes"):
        detection.iou(wrong, [(0, 0, 1, 1)])


def test_a_second_detection_of_a_face_is_wrong():
    face = (0, 0, 10, 10)
    found = detection.match([[face, (0, 0, 9, 10)]], [[0.6, 0.9]], [[face]])
    assert found.true_positive.tolist() == [False, True]


def test_the_detection_does_not_go_on_to_the_next_box():
    """COCO would; here the best box is taken, so it is wrong."""
    truth = [(0, 0, 10, 10), (2, 0, 12, 10)]
    found = detection.match([[(0, 0, 10, 10), (1, 0, 10, 10)]], [[0.9, 0.8]], [truth])
    assert found.true_positive.tolist() == [True, False]


def test_detections_on_ignored_boxes_are_dropped():
    found = detection.match(
        [[(0, 0, 4, 4), (20, 20, 24, 24)]], [[0.9, 0.8]], [[(0, 0, 4, 4), (20, 20, 24, 24)]], [[True, False]]
    )
    assert (
        found.dropped == 1
        and exactly(found.scores.tolist(), [0.8], because="copied, not computed")
        and found.truths.tolist() == [1]
    )


def test_images_without_faces_and_without_detections():
    found = detection.match([[], [(0, 0, 4, 4)]], [[], [0.3]], [[(0, 0, 4, 4)], []])
    assert found.true_positive.tolist() == [False]
    assert detection.average_precision([], [], 3) == 0
    assert np.isnan(detection.average_precision([0.5], [False], 0))
    nothing = detection.match([], [], [])
    assert not detection.detection(nothing).ap.defined


def test_detection_figures():
    face = (0, 0, 10, 10)
    found = detection.match(
        [[face], [face], [(20, 20, 30, 30)], []], [[0.9], [0.4], [0.8], []], [[face], [face], [face], [face]]
    )
    judged = detection.detection(found, threshold=0.5, replicates=100)
    assert judged.recall.estimate == 0.25 and judged.precision.estimate == 0.5
    assert judged.false_positives == 1 and judged.ap.n == 4
    assert judged.ap.estimate == pytest.approx(
        detection.average_precision(found.scores, found.true_positive, 4)
    )
    together = detection.detection(found, units=["a", "a", "b", "b"], replicates=100)
    assert together.ap.n == 2


def test_bootstrapped_ap_by_repetition():
    scores, right = np.array([0.9, 0.8, 0.8, 0.3]), np.array([1, 0, 1, 1])
    weights = np.array([[2.0, 0, 3, 1]])
    times = weights[0].astype(int)
    expected = detection.average_precision(scores.repeat(times), right.repeat(times), 8)
    assert detection._ap(scores, right, weights, np.array([8.0]), "all-point")[0] == pytest.approx(expected)


@QUICK
@given(detections)
def test_scikit_learn_leaves_out_the_envelope(rows):
    scores, right = (np.array(part) for part in zip(*rows, strict=True))
    if not right.any():
        return
    plain = detection.average_precision(scores, right, right.sum(), interpolation="none")
    assert plain == pytest.approx(average_precision_score(right, scores))
    assert detection.average_precision(scores, right, right.sum()) >= plain - 1e-12


@QUICK
@given(detections, st.randoms())
def test_ties_do_not_depend_on_the_order(rows, random):
    shuffled = rows[:]
    random.shuffle(shuffled)
    one, other = (
        detection.average_precision(*(np.array(part) for part in zip(*some, strict=True)), 20)
        for some in (rows, shuffled)
    )
    assert one == pytest.approx(other)


def test_interpolations_differ_and_unknown_ones_are_errors():
    scores, right = [0.9, 0.8, 0.7], [1, 0, 1]
    values = [
        detection.average_precision(scores, right, 2, interpolation=i)
        for i in ("all-point", "11-point", "101-point")
    ]
    assert len(set(values)) == 3
    with pytest.raises(ValueError, match="interpolation"):
        detection.average_precision(scores, right, 2, interpolation="voc")


def test_recall_at_a_number_of_false_positives():
    face = (0, 0, 4, 4)
    images = [[face], [(9, 9, 12, 12)], [face], [(9, 9, 12, 12)]]
    found = detection.match(images, [[0.9], [0.8], [0.7], [0.6]], [[face], [], [face], []])
    assert [detection.recall_at_false_positives(found, k) for k in (0, 1, 2)] == [0.5, 1, 1]
    assert np.isnan(detection.recall_at_false_positives(detection.match([[]], [[]], [[]]), 0))


def test_landmark_error():
    truth = np.array([[[0.0, 0], [10, 0], [5, 5]]])
    found = truth + np.array([[[3, 4], [0, 0], [0, 0]]])
    assert detection.landmark_error(found, truth) == pytest.approx([5 / 3 / 10])
    assert np.isnan(detection.landmark_error(np.full((1, 3, 2), np.nan), truth))
    with pytest.raises(ValueError, match="coincide"):
        detection.landmark_error(truth, np.zeros((1, 3, 2)))
    with pytest.raises(ValueError, match="expected"):
        detection.landmark_error(truth, truth[0])
