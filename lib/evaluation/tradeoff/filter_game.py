"""A game of a filter against one adversary: what such a game hides is what somebody else no longer learns."""

from __future__ import annotations

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


def play_filter(
    faces: FaceSet,
    most: tuple[int, int],
    rounds: int,
    before: ModelStore,
    store: ModelStore,
    scratch: Path,
    *,
    seed: int,
) -> None:
    """Let the pre-trained autoencoder play against the pre-trained classifier, and keep it as FILTER.

    Parameters
    ----------
    faces : both learn from the protection's subjects; each round is measured on validation subjects.
    most : pictures of both kinds, at most.
    before : store with `autoencoder`, `classifier` and `matcher`.
    store : where the filter is kept, with its rounds.
    scratch : for checkpoints.
    """
    settings = before.about("autoencoder")["settings"]
    validation = np.flatnonzero(faces.labels["split"] == "validation")
    parts = (role_rows(faces.labels, "protection"), validation)
    learns, watched = (subsample(rows, count, seed) for rows, count in zip(parts, most, strict=True))
    lessons = TrainingPlan(1, 16, 0.001, seed), TrainingPlan(2, 16, 0.0005, seed)
    network = before.get("autoencoder", outputs=("sm", "op"))
    players = before.get("classifier"), [before.get("matcher")]
    game = AdversarialFilter(network, *players, faces, learns, watched)
    played = [one.to_dict() for one in game.play(rounds, lessons, scratch)]
    store.put_prototypes(before.prototypes)
    store.put(FILTER, game.filter, "autoencoder", settings, float16=True, about={"rounds": played})


def played_filter(store: ModelStore, rounds: int) -> tuple[AutoencoderProtection | None, list[FilterRound]]:
    """The filter that `play_filter` kept and its rounds; None and nothing where no round was played."""
    if not rounds:
        return None, []
    kept = [FilterRound.from_dict(one) for one in store.about(FILTER)["rounds"]]
    return filter_protection(store.get(FILTER, outputs=("sm", "op"))), kept
