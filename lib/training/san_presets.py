"""Trainings of chapter 04: the semi-adversarial network by several recipes, and the others that play.

All start from the pre-trained autoencoder, read and matched by the networks that chapter 03 trained. Each is
a task of its own for `training.parallel`; what it trains it leaves on the shelf.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import with_min_images
from lib.networks.registry import ARCHITECTURES
from lib.networks.san import boost_prototype_weights
from lib.networks.san_losses import Opposite
from lib.training.loop.device import set_determinism
from lib.training.loop.history import History, concatenate
from lib.training.objectives.san_objective import OppositeLabel, SemiAdversarial, phases_of, train
from lib.training.recipes import FLIP_ONLY, STRONG_AUGMENTATION, fit_classifier, fit_matcher
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

PARTNERS = {
    "original": ("gender_classifier", {"reading": "original"}),
    "transformer": ("transformer_classifier", {}),
}
"""Further classifiers that may be fooled: name -> architecture and its settings besides the size."""
READINGS: Mapping[str, Opposite] = {"report": "reversed", "report_opposite": "opposite"}
"""The report's recipe by its names on the shelf -> reading of the opposite label."""
SECOND_MATCHER = "matcher2"
_MATCHER_WIDTHS = [16, 32, 64, 128]
_MATCHER_RATE = 0.002
_LEAST_IMAGES = 3
_TOLD = ("source", "subjects", "template", "trained_on")


@dataclass(frozen=True)
class SanTrainings:
    """What all trainings of the chapter share.

    Attributes
    ----------
    faces : with `Male` known in all rows.
    rows : to train with.
    watching : looked at after every epoch; of other subjects. In random order: by the reading of the report's
        code a face gets the label of another one of its batch, and rows of a set often stand by subject.
    before : store with `autoencoder`, `classifier` and `matcher` of chapter 03. shelf : where all is kept.
    scratch : for checkpoints.
    batch, seed : of every training that names no other.
    """

    faces: FaceSet
    rows: np.ndarray
    watching: np.ndarray
    before: ModelStore
    shelf: ModelStore
    scratch: Path
    batch: int
    seed: int

    @property
    def size(self) -> int:
        """Height and width of the pictures."""
        return int(self.faces.size[0])

    def partner(self, name: str, epochs: int, learning_rate: float) -> None:
        """Train another classifier to be fooled, `partner_<name>`.

        Parameters
        ----------
        name : in PARTNERS.
        """
        set_determinism(self.seed + len(name))
        kind, more = PARTNERS[name]
        settings = {"size": self.size, **more}
        network = ARCHITECTURES[kind](**settings)
        plan = TrainingPlan(epochs, self.batch, learning_rate, self.seed)
        fit_classifier(network, self.faces, self.rows, self.watching, plan, self.scratch / name, name=name)
        self.shelf.put(f"partner_{name}", network, kind, settings, float16=True)

    def second_matcher(self, epochs: int, *, distorted: bool) -> None:
        """Train another matcher to be convinced, SECOND_MATCHER.

        Parameters
        ----------
        distorted : whether its pictures are turned, shifted and dimmed, not only mirrored.
        """
        set_determinism(self.seed + 1)
        settings = {"size": self.size, "widths": _MATCHER_WIDTHS}
        network = ARCHITECTURES["matcher"](**settings)
        rows = with_min_images(self.faces.labels, self.rows, _LEAST_IMAGES)
        plan = TrainingPlan(epochs, 2 * self.batch, _MATCHER_RATE, self.seed)
        augment = STRONG_AUGMENTATION if distorted else FLIP_ONLY
        fit_matcher(network, self.faces, rows, plan, self.scratch / SECOND_MATCHER, augment=augment)
        self.shelf.put(SECOND_MATCHER, network, "matcher", settings, float16=True)

    def players(
        self, partners: Mapping[str, int], learning_rate: float, matcher_epochs: int, *, distorted: bool
    ) -> list[Callable[[], None]]:
        """Tasks that train the players who join later.

        Parameters
        ----------
        partners, learning_rate : name -> epochs, see `partner`.
        matcher_epochs : of the second matcher; 0: none. distorted : see `second_matcher`.
        """
        found: list[Callable[[], None]] = [
            partial(self.partner, name, epochs, learning_rate) for name, epochs in partners.items()
        ]
        second = partial(self.second_matcher, matcher_epochs, distorted=distorted)
        return [*found, second] if matcher_epochs else found

    def recipe(
        self,
        kept: str,
        target: OppositeLabel,
        phases: Sequence[Mapping[str, Any]],
        rows: np.ndarray | None = None,
        emphasis: float = 0.0,
    ) -> None:
        """Train the pre-trained autoencoder by one recipe against chapter 03's classifier and matcher.

        Parameters
        ----------
        kept : its name on the shelf.
        target : what OP should be read as, see `SemiAdversarial`.
        phases : as `phases_of` reads them.
        rows : to train with; None: all.
        emphasis : added to each weight of the prototype before it starts.
        """
        network = self._start(emphasis)
        self._keep(kept, *self._play(kept, target, phases, self.rows if rows is None else rows, network))

    def ours(
        self,
        first: Sequence[Mapping[str, Any]],
        then: Sequence[Mapping[str, Any]],
        emphasis: float,
        partners: Sequence[str],
        second_matcher: bool,
    ) -> None:
        """Fool one classifier first, then bring pixels and matching back against all players.

        Keeps `fool`, the network between the two parts, and `ours`.

        Parameters
        ----------
        first, then : phases of the two parts.
        emphasis : added to each weight of the prototype before it starts.
        partners, second_matcher : who plays in the second part, too.
        """
        fooling, course = self._play("fool", "opposite", first, self.rows, self._start(emphasis))
        self._keep("fool", fooling, course)
        more = [self.shelf.get(f"partner_{name}") for name in partners]
        matchers = [self.shelf.get(SECOND_MATCHER)] if second_matcher else []
        network, rest = self._play("repair", "opposite", then, self.rows, fooling, more, matchers)
        self._keep("ours", network, concatenate([course, rest]))

    def _start(self, emphasis: float) -> keras.Model:
        network = self.before.get("autoencoder", outputs=("sm", "op"))
        network.trainable = True
        if emphasis:
            boost_prototype_weights(network, emphasis)
        return network

    def _play(
        self,
        name: str,
        target: OppositeLabel,
        phases: Sequence[Mapping[str, Any]],
        rows: np.ndarray,
        network: keras.Model,
        classifiers: Sequence[keras.Model] = (),
        matchers: Sequence[keras.Model] = (),
    ) -> tuple[keras.Model, History]:
        set_determinism(self.seed)  # dropout of the networks that are read draws from it too
        read_by = [self.before.get("classifier"), *classifiers]
        matched_by = [self.before.get("matcher"), *matchers]
        game = SemiAdversarial(network, read_by, matched_by, target=target)
        planned = phases_of(phases, self.batch, self.seed)
        course = train(game, self.faces, rows, self.watching, planned, self.scratch / name, name=name)
        return network, concatenate(course)

    def _keep(self, name: str, network: keras.Model, history: History) -> None:
        about = self.before.about("autoencoder")
        told = {key: about[key] for key in _TOLD} | {"preset": name}
        settings = {"size": self.size, **network.settings}
        self.shelf.put(name, network, "autoencoder", settings, float16=True, about=told)
        self.shelf.put_history(name, history)
