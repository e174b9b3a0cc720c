"""Gaze is that of the picture that was drawn, without what goes with the turn of the head."""

import numpy as np
import pandas as pd
import pytest

from lib.evaluation.kept_attributes.gaze import FILE, draw_gaze, eyes_beyond_turn, with_gaze
from lib.faces.faceset import FaceSet
from lib.faces.rendered import sample_subject
from lib.faces.rendered.scene.shot import sample_shot
from tests.exact import exactly


def pack() -> FaceSet:
    """Labels as the pack has them, of two subjects."""
    shots = [(number, shot, "happy" if shot else "fear") for number in (3, 8) for shot in (0, 1)]
    drawn = [sample_shot(sample_subject(number), shot, shown) for number, shot, shown in shots]
    labels = pd.DataFrame(
        {
            "image": [f"{number:06d}_{shot:02d}" for number, shot, _ in shots],
            "subject": [f"{number:06d}" for number, *_ in shots],
            "split": "test",
            "expression": [shown for *_, shown in shots],
            "yaw": [one.yaw for one in drawn],
            "eyes": [np.degrees(one.gaze[0]) for one in drawn],
        }
    )
    return FaceSet(np.zeros((len(shots), 16, 16, 3), np.uint8), labels, "rendered", publishable=True)


def test_gaze_is_what_the_eyes_do_beyond_the_turn_of_the_head():
    labels = pack().labels
    found = eyes_beyond_turn(labels["image"], labels["expression"])
    assert found == pytest.approx(labels["eyes"] + 0.55 * labels["yaw"])
    assert np.abs(found).max() < 20 and found.std() > 0


def test_rows_are_kept_in_a_file_and_others_stay_unknown(tmp_path):
    faces = pack()
    draw_gaze(faces, np.array([2, 0, 2]), tmp_path / FILE)
    found = with_gaze(faces, tmp_path / FILE)
    assert exactly(found.known("gaze"), [True, False, True, False], because="rows asked for")
    wanted = eyes_beyond_turn(faces.labels["image"], faces.labels["expression"])[[0, 2]]
    assert found.labels["gaze"].dropna().to_numpy() == pytest.approx(wanted, abs=0.01)


def test_of_photographs_no_gaze_is_known(tmp_path):
    faces = pack()
    photographs = FaceSet(faces.images, faces.labels, "celeba")
    draw_gaze(photographs, np.arange(4), tmp_path / FILE)
    assert not (tmp_path / FILE).exists() and with_gaze(photographs, tmp_path / FILE) is photographs
