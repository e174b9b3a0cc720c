"""A shelf as it ships, with networks of a few weights."""

from __future__ import annotations

import keras
import numpy as np

from lib.networks.gender_classifier import gender_classifier
from lib.networks.san import SanAutoencoder
from lib.training.store.model_store import ModelStore

SIDE = 32
FACTS = {"template": [0.32, 0.49], "subjects": 150, "trained_on": "rendered faces", "terms": "research only"}


def fill(folder, *, seed=0, side=SIDE, threshold=None, **facts) -> ModelStore:
    """An autoencoder `ours` and a classifier; prototypes far apart, so that the label shows."""
    keras.utils.set_random_seed(seed)
    shelf = ModelStore(folder)
    prototypes = np.stack([np.full((side, side, 3), level, np.float32) for level in (0.1, 0.9, 0.5)])
    shelf.put_prototypes(prototypes)
    network = SanAutoencoder(prototypes, side, decoder=(4, 4), name="ours")
    settings = {"size": side, "decoder": [4, 4]}
    about = {key: value for key, value in {**FACTS, **facts}.items() if value != "unsaid"}
    shelf.put("ours", network, "autoencoder", settings, about=about)
    said = {} if threshold is None else {"threshold": threshold}
    shelf.put("classifier", gender_classifier(side), "gender_classifier", {"size": side}, about=said)
    return shelf
