"""Repaint, restore and read everything that the attackers work with: the long part of the rotation tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from tqdm import tqdm

from lib.evaluation.rotation.attackers import ATTACKERS, PAIR_ATTACKERS, SHARED_DRAW, best_ridge
from lib.evaluation.rotation.comparisons import Comparisons
from lib.evaluation.rotation.painter import Painter, Photos
from lib.evaluation.rotation.people import CHOOSERS, Group
from lib.evaluation.rotation.readers import Reader, read_all
from lib.evaluation.rotation.restoring import KEY, restored
from lib.evaluation.rotation.views import (
    ATTRIBUTES,
    CODEC,
    GALLERY,
    PROBE,
    REGRESSED,
    RESTORED,
    UNTOUCHED,
    Views,
)
from lib.faces.faceset import FaceSet
from lib.judges.result_keys import DLIB, HELD_OUT_MATCHER

ALL = (DLIB, HELD_OUT_MATCHER, CODEC, ATTRIBUTES)
OWN = (CODEC, ATTRIBUTES)
"""Readings that cost least, and from which the regression starts."""
SECRET = "secret"
"""Key of those who protect their pictures."""


@dataclass(frozen=True)
class Photographed:
    """Photos of one group, encoded.

    Attributes
    ----------
    probes : (S,). first : (S,), the first gallery photo of each. gallery : (S x G,), by subject.
    """

    probes: Photos
    first: Photos
    gallery: Photos

    @classmethod
    def of(cls, painter: Painter, faces: FaceSet, group: Group) -> Photographed:
        """Take the photos of a group."""
        return cls(*(painter.photos(faces, rows) for rows in _rows(group)))


def _rows(group: Group) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return group.probes, group.gallery[:, 0], group.gallery.ravel()


def add_untouched(
    views: Views, name: str, photos: Photographed, by: Mapping[str, Reader], readers: Sequence[str] = ALL
) -> None:
    """Readings of the untouched gallery, (S, G, D), and of the untouched probes."""
    count = len(photos.probes.subjects)
    views.subjects[name] = photos.probes.subjects
    read = read_all(by, tuple(readers), photos.gallery.images, photos.gallery.points)
    views.add(
        name, GALLERY, UNTOUCHED, {one: each.reshape(count, -1, each.shape[-1]) for one, each in read.items()}
    )
    read = read_all(by, tuple(readers), photos.probes.images, photos.probes.points)
    views.add(name, PROBE, UNTOUCHED, read)


def add_probes(
    views: Views,
    name: str,
    photos: Photographed,
    pictures: Mapping[str, np.ndarray],
    by: Mapping[str, Reader],
    readers: Sequence[str] = ALL,
) -> None:
    """Readings of the probes under conditions, whose pictures are given."""
    for condition, made in tqdm(pictures.items(), desc=f"{name}: probes", leave=False):
        views.add(name, PROBE, condition, read_all(by, tuple(readers), made, photos.probes.points))


def add_pairs(
    views: Views, name: str, photos: Photographed, painter: Painter, conditions: Sequence[str],
    by: Mapping[str, Reader], *, whole: bool = False,
) -> None:  # fmt: skip
    """Scores of repainted probes against repainted photos, with axes per image, per subject and for all.

    Rivals have no draw that pictures could share: there, linkers and those who know the key are parrots, and
    nothing is kept for them. At 0 and 180 degrees the axis does not matter: all three see the same pictures.

    Parameters
    ----------
    views : with readings of the probes under these conditions, axes per image.
    whole : whether all photos of the gallery are repainted, or the first of each subject alone.
    """
    shown = photos.gallery if whole else photos.first
    for condition in tqdm(conditions, desc=f"{name}: pairs", leave=False):
        for attacker, (per, their) in PAIR_ATTACKERS.items():
            if attacker in SHARED_DRAW and condition in painter.rivals:
                continue
            if attacker in SHARED_DRAW and condition in ("0", "180"):
                for reader in ATTACKERS[attacker]:
                    parrot = views.scores[name, "parrot", condition, reader]
                    views.scores[name, attacker, condition, reader] = parrot
                continue
            # Parrots protect with a key of their own; linkers and those who know the key meet one key.
            key = KEY if attacker == "parrot" else SECRET
            if per == "image":
                first = {one: views.readings[name, PROBE, condition, one] for one in ATTACKERS[attacker]}
            else:
                made = painter.paint(photos.probes, condition, per, SECRET)
                first = read_all(by, ATTACKERS[attacker], made, photos.probes.points)
            made = painter.paint(shown, condition, their, key)
            second = read_all(by, ATTACKERS[attacker], made, shown.points)
            for reader in ATTACKERS[attacker]:
                gallery = second[reader].reshape(len(photos.probes.subjects), -1, second[reader].shape[-1])
                one = Comparisons.of(first[reader], gallery, photos.probes.subjects)
                views.scores[name, attacker, condition, reader] = one.scores


def add_restored(
    views: Views, name: str, photos: Photographed, pictures: Mapping[str, np.ndarray],
    network: keras.Model, by: Mapping[str, Reader],
) -> None:  # fmt: skip
    """Readings of the probes after the attackers' restorer."""
    for condition, made in tqdm(pictures.items(), desc=f"{name}: restored", leave=False):
        again = restored(network, made, condition)
        read = read_all(by, (DLIB, HELD_OUT_MATCHER), again, photos.probes.points)
        views.add(name, RESTORED, condition, read)


def add_regressed(
    views: Views, painter: Painter, own: Photos, conditions: Sequence[str], by: Mapping[str, Reader]
) -> None:
    """Embeddings that a regression, learned on the attackers' subjects, guesses for every group.

    Parameters
    ----------
    views : with readings OWN of the probes under these conditions.
    own : photos of the attackers' subjects.
    """
    wanted = person_means(by[DLIB](own.images, own.points), own.subjects)
    known = np.isfinite(wanted).all(axis=1)
    gallery = np.nan_to_num(views.readings[CHOOSERS, GALLERY, UNTOUCHED, DLIB])
    for condition in tqdm(conditions, desc="regressions", leave=False):
        made = painter.paint(own, condition, key=KEY)
        rows = joined(read_all(by, OWN, made, own.points))
        probes = {name: joined(_own(views, name, condition)) for name in views.subjects}
        model = best_ridge(rows[known], wanted[known], probes[CHOOSERS], gallery, views.subjects[CHOOSERS])
        for name, each in probes.items():
            views.add(name, REGRESSED, condition, {DLIB: model(each)})


def _own(views: Views, name: str, condition: str) -> dict[str, np.ndarray]:
    return {reader: views.readings[name, PROBE, condition, reader] for reader in OWN}


def joined(read: Mapping[str, np.ndarray]) -> np.ndarray:
    """Readings side by side, (N, F)."""
    return np.concatenate([read[name] for name in OWN], axis=1)


def person_means(embeddings: np.ndarray, subjects: np.ndarray) -> np.ndarray:
    """The mean of each person's embeddings, at every row of that person, (N, D) of length 1, or NaN."""
    _, who = np.unique(subjects, return_inverse=True)
    known = np.isfinite(embeddings).all(axis=1)
    sums = np.zeros((who.max() + 1, embeddings.shape[1]))
    np.add.at(sums, who[known], embeddings[known])
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.asarray((sums / np.where(length > 0, length, np.nan))[who])
