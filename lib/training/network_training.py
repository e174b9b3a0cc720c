"""One network's training from its architecture to the store: a task for `training.parallel`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lib.faces.faceset import FaceSet
from lib.measures.classification import balanced_threshold
from lib.networks.registry import ARCHITECTURES
from lib.training.inference import predict_images
from lib.training.loop.device import set_determinism
from lib.training.loop.history import History
from lib.training.store.model_store import ModelStore


@dataclass(frozen=True)
class NetworkTraining:
    """A network to be built, trained and kept; `run` does all three.

    Attributes
    ----------
    name : in the store.
    kind, settings : what to build: one of ARCHITECTURES and its arguments. An autoencoder is also given the
        prototypes of the store, which must be there.
    recipe : what to learn from and how: one of `training.recipes` with its faces, rows and plan.
    store : where to keep it. scratch : folder for what a later run resumes from.
    seed : of its first weights, and of whatever it draws while it learns.
    about : facts that are kept with it.
    measured : gives further facts, of the trained network; None: none.
    keep_history : whether the store also keeps the course of the training.
    """

    name: str
    kind: str
    settings: Mapping[str, Any]
    recipe: Callable[..., History]
    store: ModelStore
    scratch: Path
    seed: int
    about: Mapping[str, Any] = field(default_factory=dict)
    measured: Callable[[keras.Model], Mapping[str, Any]] | None = None
    keep_history: bool = True

    def run(self) -> None:
        """Build the network, train it, and put it into the store as float16 where its outputs allow it."""
        set_determinism(self.seed)
        shared = {"prototypes": self.store.prototypes} if self.kind == "autoencoder" else {}
        network = ARCHITECTURES[self.kind](**self.settings, **shared)
        history = self.recipe(network, resume_folder=self.scratch / self.name, name=self.name)
        about = {**self.about, **(self.measured(network) if self.measured else {})}
        self.store.put(self.name, network, self.kind, self.settings, float16=True, about=about)
        if self.keep_history:
            self.store.put_history(self.name, history)


def stated_threshold(network: keras.Model, faces: FaceSet, rows: np.ndarray) -> dict[str, float]:
    """The logit above which a classifier of `Male` should say so, as the fact `threshold`.

    Parameters
    ----------
    faces : with `Male` known in `rows`, on which balanced accuracy is then highest; of other subjects than
        those that it learned from.
    """
    scores = predict_images(network, faces.images[rows])
    return {"threshold": balanced_threshold(scores, faces.binary("Male", rows))}
