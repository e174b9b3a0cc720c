"""CLEANIR trained by a chapter's parameters, and kept in a store: a task for `training.parallel`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lib.deidentify.cleanir.codec import DECODER, ENCODER, IDENTITIES, CleanirCodec
from lib.deidentify.cleanir.identities import IdentityDistribution, centred
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.judges.base import Judge
from lib.judges.recogniser_embeddings import unit_embeddings
from lib.networks.matcher_features import enlargement_layer, feature_maps
from lib.networks.registry import ARCHITECTURES
from lib.training.inference import predict_images
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

MATCHER = "matcher"
"""Name in the store of the matcher that takes part in `recognised` and `features`."""


@dataclass(frozen=True)
class KnownFaces:
    """What frozen networks read from the photographs of a FaceSet, once for all trainings.

    Attributes
    ----------
    embeddings : float32 (N, D) of the recogniser that the identity half follows, of length 1; NaN in rows
        that were not asked for, and where it found no face.
    matched : float32 (N, E) of the matcher, likewise.
    """

    embeddings: np.ndarray
    matched: np.ndarray

    @classmethod
    def of(cls, faces: FaceSet, rows: np.ndarray, recogniser: Judge, store: ModelStore) -> KnownFaces:
        """Embed some rows of `faces`.

        Parameters
        ----------
        recogniser : of the task `identity`. store : has the network MATCHER.
        """
        some = faces.images[rows]
        points = None if faces.points is None else faces.points[rows]
        embeddings = unit_embeddings(recogniser, to_grey(some)[..., None], points)
        matched = predict_images(_sized(store.get(MATCHER), faces.size[0]), some)
        return cls(*(_placed(one, rows, len(faces)) for one in (embeddings, matched)))

    @property
    def dimension(self) -> int:
        """Numbers of an embedding."""
        return int(self.embeddings.shape[1])

    def found(self, rows: np.ndarray) -> np.ndarray:
        """Those of the rows in which a face was found."""
        return np.asarray(rows[np.isfinite(self.embeddings[rows]).all(axis=1)])


@dataclass(frozen=True)
class CleanirTraining:
    """A CLEANIR to be built, trained and kept; `run` does all three.

    Attributes
    ----------
    name : in the store, with `_encoder`, `_decoder` and `_identities` behind it.
    settings : of both networks: `size`, `identity`, `attributes`, `width`.
    faces : colour pictures in that size. rows, validation : to train with; of other subjects. Rows in which
        no face was found are left out.
    known : what was read from these rows.
    phases : plans and weights; `seed` of the first is that of the first weights and of all draws.
    store : where it is kept. scratch : folder for what a later run resumes from.
    matcher_store : has the network MATCHER.
    template : eye distance and centre of the faces' crop, kept with the networks; None: publisher's window.
    loss : of the picture, see `Cleanir`. vae : whether the latent vector is drawn in training.
    flat : see `cleanir_encoder`.
    """

    name: str
    settings: Mapping[str, Any]
    faces: FaceSet
    rows: np.ndarray
    validation: np.ndarray
    known: KnownFaces
    phases: Sequence[Phase[CleanirWeights]]
    store: ModelStore
    scratch: Path
    matcher_store: ModelStore
    template: Sequence[float] | None = None
    loss: Reconstruction = "full"
    vae: bool = True
    flat: bool = False

    def run(self) -> None:
        """Build both networks, train them, and keep them as float16 where their outputs allow it."""
        seed, rows = self.phases[0].plan.seed, self.known.found(self.rows)
        set_determinism(seed)
        kinds = {ENCODER: {**self.settings, "vae": self.vae, "flat": self.flat}, DECODER: dict(self.settings)}
        encoder, decoder = (ARCHITECTURES[f"cleanir_{kind}"](**told) for kind, told in kinds.items())
        network = Cleanir(encoder, decoder, reconstruction=self.loss, seed=seed, **self._guidance())
        mean = self.known.embeddings[rows].mean(axis=0)
        histories = fit_cleanir(
            network,
            self.faces,
            rows,
            self.known.found(self.validation),
            centred(self.known.embeddings, mean),
            self.phases,
            self.scratch / self.name,
            matched=self.known.matched,
            name=self.name,
        )
        about = self._about(rows)
        for kind, one in ((ENCODER, encoder), (DECODER, decoder)):
            name, told = f"{self.name}_{kind}", (f"cleanir_{kind}", kinds[kind])
            self.store.put(name, one, *told, float16=True, about=about)
        trained = CleanirCodec(encoder, decoder, IdentityDistribution(mean, np.eye(len(mean))))
        spread = IdentityDistribution.of(mean, trained.encode(self.faces.images[rows]).identity)
        spread.save(self.store.folder / f"{self.name}_{IDENTITIES}.npz")
        self.store.put_history(self.name, concatenate(histories))

    def _guidance(self) -> dict[str, keras.Model | None]:
        """The frozen matcher, and its inner maps, for pictures of this size; nothing where no term asks."""
        if not any(one.weights.recognised or one.weights.features for one in self.phases):
            return {}
        matcher, size = self.matcher_store.get(MATCHER), int(self.settings["size"])
        return {"matcher": _sized(matcher, size), "features": feature_maps(matcher, size)}

    def _about(self, rows: np.ndarray) -> dict[str, Any]:
        many = len(np.unique(self.faces.subjects[rows]))
        return {
            "source": self.faces.name,
            "trained_on": f"{self.faces.name}, {len(rows):,} images of {many:,} training subjects",
            "template": None if self.template is None else list(self.template),
        }


def _sized(matcher: keras.Model, size: int) -> keras.Model:
    return matcher if matcher.input_shape[1] == size else enlargement_layer(matcher, size)


def _placed(found: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """What was found for some rows among `count` of them; NaN in the others."""
    whole = np.full((count, found.shape[1]), np.nan, np.float32)
    whole[rows] = found
    return whole
