from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.book.paths import WEIGHTS
from lib.deidentify.attacks.mask_removal import remove_map
from lib.deidentify.attacks.result import Gate, attack_result
from lib.evaluation.gender_attack_results import GenderAttacks
from lib.evaluation.gender_attacks import Lessons
from lib.evaluation.gender_page import GenderJudged, GenderTest, face_sheet, kept_values
from lib.evaluation.map_removal import MapRemoval
from lib.evaluation.portrait_treatments import portrait_treatments
from lib.faces.faceset import FaceSet
from lib.judges.base import Judgement
from lib.measures.score_table import ScoreTable
from tests.exact import exactly

N = 48


def faces(name: str = "tiny", *, unknown: int = 0) -> FaceSet:
    """Twelve subjects of four images in three splits; men are bright."""
    subject = np.arange(N) // 4
    male = subject % 2 == 0
    label = pd.array(male, dtype="boolean")
    label[:unknown] = pd.NA
    table = pd.DataFrame(
        {"image": [f"{name}{k}" for k in range(N)], "subject": [f"{name}{k}" for k in subject]}
    )
    table = table.assign(split=np.array(["train", "validation", "test"])[subject % 3], Male=label)
    images = np.broadcast_to(np.where(male, 180, 60).astype(np.uint8)[:, None, None, None], (N, 16, 16, 3))
    return FaceSet(images.copy(), table, name, publishable=True)


def drawn(**options: int) -> GenderTest:
    some = faces()
    return GenderTest.of(some, np.flatnonzero(some.labels["split"] == "validation"), **options)


def test_directions_come_from_other_subjects_than_figures():
    test = drawn(most_test=2, limit_calibration=5)
    known, judged = (set(test.faces.subjects[test.rows[name]]) for name in ("validation", "tiny"))
    assert test.sets == ["tiny"] and not known & judged
    assert len(test.rows["tiny"]) == 2 * len(judged) and len(test.rows["validation"]) == 5
    assert exactly(test.split.test, test.rows["tiny"], because="integers")
    assert list(test.fingerprints) == ["tiny"]


def test_another_set_is_judged_as_well():
    some = faces("lfw")
    test = GenderTest.of(faces(), np.arange(4, 8), some, limit_lfw=3)
    assert test.sets == ["tiny", "lfw"] and len(test.rows["lfw"]) == 3
    assert exactly(test.only("lfw").test, test.rows["lfw"], because="integers")


class Brightness:
    """Scores the mean grey level, around 120; sees no face where the first pixel is 0."""

    def __call__(self, images, points=None):
        seen = images[:, 0, 0, 0] > 0
        return Judgement(np.where(seen, images.mean((1, 2, 3)) - 120.0, np.nan).astype(np.float32), seen)


def pictures(test: GenderTest) -> dict[str, np.ndarray]:
    before = test.faces.images[..., 0]
    return {"before": before, "op": (240 - before).astype(np.uint8)}


def test_what_a_judge_does_not_see_is_left_out_and_counted():
    test = drawn()
    shown = pictures(test)
    shown["op"][test.rows["tiny"][0], 0, 0] = 0
    judged = GenderJudged.of(test, {"trained_gender": Brightness()}, shown, replicates=20)
    whole = len(test.rows["tiny"])
    assert judged.lost == {"tiny": (1, whole)} and len(judged.panels["tiny"].positive) == whole - 1
    own = judged.read["tiny"]["trained_gender"]
    assert own["before"].auc.estimate == 1 and own["op"].auc.estimate == 0
    assert own["op"].auc_free.estimate == 1
    bands = judged.bands(["op", "other"], 5, replicates=20)
    assert list(bands) == ["trained_gender, tiny"] and list(bands["trained_gender, tiny"][0]) == ["op"]


def attacks(test: GenderTest) -> GenderAttacks:
    rows = test.rows["tiny"]
    male, subjects = test.male[rows], test.faces.subjects[rows]
    one = attack_result(np.where(male, 1.0, -1.0), male, subjects, 1.0, replicates=20)
    read = {"attacker_a": {"before": one, "op": one}}
    return GenderAttacks(
        {"tiny": ScoreTable({}, male, subjects)}, {}, {"tiny": read}, {"tiny": Gate(("attacker_a",), ())}
    )


