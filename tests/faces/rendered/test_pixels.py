"""The labels are the truth: what they say lies in the drawn pixels, and wrong labels do not pass."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from lib.faces.rendered import Rendering, Truth
from lib.faces.rendered.scene.picture_buffers import BEARD, JEWELLERY, SPECTACLES
from tests.exact import exactly

MOUTH, EYE, HATS, FACE = (9,), (10,), (4, 5), (1, 9, 10)
Renderings = list[Rendering]


def pixels(truth: Truth, *parts: int) -> np.ndarray:
    """Middles of the pixels of some parts, (n, 2) x and y."""
    return np.argwhere(np.isin(truth.parts, parts))[:, ::-1] + 0.5


def agreement(renderings: Renderings, label: Callable[[Truth], bool], parts: tuple[int, ...]) -> float:
    """Share of pictures in which the parts are there just when the label says so."""
    return float(np.mean([label(r.truth) == (len(pixels(r.truth, *parts)) > 1) for r in renderings]))


def wrongly(label: Callable[[Truth], bool], renderings: Renderings) -> Callable[[Truth], bool]:
    """The label of another subject's picture."""
    numbers = [(r.truth.subject, r.truth.shot) for r in renderings]
    truths = [r.truth for r in renderings]
    return lambda truth: label(truths[numbers.index((truth.subject, truth.shot)) - 37])


def attribute(name: str) -> Callable[[Truth], bool]:
    return lambda truth: truth.attributes[name]


def bearded(truth: Truth) -> bool:
    return not truth.attributes["No_Beard"] or truth.attributes["Mustache"]


def jewelled(truth: Truth) -> bool:
    return truth.attributes["Wearing_Earrings"] or truth.attributes["Wearing_Necklace"]


LABELS = {
    "mouth": (attribute("Mouth_Slightly_Open"), MOUTH, 1.0),
    "spectacles": (attribute("Eyeglasses"), (SPECTACLES,), 1.0),
    "hat": (attribute("Wearing_Hat"), HATS, 1.0),
    "beard": (bearded, (BEARD,), 1.0),
    "jewellery": (jewelled, (JEWELLERY,), 0.95),  # thin wires fall between the pixels
}


@pytest.mark.parametrize("name", LABELS)
def test_label_and_pixels_agree(renderings: Renderings, name: str) -> None:
    label, parts, least = LABELS[name]
    assert any(label(r.truth) for r in renderings)
    assert not all(label(r.truth) for r in renderings)
    assert agreement(renderings, label, parts) >= least


@pytest.mark.parametrize("name", LABELS)
def test_labels_of_other_pictures_do_not_agree(renderings: Renderings, name: str) -> None:
    label, parts, least = LABELS[name]
    assert agreement(renderings, wrongly(label, renderings), parts) < least - 0.05


def test_an_open_mouth_shows_more_the_wider_it_opens(renderings: Renderings) -> None:
    seen: dict[str, list[int]] = {}
    for r in renderings:
        seen.setdefault(r.truth.expression, []).append(len(pixels(r.truth, *MOUTH)))
    assert np.median(seen["surprise"]) > 25 and np.median(seen["fear"]) > 15
    assert max(seen["neutral"]) <= 1 and max(seen["sad"]) <= 1


def test_sunglasses_hide_the_eyes(renderings: Renderings) -> None:
    dark = [r.truth for r in renderings if r.truth.sunglasses]
    clear = [r.truth for r in renderings if r.truth.attributes["Eyeglasses"] and not r.truth.sunglasses]
    assert dark and clear
    assert max(len(pixels(t, *EYE)) for t in dark) == 0
    assert min(len(pixels(t, SPECTACLES)) for t in dark) > max(len(pixels(t, SPECTACLES)) for t in clear)
    assert not any(t.attributes["Narrow_Eyes"] or t.attributes["Bags_Under_Eyes"] for t in dark)


def eye_distances(renderings: Renderings, shift: float = 0.0) -> np.ndarray:
    """Pixels from each eye point to the nearest pixel of an eye, where eyes can be seen."""
    shown = [r.truth for r in renderings if len(pixels(r.truth, *EYE)) > 3 and not r.truth.occluded]
    assert len(shown) > 0.8 * len(renderings)
    return np.concatenate([cdist(t.points[:2] + shift, pixels(t, *EYE)).min(1) for t in shown])


def test_eye_points_lie_on_eyes(renderings: Renderings) -> None:
    distances = eye_distances(renderings)
    assert np.mean(distances < 1.5) > 0.97 and np.median(distances) < 0.8
    assert np.mean(eye_distances(renderings, shift=4.0) < 1.5) < 0.3


def test_the_68_points_surround_eyes_and_open_mouth(renderings: Renderings) -> None:
    """Each eye's six points and the inner lips hold the pixels of what they outline."""
    for truth in (r.truth for r in renderings):
        for points, parts in ((truth.landmarks[36:48], EYE), (truth.landmarks[60:68], MOUTH)):
            inside = pixels(truth, *parts)
            if len(inside) > 3:
                low, high = points.min(0) - 2, points.max(0) + 2
                assert ((inside >= low) & (inside <= high)).all(1).mean() > 0.9


def inside_box(truth: Truth, shift: float = 0.0) -> float:
    """Share of the face's pixels in the box."""
    left, top, right, bottom = np.array(truth.box) + shift
    x, y = pixels(truth, *FACE).T
    return float(((x > left - 1) & (x < right + 1) & (y > top - 1) & (y < bottom + 1)).mean())


def test_box_goes_around_the_face(renderings: Renderings) -> None:
    truths = [r.truth for r in renderings]
    shares = np.array([inside_box(t) for t in truths])
    assert shares.min() > 0.7 and np.mean(shares > 0.9) > 0.9  # the sides of a turned head lie outside
    assert np.mean([inside_box(t, shift=12) > 0.9 for t in truths]) < 0.1
    for truth in truths:
        left, top, right, bottom = truth.box
        features = pixels(truth, *MOUTH, *EYE)
        assert ((features > [left, top]) & (features < [right, bottom])).all()
        lowest = pixels(truth, *FACE)[:, 1].max()
        hidden = 14 if bearded(truth) or truth.occluded else 4  # a beard or an object may hide the chin
        assert -3 < bottom - lowest < hidden


def test_pose_has_the_sign_that_it_says(renderings: Renderings) -> None:
    truths = [r.truth for r in renderings]
    points = np.array([t.points for t in truths])
    middle, across = points[:, :2].mean(1), points[:, 1] - points[:, 0]
    yaw, pitch, roll = np.array([(t.yaw, t.pitch, t.roll) for t in truths]).T
    aside = (points[:, 2, 0] - middle[:, 0]) / np.hypot(*across.T)
    assert np.corrcoef(aside, yaw)[0, 1] > 0.85
    clear = np.abs(yaw) > 10
    assert exactly(np.sign(aside[clear]), np.sign(yaw[clear]), because="signs")
    tilt = np.degrees(np.arctan2(-across[:, 1], across[:, 0]))
    assert np.corrcoef(tilt, roll)[0, 1] > 0.85
    down = (points[:, 2, 1] - middle[:, 1]) / (points[:, 3:, 1].mean(1) - middle[:, 1])
    assert np.corrcoef(down, pitch)[0, 1] < -0.4  # mouths move as well
