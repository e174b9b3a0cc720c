"""What a training did is named by numbers; the fixed map, warped prototypes, folders and means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.evaluation.san import outputs
from lib.evaluation.san.outputs import verdict
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.measures.estimate import Estimate
from lib.networks.san import SanAutoencoder, boost_prototype_weights
from lib.networks.san_losses import entropy
from lib.training.inference import reconstruct
from tests.evaluation.brightness import Brightness
from tests.exact import exactly

DRAWS = {"replicates": 50, "seed": 1}


def figures(before: float, sm: float, op: float, half: float = 0.05) -> dict:
    def around(value: float) -> Estimate:
        return Estimate(value, value - half, value + half, 50)

    return {
        "before": {"auc": around(before)}, "sm": {"auc": around(sm)}, "op": {"auc": around(op)},
        "lost": around(before - sm), "fell": around(before - op), "apart": around(sm - op),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "sm", "op", "said"),
    [
        (0.99, 0.98, 0.08, "turned round"),
        (0.99, 0.70, 0.08, "turned round, SM spoiled"),
        (0.99, 0.98, 0.60, "OP lowered"),
        (0.99, 0.98, 0.47, "OP lowered"),  # its interval reaches above one half
        (0.99, 0.70, 0.45, "OP lowered, SM spoiled"),  # its interval reaches one half
        (0.70, 0.80, 0.65, "OP below SM"),  # SM is read better than before
        (0.99, 0.79, 0.80, "degradation"),
        (0.99, 0.79, 0.73, "degradation"),
        (0.99, 0.86, 0.95, "SM spoiled"),  # OP is not
        (0.99, 0.93, 0.86, "OP lowered, cause open"),
        (0.99, 0.96, 0.96, "still read"),
        (0.99, 0.97, 0.92, "nothing shown"),  # the interval of before less OP reaches 0.12
        (0.55, 0.54, 0.20, "unread before"),
    ],
)
def test_degradation_is_told_from_fooling(before, sm, op, said):
    found = figures(before, sm, op)
    assert verdict(found) == said
    kept = {key: one.to_dict() if isinstance(one, Estimate) else one for key, one in found.items()}
    kept |= {key: {"auc": found[key]["auc"].to_dict()} for key in ("before", "sm", "op")}
    assert verdict(kept) == said, "results keep dictionaries"


def test_a_difference_whose_interval_holds_zero_is_none_and_rules_none_out():
    assert verdict(figures(0.99, 0.70, 0.75, half=0.3)) == "nothing shown"


def test_degradation_needs_both_outputs():
    """A verdict that looks at SM alone, as an earlier one did, calls this degradation."""
    found = figures(0.99, 0.86, 0.95)

    def looks_at_sm_alone(one):
        return "degradation" if one["lost"].low > 0 and not one["apart"].low > 0 else "still read"

    assert looks_at_sm_alone(found) == "degradation" != verdict(found)


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        ((0.30, 0.20, 0.40), "differ"),
        ((-0.30, -0.40, -0.20), "differ"),
        ((0.08, 0.02, 0.14), "cannot be told"),  # more than nothing, but perhaps less than 0.10
        ((0.20, -0.05, 0.45), "cannot be told"),
        ((0.01, -0.04, 0.06), "alike"),
        ((0.00, -0.10, 0.06), "cannot be told"),
    ],
)
def test_two_readings_differ_are_alike_or_cannot_be_told(difference, said):
    verdict = outputs.apart(Estimate(*difference, 50))
    assert f"{verdict}" == said


@pytest.fixture
def bright(world: FaceSet) -> FaceSet:
    """The world's faces, men bright and women dark, so that Brightness reads them."""
    part = world.take(np.arange(min(140, len(world))))  # 20 subjects: fewer turn nobody round for certain
    male = part.binary("Male")[:, None, None, None]
    return replace(part, images=np.where(male, 200, 50).astype(np.uint8) + part.images // 16)


def test_figures_of_a_game_are_paired(bright):
    before = to_grey(bright.images)
    found = outputs.game_figures({"sm": before, "op": 255 - before}, bright, Brightness(), **DRAWS)
    assert found["sm"]["auc"].estimate == pytest.approx(1) and found["op"]["auc"].estimate == pytest.approx(0)
    assert found["lost"].estimate == pytest.approx(0) and found["lost"].high == pytest.approx(0)
    assert found["apart"].estimate == found["fell"].estimate == pytest.approx(1)
    assert found["before"]["auc"].estimate == pytest.approx(1)
    assert verdict(found | {"lost": Estimate(0, 0, 0, 9)}) == "turned round"


def test_readings_are_compared_on_the_same_draws(bright):
    before, rng = to_grey(bright.images), np.random.default_rng(0)
    noisy = rng.permutation(before)  # read at chance, with a wide interval of its own
    same = outputs.readings_apart(noisy, noisy, bright, Brightness(), **DRAWS)
    assert same.low == pytest.approx(0) and same.high == pytest.approx(0), (
        "unpaired, these intervals are wide"
    )
    found = outputs.readings_apart(before, 255 - before, bright, Brightness(), **DRAWS)
    assert found.estimate == pytest.approx(1)


def test_chance_of_matching_is_that_of_different_subjects(bright):
    class First:
        """Stands for a matcher: turns the picture's mean into a direction."""

        jit_compile = False

        def predict_on_batch(self, pictures: np.ndarray) -> np.ndarray:
            angle = 40 * pictures.mean(axis=(1, 2, 3))
            return np.stack([np.cos(angle), np.sin(angle)], axis=1)

    first = np.unique(bright.subjects, return_index=True)[1]
    chance, _ = outputs.term_levels(bright, 0.4, First())
    alone, _ = outputs.term_levels(bright.take(first), 0.4, First())
    assert chance["matching_sm"] == pytest.approx(alone["matching_sm"], abs=1e-6)
    assert chance["gender_sm"] == pytest.approx(entropy(0.4))


def test_treatments_have_no_distance_from_themselves(bright):
    before = to_grey(bright.images)
    pictures = {"before": before, "op": 255 - before}
    male, subjects = bright.binary("Male"), bright.subjects
    found = outputs.treatment_figures(pictures, male, subjects, Brightness(), **DRAWS)
    assert list(found["psnr"]) == list(found["ssim"]) == ["op"]
    assert found["trained_gender"]["before"]["auc"].estimate > found["trained_gender"]["op"]["auc"].estimate
    assert found["ssim"]["op"].n == len(np.unique(subjects))
    assert found["psnr"]["op"].estimate == pytest.approx(
        outputs.op_figures(pictures["op"], bright, Brightness(), **DRAWS)["PSNR, dB"].estimate
    )


def test_the_mean_of_few_is_not_shown():
    pictures = {"before": np.arange(200, dtype=np.uint8)[:, None, None] * np.ones((1, 2, 2), np.uint8)}
    many = np.arange(200).astype(str)
    assert outputs.mean_pictures(pictures, many)["before"].tolist() == [[100, 100], [100, 100]]
    assert outputs.mean_pictures(pictures, np.repeat(many[:99], 3)[:200]) == {}


@pytest.fixture(scope="module")
def san() -> SanAutoencoder:
    rng = np.random.default_rng(3)
    prototypes = rng.uniform(0.2, 0.8, (3, 16, 16, 3)).repeat(4, 1).repeat(4, 2).astype("float32")
    network = SanAutoencoder(prototypes, 64, decoder=(4, 4))
    boost_prototype_weights(network, 1.0)
    return network


def test_strengths_of_the_map_begin_at_sm_and_pass_op(san, world):
    part = world.take(np.arange(0, 24, 5))
    label = part.binary("Male").astype(np.float32)
    made = reconstruct(san, part.images, label)
    steps = [outputs.at_strength(san, part.images, label, one).astype(int) for one in (0, 1, 2)]
    for step, name in zip(steps, ("sm", "op"), strict=False):
        assert np.abs(step - made[name]).max() <= 1
    further, once = np.abs(steps[2] - steps[0]).mean(), np.abs(steps[1] - steps[0]).mean()
    assert further > 1.5 * once > 1.5
    with pytest.raises(ValueError, match="one fixed map"):
        hidden = SanAutoencoder(san.fixed, 64, decoder=(4, 4), combiner="hidden")
        outputs.at_strength(hidden, part.images, label, 1)


def test_prototypes_are_warped_to_where_the_face_is(san, world):
    part = world.take(np.arange(0, 24, 5))
    points = part.points
    assert points is not None
    made = reconstruct(san, part.images, part.binary("Male"))["op"].astype(int)

    def fitted(reference, only):
        return outputs.op_with_fitted_prototypes(san, part.take([only]), san.fixed, reference)[0].astype(int)

    same = fitted(points[2], 2)
    assert np.abs(same - made[2]).mean() < 0.5, "the face lies where the prototypes have theirs"
    moved = fitted(points[2] - [8, 0], 2)  # the face lies 8 pixels to the right of the prototypes'
    assert np.abs(moved - made[2]).mean() > 2


def test_folders_are_counted_and_written_anew(world, tmp_path):
    part = world.take(np.arange(10))
    pictures = {name: to_grey(part.images) for name in ("before", "sm", "nt", "op")}
    for _ in range(2):
        found = outputs.save_generated({"here": pictures}, {"here": part}, tmp_path)
    male = part.binary("Male")
    assert found == {"here": {"female": int((~male).sum()), "male": int(male.sum()),
                              "subjects": len(np.unique(part.subjects))}}  # fmt: skip
    assert sorted(one.name for one in (tmp_path / "here").iterdir()) == [
        "nt_female", "nt_male", "op_female", "op_male", "sm_female", "sm_male"
    ]  # fmt: skip
    kept = FaceSet.open(tmp_path / "here" / "op_male")
    assert exactly(kept.subjects, part.subjects[male], because="names") and not kept.publishable
    assert exactly(to_grey(kept.images), pictures["op"][male], because="written as they are")
    table = outputs.generated_table(pd.DataFrame([{"data": "report", "female": 3, "male": 4}]), found)
    assert table["data"].tolist() == ["report", "this book, here"] and table["subjects"].isna()[0]


def test_rows_for_galleries():
    male = np.array([True, False, True, False, True])
    assert male[outputs.evenly_spaced(male, 3)].tolist() == [False, True, True]
    assert len(outputs.evenly_spaced(male, 9)) == 5


def test_two_images_of_each_subject_stand_below_each_other(world):
    labels = world.labels[:5].assign(subject=["a", "b", "a", "c", "b"])
    part = replace(world.take(np.arange(5)), labels=labels)
    pictures = {"before": np.arange(5), "private": 10 + np.arange(5)}
    found = outputs.pairs_of_images(pictures, part, np.array([0, 1, 3]))
    assert {name: one.tolist() for name, one in found.pictures.items()} == {
        "before": [0, 1], "private": [10, 11], "before, again": [2, 4], "private, again": [12, 14],
    }  # fmt: skip
    assert found.caption("private", 0) == ""
    alone = outputs.pairs_of_images({"before": np.arange(5)}, part, np.array([0]))
    assert list(alone.pictures) == ["before", "before, again"]
    assert outputs.pairs_of_images(pictures, replace(part, publishable=False), np.array([0])) is None
