"""Pose, shade and draw hair strands in one image."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from lib.faces.rendered.accessories.hats import hide_under_hat
from lib.faces.rendered.compiled_kernels import kernel, kernel_part
from lib.faces.rendered.hair.strand_growth import Strands
from lib.faces.rendered.scene.lights import Lighting, surroundings
from lib.faces.rendered.scene.picture_buffers import BEARD, HAIR, Picture
from lib.faces.rendered.scene.pose import Pose
from lib.faces.rendered.scene.raster import draw_lines
from lib.faces.rendered.scene.shadows import ShadowMap, light_reaching
from lib.faces.rendered.smooth_functions import normalised, smoothstep

_THICKNESS = ([0, 0.15, 0.7, 1], [0.8, 1, 0.9, 0.35])


def pose_strands(
    strands: Strands, motion: np.ndarray, pose: Pose, shoulder_y: float, hat: str | None
) -> np.ndarray:
    """Strands (S, K, 3) in the camera's frame; beards follow `motion` (V, 3), long hair the shoulders."""
    if strands.facial:
        return np.ascontiguousarray(pose.head(strands.points + motion[strands.roots][:, None]))
    points = hide_under_hat(strands.points, hat)
    share = smoothstep(-60, shoulder_y + 10, points[..., 1])[..., None]
    return np.ascontiguousarray(pose.neck(points, share))


def draw_strands(
    picture: Picture, posed: np.ndarray, strands: Strands, lighting: Lighting, shadow: ShadowMap, pose: Pose
) -> None:
    """Shade posed strands (S, K, 3) and draw them into the picture."""
    centre = pose.head(np.array([[0, 5, -85.0]]))[0]
    lens = picture.lens
    colour = strand_light(
        posed,
        strands.colour,
        lighting.lights,
        lighting.ambient,
        shadow.depth,
        shadow.transform,
        lens.distance,
        centre,
    )
    along = np.interp(np.linspace(0, 1, posed.shape[1]), *_THICKNESS)
    width = strands.radius[:, None] * along[None] * lens.pixels_per_mm * 0.62
    alpha = np.full(len(posed), 0.75 if strands.facial else 0.86)
    far_first = np.argsort(posed[:, posed.shape[1] // 2, 2], kind="stable")
    draw_lines(
        np.ascontiguousarray(lens.project(posed)[far_first]),
        np.ascontiguousarray(width[far_first]),
        np.ascontiguousarray(colour[far_first]),
        picture.depth,
        picture.image,
        picture.parts,
        BEARD if strands.facial else HAIR,
        alpha,
        0.6,
        2.0 if strands.facial else 1.2,
    )


@kernel
def strand_light(P, col, lights, amb, sm, smM, camz, center):
    """Colours (S, K, 3) of strands by the model of Kajiya and Kay (1989) with two highlights."""
    S, K = P.shape[0], P.shape[1]
    C = np.zeros((S, K, 3))
    for s in range(S):
        for k in range(K):
            x = P[s, k, 0]
            y = P[s, k, 1]
            z = P[s, k, 2]
            k0 = max(k - 1, 0)
            k1 = min(k + 1, K - 1)
            tx, ty, tz = normalised(
                P[s, k1, 0] - P[s, k0, 0], P[s, k1, 1] - P[s, k0, 1], P[s, k1, 2] - P[s, k0, 2]
            )
            nx, ny, nz = normalised(x - center[0], (y - center[1]) * 0.55, z - center[2])
            dn = nx * tx + ny * ty + nz * tz
            hx, hy, hz = normalised(nx - dn * tx, ny - dn * ty, nz - dn * tz)
            vx, vy, vz = normalised(-x, -y, camz - z)
            sh = light_reaching(sm, smM, x, y, z, 14.0)
            rootao = 0.55 + 0.45 * min(1.0, k / (K - 1.0) * 2.2)
            r = 0.0
            g = 0.0
            b = 0.0
            pr = 0.0
            pg = 0.0
            pb = 0.0
            for q in range(lights.shape[0]):
                dif, sp1, sp2 = strand_lobes(tx, ty, tz, hx, hy, hz, vx, vy, vz, lights, q, sh)
                r += lights[q, 3] * dif
                g += lights[q, 4] * dif
                b += lights[q, 5] * dif
                pr += lights[q, 3] * (0.045 * sp1 + 0.35 * col[s, 0] * sp2)
                pg += lights[q, 4] * (0.045 * sp1 + 0.35 * col[s, 1] * sp2)
                pb += lights[q, 5] * (0.045 * sp1 + 0.35 * col[s, 2] * sp2)
            er, eg, eb = surroundings(hy, hx, hz, amb)
            C[s, k, 0] = rootao * (col[s, 0] * (r + er * 0.85) + pr)
            C[s, k, 1] = rootao * (col[s, 1] * (g + eg * 0.85) + pg)
            C[s, k, 2] = rootao * (col[s, 2] * (b + eb * 0.85) + pb)
    return C


@kernel_part
def strand_lobes(tx, ty, tz, hx, hy, hz, vx, vy, vz, lights, q, sh):
    """Diffuse term and both highlights of light q on a strand (direction t, normal h, view v)."""
    Lx = lights[q, 0]
    Ly = lights[q, 1]
    Lz = lights[q, 2]
    tl = tx * Lx + ty * Ly + tz * Lz
    kk = np.sqrt(max(0.0, 1 - tl * tl))
    w = max(0.0, (hx * Lx + hy * Ly + hz * Lz + 0.35) / 1.35)
    sfac = 1.0
    if lights[q, 6] > 0:
        sfac = 1 - 0.85 * (1 - sh)
    dif = (0.35 * kk + 0.65 * kk * w) * sfac * (w * 0.8 + 0.2)
    ax, ay, az = normalised(Lx + vx, Ly + vy, Lz + vz)
    th = tx * ax + ty * ay + tz * az
    sp1 = np.sqrt(max(0.0, 1 - (th + 0.08) ** 2)) ** 60
    sp2 = np.sqrt(max(0.0, 1 - (th - 0.12) ** 2)) ** 18
    return dif, w * sfac * sp1, w * sfac * sp2
