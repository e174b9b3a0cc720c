"""CLEANIR trained by a chapter's parameters, and kept in a store: a task for `training.parallel`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lib.deidentify.cleanir.codec import DECODER, ENCODER, IDENTITIES, CleanirCodec
from lib.deidentify.cleanir.identities import IdentityDistribution, centred
from lib.faces.faceset import FaceSet
from lib.networks.matcher_features import enlargement_layer, feature_maps
from lib.networks.registry import ARCHITECTURES
from lib.training.loop.device import set_determinism
from lib.training.loop.history import concatenate
from lib.training.objectives.cleanir_objective import (
    Cleanir,
    CleanirWeights,
    Reconstruction,
    fit_cleanir,
)
from lib.training.objectives.weighted import Phase
from lib.training.store.model_store import ModelStore


@dataclass(frozen=True)
class CleanirTraining:
    """A CLEANIR to be built, trained and kept; `run` does all three.

    Attributes
    ----------
    name : in the store, with `_encoder` and `_decoder` behind it.
    settings : of both networks: `size`, `identity`, `attributes`, `width`.
    faces : colour pictures in that size. rows, validation : to train with; of other subjects.
    embeddings : (N, identity) for all rows of `faces`, of a recogniser; less their mean over `rows`, and at
        length 1, the identity half follows them.
    phases : plans and weights; `seed` of the first is that of the first weights and all draws.
    store : where it is kept. scratch : folder for what a later run resumes from.
    vae : whether the latent vector is drawn in training. reconstruction : see `Cleanir`.
    matcher_store : has the network `matcher` for the terms `recognised` and `features`; None: without it.
    matched : that network's embeddings, float32 (N, E).
    about : facts that are kept with it.
    """

    name: str
    settings: Mapping[str, Any]
    faces: FaceSet
    rows: np.ndarray
    validation: np.ndarray
    embeddings: np.ndarray
    phases: Sequence[Phase[CleanirWeights]]
    store: ModelStore
    scratch: Path
    vae: bool = True
    reconstruction: Reconstruction = "full"
    matcher_store: ModelStore | None = None
    matched: np.ndarray | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def run(self) -> None:
        """Build both networks, train them, and keep them as float16 where their outputs allow it."""
        seed = self.phases[0].plan.seed
        set_determinism(seed)
        kinds = {ENCODER: {**self.settings, "vae": self.vae}, DECODER: dict(self.settings)}
        encoder, decoder = (ARCHITECTURES[f"cleanir_{kind}"](**settings) for kind, settings in kinds.items())
        network = Cleanir(encoder, decoder, reconstruction=self.reconstruction, seed=seed, **self._guidance())
        mean = self.embeddings[self.rows].mean(axis=0)
        histories = fit_cleanir(
            network,
            self.faces,
            self.rows,
            self.validation,
            centred(self.embeddings, mean),
            self.phases,
            self.scratch / self.name,
            matched=self.matched,
            name=self.name,
        )
        for kind, one in ((ENCODER, encoder), (DECODER, decoder)):
            self.store.put(
                f"{self.name}_{kind}", one, f"cleanir_{kind}", kinds[kind], float16=True, about=self.about
            )
        pair = CleanirCodec(encoder, decoder, IdentityDistribution(mean, np.eye(len(mean))))
        known = IdentityDistribution.of(mean, pair.encode(self.faces.images[self.rows]).identity)
        known.save(self.store.folder / f"{self.name}_{IDENTITIES}.npz")
        self.store.put_history(self.name, concatenate(histories))

    def _guidance(self) -> dict[str, keras.Model | None]:
        """The frozen matcher, and its inner maps, for pictures of this size."""
        if self.matcher_store is None:
            return {}
        matcher, size = self.matcher_store.get("matcher"), int(self.settings["size"])
        seen = matcher if matcher.input_shape[1] == size else enlargement_layer(matcher, size)
        return {"matcher": seen, "features": feature_maps(matcher, size)}
