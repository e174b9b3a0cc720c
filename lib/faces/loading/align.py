"""Alignment of a face by its five points (similarity transform), and templates of crops.

A template says where the five points lie in the crop. The similarity (turn, scale, shift; never a mirror
image) that takes the face's points closest to them, in the least-squares sense, samples the crop.

Templates: `arcface`, `sphereface` and `reid0095` are those the recognisers of these names were trained with.
`crop_template(f, c)` is the family A(f, c) of crops by eye distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

BORDERS = {"edge": cv2.BORDER_REPLICATE, "black": cv2.BORDER_CONSTANT, "mirror": cv2.BORDER_REFLECT_101}

MEAN_SHAPE = np.array([[-0.50, -0.55], [0.50, -0.55], [0.0, 0.03], [-0.446, 0.532], [0.446, 0.532]])
"""The five points of a mean frontal face relative to their own mean, in eye distances."""


@dataclass(frozen=True)
class Template:
    """Position of the five points in an aligned crop.

    Attributes
    ----------
    points : float32 (5, 2), x and y in pixels of a crop of `size`.
    size : height and width of the crop in pixels that the points are meant for.
    """

    points: np.ndarray
    size: tuple[int, int]

    def at(self, size: tuple[int, int]) -> np.ndarray:
        """Points scaled to a crop of another `size` (height, width), float64 (5, 2)."""
        scale = np.array([size[1] / self.size[1], size[0] / self.size[0]])
        return self.points * scale


_ARCFACE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    np.float32,
)
_REID0095 = np.array(
    [
        [0.31556875, 0.46157410],
        [0.68262292, 0.46157410],
        [0.50026250, 0.64050536],
        [0.34947188, 0.82469196],
        [0.65343646, 0.82469196],
    ],
    np.float32,
)
TEMPLATES = {
    "arcface": Template(_ARCFACE, (112, 112)),
    "sphereface": Template(_ARCFACE - np.array([8, 0], np.float32), (112, 96)),
    "reid0095": Template(128 * _REID0095, (128, 128)),
}


def crop_template(eye_distance: float, centre: float, size: tuple[int, int] = (112, 112)) -> Template:
    """Template of the crop A(f, c): eye distance f of the width, points' mean at c of the height.

    Parameters
    ----------
    eye_distance : f, eye distance of the mean shape over the crop's width; larger is a tighter crop.
    centre : c, height of the points' mean over the crop's height, 0 at the top.
    size : height and width in pixels.
    """
    if not eye_distance > 0:
        raise ValueError(f"the eye distance must be a positive part of the width, got {eye_distance}")
    height, width = size
    points = MEAN_SHAPE * eye_distance * width + np.array([width / 2, centre * height])
    return Template(points.astype(np.float32), size)


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Least-squares similarity transform from `source` to `target` points (Umeyama 1991, no reflection).

    In the plane it is a complex linear regression: target = a * source + b, |a| the scale, arg a the turn.

    Parameters
    ----------
    source, target : (k, 2) x and y, k at least 2.

    Returns
    -------
    float64 (2, 3), to be applied to (x, y, 1).

    Raises
    ------
    ValueError : a coordinate is not finite, or all source points coincide.
    """
    z, w = (np.asarray(p, np.float64) @ np.array([1, 1j]) for p in (source, target))
    if z.shape != w.shape or not np.isfinite(np.r_[z, w]).all():
        raise ValueError("alignment needs the same number of known points on both sides; found unknown ones")
    centred = z - z.mean()
    spread = np.vdot(centred, centred).real
    if spread < 1e-12:
        raise ValueError("alignment needs points that differ; all of them coincide")
    a = np.vdot(centred, w - w.mean()) / spread
    b = w.mean() - a * z.mean()
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Transform points (..., 2) by a (2, 3) matrix; NaN stays NaN."""
    return np.asarray(points) @ matrix[:, :2].T + matrix[:, 2]


def invert(matrix: np.ndarray) -> np.ndarray:
    """Inverse (2, 3) matrix: from pixels of the crop to pixels of the photograph."""
    return np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]


def _source_window(
    image: np.ndarray, matrix: np.ndarray, size: tuple[int, int], step: int
) -> tuple[slice, slice]:
    """Rows and columns of `image` that the crop needs, on multiples of `step`."""
    height, width = size
    corners = apply(invert(matrix), np.array([[0, 0], [width, 0], [0, height], [width, height]]))
    slices = []
    for axis, length in ((1, image.shape[0]), (0, image.shape[1])):
        low = np.floor(corners[:, axis].min() / step - 2) * step
        high = np.ceil(corners[:, axis].max() / step + 2) * step
        low = int(np.clip(low, 0, (length - 1) // step * step))
        slices.append(slice(low, int(np.clip(high, low + 1, length))))
    return slices[0], slices[1]


def warp(image: np.ndarray, matrix: np.ndarray, size: tuple[int, int], border: str = "edge") -> np.ndarray:
    """Warp `image` by `matrix` (from image to crop pixels) into a crop of `size`.

    Bilinear. Where the crop is smaller than its source, the source is first averaged over whole pixels, so
    that no frequencies fold.

    Parameters
    ----------
    image : (H, W) or (H, W, channels), uint8 or float32.
    matrix : (2, 3) from picture pixels to crop pixels.
    size : height and width of the crop.
    border : one of BORDERS: what lies outside the picture.

    Returns
    -------
    Same dtype and channels as `image`, height and width `size`.
    """
    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    step = max(1, min(int(1 / scale), min(image.shape[:2])))
    rows, columns = _source_window(image, matrix, size, step)
    window = image[rows, columns]
    place = np.array([[1, 0, columns.start], [0, 1, rows.start], [0, 0, 1.0]])
    if step > 1:
        height, width = (max(length // step, 1) * step for length in window.shape[:2])
        window = cv2.resize(
            window[:height, :width], (width // step, height // step), interpolation=cv2.INTER_AREA
        )
        place = place @ np.array([[step, 0, (step - 1) / 2], [0, step, (step - 1) / 2], [0, 0, 1]])
    moved = matrix @ place
    return cv2.warpAffine(
        np.ascontiguousarray(window), moved, size[::-1], flags=cv2.INTER_LINEAR, borderMode=BORDERS[border]
    )


def align(
    image: np.ndarray,
    points: np.ndarray,
    template: str | Template,
    size: tuple[int, int] | None = None,
    border: str = "edge",
) -> np.ndarray:
    """Aligned crop of a face, its five points on the template's.

    Parameters
    ----------
    image : (H, W, 3) uint8 RGB, or any other that `warp` takes.
    points : (5, 2) left eye, right eye, nose, left and right mouth corner, in pixels of `image`.
    template : a Template, or the name of one in TEMPLATES.
    size : height and width of the crop; by default the template's own, else the template is scaled.

    Raises
    ------
    ValueError : a point is unknown (NaN), or all coincide.
    """
    template = TEMPLATES[template] if isinstance(template, str) else template
    size = size or template.size
    return warp(image, similarity(points, template.at(size)), size, border)
