"""Which faces are judged, and by whom directions are learned."""

from __future__ import annotations

import numpy as np

from lib.evaluation.gender.judged_faces import GenderTest
from lib.training.store.model_store import ModelStore
from tests.evaluation.gender.tiny_faces import drawn, faces
from tests.exact import exactly


def test_directions_come_from_other_subjects_than_figures():
    test = drawn(most_test=2, limit_calibration=5)
    known, judged = (set(test.faces.subjects[test.rows[name]]) for name in ("validation", "tiny"))
    assert test.sets == ["tiny"] and not known & judged
    assert len(test.rows["tiny"]) == 2 * len(judged) and len(test.rows["validation"]) == 5
    rows = test.reader(ModelStore(None)).rows
    assert exactly(rows.test, test.rows["tiny"], because="integers")
    assert exactly(rows.calibration, test.rows["validation"], because="integers") and not len(rows.train)
    assert list(test.fingerprints) == ["tiny"]


def test_another_set_is_judged_as_well():
    some = faces("lfw")
    test = GenderTest.of(faces(), np.arange(4, 8), some, limit_lfw=3)
    assert test.sets == ["tiny", "lfw"] and len(test.rows["lfw"]) == 3
    one, both = (test.reader(ModelStore(None), *data).rows.test for data in (["lfw"], []))
    assert exactly(one, test.rows["lfw"], because="integers")
    assert exactly(both, np.concatenate([test.rows["tiny"], one]), because="integers")
