"""Altered pictures against photographs of the same subjects: every treatment, every matcher.

The chapter hands in pictures by treatment; what comes out is embeddings, then comparisons, then figures.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Unpack

import keras
import numpy as np
from tqdm import tqdm

from lib.evaluation.protections import CONTROLS, Protections, with_comparisons
from lib.faces.faceset import FaceSet
from lib.faces.grey import as_rgb, to_grey
from lib.faces.matching_design import MatchingDesign
from lib.judges.base import Detector, Judge, JudgeError, ModelCard
from lib.judges.subject_face import find_subject_faces
from lib.measures.bootstrap_intervals import bootstrap_roc
from lib.measures.estimate import Estimate, EstimateBand
from lib.measures.pairs import Metric, across, within
from lib.measures.resampling import BootstrapOptions
from lib.measures.scored_pairs import ScoredPairs, score_pairs
from lib.measures.verification import (
    DrawnVerification,
    Verification,
    draw_verification,
    failure_to_acquire,
    verify,
)

BEFORE, PRIVATE, BOTH = "before", "private", "private_private"
"""The untouched picture; the generated one; and the name of both pictures being generated."""


@dataclass(frozen=True)
class TreatedFaces:
    """Photos that play one part in a matching test, under their treatments.

    Attributes
    ----------
    faces : FaceSet of N photos with `Male` known and five points.
    pictures : treatment to uint8 (N, H, W) grey.
    """

    faces: FaceSet
    pictures: Mapping[str, np.ndarray]

    def __post_init__(self) -> None:
        if self.faces.points is None:
            raise JudgeError(f"{self.faces.name}: matchers crop by five points; load it with a detector")
        wrong = [name for name, pictures in self.pictures.items() if len(pictures) != len(self.faces)]
        if wrong:
            raise JudgeError(f"{self.faces.name}: not one picture for each photo in {', '.join(wrong)}")

    def acquisition(self, detector: Detector, **draws: Unpack[BootstrapOptions]) -> dict[str, Estimate]:
        """Failure to acquire by treatment: share of pictures in which `detector` finds no face."""
        return {
            name: failure_to_acquire(
                find_subject_faces(
                    as_rgb(pictures), detector, progress=f"{self.faces.name}: faces, {name}"
                ).found,
                self.faces.subjects,
                **draws,
            )
            for name, pictures in self.pictures.items()
        }


def treated_parts(
    faces: FaceSet, design: MatchingDesign, protections: Protections, pretrained: keras.Model
) -> tuple[TreatedFaces, TreatedFaces, TreatedFaces]:
    """Probes under every treatment that `with_comparisons` knows; gallery photos and strangers untouched.

    Of the controls those of OP alone: blur and fewer pixels. Of the recipes also SM and NT.

    Parameters
    ----------
    design : rows of `faces` by their part.
    pretrained : autoencoder of the treatment `reconstruction`.
    """
    probes, gallery, strangers = (
        faces.take(rows) for rows in (design.probes, design.gallery, design.strangers)
    )
    made = _treatments(probes, protections, pretrained) | protections.recipe_prototypes(probes)
    return (
        TreatedFaces(probes, made),
        TreatedFaces(gallery, {BEFORE: to_grey(gallery.images)}),
        TreatedFaces(strangers, {BEFORE: to_grey(strangers.images)}),
    )


def treated_strangers(
    strangers: FaceSet, count: int, protections: Protections, pretrained: keras.Model, *, seed: int
) -> TreatedFaces:
    """One photo each of strangers under the treatments of the probes, to set thresholds at equal FMR.

    SM and NT of the recipes are left out: nobody asks what they cost.

    Parameters
    ----------
    count : subjects at most, drawn with `seed`; 0: all.
    """
    first = np.unique(strangers.subjects, return_index=True)[1]
    some = np.random.default_rng(seed).permutation(first)[: count or None]
    faces = strangers.take(np.sort(some))
    return TreatedFaces(faces, _treatments(faces, protections, pretrained))


def _treatments(faces: FaceSet, protections: Protections, pretrained: keras.Model) -> dict[str, np.ndarray]:
    made = with_comparisons(protections.treatments(faces, pretrained))
    others = {control for name, control in CONTROLS.items() if name != "op"}
    return {name: one for name, one in made.items() if name not in others}


def photo_counts(probes: FaceSet, gallery: FaceSet, strangers: FaceSet) -> dict[str, int]:
    """How many photos play each part of a matching test, by words for a table."""
    men = int(probes.binary("Male").sum())
    return {
        "test subjects": len(probes),
        "men": men,
        "women": len(probes) - men,
        "photos in the gallery": len(gallery),
        "photos of strangers": len(strangers),
    }


@dataclass(frozen=True)
class EmbeddedFaces:
    """Embeddings of faces under each treatment.

    Attributes
    ----------
    subjects, images : (N,) str. male : (N,) bool.
    by : treatment to float32 (N, D), NaN where the matcher had no face.
    """

    subjects: np.ndarray
    images: np.ndarray
    male: np.ndarray
    by: Mapping[str, np.ndarray]

    def take(self, rows: np.ndarray) -> EmbeddedFaces:
        """The photos at `rows`."""
        return EmbeddedFaces(
            self.subjects[rows],
            self.images[rows],
            self.male[rows],
            {name: values[rows] for name, values in self.by.items()},
        )


def embed(judge: Judge, part: TreatedFaces) -> EmbeddedFaces:
    """Embeddings of every treatment by one matcher, cropped by the photo's own points: nothing has moved."""
    labels = part.faces.labels
    bar = tqdm(part.pictures.items(), desc=f"{part.faces.name}: {judge.card.name}", leave=False)
    said = {name: judge(as_rgb(pictures), part.faces.points) for name, pictures in bar}
    return EmbeddedFaces(
        part.faces.subjects,
        labels["image"].to_numpy(dtype=str),
        labels["Male"].to_numpy(dtype=bool),
        {name: judgement.values for name, judgement in said.items()},
    )


