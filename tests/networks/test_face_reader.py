"""A reader has a head for each kind of label, and none for what nobody labelled."""

import numpy as np
import pytest

from lib.networks.face_reader import face_reader


@pytest.mark.parametrize("body", ["residual", "patch"])
def test_heads_have_their_shapes(body):
    reader = face_reader(32, attributes=5, numbers=2, body=body)
    said = reader(np.zeros((3, 32, 32, 1), np.float32))
    assert {name: one.shape for name, one in said.items()} == {
        "expression": (3, 7),
        "attributes": (3, 5),
        "numbers": (3, 2),
    }


def test_a_head_without_labels_is_not_built():
    assert set(face_reader(32, expressions=0, attributes=2).output) == {"attributes"}


def test_what_cannot_be_built_is_named():
    with pytest.raises(ValueError, match="a body"):
        face_reader(32, body="transformer")
    with pytest.raises(ValueError, match="a head"):
        face_reader(32, expressions=0)
    with pytest.raises(ValueError, match="divisible by 16"):
        face_reader(40, body="patch")
