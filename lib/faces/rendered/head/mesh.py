"""Grid meshes: triangles, normals, and joining of meshes."""

# mypy: allow-untyped-defs
from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from lib.faces.rendered.compiled_kernels import kernel

SKIN, EAR, BODY, HAT, KNITTED_HAT, OBJECT, HAND, MOUTH = 0, 1, 2, 3, 4, 5, 6, 8
"""Materials of triangles."""


@dataclass
class Mesh:
    """One part of the scene as a triangle mesh.

    Attributes
    ----------
    vertices : in the camera's frame, (V, 3) millimetres.
    normals, soft_normals : (V, 3) unit vectors, the second smoothed for light inside the skin.
    occlusion : 0 (hidden from the sky) to 1, (V,).
    texels : column and row in the skin's grid, (V, 2).
    neutral, moved : in the head's frame, (V, 3), before and after the expression.
    faces : vertices of each triangle, (T, 3) int32.
    materials : (T,) int32.
    """

    vertices: np.ndarray
    normals: np.ndarray
    soft_normals: np.ndarray
    occlusion: np.ndarray
    texels: np.ndarray
    neutral: np.ndarray
    moved: np.ndarray
    faces: np.ndarray
    materials: np.ndarray


def plain_mesh(
    vertices: np.ndarray,
    normals: np.ndarray,
    neutral: np.ndarray,
    faces: np.ndarray,
    material: int,
    occlusion: np.ndarray | None = None,
) -> Mesh:
    """Make a mesh of one material, without texture or motion."""
    count = len(vertices)
    return Mesh(
        vertices,
        normals,
        normals,
        np.ones(count) if occlusion is None else occlusion,
        np.zeros((count, 2)),
        neutral,
        neutral,
        np.ascontiguousarray(faces),
        np.full(len(faces), material, np.int32),
    )


def joined(meshes: list[Mesh]) -> Mesh:
    """Join meshes into one, in order."""
    offsets = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    columns = {
        field.name: np.concatenate([getattr(mesh, field.name) for mesh in meshes]) for field in fields(Mesh)
    }
    pairs = zip(meshes, offsets[:-1], strict=True)
    columns["faces"] = np.concatenate([mesh.faces + offset for mesh, offset in pairs]).astype(np.int32)
    return Mesh(**{name: np.ascontiguousarray(column) for name, column in columns.items()})


def grid_faces(rows: int, columns: int, wrap: bool) -> np.ndarray:
    """Triangles (T, 3) int32 of a grid of vertices; `wrap` joins the last column to the first."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns if wrap else columns - 1), indexing="ij")
    jn = (j + 1) % columns
    a, b = (i * columns + j).ravel(), ((i + 1) * columns + j).ravel()
    c, d = (i * columns + jn).ravel(), ((i + 1) * columns + jn).ravel()
    pairs = np.stack([np.stack([a, b, c], 1), np.stack([b, d, c], 1)], 1)
    return pairs.reshape(-1, 3).astype(np.int32)


@kernel
def grid_normals(V, nr, nc, wrap):
    """Normals of a grid mesh (nr * nc, 3) by central differences."""
    N = np.zeros_like(V)
    for i in range(nr):
        i0 = max(i - 1, 0)
        i1 = min(i + 1, nr - 1)
        for j in range(nc):
            if wrap:
                j0 = (j - 1) % nc
                j1 = (j + 1) % nc
            else:
                j0 = max(j - 1, 0)
                j1 = min(j + 1, nc - 1)
            ax = V[i * nc + j1, 0] - V[i * nc + j0, 0]
            ay = V[i * nc + j1, 1] - V[i * nc + j0, 1]
            az = V[i * nc + j1, 2] - V[i * nc + j0, 2]
            bx = V[i0 * nc + j, 0] - V[i1 * nc + j, 0]
            by = V[i0 * nc + j, 1] - V[i1 * nc + j, 1]
            bz = V[i0 * nc + j, 2] - V[i1 * nc + j, 2]
            nx = ay * bz - az * by
            ny = az * bx - ax * bz
            nz = ax * by - ay * bx
            inv = 1.0 / (np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-9)
            N[i * nc + j, 0] = nx * inv
            N[i * nc + j, 1] = ny * inv
            N[i * nc + j, 2] = nz * inv
    return N
