"""Blurred backdrops: wall, room, lights at night, landscape."""

from __future__ import annotations

import cv2
import numpy as np

from lib.faces.rendered.skin.skin_canvas import noise
from lib.faces.rendered.smooth_functions import smoothstep

_KINDS = ["plain", "gradient", "room", "bokeh", "outdoor", "texture"]
_SHARES = [0.17, 0.16, 0.25, 0.14, 0.18, 0.10]
_CELLS = 64


def sample_backdrop(r: np.random.Generator, pixels: int) -> np.ndarray:
    """Draw a backdrop, (pixels, pixels, 3) float64, linear light."""
    kind = str(r.choice(_KINDS, p=_SHARES))
    first = np.exp(r.normal(-1.3, 0.8)) * np.exp(r.normal(0, 0.16, 3))
    second = np.exp(r.normal(-1.3, 0.8)) * np.exp(r.normal(0, 0.18, 3))
    image = np.ones((_CELLS, _CELLS, 3)) * first
    blur = r.uniform(0.9, 5)
    if kind == "gradient":
        image = _gradient(r, first, second)
    elif kind == "room":
        _add_boxes(r, image)
    elif kind == "bokeh":
        image *= 0.35
        _add_discs(r, image)
        blur = r.uniform(0.9, 1.6)
    elif kind == "outdoor":
        image = _landscape(r)
    elif kind == "texture":
        grain = noise(r, _CELLS, _CELLS, ((20, 0.5), (8, 0.4), (4, 0.4)))
        image = image * np.exp(0.5 * grain)[..., None]
        blur = r.uniform(0.3, 1.5)
    image = cv2.GaussianBlur(image.astype(np.float32), (0, 0), blur)
    image = cv2.resize(image, (pixels, pixels), interpolation=cv2.INTER_CUBIC)
    square = np.linspace(-1, 1, pixels) ** 2
    vignette = 1 - r.uniform(0, 0.35) * ((square[:, None] + square[None]) / 2)
    return np.maximum(image, 0.002).astype(np.float64) * vignette[..., None]


def _places() -> tuple[np.ndarray, np.ndarray]:
    """Row and column coordinates of each cell, 0 to 1."""
    line = np.linspace(0, 1, _CELLS)
    rows, columns = np.meshgrid(line, line, indexing="ij")
    return rows, columns


def _gradient(r: np.random.Generator, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    rows, columns = _places()
    t = r.uniform(0, 6.28)
    w = smoothstep(0, 1, 0.5 + (columns - 0.5) * np.cos(t) + (rows - 0.5) * np.sin(t))[..., None]
    return first * (1 - w) + second * w


def _add_boxes(r: np.random.Generator, image: np.ndarray) -> None:
    for _ in range(r.integers(3, 12)):
        x, y = r.integers(-14, _CELLS, 2)
        w, h = r.integers(4, 40, 2)
        colour = np.exp(r.normal(-1.4, 0.9)) * np.exp(r.normal(0, 0.28, 3))
        image[max(0, y) : y + h, max(0, x) : x + w] = colour


def _add_discs(r: np.random.Generator, image: np.ndarray) -> None:
    rows, columns = _places()
    for _ in range(r.integers(8, 40)):
        x, y = r.uniform(0, _CELLS, 2)
        radius = r.uniform(1, 6.5)
        disc = ((columns * _CELLS - x) ** 2 + (rows * _CELLS - y) ** 2) < radius * radius
        image[disc] = image[disc] * 0.5 + np.exp(r.normal(-0.6, 0.8)) * np.exp(r.normal(0, 0.4, 3))


def _landscape(r: np.random.Generator) -> np.ndarray:
    horizon = r.uniform(0.2, 0.9)
    sky = np.array([0.45, 0.58, 0.80]) * np.exp(r.normal(0, 0.3))
    ground = np.array([0.15, 0.17, 0.09]) * np.exp(r.normal(-0.1, 0.5)) * np.exp(r.normal(0, 0.15, 3))
    rough = noise(r, _CELLS, _CELLS, ((16, 0.6), (7, 0.4), (3, 0.35)))
    w = smoothstep(-0.08, 0.08, _places()[0] - horizon + 0.12 * rough)[..., None]
    return sky * (1 - w) + ground * w * np.exp(0.7 * rough)[..., None]
