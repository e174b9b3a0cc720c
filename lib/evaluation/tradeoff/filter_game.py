"""A game of a filter against one adversary: what such a game hides is what somebody else no longer learns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.deidentify.protections.adversarial_filter import AdversarialFilter, FilterRound, filter_protection
from lib.deidentify.protections.san import AutoencoderProtection
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import subsample
from lib.faces.splits import role_rows
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

FILTER = "filter"


@dataclass(frozen=True)
class FilterGame:
    """The pre-trained autoencoder against the pre-trained classifier.

    Attributes
    ----------
    faces : both learn from the protection's subjects; each round is measured on validation subjects.
    before : store with `autoencoder`, `classifier` and `matcher`.
    lessons : of the filter and of its adversary, in each round.
    most : pictures to learn from, and to measure by, at most.
    seed : of their draw.
    """

    faces: FaceSet
    before: ModelStore
    lessons: tuple[TrainingPlan, TrainingPlan]
    most: tuple[int, int]
    seed: int

    def play(self, rounds: int, store: ModelStore, scratch: Path) -> None:
        """Play so many rounds, and keep the filter as FILTER with what each round came to.

        Parameters
        ----------
        store : where `played_filter` reads.
        scratch : for checkpoints.
        """
        before = self.before
        validation = np.flatnonzero(self.faces.labels["split"] == "validation")
        parts = zip((role_rows(self.faces.labels, "protection"), validation), self.most, strict=True)
        learns, watched = (subsample(rows, count, self.seed) for rows, count in parts)
        network = before.get("autoencoder", outputs=("sm", "op"))
        players = before.get("classifier"), [before.get("matcher")]
        game = AdversarialFilter(network, *players, self.faces, learns, watched)
        played = [one.to_dict() for one in game.play(rounds, self.lessons, scratch)]
        store.put_prototypes(before.prototypes)
        settings = before.about("autoencoder")["settings"]
        store.put(FILTER, game.filter, "autoencoder", settings, float16=True, about={"rounds": played})


def played_filter(store: ModelStore, rounds: int) -> tuple[AutoencoderProtection | None, list[FilterRound]]:
    """The filter that `FilterGame.play` kept and its rounds; None and nothing where no round was played."""
    if not rounds:
        return None, []
    kept = [FilterRound.from_dict(one) for one in store.about(FILTER)["rounds"]]
    return filter_protection(store.get(FILTER, outputs=("sm", "op"))), kept