def test_the_sheet_shows_faces_with_what_both_readers_say():
    test = drawn()
    shown, said = face_sheet(test, pictures(test), Brightness(), attacks(test), ["before", "op", "private"])
    assert list(shown) == ["before", "op"] and shown["op"].shape == (3, 16, 16)
    woman_man_woman = said["attacker"]["op"] > 0.5
    np.testing.assert_array_equal(woman_man_woman, [False, True, False])
    np.testing.assert_array_equal(said["classifier"]["op"] > 0.5, ~woman_man_woman)  # fooled
    hidden = GenderTest(
        FaceSet(test.faces.images, test.faces.labels, "tiny", publishable=False), test.rows, {}
    )
    mean, nothing = face_sheet(hidden, pictures(test), Brightness(), attacks(test), ["op"])
    assert mean["op"].shape == (1, 16, 16) and nothing == {}


def test_results_name_the_strongest_attacker_of_each_set_and_treatment():
    test = drawn()
    judged = GenderJudged.of(test, {"trained_gender": Brightness()}, pictures(test), replicates=20)
    kept = kept_values(judged, attacks(test))
    assert kept["worst_attackers"]["tiny"]["op"]["name"] == "attacker_a"
    assert kept["worst_attackers"]["tiny"]["op"]["auc_free"].estimate == 1
    assert set(kept["tiny"]["attacker_a"]["op"]) == {"auc", "auc_free", "auc_free_averaged"}
    assert kept["gate"] == {"passed": ["attacker_a"], "failed": [], "wanted": 1.0}


def test_attackers_must_reach_the_best_of_our_judges_not_the_weakest_and_not_by_test_subjects():
    test = drawn()
    directions = {"trained_gender": 0.9, "unseen_patch": 0.03, "published_x": 1.0}
    read = {name: {"before": None} for name in directions}
    judged = GenderJudged({}, {name: {"before": one} for name, one in directions.items()}, {"tiny": read}, {})
    assert judged.wanted() == {"tiny": pytest.approx(0.97)}  # turned round; what others published is no goal
    male, subjects = test.male[test.rows["tiny"]], test.faces.subjects[test.rows["tiny"]]
    perfect = {"before": attack_result(np.where(male, 1.0, -1.0), male, subjects, 1.0, replicates=5)}
    both = GenderJudged({}, judged.directions, {"tiny": read, "lfw": dict.fromkeys(directions, perfect)}, {})
    assert both.wanted()["lfw"] == 1  # a set without validation subjects: its own images


def test_attackers_learn_from_known_labels_and_count_their_subjects():
    some = faces(unknown=4)
    lessons = Lessons.of(some, np.arange(0, 24), np.arange(24, 36))
    assert len(lessons.own) == 20 and len(np.unique(lessons.own.subjects)) == 5
    assert lessons.counts([2, 5, 9]) == [2]  # the grid has the attacker who learned from all


def test_a_map_is_taken_off_by_the_sign_that_was_read():
    rng = np.random.default_rng(0)
    fixed = rng.normal(size=(16, 16))
    true = np.where(np.arange(8) % 2, 1, -1)
    sm = rng.integers(80, 170, (8, 16, 16)).astype(np.uint8)
    op = remove_map(sm, fixed, -true)  # minus minus: the map added
    removal = MapRemoval(fixed, op, true * 2.0)
    subjects = np.array([f"s{k}" for k in range(8)])
    right = removal.share_right(np.arange(8), true > 0, subjects, replicates=20)
    assert right.estimate == 1 and 0.5 < right.low < 1  # eight of eight are no certainty
    assert np.abs(removal.taken_off().astype(int) - sm).mean() < 1
    found = removal.distances(np.arange(8), sm, true > 0, subjects, replicates=20)
    assert found["guessed"].estimate == pytest.approx(found["true"].estimate)
    assert found["guessed"].estimate < 2 < found["left on"].estimate
    assert found["wrong"].estimate > found["left on"].estimate


def test_the_portrait_is_shown_by_what_ships(tmp_path):
    assert portrait_treatments(tmp_path) is None
    if not (WEIGHTS / "ours.npz").exists():
        pytest.skip("no trained weights here")
    portrait = portrait_treatments(WEIGHTS)
    assert {"before", "control", "op"} <= set(portrait.pictures) and not portrait.distance
    assert portrait.male["before"][0] < 0.5 < portrait.male["op"][0], "told that she is labelled female"
