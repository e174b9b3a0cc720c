"""Photos that play a part in a matching test, under the treatments that they get there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Unpack

import keras
import numpy as np

from lib.evaluation.protections import CONTROLS, Protections, with_comparisons
from lib.faces.faceset import FaceSet
from lib.faces.grey import as_rgb, to_grey
from lib.faces.matching_design import MatchingDesign
from lib.judges.base import Detector, JudgeError
from lib.judges.subject_face import find_subject_faces
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions
from lib.measures.verification import failure_to_acquire

BEFORE = "before"
"""The untouched picture."""


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


class MatchingParts(NamedTuple):
    """All photos of a matching test, by the part that they play."""

    probes: TreatedFaces
    gallery: TreatedFaces
    strangers: TreatedFaces

    def gallery_rows(self, probe_rows: np.ndarray) -> list[int]:
        """Rows of the gallery: the first photo of the subject of each of these probes, rows (N,)."""
        subjects = self.gallery.faces.subjects
        return [int(np.flatnonzero(subjects == self.probes.faces.subjects[row])[0]) for row in probe_rows]


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
    made, prototypes = protections.treatments_and_prototypes(probes, pretrained)
    return (
        TreatedFaces(probes, _compared(made) | prototypes),
        TreatedFaces(gallery, {BEFORE: to_grey(gallery.images)}),
        TreatedFaces(strangers, {BEFORE: to_grey(strangers.images)}),
    )


def treated_strangers(
    strangers: FaceSet, count: int, protections: Protections, pretrained: keras.Model, *, seed: int
) -> TreatedFaces:
    """One photo each of strangers under the treatments of the probes, to set thresholds at equal FMR.

    Parameters
    ----------
    count : subjects at most, drawn with `seed`; 0: all.
    """
    first = np.unique(strangers.subjects, return_index=True)[1]
    some = np.random.default_rng(seed).permutation(first)[: count or None]
    faces = strangers.take(np.sort(some))
    made, prototypes = protections.treatments_and_prototypes(faces, pretrained)
    return TreatedFaces(faces, _compared(made) | prototypes)


def _compared(pictures: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """`with_comparisons`, but of the controls those of OP alone."""
    made = with_comparisons(pictures)
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
