"""How `ours_private` is made: embedder, eraser, coder and generator, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from lib.deidentify.codes import (
    Codes,
    Embedder,
    chosen_removal,
    erased_targets,
    fit_coder,
    nuisance_of,
)
from lib.deidentify.embedding_attacks import Sample
from lib.deidentify.erasure import Eraser, fit_eraser
from lib.deidentify.private import Private
from lib.faces.align import Template
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.faces.thirds import rows_of
from lib.networks.generator import generator
from lib.training.generating import Phase, Target, Terms, fit_generator
from lib.training.machine import deterministic
from lib.training.recipes import Plan, outputs


@dataclass(frozen=True)
class Recipe:
    """What is chosen before.

    Attributes
    ----------
    roles : of the subjects (`faces.thirds`) that eraser and generator learn from.
    removed : numbers of directions to try, rising. wanted : AUC of the worst attacker on the embedding.
    pixel_epochs, pixel_learning_rate : of the first phase, pixels alone.
    matching_epochs, matching_learning_rate, terms : of the second, with the weights of its terms.
    batch, seed : of both.
    """

    roles: tuple[str, ...]
    removed: tuple[int, ...]
    wanted: float
    pixel_epochs: int
    pixel_learning_rate: float
    matching_epochs: int
    matching_learning_rate: float
    terms: Mapping[str, float]
    batch: int
    seed: int

    @property
    def phases(self) -> list[Phase]:
        """Of the generator."""
        pixel = Plan(self.pixel_epochs, self.batch, self.pixel_learning_rate, self.seed)
        matching = Plan(self.matching_epochs, self.batch, self.matching_learning_rate, self.seed)
        return [Phase(pixel, Terms(pixel=1)), Phase(matching, Terms(**self.terms))]


@dataclass(frozen=True)
class Made:
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
class _Learned:
    """What the steps share: of all images, and which rows serve for what."""

    embeddings: np.ndarray
    nuisance: np.ndarray
    male: np.ndarray
    subjects: np.ndarray
    fitting: np.ndarray
    checking: np.ndarray
    attacking: np.ndarray

    def sample(self, rows: np.ndarray) -> Sample:
        return Sample(self.embeddings[rows], self.male[rows], self.subjects[rows])


def make_private(
    faces: FaceSet,
    embedder: Embedder,
    matcher: keras.Model,
    recipe: Recipe,
    folder: Path,
    *,
    template: Template | None = None,
) -> Made:
    """Train all parts on training subjects; what is chosen is chosen on validation subjects.

    Parameters
    ----------
    faces : with `Male` known, and the five points if the embedder needs them.
    embedder : reads the photograph.
    matcher : from a grey picture of the faces' size; the generator's faces must convince it.
    folder : for the checkpoints of the generator.
    template : of the faces' crop; None for the publisher's window.

    Raises
    ------
    ErasureError : too few subjects to fit an eraser on.
    """
    learned = _learned(faces, embedder, recipe)
    eraser, tried = _eraser(learned, recipe)
    rows = learned.fitting
    coder = fit_coder(
        embedder,
        eraser,
        learned.embeddings[rows],
        learned.nuisance[rows],
        learned.male[rows],
        learned.subjects[rows],
    )
    codes = coder.coded(learned.embeddings, learned.nuisance)
    removed = int(eraser.facts["removed"])
    painter, settings, course = _painted(faces, matcher, codes, learned, removed, recipe, folder)
    return Made(Private(coder, painter, settings, template), tried, removed, course)


def _learned(faces: FaceSet, embedder: Embedder, recipe: Recipe) -> _Learned:
    grey = to_grey(faces.images)[..., None]
    points = faces.points if embedder.needs else None
    embeddings, nuisance = embedder(grey, points), nuisance_of(grey, points)
    known = np.isfinite(embeddings).all(axis=1) & np.isfinite(nuisance).all(axis=1)
    fitting = np.sort(np.concatenate([rows_of(faces.labels, role) for role in recipe.roles]))
    checking = np.flatnonzero(faces.labels["split"] == "validation")
    parts = (rows[known[rows]] for rows in (fitting, checking, rows_of(faces.labels, "attackers")))
    male = faces.labels["Male"].to_numpy(bool, na_value=False)
    return _Learned(embeddings, nuisance, male, faces.subjects, *parts)


def _eraser(learned: _Learned, recipe: Recipe) -> tuple[Eraser, dict[int, float]]:
    """Half of the validation subjects set the attackers up, the other half is attacked."""
    half = np.isin(learned.subjects[learned.checking], np.unique(learned.subjects[learned.checking])[::2])
    rows = learned.fitting
    eraser = fit_eraser(
        learned.embeddings[rows], learned.male[rows], learned.subjects[rows], removed=max(recipe.removed)
    )
    train, calibration, validation = (
        learned.sample(part) for part in (learned.attacking, learned.checking[half], learned.checking[~half])
    )
    return chosen_removal(eraser, train, calibration, validation, recipe.removed, wanted=recipe.wanted)


def _painted(
    faces: FaceSet,
    matcher: keras.Model,
    codes: Codes,
    learned: _Learned,
    removed: int,
    recipe: Recipe,
    folder: Path,
) -> tuple[keras.Model, dict[str, Any], pd.DataFrame]:
    """The generator, its settings and its course."""
    wanted = erased_targets(
        outputs(matcher, faces.images), learned.male, learned.subjects, learned.fitting, removed=removed
    )
    settings = {"size": faces.size[0], "code": codes.code.shape[1], "nuisance": codes.nuisance.shape[1]}
    deterministic(recipe.seed)
    painter = generator(**settings)
    histories = fit_generator(
        painter,
        faces,
        learned.fitting,
        learned.checking,
        codes.code,
        recipe.phases,
        folder,
        nuisance=codes.nuisance,
        targets=[Target(matcher, wanted)],
    )
    course = pd.concat([one.table for one in histories], ignore_index=True)
    return painter, settings, course.assign(epoch=np.arange(1, len(course) + 1))
