"""Shading kernels: colour of every pixel that a triangle covers.

Kind of surface: the materials of `mesh`, and 9 for an eye.
"""

# mypy: allow-untyped-defs
from __future__ import annotations

from lib.faces.rendered.accessories.clothes import below_collar, cloth_colour, hat_colour
from lib.faces.rendered.compiled_kernels import kernel, kernel_part
from lib.faces.rendered.head.eyes import eye_region, eyeball, lashes
from lib.faces.rendered.head.mouth import hit_teeth, mouth_inside
from lib.faces.rendered.scene.lights import surroundings
from lib.faces.rendered.scene.shadows import light_reaching
from lib.faces.rendered.smooth_functions import dot, normalised, ss


@kernel
def shade(cover, mesh, tex, lights, amb, sm, smM, vectors, R, img, mat):
    """Fill img (linear RGB) and mat (kind + 1) for every covered pixel.

    cover: triangle and two weights per pixel. mesh: F, VC, N, NS, AO, UV, Q, D, materials, the fields of
    Mesh. tex: Skin. lights, amb: Lighting. sm, smM: ShadowMap. vectors: of eyes, mouth, clothes, camera
    (distance, texels per grid step, and what brings a turned-back point into the head's frame), and the
    skin's mean colour. R: rotation of the head.
    """
    tid, bu, bv = cover
    F, VC, N, NS, AO, _, Q, _, _ = mesh
    cam = vectors[3]
    H, W = tid.shape
    for j in range(H):
        for i in range(W):
            f = tid[j, i]
            if f < 0:
                continue
            corner = (F[f, 0], F[f, 1], F[f, 2], 1 - bu[j, i] - bv[j, i], bu[j, i], bv[j, i])
            p = blend3(VC, corner)
            n = normalised(*blend3(N, corner))
            s = normalised(*blend3(NS, corner))
            q = blend3(Q, corner)
            v = normalised(-p[0], -p[1], cam[0] - p[2])
            sh = light_reaching(sm, smM, p[0], p[1], p[2], 5.0)
            place = (p, q, n, s, v, blend1(AO, corner), sh)
            kind, spread, colour, gloss, n, s, ao, sh = surface(corner, place, mesh, tex, vectors, R, f)
            img[j, i, 0], img[j, i, 1], img[j, i, 2] = lit(
                colour, gloss, ao, sh, spread, kind, n, s, v, lights, amb
            )
            mat[j, i] = kind + 1


@kernel_part
def surface(corner, place, mesh, tex, vectors, R, f):
    """Surface at a point of triangle f.

    Returns kind, whether light spreads inside, colour, gloss, normals, occlusion, share of the key light.
    """
    p, q, n, s, v, ao, sh = place
    UV, D, kind = mesh[5], mesh[7], mesh[8][f]
    eye, mouth, body, cam, skin = vectors
    spread = True
    if kind == 0:
        colour, gloss = texel(tex, UV, corner, cam[1])
        kind, colour, gloss, n, s = with_eye(colour, gloss, n, s, p, q, v, eye, skin, cam, R)
    elif kind == 8:
        colour, gloss, ao = with_teeth(blend3(D, corner), v, mouth, R)
        n = (R[0, 2], R[1, 2], R[2, 2])
        s = n
        sh = 0.35 + 0.65 * sh
    elif kind == 1 or kind == 6:
        colour, gloss = (skin[0], skin[1] * 0.84, skin[2] * 0.80), 0.4
    elif kind == 2:
        spread, colour, gloss, shade_ = neck_or_cloth(q, body, skin)
        ao *= shade_
    else:
        spread, colour, gloss = False, hat_colour(q, kind, body), 0.05
    return kind, spread, colour, gloss, n, s, ao, sh


