"""How `ours_private` is made: recogniser, eraser, coder and generator, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from lib.deidentify.attacks.embeddings import EmbeddingSet, attack_embeddings
from lib.deidentify.attacks.result import strongest_attack
from lib.deidentify.private.encoder import (
    FaceCodes,
    erased_targets,
    fit_encoder,
    nuisance_features,
)
from lib.deidentify.private.erasure import Eraser, fit_eraser
from lib.deidentify.private.protection import Private
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey, unit_grey
from lib.faces.loading.align import Template
from lib.faces.splits import limit_per_subject, role_rows, subsample
from lib.judges.base import Judge
from lib.judges.recogniser_embeddings import unit_embeddings
from lib.networks.face_decoder import WIDTHS, face_decoder
from lib.networks.matcher_features import enlargement_layer, feature_maps
from lib.training.history import concatenate
from lib.training.inference import BATCH, predict_images
from lib.training.loop.device import set_determinism
from lib.training.objectives.generator_losses import Matcher
from lib.training.objectives.generator_objective import GeneratorWeights
from lib.training.objectives.generator_training import EmbeddingTarget, fit_generator
from lib.training.objectives.linear_face import solve_linear_face
from lib.training.objectives.weighted import Phase
from lib.training.training_plan import TrainingPlan


@dataclass(frozen=True)
class PrivateConfig:
    """What is chosen before.

    Attributes
    ----------
    roles : of the subjects (`faces.splits.role_rows`) that eraser and generator learn from.
    removed : numbers of directions to try, rising. wanted : AUC of the worst attacker on the embedding.
    pixel_epochs, pixel_learning_rate : of the first phase, pixels alone.
    matching_epochs, matching_learning_rate, terms : of the second, with the weights of its terms.
    batch, seed : of both.
    most : images of a subject that are used; 0: all.
    side : of the generator's pictures in pixels; 0: that of the faces. They are enlarged to it in use.
    watched : validation images at most that the generator is held against after every epoch; 0: all.
    pixel_terms : weights of the terms of the first phase, without those that are about matchers' embeddings.
    pose : whether the generator is told the head's pose in full, see `nuisance_features`.
    widths : channels of the generator's five maps.
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
    most: int = 0
    side: int = 0
    watched: int = 0
    pixel_terms: Mapping[str, float] = field(default_factory=lambda: {"pixel": 1.0})
    pose: bool = False
    widths: tuple[int, ...] = WIDTHS

    @property
    def phases(self) -> list[Phase[GeneratorWeights]]:
        """Of the generator."""
        pixel = TrainingPlan(self.pixel_epochs, self.batch, self.pixel_learning_rate, self.seed)
        matching = TrainingPlan(self.matching_epochs, self.batch, self.matching_learning_rate, self.seed)
        return [
            Phase(pixel, GeneratorWeights(**self.pixel_terms)),
            Phase(matching, GeneratorWeights(**self.terms)),
        ]


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
class GuidanceRecogniser:
    """A recogniser that the generator's faces must convince.

    Attributes
    ----------
    seen : with gradients, from grey pictures of the generator's side in [0, 1] to embeddings.
    embed : of photographs, uint8 (N, H, W, 1) of the faces' size, to embeddings (N, D).
    features : its first inner maps, with gradients, or None where it does not give them.
    """

    seen: Matcher
    embed: Callable[[np.ndarray], np.ndarray]
    features: keras.Model | None = None


def guidance_from_matcher(matcher: keras.Model, side: int) -> GuidanceRecogniser:
    """A matcher of ours, which may know larger pictures than the generator's `side`."""
    seen = matcher if matcher.input_shape[1] == side else enlargement_layer(matcher, side)
    return GuidanceRecogniser(seen, lambda grey: predict_images(matcher, grey), feature_maps(matcher, side))


def guidance_from_template(
    at: Callable[[Template], Matcher], template: Template, side: int
) -> GuidanceRecogniser:
    """A recogniser with a crop of its own, as `judges.differentiable.differentiable_matcher` makes one.

    Parameters
    ----------
    at : from where the points lie in pictures to the recogniser of such pictures.
    template : of the photographs. side : of the generator's pictures.
    """
    whole = at(template)

    def embed(grey: np.ndarray) -> np.ndarray:
        parts = np.array_split(grey, max(1, len(grey) // BATCH))
        return np.concatenate([keras.ops.convert_to_numpy(whole(unit_grey(part))) for part in parts])

    return GuidanceRecogniser(at(Template(template.at((side, side)), (side, side))), embed)


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


def choose_removed(
    eraser: Eraser,
    train: EmbeddingSet,
    calibration: EmbeddingSet,
    validation: EmbeddingSet,
    counts: Iterable[int],
    *,
    wanted: float,
    attackers: Iterable[str] = ("quadratic", "perceptron_128"),
) -> tuple[Eraser, dict[int, float]]:
    """The eraser that removes least of those whose strongest attacker stays at or below `wanted`.

    Parameters
    ----------
    train, calibration, validation : unprotected embeddings for `attack_embeddings`; no test subjects.
    counts : numbers of directions to try, rising.
    wanted : AUC.

    Returns
    -------
    The eraser, and the AUC by number of directions. If none is good enough, the one with the lowest AUC.
    """
    found: dict[int, float] = {}
    for count in counts:
        one = eraser.removing(count)
        samples = (sample.mapped(one) for sample in (train, calibration, validation))
        attacks = attack_embeddings(*samples, attackers=attackers, replicates=1)
        found[count] = strongest_attack(attacks)[1].auc_free.estimate
        if found[count] <= wanted:
            break
    good = [count for count, value in found.items() if value <= wanted]
    return eraser.removing(good[0] if good else min(found, key=lambda count: found[count])), found


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
