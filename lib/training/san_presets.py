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
from lib.networks.san import boost_prototype_weights
from lib.networks.san_losses import Opposite
from lib.training.loop.device import set_determinism
from lib.training.loop.history import History, concatenate
from lib.training.network_training import NetworkTraining
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

    def partner(self, name: str, epochs: int, learning_rate: float) -> NetworkTraining:
        """Training of another classifier to be fooled, kept as `partner_<name>`.

        Parameters
        ----------
        name : in PARTNERS.
        """
        kind, more = PARTNERS[name]
        recipe = partial(
            fit_classifier,
            faces=self.faces,
            rows=self.rows,
            validation=self.watching,
            plan=TrainingPlan(epochs, self.batch, learning_rate, self.seed),
        )
        return self._player(f"partner_{name}", kind, more, recipe, self.seed + len(name))

    def second_matcher(self, epochs: int, *, distorted: bool) -> NetworkTraining:
        """Training of another matcher to be convinced, kept as SECOND_MATCHER.

        Parameters
        ----------
        distorted : whether its pictures are turned, shifted and dimmed, not only mirrored.
        """
        recipe = partial(
            fit_matcher,
            faces=self.faces,
            rows=with_min_images(self.faces.labels, self.rows, _LEAST_IMAGES),
            plan=TrainingPlan(epochs, 2 * self.batch, _MATCHER_RATE, self.seed),
            augment=STRONG_AUGMENTATION if distorted else FLIP_ONLY,
        )
        return self._player(SECOND_MATCHER, "matcher", {"widths": _MATCHER_WIDTHS}, recipe, self.seed + 1)

    def _player(
        self, name: str, kind: str, settings: Mapping[str, Any], recipe: Callable[..., History], seed: int
    ) -> NetworkTraining:
        return NetworkTraining(
            name,
            kind,
            {"size": self.size, **settings},
            recipe,
            self.shelf,
            self.scratch,
            seed,
            keep_history=False,
        )

    def players(
        self, partners: Mapping[str, int], learning_rate: float, matcher_epochs: int, *, distorted: bool
    ) -> list[Callable[[], None]]:
        """Tasks that train the players who join later.

        Parameters
        ----------
        partners, learning_rate : name -> epochs, see `partner`.
        matcher_epochs : of the second matcher; 0: none. distorted : see `second_matcher`.
        """
        found = [self.partner(name, epochs, learning_rate) for name, epochs in partners.items()]
        if matcher_epochs:
            found.append(self.second_matcher(matcher_epochs, distorted=distorted))
        return [one.run for one in found]

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
