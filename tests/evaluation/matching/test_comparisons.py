"""Altered pictures against second photos, by matchers whose answers can be worked out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lib.evaluation.matching.comparisons import MatchingTest, matching_test
from lib.evaluation.matching.embedded_faces import embed
from lib.evaluation.matching.treated_faces import MatchingParts, TreatedFaces
from lib.evaluation.matching.verifications import verifications
from lib.faces.matching_design import matching_design
from lib.judges.base import JudgeError
from tests.evaluation.matching.embedded_people import DRAWS, Means, part, toy_test
from tests.exact import exactly


@pytest.fixture
def toy() -> MatchingTest:
    return toy_test()


def test_second_photos_are_compared_and_never_the_own_one(toy):
    found = toy.comparisons("op")
    assert found.mated.sum() == 30 * 2 and len(found.impostor_scores) == 30 * 29 * 2
    own = dataclasses.replace(toy, gallery=toy.probes)
    assert own.comparisons("op").mated.sum() == 0, "a probe never meets the photo that it was made of"
    assert toy.comparisons("op", same_photo=True).mated.sum() == 30


def test_same_gender_impostors_share_the_label(toy):
    found = toy.comparisons("op", same_gender=True)
    assert len(found.impostor_scores) == 2 * (10 * 9 + 20 * 19)
    male = dict(zip(toy.probes.subjects, toy.probes.male, strict=True))
    assert all(
        exactly(male[a], male[b], because="labels are true or false")
        for a, b in zip(found.first_subject, found.second_subject, strict=True)
    )
    assert len(toy.calibration(same_gender=True).scores) < len(toy.calibration().scores)


def test_a_missing_embedding_is_a_failure_not_a_non_match(toy):
    toy.probes.by["op"][3] = np.nan
    found = toy.comparisons("op")
    assert found.failed == 60 and not np.isnan(found.scores).any()


def test_the_sample_of_the_source_has_both_labels_alike_and_one_photo_in_the_gallery(toy):
    small = toy.balanced(200)
    assert small.probes.male.sum() == 10 == (~small.probes.male).sum()
    assert exactly(
        sorted(small.gallery.subjects), sorted(small.probes.subjects), because="names, not numbers"
    )
    assert toy.balanced(4).comparisons("op").mated.sum() == 8


def test_a_matcher_sees_every_treatment(world):
    rows = matching_design(world.labels)
    parts = MatchingParts(*(part(world, some) for some in (rows.probes, rows.gallery, rows.strangers)))
    found = matching_test(Means(), parts, impostors=1000, seed=0)
    assert np.allclose(found.probes.by["dark"][:, 0], (parts.probes.faces.images[..., 1] // 2).mean((1, 2)))
    assert not exactly(found.probes.images, found.gallery.images, because="whole grey levels")


def test_further_treatments_join_a_trial_without_another_look_at_the_others(world):
    rows = matching_design(world.labels)
    probes, gallery, strangers = (part(world, some) for some in (rows.probes, rows.gallery, rows.strangers))
    one = matching_test(Means(), MatchingParts(probes, gallery, strangers), impostors=1000, seed=0)
    more = one.with_probes(Means(), TreatedFaces(probes.faces, {"light": 255 - probes.pictures["before"]}))
    assert list(more.probes.by) == ["before", "dark", "light"]
    assert more.probes.by["before"] is one.probes.by["before"]
    assert not np.allclose(more.probes.by["light"], one.probes.by["before"])
    assert list(verifications(more.only(["light"]), **DRAWS)) == ["light"]
    with pytest.raises(JudgeError, match="the same probes"):
        one.with_probes(Means(), gallery)


def test_embeddings_keep_subjects_and_labels(world):
    found = embed(Means(), part(world, np.array([3, 50])))
    assert exactly(found.subjects.tolist(), world.subjects[[3, 50]].tolist(), because="names, not numbers")
    assert exactly(
        found.male.tolist(), world.labels["Male"].iloc[[3, 50]].tolist(), because="labels are true or false"
    )
    assert found.take(np.array([1])).by["before"].shape == (1, 2)
