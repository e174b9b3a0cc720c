"""The report's printed loss is that of a white picture, by facts that were not fitted to it."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from lib.book import results
from lib.evaluation.san.white_picture import DARK, white_evidence
from tests.exact import exactly


@pytest.fixture
def found():
    tables = (results.read_table("sources", "03_san_pretraining", name) for name in ("white", "figure7"))
    return white_evidence(*tables)


def test_a_white_picture_of_the_sample_faces_costs_what_the_report_prints(found):
    each = found["sample_grey"] * 64 * 224**2 * 2.0**-23
    assert found["derived"] == pytest.approx(each, rel=1e-6)
    assert exactly(
        [found["printed_training"], found["printed"]], [0.1760, 0.1764], because="read from the file"
    )
    assert 0 < found["off"] < 0.005


def test_a_loss_so_small_leaves_nothing_but_white_whatever_the_faces(found):
    darkest = math.exp(-1e-6 * found["millionths"])  # weighted geometric mean of the output
    assert 1 - darkest < 1e-6
    assert found["half_grey"] > 1e6 * found["printed"]
    assert found["dark"] == pytest.approx(DARK)


def test_another_mean_grey_would_not_fit():
    facts = results.read_table("sources", "03_san_pretraining", "white")
    printed = pd.DataFrame({"loss": [0.1760], "val_loss": [0.1764]})
    facts.loc[0, "value"] = 0.40
    assert white_evidence(facts, printed)["off"] > 0.1
