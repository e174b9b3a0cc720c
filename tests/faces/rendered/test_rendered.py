from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lib.faces.faceset import ATTRIBUTES, BOX_COLUMNS, EXPRESSIONS, POINT_COLUMNS, SPLITS
from lib.faces.rendered import (
    Prepared,
    label_row,
    picture,
    prepare,
    render,
    sample_shot,
    sample_subject,
    split_of,
)
from lib.faces.rendered.scene.picture_buffers import PARTS
from tests.exact import exactly


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return prepare(sample_subject(7))


def test_same_numbers_give_the_same_picture(prepared: Prepared) -> None:
    once = picture(7, 2, 64)
    again = render(prepared, sample_shot(prepared.subject, 2), 64)
    assert exactly(
        once.image, again.image, because="a subject is the same picture, byte for byte, on one machine"
    )
    assert exactly(
        once.truth.landmarks, again.truth.landmarks, because="the same operations on the same machine"
    )
    assert exactly(once.truth.parts, again.truth.parts, because="the same operations on the same machine")


def test_another_subject_shot_or_world_differs(prepared: Prepared) -> None:
    image = render(prepared, sample_shot(prepared.subject, 0), 64).image.astype(float)
    other_shot = render(prepared, sample_shot(prepared.subject, 1), 64).image
    other_subject = picture(8, 0, 64).image
    assert np.abs(image - other_shot).mean() > 5
    assert np.abs(image - other_subject).mean() > 5
    assert sample_subject(7, world=1).measures != prepared.subject.measures


@pytest.mark.parametrize("size", [48, 64, 112])
def test_picture_and_parts_have_the_size_asked_for(prepared: Prepared, size: int) -> None:
    rendering = render(prepared, sample_shot(prepared.subject, 0), size)
    assert rendering.image.shape == (size, size, 3) and rendering.image.dtype == np.uint8
    assert rendering.truth.parts.shape == (size, size)
    assert set(np.unique(rendering.truth.parts)) <= set(PARTS)
    assert rendering.image.std() > 10


def test_labels_scale_with_the_picture(prepared: Prepared) -> None:
    shot = sample_shot(prepared.subject, 0)
    small, large = render(prepared, shot, 56).truth, render(prepared, shot, 112).truth
    np.testing.assert_allclose(small.landmarks * 2, large.landmarks, atol=1e-6)
    np.testing.assert_allclose(np.array(small.box) * 2, large.box, atol=1e-6)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_seven_expressions(prepared: Prepared, expression: str) -> None:
    truth = render(prepared, sample_shot(prepared.subject, 3, expression), 64).truth
    assert truth.expression == expression
    left, top, right, bottom = truth.box
    x, y = truth.points.T
    assert ((x > left) & (x < right) & (y > top) & (y < bottom)).all()
    assert x[0] < x[1] and x[3] < x[4]
    assert max(y[0], y[1]) < y[2] < min(y[3], y[4])


def test_unknown_expression_and_tiny_size_are_refused(prepared: Prepared) -> None:
    with pytest.raises(ValueError, match="bored"):
        sample_shot(prepared.subject, 0, "bored")
    with pytest.raises(ValueError, match="too small"):
        render(prepared, sample_shot(prepared.subject, 0), 8)


def test_rendering_leaves_subject_and_shot_alone(prepared: Prepared) -> None:
    shot = sample_shot(prepared.subject, 4)
    before = dataclasses.asdict(shot), dict(prepared.subject.looks), prepared.head.vertices.copy()
    render(prepared, shot, 48)
    assert exactly(dataclasses.asdict(shot), before[0], because="nothing may touch it")
    assert exactly(prepared.subject.looks, before[1], because="nothing may touch it")
    assert exactly(prepared.head.vertices, before[2], because="nothing may touch it")


def test_label_row_has_every_column_but_attractive(prepared: Prepared) -> None:
    row = label_row(render(prepared, sample_shot(prepared.subject, 5), 64).truth)
    assert set(ATTRIBUTES) - set(row) == {"Attractive"}
    assert set(POINT_COLUMNS) | set(BOX_COLUMNS) | {"age", "expression", "yaw", "pitch", "roll"} <= set(row)
    assert row["image"] == "000007_05" and row["subject"] == "000007" and row["split"] == split_of(7)
    assert row["Male"] == (prepared.subject.sex < 0)


def test_splits_are_70_15_15() -> None:
    splits = [split_of(number) for number in range(4000)]
    shares = [splits.count(name) / 4000 for name in SPLITS]
    np.testing.assert_allclose(shares, [0.70, 0.15, 0.15], atol=0.02)


def test_splits_stay_what_they_are() -> None:
    """The shipped pack relies on them."""
    others = {1: "test", 4: "validation", 8: "test", 9: "validation"}
    assert [split_of(number) for number in range(12)] == [others.get(n, "train") for n in range(12)]


def test_world_has_subjects_in_one_split_each(world) -> None:  # type: ignore[no-untyped-def]
    assert len(world) == 96 and world.size == (64, 64)
    assert world.labels.groupby("subject")["split"].nunique().max() == 1
    assert world.labels.drop_duplicates("subject")["split"].value_counts().to_dict() == {
        "train": 16,
        "validation": 4,
        "test": 4,
    }
    assert set(world.labels["expression"]) == set(EXPRESSIONS)
    for name in SPLITS:
        assert world.split(name).labels["Male"].nunique() == 2