@kernel_part
def with_eye(colour, gloss, n, s, p, q, v, eye, skin, cam, R):
    """Surface at a point of the head: skin, eye between the lids, or skin under lashes.

    Returns kind, colour, gloss and normals.
    """
    if q[2] <= -45 or q[1] <= -22 or q[1] >= 22:
        return 0, colour, gloss, n, s
    uu, vv, vU, vL = eye_region(q[0], q[1], eye)
    if abs(uu) < 1 and vv < vU and vv > vL:
        o = turned_back(R, p[0], p[1], p[2])
        o = (o[0] + cam[2], o[1] + cam[3], o[2] + cam[4])
        d = turned_back(R, -v[0], -v[1], -v[2])
        colour, gloss, h = eyeball(o, d, 1.0 if q[0] >= 0 else -1.0, uu, vv, vU, vL, eye, skin)
        n = turned(R, h[0], h[1], h[2])
        return 9, colour, gloss, n, n
    if abs(uu) < 1.3:
        lash, red = lashes(uu, vv, vU, vL, eye)
        dark = 1 - lash * 0.94
        colour = (colour[0] * (1 - lash * 0.93), colour[1] * (1 - red) * dark, colour[2] * (1 - red) * dark)
        gloss *= 1 - lash
    return 0, colour, gloss, n, s


@kernel_part
def with_teeth(o, v, mouth, R):
    """Colour, gloss and occlusion seen through the open lips at o."""
    d = turned_back(R, -v[0], -v[1], -v[2])
    tx, ty = hit_teeth(o[0], o[1], o[2], d[0], d[1], d[2], mouth[0])
    ar, ag, ab, ao, gloss = mouth_inside(tx, ty, mouth)
    return (ar, ag, ab), gloss, ao


@kernel_part
def neck_or_cloth(q, body, skin):
    """Surface of neck or clothes: whether skin, colour, gloss, shade of the jaw."""
    front = ss(-100.0, -60.0, q[2])
    gap = below_collar(q[0], q[1], front, body)
    if gap > 0:
        open_ = 0.6 + 0.4 * ss(body[11] - 5, body[11] - 60, q[1])
        return False, cloth_colour(q[0], q[1], front, body), 0.05, open_
    shade_ = 0.34 + 0.66 * ss(body[11] + 8, body[11] - 55, q[1]) if q[2] > -120 else 1.0
    shade_ *= 0.6 + 0.4 * ss(0.0, 6.0, -gap)
    return True, (skin[0] * 0.96, skin[1] * 0.93, skin[2] * 0.92), 0.35, shade_


@kernel_part
def blend1(A, corner):
    """Interpolate one value in a triangle; corner: its vertices and their weights."""
    a, b, c, w0, w1, w2 = corner
    return w0 * A[a] + w1 * A[b] + w2 * A[c]


@kernel_part
def blend3(A, corner):
    """Interpolate three values in a triangle; corner: its vertices and their weights."""
    a, b, c, w0, w1, w2 = corner
    return (
        w0 * A[a, 0] + w1 * A[b, 0] + w2 * A[c, 0],
        w0 * A[a, 1] + w1 * A[b, 1] + w2 * A[c, 1],
        w0 * A[a, 2] + w1 * A[b, 2] + w2 * A[c, 2],
    )


@kernel_part
def turned(R, x, y, z):
    """Vector (x, y, z) rotated by R."""
    return (
        R[0, 0] * x + R[0, 1] * y + R[0, 2] * z,
        R[1, 0] * x + R[1, 1] * y + R[1, 2] * z,
        R[2, 0] * x + R[2, 1] * y + R[2, 2] * z,
    )


@kernel_part
def turned_back(R, x, y, z):
    """Vector (x, y, z) rotated back, by R transposed."""
    return (
        R[0, 0] * x + R[1, 0] * y + R[2, 0] * z,
        R[0, 1] * x + R[1, 1] * y + R[2, 1] * z,
        R[0, 2] * x + R[1, 2] * y + R[2, 2] * z,
    )


