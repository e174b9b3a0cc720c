"""Shadow map of the key light, with soft look-up."""

# mypy: allow-untyped-defs
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.rendered.compiled_kernels import kernel_part
from lib.faces.rendered.scene.raster import draw_line_depths, draw_triangles

_SIZE = 120
_SPAN = 400.0


@dataclass(frozen=True)
class ShadowMap:
    """Depth map (120, 120) from the key light, and the transform (3, 4) from the camera's frame to it."""

    depth: np.ndarray
    transform: np.ndarray

    @classmethod
    def towards(cls, key: np.ndarray) -> ShadowMap:
        """Empty shadow map for the direction `key` (3,) to the light."""
        across = np.cross([0, 1, 0.0], key)
        across /= np.linalg.norm(across)
        scale = _SIZE / _SPAN
        transform = np.zeros((3, 4))
        transform[0, :3], transform[0, 3] = across * scale, _SIZE / 2
        transform[1, :3], transform[1, 3] = -np.cross(key, across) * scale, _SIZE / 2 - 20 * scale
        transform[2, :3] = -key
        return cls(np.full((_SIZE, _SIZE), 1e9), transform)

    def add_triangles(self, vertices: np.ndarray, faces: np.ndarray) -> None:
        """Add triangles that cast shadows; vertices (V, 3) in the camera's frame."""
        index, u, v = np.zeros((_SIZE, _SIZE), np.int32), np.zeros((_SIZE, _SIZE)), np.zeros((_SIZE, _SIZE))
        draw_triangles(self._seen(vertices), faces, 0, self.depth, index, u, v, False)

    def add_strands(self, strands: np.ndarray) -> None:
        """Add every third of the strands (S, K, 3) as casting shadows."""
        draw_line_depths(self._seen(strands), self.depth, 3)

    def _seen(self, points: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(points @ self.transform[:, :3].T + self.transform[:, 3])


@kernel_part
def light_reaching(sm, M, x, y, z, bias):
    """Share of the key light that reaches a point of the camera's frame, 0 (shadow) to 1."""
    lx = M[0, 0] * x + M[0, 1] * y + M[0, 2] * z + M[0, 3]
    ly = M[1, 0] * x + M[1, 1] * y + M[1, 2] * z + M[1, 3]
    lz = M[2, 0] * x + M[2, 1] * y + M[2, 2] * z + M[2, 3]
    return soft_lookup(sm, lx, ly, lz, bias)


@kernel_part
def soft_lookup(sm, x, y, z, bias):
    """Look up a depth map with 3 x 3 bilinear filtering."""
    H, W = sm.shape
    acc = 0.0
    for dj in range(-1, 2):
        for di in range(-1, 2):
            fx = x + di * 1.1 - 0.5
            fy = y + dj * 1.1 - 0.5
            i = int(np.floor(fx))
            j = int(np.floor(fy))
            if i < 0 or j < 0 or i >= W - 1 or j >= H - 1:
                acc += 1.0
                continue
            u = fx - i
            v = fy - j
            s = 0.0
            s += (1 - u) * (1 - v) * (1.0 if sm[j, i] > z - bias else 0.0)
            s += u * (1 - v) * (1.0 if sm[j, i + 1] > z - bias else 0.0)
            s += (1 - u) * v * (1.0 if sm[j + 1, i] > z - bias else 0.0)
            s += u * v * (1.0 if sm[j + 1, i + 1] > z - bias else 0.0)
            acc += s
    return acc / 9.0
