"""Rasterisation kernels: triangles and lines into a depth buffer."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from lib.faces.rendered.compiled_kernels import kernel, kernel_part


@kernel
def draw_triangles(S, F, T0, zbuf, tid, bu, bv, cull):
    """Rasterise triangles. S: (N,3) screen x, screen y, depth (smaller is nearer).

    Writes the index T0+f and two barycentric weights.
    """
    H, W = zbuf.shape
    for f in range(F.shape[0]):
        a = F[f, 0]
        b = F[f, 1]
        c = F[f, 2]
        x0 = S[a, 0]
        y0 = S[a, 1]
        x1 = S[b, 0]
        y1 = S[b, 1]
        x2 = S[c, 0]
        y2 = S[c, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if (cull and area >= 0.0) or (area > -1e-9 and area < 1e-9):
            continue
        ix0 = max(0, int(np.ceil(min(x0, x1, x2) - 0.5)))
        ix1 = min(W - 1, int(np.floor(max(x0, x1, x2) - 0.5)))
        iy0 = max(0, int(np.ceil(min(y0, y1, y2) - 0.5)))
        iy1 = min(H - 1, int(np.floor(max(y0, y1, y2) - 0.5)))
        if ix1 < ix0 or iy1 < iy0:
            continue
        ia = 1.0 / area
        z0 = S[a, 2]
        z1 = S[b, 2]
        z2 = S[c, 2]
        for j in range(iy0, iy1 + 1):
            py = j + 0.5
            for i in range(ix0, ix1 + 1):
                px = i + 0.5
                w1 = ((px - x0) * (y2 - y0) - (x2 - x0) * (py - y0)) * ia
                if w1 < -1e-6:
                    continue
                w2 = ((x1 - x0) * (py - y0) - (px - x0) * (y1 - y0)) * ia
                if w2 < -1e-6 or w1 + w2 > 1.000001:
                    continue
                z = z0 + w1 * (z1 - z0) + w2 * (z2 - z0)
                if z < zbuf[j, i]:
                    zbuf[j, i] = z
                    tid[j, i] = T0 + f
                    bu[j, i] = w1
                    bv[j, i] = w2


@kernel_part
def off_screen(x0, y0, x1, y1, W, H):
    """Whether a line segment lies outside the image."""
    left_right = (x0 < -4 and x1 < -4) or (x0 > W + 4 and x1 > W + 4)
    return left_right or (y0 < -4 and y1 < -4) or (y0 > H + 4 and y1 > H + 4)


@kernel
def draw_lines(P, rad, C, zbuf, img, mat, m, alpha, jit, bias):
    """Draw hair and wires: P (S,K,3) polylines, rad (S,K) half widths in pixels, C (S,K,3) colours.

    Tested against zbuf, which is written too; blended with weight alpha (S,). m: part for `mat`.
    """
    H, W = zbuf.shape
    S, K = P.shape[0], P.shape[1]
    for s in range(S):
        for k in range(K - 1):
            x0 = P[s, k, 0]
            y0 = P[s, k, 1]
            z0 = P[s, k, 2]
            x1 = P[s, k + 1, 0]
            y1 = P[s, k + 1, 1]
            z1 = P[s, k + 1, 2]
            if off_screen(x0, y0, x1, y1, W, H):
                continue
            dx = x1 - x0
            dy = y1 - y0
            n = int(max(abs(dx), abs(dy))) + 1
            if n > 200:
                continue
            for q in range(n):
                t = q / n
                x = x0 + dx * t
                y = y0 + dy * t
                z = z0 + (z1 - z0) * t - bias
                r = rad[s, k] + (rad[s, k + 1] - rad[s, k]) * t
                a = alpha[s]
                if r < 0.5:
                    a = a * (r * 2.0)
                    r = 0.5
                cr = C[s, k, 0] + (C[s, k + 1, 0] - C[s, k, 0]) * t
                cg = C[s, k, 1] + (C[s, k + 1, 1] - C[s, k, 1]) * t
                cb = C[s, k, 2] + (C[s, k + 1, 2] - C[s, k, 2]) * t
                stamp(x, y, z, r, a, cr, cg, cb, zbuf, img, mat, m, jit)


@kernel_part
def stamp(x, y, z, r, a, cr, cg, cb, zbuf, img, mat, m, jit):
    """Draw one square dot of half width r."""
    H, W = zbuf.shape
    i0 = int(np.floor(x - r + 0.5))
    i1 = int(np.ceil(x + r - 0.5))
    j0 = int(np.floor(y - r + 0.5))
    j1 = int(np.ceil(y + r - 0.5))
    if i1 <= i0:
        i1 = i0 + 1
    if j1 <= j0:
        j1 = j0 + 1
    for j in range(max(j0, 0), min(j1, H)):
        for i in range(max(i0, 0), min(i1, W)):
            if z < zbuf[j, i]:
                img[j, i, 0] += (cr - img[j, i, 0]) * a
                img[j, i, 1] += (cg - img[j, i, 1]) * a
                img[j, i, 2] += (cb - img[j, i, 2]) * a
                if a > 0.45:
                    zbuf[j, i] = z + jit
                mat[j, i] = m


@kernel
def draw_line_depths(P, zbuf, step):
    """Draw the depth of every step-th polyline, for shadow maps."""
    H, W = zbuf.shape
    for s in range(0, P.shape[0], step):
        for k in range(P.shape[1] - 1):
            x0 = P[s, k, 0]
            y0 = P[s, k, 1]
            z0 = P[s, k, 2]
            dx = P[s, k + 1, 0] - x0
            dy = P[s, k + 1, 1] - y0
            dz = P[s, k + 1, 2] - z0
            n = int(max(abs(dx), abs(dy))) + 1
            if n > 100:
                continue
            for q in range(n):
                t = q / n
                i = int(x0 + dx * t)
                j = int(y0 + dy * t)
                if i < 0 or j < 0 or i >= W or j >= H:
                    continue
                z = z0 + dz * t
                if z < zbuf[j, i]:
                    zbuf[j, i] = z
