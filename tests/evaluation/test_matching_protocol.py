"""Altered pictures against second photos, by matchers whose answers can be worked out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lib.evaluation.matching_protocol import (
    BOTH,
    EmbeddedFaces,
    MatchingTest,
    TreatedFaces,
    draw_treatments,
    embed,
    matching_test,
    photo_counts,
    roc_by_treatment,
    treated_parts,
    treated_strangers,
    verifications,
)
from lib.evaluation.matching_results import as_results, same_photo_records, verification_records
from lib.faces.matching_design import matching_design
from lib.judges.base import JudgeError, Judgement
from lib.judges.book_networks import MatcherJudge
from lib.judges.packaged_catalogue import DLIB_RECOGNISER
from tests.exact import exactly

CARD = dataclasses.replace(DLIB_RECOGNISER, name="toy", comparison="cosine")
DRAWS = {"replicates": 40, "seed": 1}


def people(
    count: int, prefix: str, seed: int, treatments: dict[str, float], photos: int = 1
) -> EmbeddedFaces:
    """Embeddings around one direction for each subject, noisier by treatment."""
    generator = np.random.default_rng(seed)
    centre = np.repeat(np.random.default_rng(len(prefix)).normal(size=(count, 12)), photos, axis=0)
    number = np.repeat(np.arange(count), photos)
    return EmbeddedFaces(
        np.array([f"{prefix}{n}" for n in number]),
        np.array([f"{prefix}{n}_{seed}_{k}" for k, n in enumerate(number)]),
        number % 3 == 0,
        {name: centre + noise * generator.normal(size=centre.shape) for name, noise in treatments.items()},
    )


@pytest.fixture
def toy() -> MatchingTest:
    noise = {"before": 0.1, "reconstruction": 0.2, "op": 2.0, "private": 0.1}
    few = {name: noise[name] for name in ("before", "op", "private")}
    return MatchingTest(
        CARD, people(30, "t", 1, noise), people(30, "t", 2, few, 2), people(50, "st", 3, few), seed=4
    )


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


def test_figures_tell_a_treatment_that_hides_from_one_that_does_not(toy):
    found = verifications(toy, **DRAWS)
    assert found["before"].tmr[0.01].estimate == 1 and found["op"].tmr[0.01].estimate < 0.8
    assert set(found) == {"before", "reconstruction", "op", "private", BOTH}
    assert "calibration subjects" in found["op"].threshold_from
    assert found["op"].thresholds == pytest.approx(found["before"].thresholds)
    assert found[BOTH].thresholds != pytest.approx(found["before"].thresholds)
    kept = as_results(found["op"])
    assert {"auc", "eer", "tmr_at_fmr_1", "tmr_at_fmr_01"} <= set(kept) and "fta" not in kept


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


class Means:
    """Embeds a picture as its mean and 1: angles tell light from dark."""

    card = CARD

    def __call__(self, images, points=None):
        assert images.dtype == np.uint8 and images.shape[-1] == 3
        there = np.isfinite(points).all((1, 2))
        rows = np.stack([images.mean((1, 2, 3)), np.ones(len(images))], 1)
        return Judgement(np.where(there[:, None], rows, np.nan), there)


def part(world, rows) -> TreatedFaces:
    faces = world.take(rows)
    grey = faces.images[..., 1]
    return TreatedFaces(faces, {"before": grey, "dark": grey // 2})


def test_a_matcher_sees_every_treatment(world):
    rows = matching_design(world.labels)
    parts = [part(world, some) for some in (rows.probes, rows.gallery, rows.strangers)]
    found = matching_test(Means(), *parts, impostors=1000, seed=0)
    assert np.allclose(found.probes.by["dark"][:, 0], (parts[0].faces.images[..., 1] // 2).mean((1, 2)))
    assert not exactly(found.probes.images, found.gallery.images, because="whole grey levels")
    blank = dataclasses.replace(world, labels=world.labels.drop(columns=["nose_x"]))
    with pytest.raises(JudgeError, match="five points"):
        part(blank, rows.probes)
    with pytest.raises(JudgeError, match="one picture for each"):
        TreatedFaces(parts[0].faces, {"op": parts[1].pictures["dark"][:-1]})


def test_further_treatments_join_a_trial_without_another_look_at_the_others(world):
    rows = matching_design(world.labels)
    probes, gallery, strangers = (part(world, some) for some in (rows.probes, rows.gallery, rows.strangers))
    one = matching_test(Means(), probes, gallery, strangers, impostors=1000, seed=0)
    more = one.with_probes(Means(), TreatedFaces(probes.faces, {"light": 255 - probes.pictures["before"]}))
    assert list(more.probes.by) == ["before", "dark", "light"]
    assert more.probes.by["before"] is one.probes.by["before"]
    assert not np.allclose(more.probes.by["light"], one.probes.by["before"])
    assert list(verifications(more.only(["light"]), **DRAWS)) == ["light"]
    with pytest.raises(JudgeError, match="the same probes"):
        one.with_probes(Means(), gallery)


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


def test_the_trained_matcher_is_a_judge(world):
    from lib.networks.matcher import matcher
    from lib.training.inference import predict_images

    network = matcher(64, dimensions=8, widths=(4, 8))
    judge = MatcherJudge(network, trained_on="nothing")
    faces = world.take(np.arange(5))
    points = faces.points
    points[2] = np.nan
    said = judge(faces.images, points)
    assert said.failures == 1 and np.isnan(said.values[2]).all()
    assert np.allclose(
        said.values[[0, 1, 3, 4]], predict_images(network, faces.images)[[0, 1, 3, 4]], atol=1e-5
    )
    assert judge(faces.images).failures == 0
    with pytest.raises(JudgeError, match="takes pictures of"):
        judge(faces.images[:, :32, :32])


def test_embeddings_keep_subjects_and_labels(world):
    found = embed(Means(), part(world, np.array([3, 50])))
    assert exactly(found.subjects.tolist(), world.subjects[[3, 50]].tolist(), because="names, not numbers")
    assert exactly(
        found.male.tolist(), world.labels["Male"].iloc[[3, 50]].tolist(), because="labels are true or false"
    )
    assert found.take(np.array([1])).by["before"].shape == (1, 2)


def test_curves_rise_to_the_rate_that_the_figures_say(toy):
    bands = roc_by_treatment(toy, np.array([0.01, 0.5, 1.0]), {"before", "op"}, **DRAWS)
    assert list(bands) == ["before", "op"]
    np.testing.assert_allclose(bands["before"].estimate, 1)
    assert bands["op"].estimate[0] < 0.8 and bands["op"].estimate[-1] == pytest.approx(1)
    everything = set(roc_by_treatment(toy, np.array([0.5]), **DRAWS))
    assert exactly(everything, set(toy.probes.by), because="names")


def test_records_hold_every_figure_once(toy):
    found = verifications(toy, **DRAWS)
    records = verification_records({("a", "m"): found}, "any gender")
    assert len(records) == 5 * 6 == len({(one["row"], one["series"]) for one in records})
    first = {
        "set": "a", "matcher": "m", "impostors": "any gender", "row": "before", "series": "auc",
        "figure": found["before"].auc,
    }  # fmt: skip
    assert exactly(records[0], first, because="names, and a figure passed on as it is")


def test_the_very_photo_stands_beside_a_second_one(toy):
    key = ("a", "m")
    found = {key: verifications(toy, **DRAWS)}
    photos = same_photo_records({key: verifications(toy, same_photo=True, **DRAWS)}, found)
    assert {one["row"] for one in photos} == {"reconstruction", "op", "private"}
    assert {one["series"].split(", ")[1] for one in photos} == {"TMR", "FMR reached"}
    assert photos[-1]["figure"] is found[key][photos[-1]["row"]].fmr[0.01]


def test_strangers_treated_alike_set_thresholds_of_their_own(toy):
    own = dataclasses.replace(toy, treated_strangers=toy.strangers.take(np.arange(20)))
    drawn = draw_treatments(own, own_threshold=True, **DRAWS)
    assert set(drawn) == {"before", "op", "private"}, "nobody treated strangers by `reconstruction`"
    assert len(drawn["op"].setters) == 20 * 49
    assert draw_treatments(toy, own_threshold=True, **DRAWS) == {}
    with pytest.raises(KeyError, match="op"):
        toy.own_calibration("op")


class Half:
    """A protection set whose every picture is a half of the photo's."""

    def op(self, faces):
        return faces.images[..., 1] // 2

    def generated(self, faces):
        return {"private": faces.images[..., 1] // 4}

    def recipe_prototypes(self, faces):
        return {"report_sm": faces.images[..., 1]}

    def treatments(self, faces, pretrained):
        return {"before": faces.images[..., 1], "op": self.op(faces)} | self.generated(faces)


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
    assert set(treated.pictures) == {"before", "op", "private", "control", "resampled"}
    assert set(treated.faces.subjects) <= set(strangers.faces.subjects)
