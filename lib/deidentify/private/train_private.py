"""How `ours_private` is made: recogniser, eraser, coder and generator, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from lib.deidentify.attacks.embeddings import EmbeddingSet
from lib.deidentify.private.config import PrivateConfig
from lib.deidentify.private.encoder import (
    FaceCodes,
    FaceEncoder,
    erased_targets,
    fit_encoder,
    nuisance_features,
)
from lib.deidentify.private.eraser_choice import TriedEraser, choose_eraser
from lib.deidentify.private.erasure import fit_eraser
from lib.deidentify.private.guidance import GuidanceRecogniser
from lib.deidentify.private.protection import Private
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.faces.loading.align import Template
from lib.faces.row_sampling import limit_per_subject, subsample
from lib.faces.splits import role_rows
from lib.judges.base import Judge
from lib.judges.recogniser_embeddings import unit_embeddings
from lib.networks.face_decoder import WIDTHS, face_decoder
from lib.training.loop.device import set_determinism
from lib.training.loop.history import concatenate
from lib.training.objectives.generator_training import EmbeddingTarget, fit_generator
from lib.training.objectives.linear_face import solve_linear_face

ADULT = 18
"""Years of age from which people of further sets count: children's labels are guesses."""


@dataclass(frozen=True)
class TrainedPrivate:
    """A trained `ours_private`, and how it came about.

    Attributes
    ----------
    private : the protection.
    tried : the erasers that could have been, with what attackers read behind each.
    removed : number of directions that are removed.
    course : the generator's training, one row per epoch.
    """

    private: Private
    tried: Sequence[TriedEraser]
    removed: int
    course: pd.DataFrame


@dataclass(frozen=True)
class _Faces:
    """What the steps share: of all images, and which rows serve for what.

    Rows that serve for nothing have NaN in embeddings and nuisance. Images of further sets, from which the
    eraser learns and nobody else, follow those of the faces.
    """

    embeddings: np.ndarray
    nuisance: np.ndarray
    positive: np.ndarray
    subjects: np.ndarray
    fitting: np.ndarray
    checking: np.ndarray
    attacking: np.ndarray
    further: np.ndarray

    @property
    def erasing(self) -> np.ndarray:
        """Rows from which the eraser learns."""
        return np.concatenate([self.fitting, self.further])

    def codes(self, encoder: FaceEncoder, rows: np.ndarray) -> EmbeddingSet:
        """Codes and nuisance numbers as attackers see them."""
        told = encoder.coded(self.embeddings[rows], self.nuisance[rows]).told
        return EmbeddingSet(told, self.positive[rows], self.subjects[rows])


def train_private(
    faces: FaceSet,
    recogniser: Judge,
    witnesses: Sequence[GuidanceRecogniser],
    recipe: PrivateConfig,
    folder: Path,
    *,
    attribute: str,
    template: Template | None = None,
    further: Sequence[FaceSet] = (),
) -> TrainedPrivate:
    """Train all parts on training subjects; what is chosen is chosen on other training subjects.

    Parameters
    ----------
    faces : with `attribute` known, and the five points if the recogniser needs them. Test images are not
        looked at.
    recogniser : embeds the photographed face.
    witnesses : read the generator's faces in training; one or more.
    folder : for the checkpoints of the generator.
    attribute : binary, that is erased.
    template : of the faces' crop; None for the publisher's window.
    further : sets by other publishers, from all adults of which the eraser learns too: what one set alone
        taught, another one's faces escape.

    Raises
    ------
    ErasureError : too few subjects to fit an eraser on.
    """
    learned = _learned(faces, further, recogniser, recipe, attribute)
    encoder, tried = _encoder(learned, recogniser, recipe)
    mine = slice(0, len(faces))
    codes = encoder.coded(learned.embeddings[mine], learned.nuisance[mine])
    removed = int(encoder.eraser.facts["removed"])
    painter, settings, course = _painted(faces, witnesses, codes, learned, removed, recipe, folder)
    side = faces.size[0] if recipe.side else None
    return TrainedPrivate(Private(encoder, painter, settings, template, side), tried, removed, course)


def _learned(
    faces: FaceSet, further: Sequence[FaceSet], recogniser: Judge, recipe: PrivateConfig, attribute: str
) -> _Faces:
    labels, most = faces.labels, recipe.most
    fitting = np.sort(
        np.concatenate([limit_per_subject(labels, role_rows(labels, role), most) for role in recipe.roles])
    )
    attacking = limit_per_subject(labels, role_rows(labels, "attackers"), most)
    checking = np.flatnonzero(labels["split"] == "validation")
    parts = [(faces, np.concatenate([fitting, attacking, checking]))]
    parts += [(one, _adults(one, attribute)) for one in further]
    seen = [_seen(one, rows, recogniser, recipe.pose, attribute) for one, rows in parts]
    embeddings, nuisance, positive = (np.concatenate(columns) for columns in zip(*seen, strict=True))
    names = [
        faces.subjects.astype(str),
        *(np.char.add(f"{one.name} ", one.subjects.astype(str)) for one in further),
    ]
    known = np.isfinite(embeddings).all(axis=1) & np.isfinite(nuisance).all(axis=1)
    others = np.arange(len(faces), len(known))
    used = (rows[known[rows]] for rows in (fitting, checking, attacking, others))
    return _Faces(embeddings, nuisance, positive, np.concatenate(names), *used)


