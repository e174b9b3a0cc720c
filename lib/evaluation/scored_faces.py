"""Faces with scores below them: certainty of a label, distance from another picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lib.faces.grey import as_rgb
from lib.judges.base import Judge
from lib.judges.book_networks import GenderJudge
from lib.judges.dlib_recogniser import DlibRecogniser
from lib.measures.pairs import Metric, pair_scores, same_photo

MALE = "male"
"""Name of the scores that are a classifier's certainty of that label."""


@dataclass(frozen=True)
class Scored:
    """The same faces under treatments, with scores.

    Attributes
    ----------
    pictures : treatment -> uint8 (N, H, W) grey or (N, H, W, 3) RGB.
    scores : name of the score -> treatment -> (N,): MALE, `match` (cosine) or `distance` of two embeddings,
        or the name of a reader, whose certainty it is. NaN, as a treatment that is not there: nothing was
        measured; infinite: no face was found.
    names : of the N faces; may be empty.
    one_person : distance below which two pictures are taken for one person, which the text then says, too.
    """

    pictures: Mapping[str, np.ndarray]
    scores: Mapping[str, Mapping[str, np.ndarray]]
    names: Sequence[str] = ()
    one_person: float | None = None

    def caption(self, name: str, at: int) -> str:
        """Text below a face, a line for each score: `0.97 male`, `distance 0.41`, `match 0.62`, `no face`."""
        found = [(what, float(own[name][at])) for what, own in self.scores.items() if name in own]
        return "\n".join(self._line(what, value) for what, value in found if not np.isnan(value))

    def _line(self, what: str, value: float) -> str:
        if np.isinf(value):
            return "no face"
        if what == MALE:
            return f"{value:.2f} {MALE}"
        said = f"{what} {value:z.2f}"
        if what != "distance" or self.one_person is None:
            return said
        return f"{said}\n{'same person' if value < self.one_person else 'someone else'}"

    def take(self, rows: np.ndarray | Sequence[int]) -> Scored:
        """Some of the faces, in this order."""
        some = np.asarray(rows, int)
        pictures = {name: one[some] for name, one in self.pictures.items()}
        scores = {what: {name: one[some] for name, one in own.items()} for what, own in self.scores.items()}
        names = [self.names[at] for at in some] if self.names else ()
        return replace(self, pictures=pictures, scores=scores, names=names)

    def preceded_by(self, name: str, pictures: np.ndarray) -> Scored:
        """The same with another treatment in front that has no scores, as the photographs compared with."""
        return replace(self, pictures={name: pictures, **self.pictures})


def score(
    pictures: Mapping[str, np.ndarray],
    classifier: GenderJudge,
    points: np.ndarray | None = None,
    recogniser: Judge | None = None,
) -> Scored:
    """What a classifier and a recogniser say of treatments of the same faces.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W); `before` first.
    points : (N, 5, 2) in the untouched faces, which the recogniser is told for all treatments; None: no
        distance is measured.
    recogniser : gives embeddings whose Euclidean distance is meant; by default dlib's.

    Returns
    -------
    Scores MALE and, of all but `before`, the `distance` from it.
    """
    scores = {MALE: {name: classifier.certainty(one) for name, one in pictures.items()}}
    if points is not None:
        read = recogniser or DlibRecogniser()
        said = {name: np.asarray(read(as_rgb(one), points).values, float) for name, one in pictures.items()}
        before = said.pop("before")
        scores["distance"] = {
            name: _or_no_face(np.linalg.norm(one - before, axis=1)) for name, one in said.items()
        }
    return Scored(pictures, scores)


def score_against(
    pictures: Mapping[str, np.ndarray],
    points: np.ndarray | None,
    other: np.ndarray,
    other_points: np.ndarray | None,
    matcher: Judge,
    classifier: GenderJudge | None = None,
) -> Scored:
    """What a matcher says of treatments of faces beside another photograph of each subject.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W). points : (N, 5, 2) of all of them.
    other : uint8 (N, H, W), another photograph of each subject, untouched, with its points.
    matcher : compares each picture with that photograph.
    classifier : None: no certainty of male.

    Returns
    -------
    Scores MALE, if there is a classifier, and `distance` or `match`, whichever the matcher compares by.
    """
    known = matcher(as_rgb(other), other_points).values
    metric: Metric = "euclidean" if matcher.card.comparison == "euclidean" else "cosine"
    what, sign = ("distance", -1) if metric == "euclidean" else ("match", 1)
    scores = {}
    if classifier is not None:
        scores[MALE] = {name: classifier.certainty(one) for name, one in pictures.items()}
    found = {name: matcher(as_rgb(one), points).values for name, one in pictures.items()}
    scores[what] = {
        name: _or_no_face(sign * pair_scores(same_photo(len(known)), one, known, metric=metric))
        for name, one in found.items()
    }
    return Scored(pictures, scores)


def _or_no_face(compared: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(compared), np.inf, compared)


def alternating_rows(male: np.ndarray, count: int) -> np.ndarray:
    """Rows of the first faces of either label (N,) in turns, female first, at most `count`."""
    groups = [np.flatnonzero(np.asarray(male) == label) for label in (False, True)]
    turns = [row for pair in zip(*groups, strict=False) for row in pair]
    return np.array((turns or list(range(len(male))))[:count], int)
