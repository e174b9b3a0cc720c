"""The chart of all methods: both axes, and an earlier result that may be missing."""

import numpy as np
import pytest

from lib.evaluation.kept_attributes.expressions import ExpressionTest
from lib.evaluation.kept_attributes.methods import (
    baseline_pictures,
    best_angle,
    grey_protections,
    method_records,
    methods_table,
    naive_tmr,
    reading_or_none,
    same_images,
    strongest_tmr,
    with_told_gender,
)
from lib.measures.estimate import Estimate
from tests.evaluation.kept_attributes.small_faces import PixelJudge, small_faces

DRAWS = {"replicates": 40, "seed": 0}


def figure(value: float) -> dict:
    return Estimate(value, value - 0.1, value + 0.1, n=10).to_dict()


ROTATION = {
    "rendered": {
        "heldout_matcher": {
            "tmr_at_fmr_1": {
                "naive": {"90": figure(0.2), "ours": figure(0.1), "blur_0.05": figure(0.3)},
                "inverter": {"90": figure(0.8), "ours": figure(0.05)},
            }
        },
        "unseen_dlib": {"tmr_at_fmr_1": {"naive": {"90": figure(0.9)}}},
        "best_angle": 112.5,
    }
}


def test_the_strongest_attacker_decides():
    found = strongest_tmr(ROTATION, "rendered")
    assert {name: one.estimate for name, one in found.items()} == {
        "90": pytest.approx(0.9),
        "ours": pytest.approx(0.1),
        "blur 0.05": pytest.approx(0.3),
    }
    named = {"rendered": {**ROTATION["rendered"], "strongest": {"90": {"tmr_at_fmr_1": figure(0.7)}}}}
    assert strongest_tmr(named, "rendered")["90"].estimate == pytest.approx(0.7)
    assert strongest_tmr(ROTATION, "celeba") == {} == strongest_tmr({}, "rendered")


def test_rivals_are_called_as_here():
    by = {"blur": figure(0.3), "pixelate": figure(0.2), "k_same": figure(0.1), "k_same_select": figure(0.1)}
    values = {"rendered": {"m": {"tmr_at_fmr_1": {"naive": by}}}}
    found = strongest_tmr(values, "rendered", (0.05, 0.1))
    assert set(found) == {"blur 0.05", "pixelate 0.1", "k-Same", "k-Same-Select"}


def test_who_was_never_attacked_has_the_best_matchers_figure():
    values = {"rendered": {"tmr_loss": 1, "a": {"op": {"tmr_at_fmr_1": figure(0.4)}, "nt": {}}}}
    values["rendered"]["b"] = {"op": {"tmr_at_fmr_1": figure(0.6)}}
    assert {name: one.estimate for name, one in naive_tmr(values, "rendered").items()} == {
        "op": pytest.approx(0.6)
    }


def test_the_best_angle_is_that_of_chapter_08_where_there_is_one():
    assert best_angle(ROTATION, "rendered", 120) == pytest.approx(112.5)
    assert best_angle({"best_angle": 100}, "rendered", 120) == pytest.approx(100)
    assert best_angle({"best_angle": figure(105.0)}, "rendered", 120) == pytest.approx(105)
    assert best_angle({}, "rendered", 120) == pytest.approx(120)


def test_a_missing_result_is_empty_and_another_error_is_raised():
    def missing():
        raise KeyError("08")

    assert reading_or_none(missing, KeyError) == {}
    with pytest.raises(KeyError):
        reading_or_none(missing, ValueError)


def test_records_hold_both_axes():
    faces = small_faces()
    half = faces.images.copy()
    half[::2, 0, 0] = 0
    pictures = {"original": faces.images, "0": faces.images, "90": half, "ours": half}
    pictures |= {"ours_reconstruction": half, "blur 0.05": faces.images}
    test = ExpressionTest.of(faces, pictures, {"pixel": PixelJudge()})
    found = {
        one["treatment"]: one for one in method_records(test, strongest_tmr(ROTATION, "rendered"), **DRAWS)
    }
    assert "ours_reconstruction" not in found
    assert found["90"]["kept"].estimate < 0.8 and found["90"]["method"] == "rotation"
    # All on one scale, that of the originals, whoever painted them.
    assert found["ours"]["kept"].estimate == pytest.approx(found["90"]["kept"].estimate)
    assert found["original"]["kept"].estimate == pytest.approx(1)
    assert found["blur 0.05"]["strength"] == pytest.approx(0.05) and found["blur 0.05"]["method"] == "blur"
    assert found["0"]["tmr"] is None and found["90"]["tmr"].estimate == pytest.approx(0.9)
    assert found["0"]["open"] and not found["90"]["open"]
    table = methods_table(found.values())
    assert table["tmr"].isna().sum() == 2 and table["kept"].notna().all()


def test_baselines_alter_and_a_cover_leaves_nothing():
    faces = small_faces(3)
    made = baseline_pictures(faces, [0.1])
    assert set(made) == {"cover", "blur 0.1", "pixelate 0.1"}
    assert (made["cover"] == 128).all() and made["blur 0.1"].shape == faces.images.shape


def test_the_same_images_are_found_by_name():
    faces = small_faces(6)
    large = faces.resized((64, 64))
    order = np.array([5, 2, 9])
    found = same_images(large, faces.take(order))
    assert found.labels["image"].tolist() == ["i005", "i002", "i009"] and found.size == (64, 64)
    with pytest.raises(KeyError):
        same_images(faces.take([0]), faces)


def test_gender_is_told_by_the_classifier_where_nobody_labelled_it():
    class SaysMale:
        def predicted(self, images):
            return np.ones(len(images), bool)

    faces = small_faces(3)
    assert with_told_gender(faces, SaysMale()) is faces
    bare = type(faces)(faces.images, faces.labels.drop(columns="Male"), "fer2013")
    assert with_told_gender(bare, SaysMale()).binary("Male").all()


def test_grey_protections_come_at_the_size_that_is_asked():
    class Half:
        def op(self, faces):
            return np.full(faces.images.shape[:3], 7, np.uint8)

        def generated(self, faces):
            return {}

    made = grey_protections(Half(), small_faces(3), 16)
    assert set(made) == {"op"} and made["op"].shape == (21, 16, 16, 3) and (made["op"] == 7).all()
