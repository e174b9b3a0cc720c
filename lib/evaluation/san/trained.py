"""What chapter 04 trained, measured on faces: every training, labels that a user has, warped prototypes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lib.deidentify.private.stored_training import COURSE, ERASERS, FOLDER
from lib.evaluation.protections import RECIPES, Protections
from lib.evaluation.san.outputs import (
    MOST_FITTED,
    game_figures,
    op_figures,
    op_with_fitted_prototypes,
    readings_apart,
    term_levels,
    treatment_figures,
)
from lib.evaluation.san.treatments import op_as_told
from lib.evaluation.san.words import PAIRS, TRAININGS
from lib.evaluation.scored_faces import Scored
from lib.evaluation.scored_treatments import ShippedNetworks, at_strengths, shown_faces
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import subsample
from lib.judges.book_networks import GenderJudge
from lib.measures.bootstrap_intervals import bootstrap_proportion
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions
from lib.networks.san import SanAutoencoder
from lib.networks.san_losses import gender_chance
from lib.training.inference import reconstruct
from lib.training.san_presets import READINGS
from lib.training.store.model_store import ModelStore

ERASER_COLUMNS = ("removed", "dimension", "one", "averaged", "matched", "chosen")


@dataclass(frozen=True)
class TrainedSan:
    """Networks of chapters 03 and 04, and how their figures are drawn.

    Attributes
    ----------
    before, shelf : stores of chapter 03 and of chapter 04.
    draws : `replicates` and `seed` of every interval.
    """

    before: ModelStore
    shelf: ModelStore
    draws: BootstrapOptions

    @cached_property
    def classifier(self) -> GenderJudge:
        """That the networks were trained against."""
        return GenderJudge.stored(self.before)

    @cached_property
    def protections(self) -> Protections:
        """Our network, `private` if it was trained, and the report's recipe."""
        return Protections.load(self.shelf.folder)

    @property
    def san(self) -> SanAutoencoder:
        """Our network, with all three outputs."""
        return self.protections.san

    def shown(self, pictures: Mapping[str, np.ndarray], rows: np.ndarray, faces: FaceSet) -> Scored | None:
        """Some faces under treatments, scored by the classifier, see `shown_faces`."""
        return shown_faces(pictures, rows, faces, self.classifier)

    def at_strengths(
        self, faces: FaceSet, shipped: ShippedNetworks | None
    ) -> list[tuple[list[np.ndarray], list[str]]]:
        """Faces and the astronaut with the fixed map at STRENGTHS, see `scored_treatments.at_strengths`."""
        return at_strengths(self.san, self.classifier, faces, shipped)

    def treatments(self, faces: FaceSet) -> dict[str, np.ndarray]:
        """Pictures uint8 (N, H, W) under every treatment of this chapter, with the true label."""
        return self.protections.treatments(faces, self.before.get("autoencoder"))

    def painted(self, faces: FaceSet) -> dict[str, dict[str, np.ndarray]]:
        """`sm` and `op` of each of TRAININGS with the true label, uint8 (N, H, W) each."""
        male = faces.binary("Male")
        networks = {name: self.shelf.get(name, outputs=("sm", "op")) for name in TRAININGS}
        return {name: reconstruct(one, faces.images, male) for name, one in networks.items()}

    def played(self, painted: Mapping[str, Mapping[str, np.ndarray]], faces: FaceSet) -> dict[str, Any]:
        """Figures of each training, as `game_figures` gives them, of what `painted` made of the faces."""
        return {
            name: game_figures(made, faces, self.classifier, **self.draws) for name, made in painted.items()
        }

    def readings(
        self, painted: Mapping[str, Mapping[str, np.ndarray]], faces: FaceSet
    ) -> dict[str, Estimate]:
        """AUC on OP by the label of the report's code minus that by 1 - y, for each of PAIRS."""
        return {
            name: readings_apart(
                painted[code]["op"], painted[text]["op"], faces, self.classifier, **self.draws
            )
            for name, (code, text) in PAIRS.items()
        }

    def figures(self, pictures: Mapping[str, np.ndarray], faces: FaceSet) -> dict[str, Any]:
        """Figures of our treatments and `private`, as `treatment_figures` gives them; no other recipe's."""
        ours = {name: one for name, one in pictures.items() if name not in RECIPES}
        male, subjects = faces.binary("Male"), faces.subjects
        return treatment_figures(ours, male, subjects, self.classifier, **self.draws)

    def term_levels(
        self, faces: FaceSet, rows: np.ndarray, watching: np.ndarray
    ) -> tuple[dict[str, float], dict[str, float]]:
        """Levels of the game's terms at chance and at their least, see `outputs.term_levels`.

        Parameters
        ----------
        rows, watching : of the faces, those of training and those that were looked at after every epoch.
        """
        share = float(faces.binary("Male", rows).mean())
        return term_levels(faces.take(watching), share, self.before.get("matcher"))

    def endings(self, share: float) -> dict[str, dict[str, float]]:
        """J_G of the validation subjects after the last epoch of READINGS, and that of a constant answer.

        Parameters
        ----------
        share : of male labels among these subjects' images, by which that answer is held.

        Returns
        -------
        Name on the shelf -> `reached` and `chance`.
        """
        last = {name: self.shelf.history(name).last for name in READINGS}
        return {
            name: {
                "reached": float(last[name]("val_gender_sm") + last[name]("val_gender_op")),
                "chance": gender_chance(share, reading),
            }
            for name, reading in READINGS.items()
        }

    def by_label(self, faces: FaceSet, op: np.ndarray) -> dict[str, dict[str, Any]]:
        """OP of a network that is told the true label and of one that is told the classifier's answer.

        Parameters
        ----------
        op : uint8 (N, H, W), our pictures of the faces for the true label.

        Returns
        -------
        What is told -> figures as `op_figures` gives them, and the share of labels that are `right`.
        """
        male, found = faces.binary("Male"), {}
        told = {"true label": male, "predicted label": self.classifier.predicted(faces.images)}
        for name, label in told.items():
            made = op_as_told(self.san, faces.images, op, male, label)
            right = bootstrap_proportion(label == male, faces.subjects, **self.draws)
            found[name] = {"right": right, **op_figures(made, faces, self.classifier, **self.draws)}
        return found

    def by_prototypes(self, faces: FaceSet, op: np.ndarray, known: np.ndarray) -> dict[str, dict[str, Any]]:
        """OP with the prototypes as they are, and warped to each face whose points are known.

        Parameters
        ----------
        op : uint8 (N, H, W), our pictures of the faces.
        known : (M, 5, 2), points of the faces behind the prototypes; rows may be NaN.

        Returns
        -------
        Prototypes -> figures as `op_figures` gives them, on the same faces, at most MOST_FITTED at random.
        """
        points = np.full((len(faces), 5, 2), np.nan) if faces.points is None else faces.points
        known_rows = np.flatnonzero(np.isfinite(points).all((1, 2)))
        rows = subsample(known_rows, MOST_FITTED, self.draws.get("seed", 0))
        part, three = faces.take(rows), self.shelf.prototypes
        warped = op_with_fitted_prototypes(self.san, part, three, np.nanmean(known, axis=0))
        both = {"as they are": op[rows], "warped to the face": warped}
        return {name: op_figures(one, part, self.classifier, **self.draws) for name, one in both.items()}

    def map_facts(self, pictures: Mapping[str, np.ndarray]) -> dict[str, float]:
        """How far OP lies from SM, and where NT lies between them.

        Parameters
        ----------
        pictures : `sm` and `op` of our network, uint8 (N, H, W).

        Returns
        -------
        `op_from_sm`, mean absolute difference in grey levels; `neutral`, weight of the male prototype in the
        neutral one: the strength of the map at which a face labelled female gets NT.
        """
        female, male, neutral = (one.ravel().astype(float) for one in self.shelf.prototypes)
        axis = male - female
        apart = np.abs(pictures["op"].astype(float) - pictures["sm"]).mean()
        return {"op_from_sm": float(apart), "neutral": float(axis @ (neutral - female) / (axis @ axis))}

    def erasers(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """What was tried for `private` (ERASER_COLUMNS), and its course; empty where it was not trained."""
        if not (self.shelf.folder / FOLDER).exists():
            return pd.DataFrame(columns=list(ERASER_COLUMNS)), pd.DataFrame(columns=["epoch"])
        tried, course = (pd.read_csv(self.shelf.folder / name) for name in (ERASERS, COURSE))
        return tried, course
