"""How good autoencoder, classifier and matcher are before the game, on subjects that they have not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack, get_args

import keras
import numpy as np
import pandas as pd

from lib.evaluation.san.players import Players
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.judges.book_networks import GenderJudge
from lib.measures.bootstrap_intervals import bootstrap_auc, bootstrap_mean
from lib.measures.classification import classification
from lib.measures.estimate import Estimate
from lib.measures.image_quality import mean_psnr, rmse
from lib.measures.resampling import BootstrapOptions
from lib.measures.verification import verify_embeddings
from lib.networks.gender_classifier import Reading, gender_classifier
from lib.training.inference import predict_images
from lib.training.loop.guards import check_validation


@dataclass(frozen=True)
class Answers:
    """What a classifier said of images: `logits` of male (N,), `male` their labels, `subjects` (N,)."""

    logits: np.ndarray
    male: np.ndarray
    subjects: np.ndarray


def read_parts(
    classifier: GenderJudge, faces: FaceSet, parts: Mapping[str, np.ndarray]
) -> dict[str, Answers]:
    """Let a classifier read parts of a set, in inference mode and as the images are.

    Parameters
    ----------
    faces : with `Male` known in all rows of `parts`.
    parts : name -> rows.
    """
    male = faces.binary("Male")
    return {
        part: Answers(classifier.logits(faces.images[rows]), male[rows], faces.subjects[rows])
        for part, rows in parts.items()
    }


def classifier_figures(
    readings: Mapping[str, Answers], *, threshold: float, majority: bool, **draws: Unpack[BootstrapOptions]
) -> dict[str, dict[str, Estimate]]:
    """Accuracy, balanced accuracy and AUC of a classifier on each part that it read.

    Parameters
    ----------
    threshold : logit above which it says *male*; chosen on validation subjects.
    majority : the more frequent label among the training images.
    draws : `replicates`, `seed` of the intervals over subjects.
    """
    found = {}
    for part, one in readings.items():
        says = one.logits > threshold
        said = classification(one.male, says, one.subjects, [False, True], majority, **draws)
        found[part] = {
            "accuracy": said.accuracy,
            "balanced_accuracy": said.balanced_accuracy,
            "auc": bootstrap_auc(one.logits, one.male, one.subjects, **draws),
        }
    return found


def validation_gap(readings: Mapping[str, Answers]) -> Estimate:
    """Mean cross-entropy of `validation` minus that of `train`, by the same code, in nats.

    Raises
    ------
    GuardError : validation is better than training, with its whole interval.
    """
    pair = [readings[part] for part in ("train", "validation")]
    losses = [np.logaddexp(0, np.where(one.male, -1, 1) * one.logits) for one in pair]
    return check_validation(*losses, *(one.subjects for one in pair))


def reconstruction_figures(
    players: Players, faces: FaceSet, rows: np.ndarray, **draws: Unpack[BootstrapOptions]
) -> dict[str, Any]:
    """What the autoencoder keeps of images: the picture, the person, perceived gender.

    Returns
    -------
    `psnr` in dB; `grey_levels`, the mean over images of the root mean square error; `match`, the mean
    comparison score of reconstruction and original; `gender_auc` of the classifier on reconstructions.
    """
    male, who = faces.binary("Male")[rows], faces.subjects[rows]
    before, after = to_grey(faces.images[rows]), players.repaint(faces.images[rows], male)
    distance, logits = rmse(after, before), players.classifier.logits(after)
    return {
        "psnr": mean_psnr(distance, who, **draws),
        "grey_levels": bootstrap_mean(distance, who, **draws),
        "match": bootstrap_mean(players.matches(before, after), who, **draws),
        "gender_auc": bootstrap_auc(logits, male, who, **draws),
    }


def matcher_figures(
    matcher: keras.Model, faces: FaceSet, rows: np.ndarray, **draws: Unpack[BootstrapOptions]
) -> dict[str, dict[str, Estimate]]:
    """AUC and EER of a matcher, with impostors of any gender and of the same gender as the probe.

    Returns
    -------
    `any gender`, `same gender` -> `auc`, `eer`.
    """
    embeddings, who = predict_images(matcher, faces.images[rows]), faces.subjects[rows]
    kinds = {"any gender": None, "same gender": faces.binary("Male")[rows]}
    found = {
        kind: verify_embeddings(embeddings, who, groups=groups, **draws) for kind, groups in kinds.items()
    }
    return {kind: {"auc": one.auc, "eer": one.eer} for kind, one in found.items()}


def read_three_ways(forms: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Agreement of the decisions of one output layer read as logit, softmax and sigmoids.

    Parameters
    ----------
    forms : `logit` (N,), `softmax` and `sigmoids` (N, 2), of the same images.

    Returns
    -------
    `agreed`, images on which all three decide alike; `images`; `lowest_sum`, `highest_sum` of two sigmoids.
    """
    male = np.array([one > 0 if one.ndim == 1 else one[:, 1] > one[:, 0] for one in forms.values()])
    sums = forms["sigmoids"].sum(axis=1)
    agreed = int(np.all(male == male[0], axis=0).sum())
    return {
        "agreed": agreed,
        "images": male.shape[1],
        "lowest_sum": float(sums.min()),
        "highest_sum": float(sums.max()),
    }


def classifier_readings(size: int = 224) -> pd.DataFrame:
    """Parameters of the gender classifier by each reading of its sources, for images of `size` pixels."""
    words = {"same": "text: same padding", "valid": "code: valid padding", "original": "first paper"}
    counts = [gender_classifier(size, reading=name).count_params() for name in get_args(Reading)]
    return pd.DataFrame(
        {"reading": [words[name] for name in get_args(Reading)], f"parameters at {size} px": counts}
    )
