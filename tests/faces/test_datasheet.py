from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.faces.datasheet import ages, attributes, counts, datasheet, expressions, left_out, repeated
from lib.faces.duplicates import difference_hash, find_duplicates
from lib.faces.faceset import FaceSet


def smooth(seed: int, size: int = 64) -> np.ndarray:
    """A picture with broad tones, as photographs have."""
    small = np.random.default_rng(seed).normal(size=(6, 6))
    grid = np.kron(small, np.ones((size // 6 + 1, size // 6 + 1)))[:size, :size]
    grey = 128 + 60 * np.tanh(grid + np.linspace(-0.5, 0.5, size))
    return np.repeat(grey.astype(np.uint8)[..., None], 3, 2)


def small_set() -> FaceSet:
    rows = [
        # subject split Male age expression Smiling
        ("a", "train", True, 25, "happy", True),
        ("a", "train", False, 25, "happy", True),
        ("b", "train", False, 30, "sad", False),
        ("c", "validation", False, 2, "happy", None),
        ("d", "test", True, 95, "neutral", False),
        ("d", "test", True, None, "neutral", False),
    ]
    labels = pd.DataFrame(rows, columns=["subject", "split", "Male", "age", "expression", "Smiling"])
    labels.insert(0, "image", [str(i) for i in range(6)])
    labels = labels.astype({"Male": "boolean", "Smiling": "boolean", "age": float})
    about = {
        "skipped": {"truncated": 2},
        "counts": {"odd label": 1},
        "notes": {"turned": 3},
        "no face found": 4,
    }
    return FaceSet(np.stack([smooth(i) for i in range(6)]), labels, "small", about)


def test_counts_by_hand():
    table = counts(small_set())
    assert table.index.tolist() == ["train", "validation", "test", "all"]
    assert table["images"].tolist() == [3, 1, 2, 6] and table["subjects"].tolist() == [2, 1, 1, 4]
    assert table.loc["train", ["fewest", "mean", "most"]].tolist() == [1, 1.5, 2]
    assert table["male"].tolist() == pytest.approx([1 / 3, 0, 1, 0.5])
    assert table.loc["all", ["men", "women", "both"]].tolist() == [1, 2, 1]


def test_attributes_by_hand():
    table = attributes(small_set())
    assert table.loc["Smiling", ["known", "share"]].tolist() == pytest.approx([5, 0.4])
    assert table.loc["Smiling", "men"] == pytest.approx(1 / 3) and table.loc["Smiling", "women"] == 0.5
    assert table["known"]["Male"] == 6


def test_ages_and_expressions_by_hand():
    table = ages(small_set())
    assert table["all"].sum() == 5 and table.loc["20-29", "train"] == 2 and table.loc["30-39", "train"] == 1
    assert table.loc["0-2", "validation"] == 1 and table.loc["90+", "test"] == 1
    table = expressions(small_set())
    assert table.loc["happy"].tolist() == [2, 1, 0, 3] and table.loc["fear"].tolist() == [0, 0, 0, 0]


def test_left_out():
    assert left_out(small_set()).to_numpy().tolist() == [
        ["left out", "truncated", 2], ["label", "odd label", 1], ["picture", "turned", 3],
        ["picture", "no face found", 4],
    ]  # fmt: skip


def test_a_set_without_labels_still_has_a_datasheet():
    faces = small_set()
    bare = FaceSet(faces.images, faces.labels[["image", "subject", "split"]], "bare")
    assert list(datasheet(bare)) == ["counts", "duplicates"]
    assert "male" not in datasheet(bare, duplicates=False)["counts"]


def with_copies() -> FaceSet:
    """Row 5 (test) equals row 0 (train), row 3 (validation) nearly equals row 2 (train), rows 4 is flat."""
    faces = small_set()
    images = faces.images.copy()
    images[5] = images[0]
    images[3] = np.clip(
        images[2].astype(int) + np.random.default_rng(0).integers(-3, 4, images[2].shape), 0, 255
    )
    images[4] = 90
    return FaceSet(images, faces.labels, "copies")


def test_duplicates_exact_and_near_across_splits():
    found = find_duplicates(with_copies())
    assert found.exact[["row", "group"]].to_numpy().tolist() == [[0, 0], [5, 0]]
    assert found.near[["row", "other"]].to_numpy().tolist() == [[2, 3]] and found.near["distance"][0] <= 24
    assert found.flat.tolist() == [4] and found.leaking().tolist() == [0, 2]
    assert find_duplicates(with_copies(), near=0).leaking().tolist() == [0]


def test_duplicates_in_numbers():
    faces = with_copies()
    table = repeated(faces, find_duplicates(faces)).set_index("what")["count"].to_dict()
    assert table["groups of identical pictures"] == 1 and table["pictures in such groups"] == 2
    assert table["groups in more than one split"] == 1 and table["near duplicates across splits (pairs)"] == 1
    assert table["training pictures also in validation or test"] == 2
    assert table["groups of identical pictures that differ in subject"] == 1
    assert table["groups of identical pictures that differ in Male"] == 0


def test_different_pictures_are_far_apart_and_flat_ones_are_no_duplicates_of_each_other():
    found = find_duplicates(small_set())
    assert not len(found.exact) and not len(found.near) and not len(found.leaking())
    hashes = [difference_hash(smooth(seed)) for seed in range(12)]
    apart = [(a != b).sum() for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(apart) > 40
    flat = FaceSet(
        np.stack([np.full((8, 8, 3), t, np.uint8) for t in (5, 6, 7, 8, 9, 10)]), small_set().labels, "f"
    )
    assert not len(find_duplicates(flat).near)


def test_a_hash_survives_scaling_and_brightness():
    picture = smooth(3, 66)
    brighter = np.clip(picture.astype(int) + 12, 0, 255).astype(np.uint8)
    assert (difference_hash(picture) != difference_hash(brighter)).sum() <= 24
