"""Lights of a shot in the camera's frame, as arrays for the shading kernels."""

# mypy: allow-untyped-defs
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.rendered.compiled_kernels import kernel_part
from lib.faces.rendered.scene.light_kinds import Light


@dataclass(frozen=True)
class Lighting:
    """Lights as arrays for the shading kernels.

    Attributes
    ----------
    key : direction (3,) to the key light.
    lights : (L, 8): direction, colour, whether it casts shadows, how dark they are. The key light is first.
    ambient : (4, 3): even, from above, from the right, from the front.
    """

    key: np.ndarray
    lights: np.ndarray
    ambient: np.ndarray

    @classmethod
    def of(cls, light: Light) -> Lighting:
        """Lighting arrays of a shot's Light."""
        az, el = np.radians(light.azimuth), np.radians(light.elevation)
        key = np.array([np.sin(az) * np.cos(el), np.sin(el), np.cos(az) * np.cos(el)])
        lights = [np.r_[key, _tint(light.warmth) * light.key * 1.25, 1, light.hardness]]
        fill = _direction(-np.sign(key[0] + 1e-6) * 0.75, 0.15, 0.62)
        lights.append(np.r_[fill, _tint(-light.warmth) * light.fill * 0.7, 0, 0])
        if light.rim > 0.02:
            rim = _direction(-np.sign(key[0]) * 0.8, 0.4, -0.55)
            lights.append(np.r_[rim, _tint(0) * light.rim * 1.2, 0, 0])
        return cls(key, np.array(lights), _ambient(light))


def _ambient(light: Light) -> np.ndarray:
    warm = light.ambient_warmth
    parts = [_tint(warm) * 0.16, _tint(warm - 0.3) * 0.55, _tint(-warm) * 0.10, _tint(0) * 0.16]
    return np.array(parts) * light.ambient


def _tint(warmth: float) -> np.ndarray:
    return np.array([1 + 0.10 * warmth, 1.0, 1 - 0.14 * warmth])


def _direction(x: float, y: float, z: float) -> np.ndarray:
    vector = np.array([x, y, z])
    return vector / np.linalg.norm(vector)


@kernel_part
def surroundings(up, right, front, amb):
    """Ambient light on a surface whose normal has these components."""
    e = 0.5 + 0.5 * up
    w = 0.5 + 0.5 * right
    f = max(0.0, front)
    return (
        amb[0, 0] + amb[1, 0] * e + amb[2, 0] * w + amb[3, 0] * f,
        amb[0, 1] + amb[1, 1] * e + amb[2, 1] * w + amb[3, 1] * f,
        amb[0, 2] + amb[1, 2] * e + amb[2, 2] * w + amb[3, 2] * f,
    )
