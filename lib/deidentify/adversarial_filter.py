"""A rival: a filter that is never told the label and plays against a classifier which learns along.

The filter is the semi-adversarial autoencoder with every label at one half, so that it sees and shows the
mean of the prototypes only. In each round it learns to leave the adversary at chance; then the adversary
learns on what the filter makes now. How the game ends for *this* adversary is what papers print. What a fresh
attacker reads afterwards is another matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from lib.deidentify.treatments import altered
from lib.faces.faceset import FaceSet
from lib.measures.figure import Figure
from lib.measures.intervals import bootstrap_auc
from lib.training.games import play
from lib.training.recipes import MIRRORED, Plan, feeds, fit_classifier, outputs, reconstructions
from lib.training.semi_adversarial import Phase, SemiAdversarial, Weights

NO_LABEL = 0.5
"""What the autoencoder is told instead of a label."""
WEIGHTS = Weights(pixel_op=5, gender_sm=0, gender_op=1, matching_sm=0, matching_op=1)
"""Of the filter's terms; SM and OP are the same picture here."""


@dataclass(frozen=True)
class Round:
    """One round, on validation subjects.

    Attributes
    ----------
    fooled : AUC of the adversary on the filter's new pictures, before it learns on them. caught_up : after.
    """

    fooled: Figure
    caught_up: Figure


def filtered(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """The filter's pictures, uint8 (N, H, W), of uint8 (N, H, W, 3 or 1)."""
    return reconstructions(network, images, np.full(len(images), NO_LABEL))["op"]


def play_filter(
    network: keras.Model,
    adversary: keras.Model,
    matchers: Sequence[keras.Model],
    faces: FaceSet,
    rows: np.ndarray,
    validation: np.ndarray,
    plans: tuple[Plan, Plan],
    folder: str | Path,
    *,
    rounds: int,
    weights: Weights = WEIGHTS,
    replicates: int = 200,
) -> list[Round]:
    """Let filter and adversary learn in turns; both are changed in place.

    Parameters
    ----------
    network : pre-trained `FastAutoencoder` with the outputs `sm` and `op`.
    adversary : classifier that reads originals.
    matchers : must go on matching.
    rows, validation : with `Male` known; of other subjects.
    plans : of a round of the filter, and of the adversary.
    folder : for checkpoints; clear it afterwards.

    Returns
    -------
    One Round after the other.
    """
    part = faces.take(np.concatenate([rows, validation]))
    mine, others = np.arange(len(rows)), len(rows) + np.arange(len(validation))
    male = part.labels["Male"].to_numpy(bool)[others]
    told = {"label": np.full(len(part), NO_LABEL, np.float32)}
    names = {"labels": ("Male",), "inputs": ("image", "label")}

    def read(pictures: np.ndarray) -> Figure:
        logits = outputs(adversary, pictures[others][..., None])
        return bootstrap_auc(logits, male, part.subjects[others], replicates=replicates, seed=0)

    def one_round(number: int) -> Round:
        network.trainable = True
        game = SemiAdversarial(network, [adversary], matchers, target="half", weights=weights)
        play(
            game,
            [Phase(plans[0], weights)],
            lambda plan: feeds(part, mine, others, plan, names, values=told),
            Path(folder) / f"filter{number}",
            identity={"target": "half", "round": number},
            name=f"filter, round {number + 1}",
        )
        pictures = filtered(network, part.images)
        fooled = read(pictures)
        adversary.trainable = True
        shown, place = altered(part, pictures), Path(folder) / f"adversary{number}"
        name = f"adversary, round {number + 1}"
        fit_classifier(adversary, shown, mine, others, plans[1], place, name=name, augment=MIRRORED)
        return Round(fooled, read(pictures))

    return [one_round(number) for number in range(rounds)]
