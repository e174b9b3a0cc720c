"""Words that follow figures: each with a variant that must not be said."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.evaluation.gender import sentences
from lib.measures.estimate import Estimate


def figure(estimate: float, low: float, high: float) -> Estimate:
    return Estimate(estimate, low, high)


def test_words_follow_what_may_be_claimed():
    assert sentences.fooled_word("fooled") == "it is fooled"
    assert sentences.fooled_word("reads less").endswith("not fooled")
    assert sentences.fooled_word("none").endswith("cannot be claimed")


@pytest.mark.parametrize(
    ("claim", "gain", "protected", "said"),
    [
        ("none", (0.02, -0.01, 0.04), (0.99, 0.98, 1.0), "nothing is shown to be hidden from it"),
        ("none", (-0.02, -0.05, 0.01), (0.97, 0.95, 0.99), "no more than 0.10 is hidden"),
        ("none", (-0.05, -0.20, 0.10), (0.9, 0.8, 1.0), "whether 0.10 or more is hidden cannot be told"),
        ("none", (-0.20, -0.30, -0.11), (0.7, 0.6, 0.8), "a part is hidden, but it cannot be claimed"),
        ("reads less", (-0.20, -0.30, -0.11), (0.7, 0.6, 0.8), "a part is hidden, at least 0.10 more"),
        ("hidden", (-0.40, -0.45, -0.35), (0.52, 0.45, 0.58), "gender is hidden"),
        ("hidden", (-0.20, -0.30, -0.11), (0.7, 0.6, 0.8), "a part is hidden, at least 0.10 more"),
    ],
)
def test_nothing_hidden_is_never_said_of_an_interval_that_is_wide(claim, gain, protected, said):
    assert sentences.hidden_word(claim, figure(*gain), figure(*protected)).startswith(said)


def test_more_and_less_need_an_effect_and_an_interval_without_zero():
    assert "tells an attacker more" in sentences.gain_word(figure(0.12, 0.05, 0.2))
    assert "less" in sentences.gain_word(figure(-0.12, -0.2, -0.05))
    for small in (figure(0.0, -0.1, 0.1), figure(0.03, 0.01, 0.05), figure(-0.2, -0.5, 0.1)):
        assert sentences.gain_word(small) == "no difference of 0.10 or more is established"


def test_whether_the_painted_label_is_read_follows_from_both_figures():
    def said(told, true, apart):
        return sentences.told_words({"told": figure(*told), "true": figure(*true), "apart": figure(*apart)})

    painted = said((0.98, 0.97, 0.99), (0.52, 0.45, 0.59), (0.46, 0.4, 0.5))
    assert "what was painted" in painted["told_word"] and "here it did" in painted["told_home"]
    both = said((0.9, 0.85, 0.95), (0.7, 0.65, 0.75), (0.2, 0.1, 0.3))
    assert "follows the painted label more" in both["told_word"]
    face = said((0.55, 0.5, 0.6), (0.9, 0.85, 0.95), (-0.35, -0.4, -0.3))
    assert "the face's own label more" in face["told_word"] and "rather than" in face["told_home"]
    for unclear in (
        said((0.8, 0.7, 0.9), (0.75, 0.65, 0.85), (0.05, -0.1, 0.2)),
        said((0.45, 0.4, 0.5), (0.2, 0.1, 0.3), (0.25, 0.1, 0.4)),  # told is no better than chance
    ):
        assert "cannot be told" in unclear["told_word"] and "cannot be told" in unclear["told_home"]


def test_another_attacker_that_reads_the_face_is_named():
    def said(**true):
        read = {name: {"true": figure(*one)} for name, one in true.items()}
        return sentences.others_words(read, "a")["others_read"]

    assert "“b” reads the face's own label with 0.80" in said(a=(0.5, 0.4, 0.6), b=(0.8, 0.7, 0.9))
    assert said(a=(0.9, 0.8, 1.0), b=(0.5, 0.4, 0.6)).startswith("No other attacker was shown")
    assert said(a=(0.9, 0.8, 1.0)) == "No other attacker was asked."


def test_what_the_label_of_the_code_hides_is_told_beside_its_blur():
    claimed = pd.DataFrame({
        "data": ["d", "d", "d", "e"], "treatment": ["reversed_op"] * 4,
        "claim": ["none", "hidden", "fooled", "hidden"],
        "measure": ["auc_free", "auc_free", "auc", "auc_free"],
    })  # fmt: skip
    moved = {"reversed_op": figure(29, 28, 30), "op": figure(14, 13, 15)}
    assert "for 1 of 2 judges" in sentences.reversed_words(claimed, moved, "d")["reversed_word"]
    assert sentences.reversed_words(claimed, {}, "d")["reversed_word"] == "Its blur was not read here."


def test_images_without_a_face_are_counted():
    assert sentences.lost_text({"a": (3, 63), "b": (0, 9)}).endswith("for all judges: 3 of 63 of a.")
    assert sentences.lost_text({"a": (0, 63)}) == "Every judge found a face in every image."
