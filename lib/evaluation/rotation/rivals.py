"""What others do to a face against recognition, as conditions beside the angles of the rotation tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from lib.deidentify.protections.base import Protection, protect
from lib.deidentify.protections.baselines import Blur, Pixelate, SolidFill
from lib.deidentify.protections.k_same_faces import KSame
from lib.evaluation.rotation.painter import Photos
from lib.faces.splits import stable_hash

BLUR, PIXELATE, COVER = "blur", "pixelate", "cover"
K_SAME, K_SAME_SELECT, ANOTHER = "k_same", "k_same_select", "another"
RIVALS: Mapping[str, str] = {
    BLUR: "blur",
    PIXELATE: "large pixels",
    COVER: "cover",
    K_SAME: "k-Same",
    K_SAME_SELECT: "k-Same-Select",
    ANOTHER: "another person's face",
}
"""Rivals by name -> what pages call them; the last is what no method can beat."""
Rival = Callable[[Photos, str], np.ndarray]
"""Photos and a key in, pictures uint8 (N, H, W, 3) out."""


def rival_painters(others: Photos, strengths: tuple[float, float], nearest: int) -> dict[str, Rival]:
    """Every rival by name; none of them but ANOTHER has a key.

    Who is near, for k-Same, is told by the identity half, which follows a recogniser's embedding.

    Parameters
    ----------
    others : photos of subjects who play no other part: k-Same averages them, ANOTHER shows one of them.
        k-Same-Select takes those of the photo's own group, or all where there are fewer than k of it; it is
        left out where no groups are known.
    strengths : of blur and of large pixels, in parts of the side. nearest : k.
    """

    def plainly(protection: Protection) -> Rival:
        return lambda photos, key: protect(protection, photos.images)

    def averaged(photos: Photos, key: str = "") -> np.ndarray:
        told = photos.halves.identity
        return protect(KSame(others.images, by, nearest=nearest), photos.images, embedding=told)

    def selected(photos: Photos, key: str) -> np.ndarray:
        made = averaged(photos)
        some = np.isin(photos.groups, large) if photos.groups is not None else np.zeros(len(made), bool)
        if some.any():
            chosen = photos.take(np.flatnonzero(some))
            one = KSame(others.images[enough], by[enough], others.groups[enough], nearest)  # type: ignore[index]
            told = {"embedding": chosen.halves.identity, "group": chosen.groups}
            made[some] = protect(one, chosen.images, **told)  # type: ignore[arg-type]
        return made

    def another(photos: Photos, key: str) -> np.ndarray:
        drawn = np.random.default_rng(stable_hash(f"another {key}"))
        return others.images[drawn.integers(len(others.images), size=len(photos.images))]

    by = others.halves.identity
    made: dict[str, Rival] = {
        BLUR: plainly(Blur(strengths[0])),
        PIXELATE: plainly(Pixelate(strengths[1])),
        COVER: plainly(SolidFill()),
        K_SAME: averaged,
    }
    if others.groups is not None:
        names, count = np.unique(others.groups, return_counts=True)
        large = names[count >= nearest]
        enough = np.isin(others.groups, large)
        made[K_SAME_SELECT] = selected
    return {**made, ANOTHER: another}