@dataclass(frozen=True)
class MatchingTest:
    """All embeddings of one matcher in one matching test, and how they are compared.

    Attributes
    ----------
    card : the matcher's.
    probes, gallery, strangers : its embeddings of the three parts. Strangers are other subjects.
    impostors : impostor comparisons at most, drawn with `seed`, of the test and of the strangers each.
    treated_strangers : its embeddings of some strangers' photos under treatments; None: nobody made them.
    """

    card: ModelCard
    probes: EmbeddedFaces
    gallery: EmbeddedFaces
    strangers: EmbeddedFaces
    impostors: int = 100_000
    seed: int = 0
    treated_strangers: EmbeddedFaces | None = None

    @property
    def metric(self) -> Metric:
        """How its embeddings are compared."""
        return "euclidean" if self.card.comparison == "euclidean" else "cosine"

    def comparisons(
        self, probe: str, gallery: str = BEFORE, *, same_gender: bool = False, same_photo: bool = False
    ) -> ScoredPairs:
        """Probes of one treatment against the gallery of another.

        Parameters
        ----------
        probe, gallery : treatments.
        same_gender : impostors of the probe's own label only.
        same_photo : the gallery holds the very photos that the probes were made of: an upper bound of what
            matching can reach, and no question that anybody asks of a matcher.
        """
        mine, theirs = self.probes, self.probes if same_photo else self.gallery
        pairs = across(
            mine.subjects,
            theirs.subjects,
            probe_images=None if same_photo else mine.images,
            gallery_images=None if same_photo else theirs.images,
            probe_groups=mine.male if same_gender else None,
            gallery_groups=theirs.male if same_gender else None,
            impostors=self.impostors,
            seed=self.seed,
        )
        first, second = mine.by[probe], theirs.by[gallery]
        return score_pairs(pairs, first, mine.subjects, second, theirs.subjects, metric=self.metric)

    def calibration(self, treatment: str = BEFORE, *, same_gender: bool = False) -> ScoredPairs:
        """Comparisons of strangers with strangers, whose impostors set the thresholds."""
        one = self.strangers
        groups = one.male if same_gender else None
        pairs = within(one.subjects, groups=groups, impostors=self.impostors, seed=self.seed)
        return score_pairs(pairs, one.by[treatment], one.subjects, metric=self.metric)

    def own_calibration(self, treatment: str) -> ScoredPairs:
        """Comparisons of strangers of one treatment with untouched photos of other strangers.

        Raises
        ------
        KeyError : nobody treated strangers so.
        """
        mine, theirs = self.treated_strangers, self.strangers
        if mine is None:
            raise KeyError(treatment)
        pairs = across(
            mine.subjects,
            theirs.subjects,
            probe_images=mine.images,
            gallery_images=theirs.images,
            impostors=self.impostors,
            seed=self.seed,
        )
        first, second = mine.by[treatment], theirs.by[BEFORE]
        return score_pairs(pairs, first, mine.subjects, second, theirs.subjects, metric=self.metric)

    def with_probes(self, judge: Judge, more: TreatedFaces) -> MatchingTest:
        """The same test with further treatments of its probes: only these are embedded, by the same matcher.

        Raises
        ------
        JudgeError : another matcher, or other photos than those of the probes.
        """
        images = more.faces.labels["image"].to_numpy(dtype=str)
        if judge.card != self.card or not np.array_equal(images, self.probes.images):
            raise JudgeError(f"further treatments must be of the same probes, by {self.card.name}")
        by = {**self.probes.by, **embed(judge, more).by}
        return replace(self, probes=replace(self.probes, by=by))

    def only(self, treatments: Collection[str]) -> MatchingTest:
        """The same test with some treatments of its probes, and untouched photos in the gallery."""
        by = {name: values for name, values in self.probes.by.items() if name in treatments}
        gallery = replace(self.gallery, by={BEFORE: self.gallery.by[BEFORE]})
        return replace(self, probes=replace(self.probes, by=by), gallery=gallery)

    def balanced(self, per_gender: int) -> MatchingTest:
        """The source's sample: so many men and as many women, one photo each in the gallery.

        Fewer where the set has fewer of either label.
        """
        generator = np.random.default_rng(self.seed)
        groups = [np.flatnonzero(self.probes.male == value) for value in (False, True)]
        count = min(per_gender, *(len(group) for group in groups))
        rows = np.sort(np.concatenate([generator.permutation(group)[:count] for group in groups]))
        first = np.unique(self.gallery.subjects, return_index=True)[1]
        theirs = first[np.isin(self.gallery.subjects[first], self.probes.subjects[rows])]
        return replace(self, probes=self.probes.take(rows), gallery=self.gallery.take(np.sort(theirs)))


