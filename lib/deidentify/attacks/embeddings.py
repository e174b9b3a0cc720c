"""Who tries to read perceived gender from protected embeddings: attackers trained on other subjects.

Every attacker is informed: it has protected embeddings with true labels of subjects of its own. Its figure is
the direction-free AUC on test subjects, and the figure of a protection is that of the worst attacker. One
that does not reach the unprotected figure on unprotected embeddings proves nothing (`qualified`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lib.deidentify.attacks.result import (
    SLACK,
    average_by_subject,
    check_disjoint_subjects,
    limit_subjects,
    qualify,
    strongest_of,
)
from lib.measures.estimate import Estimate
from lib.measures.intervals import bootstrap_auc
from lib.measures.privacy import direction_free
from lib.measures.resampling import REPLICATES
from lib.measures.roc import auc
from lib.measures.validation import as_bools, as_floats, check_lengths

EPOCHS = 25
"""Passes over the data that a perceptron may take; the best one on the calibration subjects is kept."""
KEPT = 1 - 1e-6
"""Share of the variance that the quadratic discriminant looks at: erased directions hold rounding only."""
SHRINKAGES = (0.02, 0.1, 0.3)
"""Of the quadratic discriminant's covariances towards the unit matrix; the best on calibration is kept."""


@dataclass(frozen=True)
class EmbeddingSet:
    """Embeddings with what is true of them.

    Attributes
    ----------
    embeddings : (N, d). male : (N,) bool. subjects : (N,) subject of each row.
    """

    embeddings: np.ndarray
    male: np.ndarray
    subjects: np.ndarray

    def __post_init__(self) -> None:
        rows, people = as_floats(self.embeddings, "embeddings", 2), np.asarray(self.subjects)
        labels = as_bools(self.male, "male")
        check_lengths(len(rows), male=labels, subjects=people)
        for name, array in (("embeddings", rows), ("male", labels), ("subjects", people)):
            object.__setattr__(self, name, array)

    def mapped(self, protection: Callable[[np.ndarray], np.ndarray]) -> EmbeddingSet:
        """The same subjects' embeddings, protected."""
        return EmbeddingSet(protection(self.embeddings), self.male, self.subjects)

    def limited(self, subjects: int, *, seed: int = 0) -> EmbeddingSet:
        """Only so many subjects, drawn at random; with one seed, more subjects hold the fewer."""
        kept = limit_subjects(self.subjects, subjects, seed=seed)
        return EmbeddingSet(self.embeddings[kept], self.male[kept], self.subjects[kept])


Scorer = Callable[[np.ndarray], np.ndarray]
"""Embeddings (N, d) in, (N,) scores out, higher is more male."""
Training = Callable[[EmbeddingSet, EmbeddingSet, int], Scorer]
"""From the attacker's subjects, calibration subjects (for settings), and a seed."""


def _logistic(train: EmbeddingSet, calibration: EmbeddingSet, seed: int) -> Scorer:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    return model.fit(train.embeddings, train.male).decision_function


def _quadratic(train: EmbeddingSet, calibration: EmbeddingSet, seed: int) -> Scorer:
    # The covariance of a class of few pictures has no inverse in all dimensions.
    fewest = int(np.bincount(train.male.astype(int), minlength=2).min()) - 1
    kept = KEPT if fewest >= train.embeddings.shape[1] else fewest

    def fitted(shrinkage: float) -> Scorer:
        model = make_pipeline(PCA(kept, whiten=True), QuadraticDiscriminantAnalysis(reg_param=shrinkage))
        return model.fit(train.embeddings, train.male).decision_function

    return max((fitted(one) for one in SHRINKAGES), key=lambda scorer: _auc(scorer, calibration))


def _perceptron(*hidden: int) -> Training:
    def training(train: EmbeddingSet, calibration: EmbeddingSet, seed: int) -> Scorer:
        """The epoch that reads the calibration subjects best."""
        scaler = StandardScaler().fit(train.embeddings)
        network = MLPClassifier(hidden, alpha=1e-3, random_state=seed)
        best, kept = -1.0, None
        for _ in range(EPOCHS):
            network.partial_fit(scaler.transform(train.embeddings), train.male, classes=[False, True])
            score = _logits(scaler, network)
            reached = _auc(score, calibration)
            if reached > best:
                best, kept = reached, score
        assert kept is not None
        return kept

    return training


