"""Who attackers of codes learn from, and what they read of codes that hold the attribute or do not."""

from __future__ import annotations

import numpy as np
import pytest

from lib.deidentify.attacks.result import check_disjoint_subjects
from lib.evaluation.tradeoff.set_codes import (
    SetCodes,
    code_split,
    coded_rows,
    joined,
)
from lib.faces.faceset import FaceSet
from tests.evaluation.tradeoff.coded_people import EACH, PEOPLE, people, told
from tests.exact import exactly


@pytest.fixture(scope="module")
def sets() -> dict[str, FaceSet]:
    return {"celeba": people("c", split=True), "lfw": people("l", split=False)}


def test_the_parts_of_a_set_without_splits_share_nobody_and_do_not_depend_on_the_rows(sets):
    faces = sets["lfw"]
    parts = code_split(faces)
    subjects = [set(faces.subjects[rows]) for rows in (parts.train, parts.calibration, parts.test)]
    check_disjoint_subjects(*map(sorted, subjects))
    assert sum(map(len, subjects)) == PEOPLE and 0.4 < len(subjects[2]) / PEOPLE < 0.6
    half = faces.take(np.arange(len(faces) // 2))
    again = code_split(half)
    moved = set(half.subjects[again.test]), subjects[2] & set(half.subjects)
    assert exactly(*moved, because="names"), "others moved nobody"


def test_a_set_with_splits_keeps_them(sets):
    faces = sets["celeba"]
    parts = code_split(faces)
    assert [len(rows) // EACH for rows in (parts.train, parts.calibration, parts.test)] == [100, 20, 40]
    assert len(coded_rows(faces, 2)) == 2 * PEOPLE and len(coded_rows(faces, 0)) == EACH * PEOPLE


def test_subjects_of_two_sets_with_one_name_stay_two(sets):
    sample = told(sets["celeba"], 0, 0).sample(sets["celeba"], np.arange(6))
    assert len(np.unique(joined(sample, sample).subjects)) == 2 * len(np.unique(sample.subjects))


def test_codes_come_back_from_the_file(sets, tmp_path):
    codes = told(sets["celeba"], 1, 0)
    codes.save(tmp_path / "codes.npz")
    back = SetCodes.load(tmp_path / "codes.npz")
    assert exactly(back.told, codes.told, because="float32 as it was written")
    assert exactly(back.rows, codes.rows, because="whole numbers")
