"""How `ours_private` is made: recogniser, eraser, coder and generator, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    erased_targets,
    fit_encoder,
    nuisance_features,
)
from lib.deidentify.private.eraser_choice import choose_removed
from lib.deidentify.private.erasure import Eraser, fit_eraser
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


@dataclass(frozen=True)
class TrainedPrivate:
    """A trained `ours_private`, and how it came about.

    Attributes
    ----------
    private : the protection.
    tried : AUC of the worst attacker on validation subjects by number of directions removed.
    removed : number of directions that are removed.
    course : the generator's training, one row per epoch.
    """

    private: Private
    tried: Mapping[int, float]
    removed: int
    course: pd.DataFrame


@dataclass(frozen=True)
class _TrainingSet:
    """What the steps share: of all images, and which rows serve for what.

    Rows that serve for nothing have NaN in embeddings and nuisance.
    """

    embeddings: np.ndarray
    nuisance: np.ndarray
    positive: np.ndarray
    subjects: np.ndarray
    fitting: np.ndarray
    checking: np.ndarray
    attacking: np.ndarray

    def sample(self, rows: np.ndarray) -> EmbeddingSet:
        return EmbeddingSet(self.embeddings[rows], self.positive[rows], self.subjects[rows])


def train_private(
    faces: FaceSet,
    recogniser: Judge,
    witnesses: Sequence[GuidanceRecogniser],
    recipe: PrivateConfig,
    folder: Path,
    *,
    attribute: str,
    template: Template | None = None,
) -> TrainedPrivate:
    """Train all parts on training subjects; what is chosen is chosen on validation subjects.

    Parameters
    ----------
    faces : with `attribute` known, and the five points if the recogniser needs them. Test images are not
        looked at.
    recogniser : embeds the photographed face.
    witnesses : read the generator's faces in training; one or more.
    folder : for the checkpoints of the generator.
    attribute : binary, that is erased.
    template : of the faces' crop; None for the publisher's window.

    Raises
    ------
    ErasureError : too few subjects to fit an eraser on.
    """
    learned = _learned(faces, recogniser, recipe, attribute)
    eraser, tried = _eraser(learned, recipe)
    rows = learned.fitting
    coder = fit_encoder(
        recogniser,
        eraser,
        learned.embeddings[rows],
        learned.nuisance[rows],
        learned.positive[rows],
        learned.subjects[rows],
    )
    codes = coder.coded(learned.embeddings, learned.nuisance)
    removed = int(eraser.facts["removed"])
    painter, settings, course = _painted(faces, witnesses, codes, learned, removed, recipe, folder)
    side = faces.size[0] if recipe.side else None
    return TrainedPrivate(Private(coder, painter, settings, template, side), tried, removed, course)


def _learned(faces: FaceSet, recogniser: Judge, recipe: PrivateConfig, attribute: str) -> _TrainingSet:
    labels, most = faces.labels, recipe.most
    fitting = np.sort(
        np.concatenate([limit_per_subject(labels, role_rows(labels, role), most) for role in recipe.roles])
    )
    attacking = limit_per_subject(labels, role_rows(labels, "attackers"), most)
    checking = np.flatnonzero(labels["split"] == "validation")
    used = np.concatenate([fitting, attacking, checking])
    grey = to_grey(faces.images[used])[..., None]
    points = faces.points[used] if recogniser.card.needs and faces.points is not None else None
    embeddings = _placed(unit_embeddings(recogniser, grey, points), used, len(faces))
    nuisance = _placed(nuisance_features(grey, points, pose=recipe.pose), used, len(faces))
    known = np.isfinite(embeddings).all(axis=1) & np.isfinite(nuisance).all(axis=1)
    parts = (rows[known[rows]] for rows in (fitting, checking, attacking))
    positive = np.zeros(len(faces), bool)
    positive[used] = faces.binary(attribute, used)
    return _TrainingSet(embeddings, nuisance, positive, faces.subjects, *parts)


def _placed(found: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """What was found for some rows among `count` of them; NaN in the others."""
    whole = np.full((count, found.shape[1]), np.nan, found.dtype)
    whole[rows] = found
    return whole


def _eraser(learned: _TrainingSet, recipe: PrivateConfig) -> tuple[Eraser, dict[int, float]]:
    """Half of the validation subjects set the attackers up, the other half is attacked."""
    half = np.isin(learned.subjects[learned.checking], np.unique(learned.subjects[learned.checking])[::2])
    rows = learned.fitting
    eraser = fit_eraser(
        learned.embeddings[rows], learned.positive[rows], learned.subjects[rows], removed=max(recipe.removed)
    )
    train, calibration, validation = (
        learned.sample(part) for part in (learned.attacking, learned.checking[half], learned.checking[~half])
    )
    return choose_removed(eraser, train, calibration, validation, recipe.removed, wanted=recipe.wanted)


def _painted(
    faces: FaceSet,
    witnesses: Sequence[GuidanceRecogniser],
    codes: FaceCodes,
    learned: _TrainingSet,
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
    witness: GuidanceRecogniser, faces: FaceSet, learned: _TrainingSet, used: np.ndarray, removed: int
) -> np.ndarray:
    """What a witness should read: its own embeddings of the rows `used`, erased; NaN elsewhere."""
    found = witness.embed(to_grey(faces.images[used])[..., None])
    embeddings = _placed(found, used, len(faces))
    return erased_targets(embeddings, learned.positive, learned.subjects, learned.fitting, removed=removed)
