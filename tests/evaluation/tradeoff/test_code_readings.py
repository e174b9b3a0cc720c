"""Attackers of codes with every training set, gated on what was not erased; codes that were recovered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.attacks.result import attack_result, average_by_subject
from lib.evaluation.tradeoff.code_readers import PLAIN, CodeReaders, train_readers_of_codes
from lib.evaluation.tradeoff.code_readings import (
    code_records,
    codes_growth,
    inversion_results,
    read_codes,
    read_first_pictures,
    read_recovered,
)
from lib.evaluation.tradeoff.readings import ALL, ONE
from lib.evaluation.tradeoff.recovered_codes import Inversion
from lib.evaluation.tradeoff.set_codes import code_split
from lib.measures.roc import auc
from tests.evaluation.tradeoff.coded_people import EACH, people, told
from tests.exact import exactly

DRAWS = {"replicates": 20, "seed": 0}

SETS = {"celeba": people("c", split=True), "lfw": people("l", split=False, single=80)}
CODES = {name: told(faces, 0.5, seed) for seed, (name, faces) in enumerate(SETS.items())}


PLAIN_CODES = {name: told(faces, 2.0, seed + 7) for seed, (name, faces) in enumerate(SETS.items())}


def trained(recovered: np.ndarray | None = None) -> CodeReaders:
    return train_readers_of_codes(CODES, PLAIN_CODES, SETS, [20, 0], recovered)


@pytest.fixture(scope="module")
def read():
    return read_codes(trained(), CODES, SETS, wanted=0.99, slack=0.03, **DRAWS)


def test_attackers_learn_from_their_own_part_too_and_the_last_have_every_reader(read):
    assert list(read.attacks["celeba"]) == [
        "20 subjects of celeba", "100 subjects of celeba", "own part of celeba",
    ]  # fmt: skip
    assert list(read.attacks["lfw"])[-1] == "own part of celeba and lfw"
    few, all_of_them, own = read.attacks["celeba"].values()
    assert "boosting" not in few.one and {"boosting", "perceptron_512"} & set(all_of_them.one)
    apart = next(iter(own.one.values())).learned_subjects
    assert 0 < apart < 100


def test_who_reads_little_where_nothing_was_erased_does_not_count(read):
    beside = read.plain["celeba"].auc_free
    assert set(beside) == set(read.gate.passed) and min(one.estimate for one in beside.values()) > 0.9
    kinds = {kind for by in read.attacks.values() for one in by.values() for kind in one.one}
    assert kinds <= set(read.gate.passed)
    assert read.unerased()["celeba"][ONE].estimate > 0.95
    shown = read.with_unerased({"celeba": {"code, x": {}}, "lfw": {}})
    assert list(shown["celeba"]) == ["code, x", PLAIN] and set(shown["lfw"][PLAIN]) == {ONE, ALL}
    assert PLAIN in {record["learned from"] for record in code_records(read.listed())}


def test_where_all_read_little_the_strongest_sets_the_bar():
    plain = {"celeba": told(SETS["celeba"], 0.2, 3)}
    one = {"celeba": SETS["celeba"]}
    codes = {"celeba": CODES["celeba"]}
    readers = train_readers_of_codes(codes, plain, one, [0])
    found = read_codes(readers, codes, one, wanted=0.99, slack=0.0, **DRAWS)
    assert len(found.gate.passed) >= 1 and found.unerased()["celeba"][ONE].estimate < 0.9


def test_people_with_one_picture_do_not_count_over_all_pictures(read):
    faces = SETS["lfw"]
    names, counts = np.unique(faces.subjects[code_split(faces).test], return_counts=True)
    several = int((counts >= 2).sum())
    assert 0 < several < len(names)
    counted = [read.pictures[name] for name in ("lfw", "celeba")]
    assert exactly(
        counted, [(several, EACH), (40, EACH)], because="whole numbers, and a median of equal ones"
    )
    for one in read.attacks["lfw"].values():
        assert {figure.n for figure in one.auc_free_averaged.values()} == {several}
        assert {figure.n for figure in one.auc_free.values()} == {len(names)}
    kept = read.results("lfw")
    counted = {"subjects": several, "median": EACH}
    assert exactly(kept["pictures_of_a_subject"], counted, because="whole numbers")


def test_the_first_pictures_are_averaged(read):
    scores, positive, subjects = scored = read.strongest_scores("celeba")
    first = np.sort(np.unique(subjects, return_index=True)[1])
    one, all_of_them = (read_first_pictures(scored, number, **DRAWS).estimate for number in (1, EACH))
    assert one == pytest.approx(auc(scores[first][~positive[first]], scores[first][positive[first]]))
    mean, male, _ = average_by_subject(scores, positive, subjects)
    assert all_of_them == pytest.approx(auc(mean[~male], mean[male]))
    turned = attack_result(-scores, positive, subjects, 0.1, **DRAWS)
    assert turned.auc_free.estimate == pytest.approx(auc(scores[~positive], scores[positive]))


def inversion(found: np.ndarray) -> Inversion:
    """Of a picture of each test subject; the last number is no number of the code."""
    rows = code_split(SETS["celeba"]).test[::EACH]
    true = CODES["celeba"].told[rows].astype(float)
    return Inversion(true, true + found, np.ones(4), np.zeros(len(rows)), 3)


def read_of(one: Inversion, read):
    readers = trained(np.concatenate([one.found, one.true]))
    return read_recovered(one, CODES, SETS, readers, read, **DRAWS)


def test_recovered_codes_are_read_as_true_ones_unless_they_were_lost(read):
    exact = read_of(inversion(np.zeros(4)), read)
    assert exact["difference"].estimate == 0
    same = exact["found"].estimate, exact["true"].estimate
    assert exactly(*same, because="the recovered codes are the true ones")
    noise = np.random.default_rng(1).normal(0, 20, (40, 4))
    lost = read_of(inversion(noise), read)
    assert lost["true"].estimate == pytest.approx(exact["true"].estimate)
    gap = lost["found"].estimate - lost["true"].estimate
    assert lost["difference"].estimate == pytest.approx(gap) and abs(gap) > 0.05


def test_pictures_of_one_gender_cannot_be_compared(read):
    whole = inversion(np.zeros(4))
    some = Inversion(whole.true[::2], whole.found[::2], whole.spread, whole.distances[::2], 3)
    assert not read_of(some, read)["difference"].defined


def test_numbers_of_light_and_pose_are_told_apart_from_the_code():
    kept = inversion_results(inversion(np.array([0, 0, 9.0, 9.0])), {}, **DRAWS)
    assert kept["numbers"].estimate == pytest.approx(2 / 3) and kept["directions"] == pytest.approx(2 / 3)
    assert kept["nuisance"].estimate == pytest.approx(0) and kept["pictures"] == 40


def test_the_strongest_readers_of_codes_grow_with_their_subjects():
    rows = [
        {"set": "celeba", "learned from": who, "row": reader, "series": series}
        | {"estimate": value - less, "low": value - less - 0.1, "high": value - less + 0.1}
        for who, value in (
            ("1,000 subjects of celeba", 0.7),
            ("250 subjects of celeba", 0.6),
            ("own part", 0.9),
        )
        for series in ("one code", "all codes")
        for reader, less in (("a", 0), ("b", 0.05))
    ]
    grown = codes_growth(pd.DataFrame([*rows, rows[0] | {"set": "lfw", "estimate": 0.99}]), "celeba")
    assert grown["subjects"].tolist() == [250, 1000, 250, 1000]
    assert grown["estimate"].tolist() == pytest.approx([0.6, 0.7, 0.6, 0.7])
    assert set(grown["averaged"]) == {"one picture", "all pictures of a subject"}
    assert codes_growth(pd.DataFrame(rows), "lfw").empty
