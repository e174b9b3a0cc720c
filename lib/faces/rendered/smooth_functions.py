"""Smooth steps, bumps and vector helpers for shapes and textures."""

# mypy: allow-untyped-defs
from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.compiled_kernels import kernel_part


def smoothstep(low: float, high: float, x: Any) -> Any:
    """Smooth cubic step from 0 at `low` to 1 at `high`; `low` may exceed `high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def bump(x: Any, y: Any, cx: float, cy: float, sx: float, sy: float) -> Any:
    """Gaussian of height 1 at (cx, cy) with half widths sx, sy (where it falls to 1/e)."""
    return np.exp(-(((x - cx) / sx) ** 2) - ((y - cy) / sy) ** 2)


def ridge(x: Any, width: float) -> Any:
    """Gaussian of height 1 at x = 0 with half width `width`."""
    return np.exp(-((x / width) ** 2))


def unit(vectors: Any) -> Any:
    """Vectors (..., 3) scaled to length 1."""
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)


@kernel_part
def ss(a, b, x):
    """`smoothstep` of one number, for kernels."""
    t = (x - a) / (b - a)
    t = 0.0 if t < 0 else (1.0 if t > 1 else t)
    return t * t * (3 - 2 * t)


@kernel_part
def normalised(x, y, z):
    """The vector (x, y, z) scaled to length 1, for kernels."""
    inv = 1 / (np.sqrt(x * x + y * y + z * z) + 1e-9)
    return x * inv, y * inv, z * inv


@kernel_part
def dot(a, b):
    """Dot product of two vectors given as tuples, for kernels."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
