"""A rival: a filter that is never told the label and plays against a classifier which learns along.

The filter is the semi-adversarial autoencoder with every label at one half, so that it sees and shows the
mean of the prototypes only. In each round it learns to leave the adversary at chance; then the adversary
learns on what the filter makes now. How the game ends for *this* adversary is what papers print. What a fresh
attacker reads afterwards is another matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lib.deidentify.protections.protect_set import protected_pictures
from lib.deidentify.protections.san import AutoencoderProtection
from lib.faces.faceset import FaceSet
from lib.measures.bootstrap_intervals import bootstrap_auc
from lib.measures.estimate import Estimate
from lib.training.inference import predict_images
from lib.training.objectives.san_objective import SanWeights, SemiAdversarial
from lib.training.objectives.weighted import Phase, fit_phases
from lib.training.recipes import FLIP_ONLY, fit_classifier, make_feeds
from lib.training.training_plan import TrainingPlan

NO_LABEL = 0.5
"""What the autoencoder is told instead of a label."""
WEIGHTS = SanWeights(pixel_op=5, gender_sm=0, gender_op=1, matching_sm=0, matching_op=1)
"""Of the filter's terms; SM and OP are the same picture here."""


@dataclass(frozen=True)
class FilterRound:
    """One round, on validation subjects.

    Attributes
    ----------
    fooled : AUC of the adversary on the filter's new pictures, before it learns on them. caught_up : after.
    """

    fooled: Estimate
    caught_up: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Both figures as dicts, for JSON."""
        return {"fooled": self.fooled.to_dict(), "caught_up": self.caught_up.to_dict()}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> FilterRound:
        """The round of a dict that `to_dict` made."""
        return cls(Estimate.from_dict(kept["fooled"]), Estimate.from_dict(kept["caught_up"]))


def filter_protection(network: keras.Model) -> AutoencoderProtection:
    """The filter as a protection, which needs no label.

    Parameters
    ----------
    network : `filter` of an `AdversarialFilter`.
    """
    return AutoencoderProtection(network, "op", label=NO_LABEL)


class AdversarialFilter:
    """Filter and adversary, who learn in turns; both are changed in place.

    Attributes
    ----------
    filter : pre-trained `SanAutoencoder` with the outputs `sm` and `op`.
    adversary : classifier that reads originals.
    """

    def __init__(
        self,
        network: keras.Model,
        adversary: keras.Model,
        matchers: Sequence[keras.Model],
        faces: FaceSet,
        rows: np.ndarray,
        validation: np.ndarray,
        *,
        weights: SanWeights = WEIGHTS,
    ) -> None:
        """Set up the two and what they learn from.

        Parameters
        ----------
        network, adversary : as the attributes.
        matchers : must go on matching.
        rows, validation : of `faces`, with `Male` known; of other subjects.
        """
        self.filter, self.adversary = network, adversary
        self._matchers, self._weights = matchers, weights
        self._part = faces.take(np.concatenate([rows, validation]))
        self._mine, self._others = np.split(np.arange(len(self._part)), [len(rows)])

    def play(
        self,
        rounds: int,
        plans: tuple[TrainingPlan, TrainingPlan],
        folder: str | Path,
        *,
        replicates: int = 200,
    ) -> list[FilterRound]:
        """So many rounds.

        Parameters
        ----------
        plans : of a round of the filter, and of the adversary.
        folder : for checkpoints; clear it afterwards.
        replicates : draws of the intervals.
        """
        return [self._round(number, plans, Path(folder), replicates) for number in range(rounds)]

    def _round(
        self, number: int, plans: tuple[TrainingPlan, TrainingPlan], folder: Path, replicates: int
    ) -> FilterRound:
        self._teach_filter(number, plans[0], folder)
        pictures = protected_pictures(filter_protection(self.filter), self._part)
        fooled = self._read(pictures, replicates)
        self._teach_adversary(number, pictures, plans[1], folder)
        return FilterRound(fooled, self._read(pictures, replicates))

    def _teach_filter(self, number: int, plan: TrainingPlan, folder: Path) -> None:
        self.filter.trainable = True
        game = SemiAdversarial(
            self.filter, [self.adversary], self._matchers, target="half", weights=self._weights
        )
        names = {"labels": ("Male",), "inputs": ("image", "label")}
        told = {"label": np.full(len(self._part), NO_LABEL, np.float32)}
        fit_phases(
            game,
            [Phase(plan, self._weights)],
            lambda plan: make_feeds(self._part, self._mine, self._others, plan, names, values=told),
            folder / f"filter{number}",
            identity={"target": "half", "round": number},
            name=f"filter, round {number + 1}",
        )

    def _teach_adversary(self, number: int, pictures: np.ndarray, plan: TrainingPlan, folder: Path) -> None:
        self.adversary.trainable = True
        shown, place = self._part.with_images(pictures), folder / f"adversary{number}"
        name = f"adversary, round {number + 1}"
        fit_classifier(
            self.adversary, shown, self._mine, self._others, plan, place, name=name, augment=FLIP_ONLY
        )

    def _read(self, pictures: np.ndarray, replicates: int) -> Estimate:
        rows = self._others
        male = self._part.binary("Male", rows)
        logits = predict_images(self.adversary, pictures[rows][..., None])
        return bootstrap_auc(logits, male, self._part.subjects[rows], replicates=replicates, seed=0)
