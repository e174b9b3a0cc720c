"""The face, or the label that was told: attackers made by hand that read the one or the other."""

from __future__ import annotations

import numpy as np
import pytest

from lib.evaluation.gender.told_label import told_and_true, told_table

N = 200
MALE = np.arange(N) % 2 == 0
SUBJECTS = np.array([f"s{k}" for k in range(N)])


def read(of_told: float, of_face: float) -> dict[str, float]:
    noise = np.random.default_rng(0).normal(size=(2, N))
    face = of_face * np.where(MALE, 1, -1)
    told = of_told * np.where(MALE, 1, -1)
    found = told_and_true(
        face + told + noise[0], face - told + noise[1], MALE, SUBJECTS, replicates=50, seed=1
    )
    assert all(one.n == N for one in found.values())
    return {name: one.estimate for name, one in found.items()}


def test_an_attacker_who_reads_the_stamp_reads_no_face():
    found = read(2, 0)
    assert found["told"] > 0.95 and found["true"] == pytest.approx(0.5, abs=0.08)
    assert found["apart"] == pytest.approx(found["told"] - found["true"])


def test_an_attacker_who_reads_the_face_reads_no_stamp():
    found = read(0, 2)
    assert found["true"] > 0.95 and found["told"] == pytest.approx(0.5, abs=0.08)


def test_figures_are_rows():
    found = told_and_true(np.arange(N), -np.arange(N), MALE, SUBJECTS, replicates=10)
    table = told_table({"attacker_gender": found})
    assert list(table["label"]) == ["told", "true", "apart"] and set(table["attacker"]) == {"attacker_gender"}
