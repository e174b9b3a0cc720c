"""Attackers who read a binary attribute from embeddings of protected faces; trained on other subjects.

Every attacker is informed: they have protected embeddings with true labels of subjects of their own. Their
figure is the direction-free AUC on test subjects, and that of a protection is the strongest attacker's. Who
does not reach the unprotected figure on unprotected embeddings proves nothing (`result.qualify`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from lib.deidentify.attacks.result import (
    AttackResult,
    AttackScores,
    AttackSplit,
    check_disjoint_subjects,
)
from lib.faces.faceset import FaceSet
from lib.faces.grey import as_rgb
from lib.faces.row_sampling import limit_subjects
from lib.judges.base import Judge
from lib.judges.recogniser_embeddings import unit_rows
from lib.measures.resampling import BootstrapOptions
from lib.measures.roc import auc
from lib.measures.validation import as_bools, as_floats, check_lengths

EPOCHS = 25
"""Passes over the data that a perceptron may take; the best one on the calibration subjects is kept."""
KEPT = 1 - 1e-6
"""Share of the variance that the quadratic discriminant looks at: erased directions hold rounding only."""
MOST_SUPPORT = 6000
"""Rows that the support vector machine learns from."""
SHRINKAGES = (0.02, 0.1, 0.3)
"""Of the quadratic discriminant's covariances towards the unit matrix; the best on calibration is kept."""


@dataclass(frozen=True)
class EmbeddingSet:
    """Embeddings with what is true of them.

    Attributes
    ----------
    embeddings : (N, d). positive : (N,) bool. subjects : (N,) subject of each row.
    """

    embeddings: np.ndarray
    positive: np.ndarray
    subjects: np.ndarray

    def __post_init__(self) -> None:
        rows, subjects = as_floats(self.embeddings, "embeddings", 2), np.asarray(self.subjects)
        labels = as_bools(self.positive, "positive")
        check_lengths(len(rows), positive=labels, subjects=subjects)
        for name, array in (("embeddings", rows), ("positive", labels), ("subjects", subjects)):
            object.__setattr__(self, name, array)

    def mapped(self, eraser: Callable[[np.ndarray], np.ndarray]) -> EmbeddingSet:
        """The same subjects' embeddings, from (N, d) by an eraser."""
        return EmbeddingSet(eraser(self.embeddings), self.positive, self.subjects)

    def by_subject(self) -> EmbeddingSet:
        """One row for each subject: the mean of its rows, and the label that most of them have."""
        names, codes, counts = np.unique(self.subjects, return_inverse=True, return_counts=True)
        sums = np.zeros((len(names), self.embeddings.shape[1]))
        np.add.at(sums, codes, self.embeddings)
        share = np.bincount(codes, weights=self.positive) / counts
        return EmbeddingSet(sums / counts[:, None], share > 0.5, names)

    def limited(self, subjects: int, *, seed: int = 0) -> EmbeddingSet:
        """Only so many subjects, drawn at random; with one seed, more subjects hold the fewer."""
        kept = limit_subjects(self.subjects, subjects, seed=seed)
        return EmbeddingSet(self.embeddings[kept], self.positive[kept], self.subjects[kept])


Scorer = Callable[[np.ndarray], np.ndarray]
"""Embeddings (N, d) in, (N,) scores out, higher is more positive."""
Training = Callable[[EmbeddingSet, EmbeddingSet, int], Scorer]
"""From the attacker's subjects, calibration subjects (for settings), and a seed."""


def _logistic(train: EmbeddingSet, calibration: EmbeddingSet, seed: int) -> Scorer:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    return model.fit(train.embeddings, train.positive).decision_function


def _quadratic(train: EmbeddingSet, calibration: EmbeddingSet, seed: int) -> Scorer:
    # The covariance of a class of few pictures has no inverse in all dimensions.
    fewest = int(np.bincount(train.positive.astype(int), minlength=2).min()) - 1
    kept = KEPT if fewest >= train.embeddings.shape[1] else fewest

    def fitted(shrinkage: float) -> Scorer:
        model = make_pipeline(PCA(kept, whiten=True), QuadraticDiscriminantAnalysis(reg_param=shrinkage))
        return model.fit(train.embeddings, train.positive).decision_function

    return max((fitted(one) for one in SHRINKAGES), key=lambda scorer: _auc(scorer, calibration))


def _perceptron(*hidden: int) -> Training:
    def training(train: EmbeddingSet, calibration: EmbeddingSet, seed: int) -> Scorer:
        """The epoch that reads the calibration subjects best."""
        scaler = StandardScaler().fit(train.embeddings)
        network = MLPClassifier(hidden, alpha=1e-3, random_state=seed)
        best, kept = -1.0, None
        for _ in range(EPOCHS):
            network.partial_fit(scaler.transform(train.embeddings), train.positive, classes=[False, True])
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


def _support_vectors(train: EmbeddingSet, calibration: EmbeddingSet, seed: int) -> Scorer:
    """Radial basis functions on MOST_SUPPORT rows at most, as their cost grows with the square."""
    some = np.random.default_rng(seed).permutation(len(train.positive))[:MOST_SUPPORT]
    model = make_pipeline(StandardScaler(), SVC(C=2.0))
    return model.fit(train.embeddings[some], train.positive[some]).decision_function


def _boosting(train: EmbeddingSet, calibration: EmbeddingSet, seed: int) -> Scorer:
    model = HistGradientBoostingClassifier(max_iter=200, random_state=seed)
    return model.fit(train.embeddings, train.positive).decision_function


