"""Confusions, F and what is kept of it, by hand."""

import numpy as np
import pytest

from lib.evaluation.kept_attributes.expressions import CLASSES, NO_FACE, ExpressionTest, expression_f
from lib.faces.faceset import EXPRESSIONS
from lib.measures.classification import confusion
from tests.evaluation.kept_attributes.small_faces import PixelJudge, small_faces

DRAWS = {"replicates": 50, "seed": 0}


def asked(change=None, *, name="altered") -> ExpressionTest:
    faces = small_faces()
    altered = faces.images.copy()
    if change:
        change(altered)
    return ExpressionTest.of(faces, {"original": faces.images, name: altered}, {"pixel": PixelJudge()})


def test_a_perfect_judge_has_an_f_of_one_and_a_full_diagonal():
    test = asked()
    assert test.f("original", **DRAWS).estimate == pytest.approx(1)
    assert (np.diagonal(test.matrix("original")) == 12).all() and test.matrix("original").sum() == 84
    assert test.part("altered", "original", **DRAWS).estimate == pytest.approx(1)


def test_a_face_that_is_not_found_is_an_error_of_its_class():
    """Left out, as the service's answers were, the altered pictures would still have an F of one."""

    def cover(images):
        images[:42, 0, 0] = 0

    test = asked(cover)
    assert test.matrix("altered")[:, CLASSES.index(NO_FACE)].sum() == 42
    assert test.f("altered", **DRAWS).estimate == pytest.approx(2 / 3)  # recall 1/2, precision 1
    assert test.part("altered", "original", **DRAWS).estimate == pytest.approx(2 / 3)


def test_answers_agree_where_they_are_alike_right_or_wrong():
    def swap(images):
        images[:, 0, 0] = np.where(images[:, 0, 0] == 20, 40, images[:, 0, 0])

    test = asked(swap)
    assert test.agreement("original", "original", **DRAWS).estimate == pytest.approx(1)
    chance = (5 * 12 * 12 + 12 * 24) / 84**2
    assert test.agreement("altered", "original", **DRAWS).estimate == pytest.approx(
        (6 / 7 - chance) / (1 - chance)
    )


def test_one_answer_for_all_has_the_f_of_its_own_class_alone():
    true = np.array(EXPRESSIONS * 3)
    matrix = confusion(true, np.repeat("happy", 21), CLASSES)
    assert float(expression_f(matrix)) == pytest.approx(2 * 3 / (3 + 21) / 7)


def test_no_face_is_no_eighth_expression():
    matrix = np.zeros((8, 8))
    matrix[:7, :7] = 5 * np.eye(7)
    assert float(expression_f(matrix)) == pytest.approx(1)
    matrix[0, 7] = 1
    assert float(expression_f(matrix)) == pytest.approx((2 * 5 / 11 + 6) / 7)


def test_tables_have_a_row_for_each_judge_treatment_and_cell():
    test = asked()
    table = test.table(["original", "altered"], **DRAWS)
    assert list(table["treatment"]) == ["original", "altered"] and set(table["judge"]) == {"pixel"}
    assert len(test.confusions(["original"])) == 7 * 8
    assert test.confusions(["original"])["images"].sum() == 84
