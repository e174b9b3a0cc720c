from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.transform import SimilarityTransform

from lib.faces.loading.align import (
    MEAN_SHAPE,
    TEMPLATES,
    align,
    apply,
    crop_template,
    invert,
    similarity,
    warp,
)
from tests.exact import exactly

angles = st.floats(-3, 3)
scales = st.floats(0.2, 5)
shifts = st.floats(-100, 100)


def turned(angle: float, scale: float, x: float, y: float) -> np.ndarray:
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[c, -s, x], [s, c, y]])


@given(angles, scales, shifts, shifts)
def test_a_similarity_is_found_again(angle, scale, x, y):
    matrix = turned(angle, scale, x, y)
    np.testing.assert_allclose(similarity(MEAN_SHAPE, apply(matrix, MEAN_SHAPE)), matrix, atol=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_equal_to_umeyama_of_scikit_image_on_noisy_points(seed):
    source, noise = np.random.default_rng(seed).normal(size=(2, 5, 2))
    target = source + 0.1 * noise
    expected = SimilarityTransform.from_estimate(source, target).params[:2]
    np.testing.assert_allclose(similarity(source, target), expected, atol=1e-6)


def test_never_a_mirror_image():
    mirrored = MEAN_SHAPE * [-1, 1]
    assert np.linalg.det(similarity(MEAN_SHAPE, mirrored)[:, :2]) > 0


@given(angles, scales, shifts, shifts)
def test_invert_undoes(angle, scale, x, y):
    matrix = turned(angle, scale, x, y)
    np.testing.assert_allclose(apply(invert(matrix), apply(matrix, MEAN_SHAPE)), MEAN_SHAPE, atol=1e-9)


def test_bad_points_are_refused():
    unknown = MEAN_SHAPE.copy()
    unknown[2] = np.nan
    with pytest.raises(ValueError, match=r"unknown"):
        similarity(unknown, MEAN_SHAPE)
    with pytest.raises(ValueError, match=r"coincide"):
        similarity(np.ones((5, 2)), MEAN_SHAPE)


def test_crop_template_by_hand():
    template = crop_template(0.322, 0.493, (224, 224))
    expected = [(75.9, 70.8), (148.1, 70.8), (112, 112.7), (79.8, 148.8), (144.2, 148.8)]
    np.testing.assert_allclose(template.points, expected, atol=0.15)
    assert np.ptp(crop_template(0.2, 0.5, (64, 64)).points[:2, 0]) == pytest.approx(12.8)
    with pytest.raises(ValueError, match=r"eye distance"):
        crop_template(0, 0.5)


def test_templates_as_published():
    assert {name: t.size for name, t in TEMPLATES.items()} == {
        "arcface": (112, 112), "sphereface": (112, 96), "reid0095": (128, 128)
    }  # fmt: skip
    np.testing.assert_allclose(TEMPLATES["sphereface"].points[0], [30.2946, 51.6963], atol=1e-4)
    np.testing.assert_allclose(TEMPLATES["reid0095"].points[2], [64.0336, 81.9847], atol=1e-4)
    np.testing.assert_allclose(TEMPLATES["arcface"].at((224, 224))[0], [76.5892, 103.3926], atol=1e-3)


def dots(points: np.ndarray, size: tuple[int, int], radius: int = 6) -> np.ndarray:
    """A dark picture with a bright disc at each point, on eighths of a pixel."""
    image = np.zeros((*size, 3), np.uint8)
    for x, y in points:
        cv2.circle(
            image,
            (round(x * 8), round(y * 8)),
            radius * 8,
            (255, 255, 255),
            -1,
            lineType=cv2.LINE_AA,
            shift=3,
        )
    return image


def centre_near(image: np.ndarray, point: np.ndarray, radius: int) -> np.ndarray:
    """Centre of brightness within `radius` of the point."""
    yy, xx = np.mgrid[: image.shape[0], : image.shape[1]]
    weight = image[..., 0] * ((xx - point[0]) ** 2 + (yy - point[1]) ** 2 <= radius**2)
    return np.array([(weight * xx).sum(), (weight * yy).sum()]) / weight.sum()


@pytest.mark.parametrize("scale", [0.8, 2.0, 3.4, 7.0])
@pytest.mark.parametrize("angle", [0.0, 0.5])
def test_the_points_land_on_the_template_in_the_pixels(scale, angle):
    template = crop_template(0.3, 0.5, (96, 96))
    points = apply(turned(angle, scale, 0, 0), template.points)
    points = points - points.min(0) + 40 * scale
    image = dots(
        points, tuple(int(n) for n in np.ceil(points.max(0) + 40 * scale))[::-1], round(4 * scale) + 1
    )
    crop = align(image, points, template)
    for point in template.points:
        np.testing.assert_allclose(centre_near(crop, point, 9), point, atol=0.25)


def test_without_the_area_filter_fine_stripes_would_fold():
    image = np.zeros((512, 512, 3), np.uint8)
    image[:, ::2] = 255
    matrix = turned(0, 1 / 4, 0.3, 0.3)
    np.testing.assert_allclose(warp(image, matrix, (100, 100))[10:-10, 10:-10], 127.5, atol=2)
    naive = cv2.warpAffine(image, matrix, (100, 100))
    assert abs(naive[10:-10, 10:-10].mean() - 127.5) > 50


def test_the_cut_window_gives_the_same_pixels_as_the_whole_picture():
    image = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    matrix = turned(0.2, 0.7, -60, -100)
    whole = cv2.warpAffine(image, matrix, (64, 48), borderMode=cv2.BORDER_REPLICATE)
    np.testing.assert_allclose(warp(image, matrix, (48, 64)).astype(int), whole, atol=2)


@pytest.mark.parametrize("border, expected", [("edge", 200), ("black", 0)])
def test_what_lies_outside(border, expected):
    image = np.full((10, 10, 3), 200, np.uint8)
    crop = warp(image, turned(0, 1, 20, 20), (50, 50), border)
    assert (
        exactly(crop[0, 0], expected, because="a picture of one grey level") and (crop[25, 25] == 200).all()
    )


def test_a_crop_wholly_outside_and_a_one_pixel_picture():
    far = warp(np.full((10, 10, 3), 9, np.uint8), turned(0, 1, 1000, -1000), (8, 8))
    assert (far == 9).all()
    one = warp(np.full((1, 1, 3), 7, np.uint8), turned(0, 0.1, 3, 3), (5, 6))
    assert one.shape == (5, 6, 3) and (one == 7).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_type_and_channels_stay(dtype):
    assert warp(np.zeros((20, 20), dtype), turned(0, 0.3, 0, 0), (4, 5)).shape == (4, 5)
    assert warp(np.zeros((20, 20, 3), dtype), turned(0, 0.3, 0, 0), (4, 5)).dtype == dtype
