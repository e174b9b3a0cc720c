"""What is kept of labels: nothing of what was painted over, all of what was not."""

import numpy as np
import pytest

from lib.evaluation.kept_attributes.labels import (
    GROUPS,
    PERSON,
    group_means,
    group_of,
    kept_labels,
    label_name,
    labels_table,
    unread_labels,
)
from lib.faces.faceset import ATTRIBUTES
from lib.faces.read_labels import MEASURED
from tests.evaluation.kept_attributes.small_faces import LABELS, THRESHOLDS, pixel_reading, small_faces

DRAWS = {"replicates": 40, "seed": 0}
ALL = (*LABELS.attributes, *LABELS.numbers)


def kept():
    faces = small_faces()
    turned = faces.images.copy()
    turned[:, 0, 1] = 300 - turned[:, 0, 1].astype(int)  # men as women, and the other way round
    hidden = faces.images.copy()
    hidden[:, 0, 1] = 100
    pictures = {"original": faces.images, "0": faces.images, "180": turned, "ours": hidden}
    readings = {name: pixel_reading(one) for name, one in pictures.items()}
    return readings, faces


def test_shares_are_one_zero_or_minus_one():
    references = {"180": "0", "ours": "0"}
    records = kept_labels(*kept(), LABELS, THRESHOLDS, references, ALL, **DRAWS)
    found = {(one["label"], one["treatment"]): one for one in records}
    assert found["Male", "ours"]["of_reconstruction"].estimate == pytest.approx(0)
    assert found["Male", "180"]["of_reconstruction"].estimate == pytest.approx(-1)
    assert found["Wearing_Hat", "180"]["of_original"].estimate == pytest.approx(1)
    assert found["age", "ours"]["of_reconstruction"].estimate == pytest.approx(1)


def test_labels_that_cannot_be_read_are_left_out_and_named():
    readable = [name for name in ALL if name != "Smiling"]  # by validation subjects
    records = kept_labels(*kept(), LABELS, THRESHOLDS, {"ours": "0"}, readable, **DRAWS)
    assert {one["label"] for one in records} == set(readable)
    assert unread_labels(LABELS, records) == ["Smiling"]


def test_labels_that_the_set_lacks_or_knows_in_part_are_passed_over():
    readings, faces = kept()
    faces.labels.loc[3, "Wearing_Hat"] = None
    labels = faces.labels.drop(columns="age")
    some = type(faces)(faces.images, labels, faces.name)
    records = kept_labels(readings, some, LABELS, THRESHOLDS, {"ours": "0"}, ["Male", "age"], **DRAWS)
    assert {one["label"] for one in records} == {"Male"}


def test_groups_add_up_the_gains_of_their_labels():
    readings, faces = kept()
    names = ["Male", "age", "Wearing_Hat"]
    found = {
        one["group"]: one
        for one in group_means(readings, faces, LABELS, THRESHOLDS, {"ours": "0"}, names, **DRAWS)
    }
    assert found["worn"]["of_reconstruction"].estimate == pytest.approx(1)
    # of the person: gender gains 1/2 and age 1 before; gender 0 and age 1 after
    assert found[PERSON]["of_reconstruction"].estimate == pytest.approx(2 / 3)
    assert found[PERSON]["labels"] == 2


def test_tables_hold_every_estimate():
    table = labels_table(kept_labels(*kept(), LABELS, THRESHOLDS, {"ours": "0"}, ALL, **DRAWS))
    assert set(table["treatment"]) == {"original", "ours"}
    assert table.loc[table["treatment"] == "original", "of_original"].isna().all()
    assert np.isfinite(table["gain"]).all()


def test_nothing_readable_is_an_empty_table_with_its_columns():
    assert list(labels_table([]))[:4] == ["label", "group", "treatment", "gain"]


def test_groups_name_labels_that_exist():
    named = [label for names in GROUPS.values() for label in names]
    assert set(named) <= {*ATTRIBUTES, *MEASURED} and len(named) == len(set(named))
    assert group_of("Male") == PERSON and group_of("yaw") == "of the moment"
    assert label_name("Male") == "perceived gender" and label_name("Big_Nose") == "big nose"