def matching_test(
    judge: Judge,
    probes: TreatedFaces,
    gallery: TreatedFaces,
    strangers: TreatedFaces,
    treated: TreatedFaces | None = None,
    *,
    impostors: int,
    seed: int,
) -> MatchingTest:
    """Let one matcher look at the three parts, and at strangers under treatments where there are any."""
    first, second, others = (embed(judge, part) for part in (probes, gallery, strangers))
    more = None if treated is None else embed(judge, treated)
    return MatchingTest(judge.card, first, second, others, impostors, seed, more)


def draw_treatments(
    one: MatchingTest,
    *,
    same_gender: bool = False,
    same_photo: bool = False,
    own_threshold: bool = False,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, DrawnVerification]:
    """Bootstrap draws of every treatment of the probes, thresholds from originals of strangers.

    Parameters
    ----------
    same_gender, same_photo : as of `MatchingTest.comparisons`.
    own_threshold : thresholds from strangers who were treated alike; other treatments are left out.
    """
    treated = one.treated_strangers.by if own_threshold and one.treated_strangers else {}
    originals = None if own_threshold else one.calibration(same_gender=same_gender)
    return {
        name: draw_verification(
            one.comparisons(name, same_gender=same_gender, same_photo=same_photo),
            calibration=originals or one.own_calibration(name),
            **draws,
        )
        for name in one.probes.by
        if not own_threshold or name in treated
    }


def verifications(
    one: MatchingTest,
    *,
    same_gender: bool = False,
    same_photo: bool = False,
    fta: Mapping[str, Estimate] | None = None,
    drawn: Mapping[str, DrawnVerification] | None = None,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, Verification]:
    """Verification by treatment, thresholds from originals of strangers.

    `private_private` compares generated with generated pictures; its thresholds come from generated pictures
    of strangers, as a system that holds nothing else would set them.

    Parameters
    ----------
    drawn : of `draw_treatments` with the same arguments, where they are at hand; None: drawn here.
    """
    if drawn is None:
        drawn = draw_treatments(one, same_gender=same_gender, same_photo=same_photo, **draws)
    found = {name: treated.figures((fta or {}).get(name)) for name, treated in drawn.items()}
    if PRIVATE in one.gallery.by and not same_photo:
        found[BOTH] = verify(
            one.comparisons(PRIVATE, PRIVATE, same_gender=same_gender),
            calibration=one.calibration(PRIVATE, same_gender=same_gender),
            fta=(fta or {}).get(PRIVATE),
            **draws,
        )
    return found


def roc_by_treatment(
    test: MatchingTest,
    rates: np.ndarray,
    treatments: Collection[str] | None = None,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, EstimateBand]:
    """ROC curves with bands over subjects, by treatment of the probe.

    Parameters
    ----------
    rates : (K,) false match rates.
    treatments : of the probes; None: all.
    """
    found = {}
    for name in test.probes.by:
        if treatments is None or name in treatments:
            two = test.comparisons(name)
            found[name] = bootstrap_roc(
                two.scores, two.mated, two.first_subject, rates, second_subjects=two.second_subject, **draws
            )
    return found
