"""What others do to a face against recognition, on the photos of the rotation tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lib.deidentify.protections.base import Protection, protect
from lib.deidentify.protections.baselines import Blur, Pixelate, SolidFill
from lib.deidentify.protections.k_same_faces import KSame
from lib.evaluation.rotation.comparisons import Comparisons
from lib.evaluation.rotation.make_views import ALL, Photographed
from lib.evaluation.rotation.painter import Photos
from lib.evaluation.rotation.readers import Reader, read_all
from lib.evaluation.rotation.views import GALLERY, PROBE, UNTOUCHED, Views
from lib.judges.result_keys import DLIB

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


def rival_pictures(
    photos: Photos,
    embeddings: np.ndarray,
    others: Photos,
    other_embeddings: np.ndarray,
    *,
    strengths: tuple[float, float],
    nearest: int,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """Photos under every rival, uint8 (N, H, W, 3).

    Parameters
    ----------
    embeddings, other_embeddings : by which k-Same finds who is near.
    others : photos of subjects who play no other part: k-Same averages them, ANOTHER shows one of them.
        k-Same-Select takes those of the photo's own group, or all where there are fewer than k of it.
    strengths : of blur and of large pixels, in parts of the side. nearest : k.
    seed : of the draw of ANOTHER.
    """
    plain: dict[str, Protection] = {
        BLUR: Blur(strengths[0]),
        PIXELATE: Pixelate(strengths[1]),
        COVER: SolidFill(),
    }
    made = {name: protect(one, photos.images) for name, one in plain.items()}
    known = np.isfinite(other_embeddings).all(axis=1)
    gallery, by = others.images[known], other_embeddings[known]
    made[K_SAME] = protect(KSame(gallery, by, nearest=nearest), photos.images, embedding=embeddings)
    if photos.groups is not None and others.groups is not None:
        own, theirs = photos.groups, others.groups[known]
        names, count = np.unique(theirs, return_counts=True)
        large = names[count >= nearest]
        some, enough = np.isin(own, large), np.isin(theirs, large)
        selecting = made[K_SAME].copy()
        if some.any():
            chosen = KSame(gallery[enough], by[enough], theirs[enough], nearest)
            selecting[some] = protect(
                chosen, photos.images[some], embedding=embeddings[some], group=own[some]
            )
        made[K_SAME_SELECT] = selecting
    drawn = np.random.default_rng(seed).integers(len(others.images), size=len(photos.images))
    made[ANOTHER] = others.images[drawn]
    return made


def add_rivals(
    views: Views,
    name: str,
    photos: Photographed,
    probes: Mapping[str, np.ndarray],
    firsts: Mapping[str, np.ndarray],
    by: Mapping[str, Reader],
    readers: Sequence[str] = ALL,
) -> None:
    """Readings of the probes under rivals, and scores of parrots who treat the gallery alike.

    Parameters
    ----------
    probes, firsts : of `rival_pictures`, of the probes and of the first gallery photos.
    """
    for rival, made in probes.items():
        read = read_all(by, tuple(readers), made, photos.probes.points)
        views.add(name, PROBE, rival, read)
        other = read_all(by, tuple(readers), firsts[rival], photos.first.points)
        for reader in readers:
            one = Comparisons.of(read[reader], other[reader], photos.probes.subjects)
            views.scores[name, "parrot", rival, reader] = one.scores


def embeddings_of(views: Views, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings of the untouched probes and of the first gallery photos of a group, (S, D) each."""
    gallery = views.readings[name, GALLERY, UNTOUCHED, DLIB]
    return views.readings[name, PROBE, UNTOUCHED, DLIB], gallery[:, 0]
