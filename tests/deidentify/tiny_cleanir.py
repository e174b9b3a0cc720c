"""A folder of weights with a CLEANIR of a few weights, as it ships."""

from __future__ import annotations

import keras
import numpy as np

from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.deidentify.cleanir.identities import IdentityDistribution
from lib.networks.cleanir import cleanir_decoder, cleanir_encoder
from lib.training.store.model_store import ModelStore

SIDE = 32
TEMPLATE = [0.28, 0.52]


def fill(folder, *, seed=0, cleaner=False, **facts):
    """Encoder, decoder, identities, and a cleaner of attributes where one is wanted."""
    keras.utils.set_random_seed(seed)
    settings = {"size": SIDE, "identity": 8, "attributes": 8, "width": 1 / 16}
    about = {"template": TEMPLATE, "trained_on": "nothing", **facts}
    about = {name: one for name, one in about.items() if one != "unsaid"}
    store = ModelStore(folder)
    for kind, make in (("encoder", cleanir_encoder), ("decoder", cleanir_decoder)):
        network = make(SIDE, **{name: one for name, one in settings.items() if name != "size"})
        store.put(f"cleanir_{kind}", network, f"cleanir_{kind}", settings, about=about)
    drawn = np.random.default_rng(seed).normal(size=(50, 8))
    identities = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    IdentityDistribution.of(np.zeros(8), identities).save(folder / "cleanir_identities.npz")
    if cleaner:
        halves = np.random.default_rng(seed).normal(size=(60, 8))
        AttributeCleaner.fit(halves, np.repeat(np.arange(20), 3), 2).save(folder / "cleanir_cleaner.npz")
    return folder
