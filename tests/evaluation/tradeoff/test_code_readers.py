"""Who learns from whose codes, what comes back from the file, and what is read of codes that leak."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lib.arrays import WeightsError, write_arrays
from lib.evaluation.tradeoff.code_readers import (
    FILE,
    FURTHER,
    CodeReaders,
    plain_embeddings,
    read_samples,
    train_readers_of_codes,
)
from lib.evaluation.tradeoff.code_readings import code_records, code_results
from lib.evaluation.tradeoff.set_codes import SetCodes
from lib.judges.base import Judgement
from tests.evaluation.tradeoff.coded_people import people, told
from tests.exact import exactly

SETS = {"celeba": people("c", split=True), "lfw": people("l", split=False)}
DRAWS = {"replicates": 20, "seed": 0}


@pytest.fixture(scope="module")
def readers() -> CodeReaders:
    codes = {name: told(faces, 1.0, seed) for seed, (name, faces) in enumerate(SETS.items())}
    return train_readers_of_codes(codes, codes, SETS, [20, 0], codes["celeba"].told[-6:])


def attacks(readers: CodeReaders, sets=SETS):
    codes = {name: told(faces, 1.0, 0) for name, faces in sets.items()}
    tested = {name: read_samples(codes[name], faces)[1] for name, faces in sets.items()}
    return {
        name: {who: one.attack(tested[name], **DRAWS) for who, one in by.items()}
        for name, by in readers.codes.items()
    }


def test_attackers_learn_from_few_and_from_all_and_from_either_set(readers):
    read = attacks(readers)
    assert list(read["celeba"]) == ["20 subjects of celeba", "100 subjects of celeba", "own part of celeba"]
    assert list(read["lfw"]) == ["celeba", "lfw", "celeba and lfw", "own part of celeba and lfw"]
    one = read["celeba"]["100 subjects of celeba"]
    assert one.strongest()[1].estimate > 0.85
    assert one.strongest_averaged()[1].estimate > one.strongest()[1].estimate
    kept = code_results(read["lfw"])
    assert "celeba_and_lfw" in kept and kept["lfw"]["auc_free"].estimate > 0.8
    assert {record["series"] for record in code_records(read)} == {"one code", "all codes"}


def test_only_who_has_all_subjects_or_the_own_part_has_further_readers(readers):
    kinds = {who: set(FURTHER) <= set(one.one) for who, one in readers.codes["lfw"].items()}
    assert list(kinds.values()) == [False, False, True, True]
    also = {who: len(one.one["quadratic"].also) for who, one in readers.codes["celeba"].items()}
    assert list(also.values()) == [0, 6, 6], "the recovered codes"
    assert not any(len(one.one["quadratic"].also) for one in readers.codes["lfw"].values())


def test_codes_without_the_attribute_are_read_by_chance():
    one = {"celeba": SETS["celeba"]}
    codes = {"celeba": told(one["celeba"], 0.0, 5)}
    found = attacks(train_readers_of_codes(codes, codes, one, [0]), one)
    assert abs(found["celeba"]["100 subjects of celeba"].strongest()[1].estimate - 0.5) < 0.15


def test_scores_come_back_from_the_file(readers, tmp_path):
    readers.save(tmp_path)
    back = CodeReaders.load(tmp_path)
    sets = [*back.codes, *back.plain], [*readers.codes, *readers.plain]
    assert exactly(*sets, because="names")
    for name, by in readers.codes.items():
        assert exactly(list(back.codes[name]), list(by), because="names")
        for who, one in by.items():
            again = back.codes[name][who]
            kinds = [*again.one, *again.means], [*one.one, *one.means]
            assert exactly(*kinds, because="names")
            for reader, scores in one.one.items():
                other = again.one[reader]
                pairs = (scores.scores, other.scores), (scores.also, other.also)
                assert all(exactly(*pair, because="float64 as they were written") for pair in pairs)
                assert other.calibration_auc == pytest.approx(scores.calibration_auc)
                assert other.learned_subjects == scores.learned_subjects > 0
                assert other.learned_images == scores.learned_images > 0


def test_a_file_of_something_else_is_refused(tmp_path):
    write_arrays(tmp_path / FILE, {"rows": np.arange(3)})
    with pytest.raises(WeightsError, match="no scores of attackers.*run the training again"):
        CodeReaders.load(tmp_path)


def test_embeddings_before_erasure_are_of_the_same_pictures():
    card = SimpleNamespace(needs=())

    class Recogniser:
        """Embeds a picture by its brightness."""

        def __call__(self, images, points=None):
            level = images.mean(axis=(1, 2, 3))
            return Judgement(np.stack([level, np.ones(len(level))], 1), np.ones(len(level), bool))

    recogniser = Recogniser()
    recogniser.card = card
    images = np.broadcast_to(np.arange(30, dtype=np.uint8)[:, None, None, None], (30, 16, 16, 3))
    faces = SETS["celeba"].take(np.arange(30)).with_images(images.copy())
    private = SimpleNamespace(coder=SimpleNamespace(recogniser=recogniser))
    codes = SetCodes(np.array([2, 5]), np.zeros((2, 3), np.float32))
    found = plain_embeddings(private, {"celeba": faces}, {"celeba": codes})["celeba"]
    assert exactly(found.rows, codes.rows, because="whole numbers")
    assert found.told[:, 0] / found.told[:, 1] == pytest.approx([2, 5])