def _logits(scaler: StandardScaler, network: MLPClassifier) -> Scorer:
    """Log-odds of the network as it is now; probabilities would round to 0 and 1."""
    weights = [layer.copy() for layer in network.coefs_]
    biases = [layer.copy() for layer in network.intercepts_]

    def score(rows: np.ndarray) -> np.ndarray:
        rows = scaler.transform(rows)
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            rows = np.maximum(rows @ weight + bias, 0)
        return np.asarray((rows @ weights[-1] + biases[-1])[:, 0])

    return score


def _boosting(train: EmbeddingSet, calibration: EmbeddingSet, seed: int) -> Scorer:
    model = HistGradientBoostingClassifier(max_iter=200, random_state=seed)
    return model.fit(train.embeddings, train.male).decision_function


ATTACKERS: Mapping[str, Training] = {
    "logistic": _logistic,
    "quadratic": _quadratic,
    "perceptron_128": _perceptron(128, 128),
    "perceptron_512": _perceptron(512, 512),
}
MORE_ATTACKERS: Mapping[str, Training] = {**ATTACKERS, "boosting": _boosting}


def _auc(scorer: Scorer, sample: EmbeddingSet) -> float:
    scores = scorer(sample.embeddings)
    return float(auc(scores[~sample.male], scores[sample.male]))


@dataclass(frozen=True)
class EmbeddingAttackResult:
    """What attackers read.

    Attributes
    ----------
    figures : direction-free AUC on single pictures of the test subjects, by attacker.
    averaged : the same for the mean score over all pictures of a test subject, whose label is its more
        frequent one.
    calibration : AUC on the calibration subjects, by attacker.
    subjects, images : numbers of those that the attackers learned from.
    """

    figures: dict[str, Estimate]
    averaged: dict[str, Estimate]
    calibration: dict[str, float]
    subjects: int
    images: int

    @property
    def worst(self) -> str:
        """Name of the attacker with the highest figure."""
        return strongest_of(self.figures)

    @property
    def figure(self) -> Estimate:
        """The worst attacker's figure: that of the protection."""
        return self.figures[self.worst]

    @property
    def figure_averaged(self) -> Estimate:
        """The figure of the attacker who is worst when he sees all pictures of a subject."""
        return self.averaged[strongest_of(self.averaged)]

    def qualified(self, wanted: float, *, slack: float = SLACK) -> tuple[str, ...]:
        """Of attackers on *unprotected* embeddings, those that reach the figure `wanted` within `slack`.

        Raises
        ------
        ValueError : none does; then nothing can be claimed of a protection.
        """
        return qualify(self.figures, wanted, slack).passed


def strongest_attacker(
    train: EmbeddingSet,
    calibration: EmbeddingSet,
    test: EmbeddingSet,
    *,
    attackers: Iterable[str] = tuple(ATTACKERS),
    subjects: int | None = None,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> EmbeddingAttackResult:
    """Train attackers on protected embeddings and let them read those of the test subjects.

    Parameters
    ----------
    train : the attackers' own subjects. calibration : those on whom they choose settings and direction.
    test : those who are attacked. No subject may be in two of the three.
    attackers : names in MORE_ATTACKERS.
    subjects : how many of `train` the attackers have; None: all.
    seed : of the attackers' training and of the draw of their subjects.
    replicates : draws of the intervals over subjects.

    Raises
    ------
    ValueError : a subject is in two samples, or one class is missing.
    """
    check_disjoint_subjects(train.subjects, calibration.subjects, test.subjects)
    train = train if subjects is None else train.limited(subjects, seed=seed)
    figures: dict[str, Estimate] = {}
    averaged: dict[str, Estimate] = {}
    calibrated: dict[str, float] = {}

    def free(name: str, scores: np.ndarray, male: np.ndarray, people: np.ndarray) -> Estimate:
        plain = bootstrap_auc(scores, male, people, replicates=replicates, seed=seed)
        return direction_free(plain, calibrated[name]).auc

    for name in attackers:
        scorer = MORE_ATTACKERS[name](train, calibration, seed)
        calibrated[name] = _auc(scorer, calibration)
        read = scorer(test.embeddings), test.male, test.subjects
        figures[name], averaged[name] = free(name, *read), free(name, *average_by_subject(*read))
    people = np.unique(train.subjects)
    return EmbeddingAttackResult(figures, averaged, calibrated, len(people), len(train.subjects))