def _adults(faces: FaceSet, attribute: str) -> np.ndarray:
    """Rows of people of 18 years or more, or of unknown age, whose attribute is known, of every split."""
    age = faces.labels["age"].to_numpy(float) if "age" in faces.labels else np.full(len(faces), np.nan)
    return np.flatnonzero(faces.known(attribute) & ~(age < ADULT))


def _seen(
    faces: FaceSet, rows: np.ndarray, recogniser: Judge, pose: bool, attribute: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Embeddings, nuisance numbers and attribute of all images, known in `rows`."""
    grey = to_grey(faces.images[rows])[..., None]
    points = faces.points[rows] if recogniser.card.needs and faces.points is not None else None
    positive = np.zeros(len(faces), bool)
    positive[rows] = faces.binary(attribute, rows)
    embeddings = unit_embeddings(recogniser, grey, points)
    told = nuisance_features(grey, points, pose=pose)
    return _placed(embeddings, rows, len(faces)), _placed(told, rows, len(faces)), positive


def _placed(found: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """What was found for some rows among `count` of them; NaN in the others."""
    whole = np.full((count, found.shape[1]), np.nan, found.dtype)
    whole[rows] = found
    return whole


def _encoder(
    learned: _Faces, recogniser: Judge, recipe: PrivateConfig
) -> tuple[FaceEncoder, list[TriedEraser]]:
    """The encoder that removes least of those that half of the attackers' subjects are safe behind.

    The other half, and all from whom the eraser learned, is what attackers learn from.
    """
    rows = learned.erasing
    told = learned.embeddings[rows], learned.positive[rows], learned.subjects[rows]
    eraser = fit_eraser(*told, removed=max(recipe.removed), pooling=recipe.pooling)
    nuisance = learned.nuisance[rows]

    def fitted(removed: int) -> FaceEncoder:
        embeddings, positive, subjects = told
        return fit_encoder(
            recogniser,
            eraser.removing(removed),
            embeddings,
            nuisance,
            positive,
            subjects,
            dimension=recipe.dimension,
        )

    half = np.isin(learned.subjects, np.unique(learned.subjects[learned.attacking])[::2])
    victims, others = (learned.attacking[half[learned.attacking] == one] for one in (True, False))
    parts = np.concatenate([learned.fitting, others]), learned.checking, victims

    def coded(encoder: FaceEncoder) -> tuple[EmbeddingSet, EmbeddingSet, EmbeddingSet]:
        train, calibration, attacked = (learned.codes(encoder, part) for part in parts)
        return train, calibration, attacked

    return choose_eraser(
        fitted, coded, recipe.removed, wanted=recipe.wanted, wanted_averaged=recipe.wanted_averaged
    )


def _painted(
    faces: FaceSet,
    witnesses: Sequence[GuidanceRecogniser],
    codes: FaceCodes,
    learned: _Faces,
    removed: int,
    recipe: PrivateConfig,
    folder: Path,
) -> tuple[keras.Model, dict[str, Any], pd.DataFrame]:
    """The generator, its settings and its course."""
    side = recipe.side or faces.size[0]
    used = np.concatenate([learned.fitting, learned.checking])
    targets = [
        EmbeddingTarget(one.seen, _wanted(one, faces, learned, used, removed), one.features)
        for one in witnesses
    ]
    told = {"code": codes.code.shape[1], "nuisance": codes.nuisance.shape[1]}
    settings: dict[str, Any] = {"size": side, **told, "linear_face": True}
    if recipe.widths != WIDTHS:
        settings["widths"] = list(recipe.widths)
    set_determinism(recipe.seed)
    painter, small = face_decoder(**settings), faces.resized((side, side))
    solve_linear_face(painter, codes.told[learned.fitting], small.images[learned.fitting])
    histories = fit_generator(
        painter,
        small,
        learned.fitting,
        subsample(learned.checking, recipe.watched, recipe.seed),
        codes.code,
        recipe.phases,
        folder,
        nuisance=codes.nuisance,
        targets=targets,
    )
    return painter, settings, concatenate(histories).table


def _wanted(
    witness: GuidanceRecogniser, faces: FaceSet, learned: _Faces, used: np.ndarray, removed: int
) -> np.ndarray:
    """What a witness should read: its own embeddings of the rows `used`, erased; NaN elsewhere."""
    found = witness.embed(to_grey(faces.images[used])[..., None])
    embeddings = _placed(found, used, len(faces))
    mine = slice(0, len(faces))
    return erased_targets(
        embeddings, learned.positive[mine], learned.subjects[mine], learned.fitting, removed=removed
    )
