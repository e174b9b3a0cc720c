"""CLEANIR trained from parameters lies in the store with all that a codec needs."""

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.cleanir.codec import CleanirCodec
from lib.deidentify.cleanir.stored_training import CleanirTraining, KnownFaces
from lib.faces.faceset import FaceSet
from lib.networks.matcher import matcher
from lib.training.objectives.cleanir_objective import phases_of
from lib.training.store.model_store import ModelStore
from tests.deidentify.cleanir.small_codec import SIZE, pictures
from tests.exact import exactly

ROWS, WATCHED = np.arange(24), np.arange(24, 32)


class Recogniser:
    """Mean brightness of four corners; finds no face in the first picture."""

    card = type("Card", (), {"needs": (), "name": "corners"})()

    def __call__(self, images, points=None):
        half = SIZE // 2
        corners = [
            images[:, a : a + half, b : b + half].mean(axis=(1, 2, 3)) for a in (0, half) for b in (0, half)
        ]
        values = np.stack(corners, axis=1)
        values[(images == 0).all(axis=(1, 2, 3))] = np.nan
        return type("Answer", (), {"values": values})()


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    images = pictures(32)
    images[0] = 0
    subject = np.arange(32) // 4
    split = np.where(subject < 6, "train", "validation")
    labels = pd.DataFrame(
        {"image": np.arange(32).astype(str), "subject": subject.astype(str), "split": split}
    )
    return FaceSet(images, labels, "noise")


@pytest.fixture
def store(tmp_path) -> ModelStore:
    found = ModelStore(tmp_path)
    found.put("matcher", matcher(size=SIZE), "matcher", {"size": SIZE})
    return found


def test_what_is_read_once_has_holes_where_nobody_asked_or_no_face_was_found(faces, store):
    known = KnownFaces.of(faces, ROWS, Recogniser(), store)
    assert known.dimension == 4 and known.embeddings.shape == (32, 4) and len(known.matched) == 32
    assert np.isnan(known.embeddings[WATCHED]).all() and np.isnan(known.embeddings[0]).all()
    assert list(known.found(ROWS)) == list(ROWS[1:])


def test_a_training_leaves_networks_identities_history_and_facts(faces, store, tmp_path):
    known = KnownFaces.of(faces, np.arange(32), Recogniser(), store)
    phases = phases_of(
        [{"epochs": 1, "learning_rate": 1e-3, "recognised": 10, "leak": 1, "features": 1}], 8, 0
    )
    settings = {"size": SIZE, "identity": 4, "attributes": 6, "width": 1 / 16}
    CleanirTraining("ours", settings, faces, ROWS, WATCHED, known, phases, store, tmp_path / "scratch", store,
                    template=[0.3, 0.5]).run()  # fmt: skip
    codec = CleanirCodec.stored(store, "ours")
    assert codec.size == SIZE and codec.dimension == 4
    assert np.allclose(codec.identities.mean, known.embeddings[1:24].mean(axis=0), atol=1e-6), "not of row 0"
    table = store.history("ours").table
    assert {"val_recognised", "val_leak", "val_features"} <= set(table) and (table["recognised"] > 0).all()
    about = store.about("ours_encoder")
    assert about["trained_on"] == "noise, 23 images of 6 training subjects" and exactly(
        about["template"],
        [
            0.3,
            0.5,
        ],
        because="copied from the settings",
    )
    first = codec.encode(faces.images[1:3])
    assert np.isfinite(first.attributes).all()