@kernel_part
def texel(tex, UV, corner, scale):
    """Colour and gloss of the skin texture, bilinearly interpolated."""
    a, b, c, w0, w1, w2 = corner
    u = (w0 * UV[a, 0] + w1 * UV[b, 0] + w2 * UV[c, 0]) * scale
    v = (w0 * UV[a, 1] + w1 * UV[b, 1] + w2 * UV[c, 1]) * scale
    iu = min(int(u), tex.shape[1] - 2)
    iv = min(int(v), tex.shape[0] - 2)
    fu = u - iu
    fv = v - iv
    w = ((1 - fu) * (1 - fv), fu * (1 - fv), (1 - fu) * fv, fu * fv)
    return (mixed(tex, iv, iu, w, 0), mixed(tex, iv, iu, w, 1), mixed(tex, iv, iu, w, 2)), mixed(
        tex, iv, iu, w, 3
    )


@kernel_part
def mixed(tex, i, j, w, channel):
    """Weighted mean of one channel of four texels."""
    upper = w[0] * tex[i, j, channel] + w[1] * tex[i, j + 1, channel]
    return upper + w[2] * tex[i + 1, j, channel] + w[3] * tex[i + 1, j + 1, channel]


@kernel_part
def lit(colour, gloss, ao, sh, spread, kind, n, s, v, lights, amb):
    """Colour of the light that a surface reflects to the camera.

    n, s: sharp and soft normal, v: direction to the camera, spread: whether light spreads inside (skin).
    """
    r, g, b, pr, pg, pb = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for q in range(lights.shape[0]):
        L = (lights[q, 0], lights[q, 1], lights[q, 2])
        nl = dot(n, L)
        open_ = 1 - lights[q, 7] * (1 - sh) if lights[q, 6] > 0 else 1.0
        dr, dg, db = diffuse(nl, dot(s, L), open_, spread)
        r += lights[q, 3] * dr
        g += lights[q, 4] * dg
        b += lights[q, 5] * db
        if gloss > 0 and nl > -0.1:
            sp = gloss * highlight(kind, nl, open_, L, n, v)
            pr += lights[q, 3] * sp
            pg += lights[q, 4] * sp
            pb += lights[q, 5] * sp
    er, eg, eb = surroundings(0.5 * n[1] + 0.5 * s[1], s[0], s[2], amb)
    if spread:
        rim = 1 - max(0.0, dot(n, v))  # skin turned to the sky
        rim = rim * rim * rim * 0.055 * ao * (gloss + 0.3)
        pr, pg, pb = pr + er * rim, pg + eg * rim, pb + eb * rim
        r = r * (0.5 + 0.5 * ao) + er * (0.55 * ao + 0.45) * (0.4 + 0.6 * ao)
        g = g * (0.4 + 0.6 * ao) + eg * ao
        b = b * (0.4 + 0.6 * ao) + eb * ao
    else:
        r, g, b = r + er * ao, g + eg * ao, b + eb * ao
    return colour[0] * r + pr, colour[1] * g + pg, colour[2] * b + pb


@kernel_part
def diffuse(nl, sl, open_, spread):
    """Diffuse light per channel (wrapped; in skin red follows the soft normal most)."""
    if spread:
        return (
            open_**0.70 * max(0.0, (0.35 * nl + 0.65 * sl + 0.32) / 1.32),
            open_ * max(0.0, (0.62 * nl + 0.38 * sl + 0.16) / 1.16),
            open_**1.1 * max(0.0, (0.75 * nl + 0.25 * sl + 0.10) / 1.10),
        )
    d = open_ * max(0.0, (nl + 0.12) / 1.12)
    return d, d, d


@kernel_part
def highlight(kind, nl, open_, L, n, v):
    """Specular light with Schlick's (1994) Fresnel term; eyes and teeth have lobes of their own."""
    h = normalised(L[0] + v[0], L[1] + v[1], L[2] + v[2])
    nh = max(0.0, dot(n, h))
    fr = 0.030 + 0.97 * (1 - max(0.0, dot(v, h))) ** 5
    if kind == 9:
        return (2.6 * ss(0.978, 0.994, nh) + 0.5 * nh**60) * fr * 13 * (0.35 + 0.65 * open_)
    if kind == 8:
        return fr * 4.0 * nh**40
    return fr * (1.6 * nh**8 + 1.9 * nh**24) * open_ * max(0.0, min(1.0, nl * 4 + 0.2))
