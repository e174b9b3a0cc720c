"""What results keep of the readings, and the sheet of faces."""

from __future__ import annotations

import numpy as np

from lib.evaluation.gender.judge_readings import GenderJudged
from lib.evaluation.gender.judged_faces import GenderTest
from lib.evaluation.gender.results import face_sheet, kept_values
from lib.faces.faceset import FaceSet
from tests.evaluation.gender.tiny_faces import Brightness, attacks, drawn, pictures


def test_the_sheet_shows_faces_with_what_both_readers_say():
    test = drawn()
    sheet = face_sheet(test, pictures(test), Brightness(), attacks(test), ["before", "op", "private"])
    shown, said = sheet.pictures, sheet.scores
    assert list(shown) == ["before", "op"] and shown["op"].shape == (3, 16, 16)
    woman_man_woman = said["attacker"]["op"] > 0.5
    np.testing.assert_array_equal(woman_man_woman, [False, True, False])
    np.testing.assert_array_equal(said["classifier"]["op"] > 0.5, ~woman_man_woman)  # fooled
    hidden = GenderTest(
        FaceSet(test.faces.images, test.faces.labels, "tiny", publishable=False), test.rows, {}
    )
    mean = face_sheet(hidden, pictures(test), Brightness(), attacks(test), ["op"])
    assert mean.pictures["op"].shape == (1, 16, 16) and mean.scores == {}


def test_results_name_the_strongest_attacker_of_each_set_and_treatment():
    test = drawn()
    judged = GenderJudged.of(test, {"trained_gender": Brightness()}, pictures(test), replicates=20)
    kept = kept_values(judged, attacks(test))
    assert kept["worst_attackers"]["tiny"]["op"]["name"] == "attacker_a"
    assert kept["worst_attackers"]["tiny"]["op"]["auc_free"].estimate == 1
    assert set(kept["tiny"]["attacker_a"]["op"]) == {"auc", "auc_free", "auc_free_averaged"}
    assert kept["gate"] == {"passed": ["attacker_a"], "failed": [], "wanted": 1.0}