ATTACKERS: Mapping[str, Training] = {
    "logistic": _logistic,
    "quadratic": _quadratic,
    "perceptron_128": _perceptron(128, 128),
    "perceptron_512": _perceptron(512, 512),
}
MORE_ATTACKERS: Mapping[str, Training] = {
    **ATTACKERS,
    "support_vectors": _support_vectors,
    "boosting": _boosting,
}


PICTURE_ATTACKERS = ("quadratic", "perceptron_128")
"""Of embeddings of pictures: those who read most there, for little."""


def _auc(scorer: Scorer, sample: EmbeddingSet) -> float:
    scores = scorer(sample.embeddings)
    return float(auc(scores[~sample.positive], scores[sample.positive]))


def train_readers(
    train: EmbeddingSet,
    calibration: EmbeddingSet,
    test: EmbeddingSet,
    *,
    attackers: Iterable[str] = tuple(ATTACKERS),
    also: np.ndarray | None = None,
    training_seed: int = 0,
) -> dict[str, AttackScores]:
    """Train attackers on protected embeddings and let them score those of the test subjects.

    Parameters
    ----------
    train, calibration, test, attackers, training_seed : as for `attack_embeddings`.
    also : (M, d) further embeddings to be scored.

    Raises
    ------
    ValueError : a subject is in two samples.
    """
    check_disjoint_subjects(train.subjects, calibration.subjects, test.subjects)
    learned = len(np.unique(train.subjects)), len(train.subjects)
    found = {}
    for name in attackers:
        scorer = MORE_ATTACKERS[name](train, calibration, training_seed)
        more = np.empty(0) if also is None else scorer(also)
        found[name] = AttackScores(scorer(test.embeddings), _auc(scorer, calibration), *learned, more)
    return found


def attack_embeddings(
    train: EmbeddingSet,
    calibration: EmbeddingSet,
    test: EmbeddingSet,
    *,
    attackers: Iterable[str] = tuple(ATTACKERS),
    training_seed: int = 0,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, AttackResult]:
    """Train attackers on protected embeddings and let them read those of the test subjects; one result each.

    Parameters
    ----------
    train : the attackers' own subjects. calibration : those on whom they choose settings and direction.
    test : those who are attacked. No subject may be in two of the three.
    attackers : names in MORE_ATTACKERS.
    training_seed : of the attackers' training.
    draws : of the intervals over subjects.

    Raises
    ------
    ValueError : a subject is in two samples, or one class is missing.
    """
    read = train_readers(train, calibration, test, attackers=attackers, training_seed=training_seed)
    return {name: one.result(test.positive, test.subjects, **draws) for name, one in read.items()}


@dataclass(frozen=True)
class EmbeddingAttackData:
    """Embeddings of one method's pictures of three groups: made once, attacked as often as needed.

    Attributes
    ----------
    train, calibration, test : of other subjects each; pictures without a face are left out.
    acquired : bool (T,), of all pictures to be attacked: those in `test`.
    """

    train: EmbeddingSet
    calibration: EmbeddingSet
    test: EmbeddingSet
    acquired: np.ndarray

    def scores(
        self,
        *,
        attackers: Iterable[str] = PICTURE_ATTACKERS,
        subjects: int | None = None,
        training_seed: int = 0,
    ) -> dict[str, AttackScores]:
        """What trained attackers say of all T pictures that are attacked; NaN where there was no face.

        Parameters
        ----------
        attackers, subjects, training_seed : as for `attack`.
        """
        train = self.train if subjects is None else self.train.limited(subjects, seed=training_seed)
        samples = train, self.calibration, self.test
        read = train_readers(*samples, attackers=attackers, training_seed=training_seed)

        def padded(scores: np.ndarray) -> np.ndarray:
            every = np.full(len(self.acquired), np.nan)
            every[self.acquired] = scores
            return every

        return {name: replace(one, scores=padded(one.scores)) for name, one in read.items()}

    def attack(
        self,
        *,
        attackers: Iterable[str] = PICTURE_ATTACKERS,
        subjects: int | None = None,
        training_seed: int = 0,
        **draws: Unpack[BootstrapOptions],
    ) -> dict[str, AttackResult]:
        """`attack_embeddings` on pictures by the same method.

        Parameters
        ----------
        attackers, training_seed, draws : as for `attack_embeddings`.
        subjects : how many of `train` the attackers have, drawn with `training_seed`; None: all.
        """
        train = self.train if subjects is None else self.train.limited(subjects, seed=training_seed)
        return attack_embeddings(
            train, self.calibration, self.test, attackers=attackers, training_seed=training_seed, **draws
        )


@dataclass(frozen=True)
class EmbeddingExtractor:
    """Embeds any method's pictures of the same faces, for attackers.

    Recognisers carry attributes in full, so any method that makes pictures can be weighed without training a
    network on each.

    Attributes
    ----------
    judge : embeds faces; pictures in which it finds none are left out.
    faces : with `attribute` known.
    rows : which of them the attackers learn from, choose by, and are tested on.
    attribute : binary, that is attacked.
    """

    judge: Judge
    faces: FaceSet
    rows: AttackSplit
    attribute: str

    def embed(self, pictures: np.ndarray) -> EmbeddingAttackData:
        """Embeddings of all faces as some method altered them.

        Parameters
        ----------
        pictures : uint8 (N, H, W), one for each of the faces.
        """
        said = self.judge(as_rgb(pictures), self.faces.points)
        positive, subjects = self.faces.binary(self.attribute), self.faces.subjects

        def sample(rows: np.ndarray) -> EmbeddingSet:
            known = rows[said.acquired[rows]]
            return EmbeddingSet(unit_rows(said.values[known]), positive[known], subjects[known])

        train, calibration, test = map(sample, (self.rows.train, self.rows.calibration, self.rows.test))
        return EmbeddingAttackData(train, calibration, test, said.acquired[self.rows.test])
