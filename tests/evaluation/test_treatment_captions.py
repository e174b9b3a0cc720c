"""Lines below faces that are compared with another photo: by cosine or distance, with or without gender."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lib.evaluation.treatment_captions import male_lines, shown_rows, treatment_captions
from tests.evaluation.test_san_outputs import Brightness


class Corner:
    """Embeds a picture by two of its pixels; finds no face in a white one."""

    def __init__(self, comparison: str) -> None:
        self.card = SimpleNamespace(comparison=comparison)

    def __call__(self, images, points):
        two = images[:, 0, :2, 0].astype(float)
        return SimpleNamespace(values=np.where(two == 255, np.nan, two))


@pytest.mark.parametrize(
    ("comparison", "same", "other"),
    [("cosine", "match 1.00", "match 0.60"), ("euclidean", "distance 0.00", "distance 17.89")],
)
def test_every_picture_is_compared_with_the_other_photo(comparison, same, other):
    known = np.zeros((2, 2, 2), np.uint8)
    known[:, 0] = 20, 0
    turned, white = known.copy(), np.full_like(known, 255)
    turned[:, 0] = 12, 16
    pictures = {"before": known, "op": turned, "nt": white}
    words = treatment_captions(pictures, None, known, None, Corner(comparison))
    assert words == [[same, other, "no face"]] * 2
    both = treatment_captions(pictures, None, known, None, Corner(comparison), Brightness())
    assert both[0] == [f"0.00 male\n{same}", f"0.00 male\n{other}", "1.00 male\nno face"]


def test_certainty_is_that_of_male_on_both_sides():
    grey = np.stack([np.full((4, 4), level, np.uint8) for level in (110, 145)])
    assert male_lines(Brightness(), grey) == ["0.20 male", "0.80 male"]


def test_the_labels_take_turns():
    assert shown_rows(list("abcd"), np.array([True, True, False, False]), 3).tolist() == [2, 0, 3]
