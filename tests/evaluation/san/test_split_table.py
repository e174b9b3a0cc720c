"""Parts of a set beside the report's: nobody is counted twice, nothing enlarged is silent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.evaluation.san.split_table import PARTS, beside_report, parts_table
from lib.faces.faceset import FaceSet
from lib.faces.splits import ROLES


@pytest.fixture
def faces():
    subjects = np.repeat([f"s{k}" for k in range(60)], 2)
    split = np.repeat(["train"] * 48 + ["validation"] * 4 + ["test"] * 8, 2)
    labels = pd.DataFrame({"subject": subjects, "split": split, "Male": np.repeat(np.arange(60) % 3 == 0, 2)})
    labels["archive"] = np.where(np.arange(120) < 20, "half.tar", "whole.tar")
    labels["image"] = [f"{k}.jpg" for k in range(120)]
    return FaceSet(np.zeros((120, 16, 16, 3), np.uint8), labels, "tiny")


def test_the_thirds_make_up_the_training_part(faces):
    table = parts_table(faces, ["half.tar"]).set_index("part")
    thirds = table.loc[[PARTS[role] for role in ROLES]]
    assert table.loc["training", "images"] == 96 == thirds["images"].sum()
    assert table.loc["training", "subjects"] == 48 == thirds["subjects"].sum()
    assert table.loc["training", "enlarged"] == 20 == thirds["enlarged"].sum()
    assert table.loc["test", "enlarged"] == 0 and parts_table(faces)["enlarged"].sum() == 0
    assert table.loc["test", "labelled male"] == pytest.approx(2 / 8)


def test_the_reports_counts_stand_beside_and_lfw_below(faces):
    report = pd.DataFrame(
        {"part": ["training", "LFW", "as published"], "male": [30, 12, np.nan], "images": [100, 16, 120]}
    )
    both = beside_report(parts_table(faces), report)
    assert both["part"].tolist()[0] == "training" and both["part"].tolist()[-1] == "LFW"
    assert both["report's images"].dropna().tolist() == [100, 16]
    assert both["report's labelled male"].dropna().tolist() == ["30.0%", "75.0%"]
    assert len(both.columns) == 6 and "as published" not in both["part"].tolist()
