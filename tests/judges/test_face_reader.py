"""A reader as a judge: probabilities, numbers in their units, and no answer to pictures of another size."""

import numpy as np
import pytest

from lib.faces.faceset import EXPRESSIONS
from lib.faces.read_labels import ReadLabels
from lib.judges.base import Judge, JudgeError, Judgement
from lib.judges.face_reader import FaceReader, likeliest
from lib.networks.face_reader import face_reader
from lib.training.loop.device import set_determinism
from lib.training.store.model_store import ModelStore
from tests.exact import exactly

LABELS = ReadLabels(True, ("Male", "Smiling"), {"age": (40.0, 20.0)}, {}, {"age": 38.0})


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> ModelStore:
    set_determinism(0)
    settings = {"size": 32, **LABELS.settings()}
    found = ModelStore(tmp_path_factory.mktemp("store"))
    found.put("reader_residual", face_reader(**settings), "face_reader", settings, about=LABELS.facts())
    return found


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


def test_all_heads_are_read_in_their_units(store):
    reader = FaceReader.stored(store, "reader_residual")
    assert isinstance(reader, Judge)
    assert exactly(reader.labels, LABELS, because="JSON keeps every digit of a float")
    read = reader.read(pictures(70))
    assert read.emotions.shape == (70, 7) and np.allclose(read.emotions.sum(axis=1), 1, atol=1e-5)
    assert set(read.attributes) == {"Male", "Smiling"}
    assert all(((one >= 0) & (one <= 1)).all() for one in read.attributes.values())
    raw = store.get("reader_residual")(pictures(2)[..., :1] / np.float32(255))["numbers"]
    assert read.numbers["age"].shape == (70,) and raw.shape == (2, 1)


def test_the_judgement_is_what_the_head_of_expressions_says(store):
    reader = FaceReader.stored(store, "reader_residual")
    said = reader(pictures(5))
    assert np.allclose(said.values, reader.read(pictures(5)).emotions, atol=1e-5)
    assert said.acquired.all() and reader.read(pictures(0)).emotions.shape == (0, 7)


def test_another_size_is_an_error(store):
    with pytest.raises(JudgeError, match="takes pictures of"):
        FaceReader.stored(store, "reader_residual").read(np.zeros((1, 16, 16, 3), np.uint8))


def test_the_likeliest_expression_or_none():
    values = np.full((3, 7), 0.1, np.float32)
    values[0, 3], values[1, 6], values[2] = 0.9, 0.9, np.nan
    found = likeliest(Judgement(values, np.array([True, True, False])), "no face")
    assert found.tolist() == [EXPRESSIONS[3], EXPRESSIONS[6], "no face"]
    nobody = Judgement(np.full(2, np.nan, np.float32), np.zeros(2, bool))
    assert likeliest(nobody, "no face").tolist() == ["no face"] * 2
