"""Photos by the part that they play, under every treatment."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from lib.evaluation.matching.treated_faces import (
    MatchingParts,
    TreatedFaces,
    photo_counts,
    treated_parts,
    treated_strangers,
)
from lib.faces.matching_design import matching_design
from lib.judges.base import JudgeError
from tests.evaluation.matching.embedded_people import DRAWS, part


def test_a_treatment_without_a_face_is_a_failure_to_acquire(world):
    class Bright:
        card, name = None, "bright"

        def many(self, images):
            from lib.faces.detections import Detections

            box = np.array([[10, 10, 50, 50]], np.float32)
            one = Detections(box, np.zeros((1, 5, 2), np.float32), np.ones(1, np.float32))
            return [one if image.mean() > 1 else Detections.none() for image in images]

    faces = world.take(matching_design(world.labels).probes)
    grey = faces.images[..., 1]
    found = TreatedFaces(faces, {"before": grey, "black": np.zeros_like(grey)}).acquisition(Bright(), **DRAWS)
    assert found["before"].estimate == 0 and found["black"].estimate == 1


class Half:
    """A protection set whose every picture is a half of the photo's."""

    def op(self, faces):
        return faces.images[..., 1] // 2

    def generated(self, faces):
        return {"private": faces.images[..., 1] // 4}

    def treatments(self, faces, pretrained):
        return {"before": faces.images[..., 1], "op": self.op(faces)} | self.generated(faces)

    def treatments_and_prototypes(self, faces, pretrained):
        return self.treatments(faces, pretrained), {"report_sm": faces.images[..., 1]}


def test_gallery_and_strangers_are_untouched_and_probes_have_the_controls_of_op(world):
    design = matching_design(world.labels)
    probes, gallery, strangers = treated_parts(world, design, Half(), None)
    assert set(probes.pictures) == {"before", "op", "private", "control", "resampled", "report_sm"}
    assert set(gallery.pictures) == set(strangers.pictures) == {"before"}
    taken = [part.faces.labels["image"].tolist() for part in (probes, gallery, strangers)]
    rows = (design.probes, design.gallery, design.strangers)
    assert taken == [world.labels["image"].iloc[some].tolist() for some in rows]
    counts = photo_counts(probes.faces, gallery.faces, strangers.faces)
    assert counts["men"] == int(world.labels["Male"].iloc[design.probes].sum())
    assert counts["men"] + counts["women"] == counts["test subjects"] == len(design.probes)
    assert (counts["photos in the gallery"], counts["photos of strangers"]) == tuple(map(len, rows[1:]))
    treated = treated_strangers(strangers.faces, 3, Half(), None, seed=0)
    assert len(treated.faces) == len(set(treated.faces.subjects)) == 3
    assert set(treated.pictures) == {"before", "op", "private", "control", "resampled", "report_sm"}
    assert set(treated.faces.subjects) <= set(strangers.faces.subjects)


def test_points_are_needed_and_a_picture_of_each_photo(world):
    rows = matching_design(world.labels)
    blank = dataclasses.replace(world, labels=world.labels.drop(columns=["nose_x"]))
    with pytest.raises(JudgeError, match="five points"):
        part(blank, rows.probes)
    with pytest.raises(JudgeError, match="one picture for each"):
        dark = part(world, rows.gallery).pictures["dark"]
        TreatedFaces(part(world, rows.probes).faces, {"op": dark[:-1]})


def test_each_probe_has_the_first_gallery_photo_of_its_own_subject():
    probes = SimpleNamespace(faces=SimpleNamespace(subjects=np.array(["a", "b", "c"])))
    gallery = SimpleNamespace(faces=SimpleNamespace(subjects=np.array(["b", "a", "c", "c"])))
    assert MatchingParts(probes, gallery, None).gallery_rows(np.array([0, 2])) == [1, 2]
