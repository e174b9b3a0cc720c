"""ModelStore: a folder of trained networks with architecture, settings, metadata and histories.

A file holds the weights, the name of the architecture and its settings; nothing is unpickled. Autoencoders of
one folder share its three prototypes, without which their weights are useless.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from lib.arrays import WeightsError, read_arrays, write_arrays
from lib.networks.registry import ARCHITECTURES
from lib.training.loop.history import History
from lib.training.store import weights

PROTOTYPES = "prototypes.npz"


@dataclass(frozen=True)
class ModelStore:
    """A folder of trained networks that chapters write and read.

    Attributes
    ----------
    folder : where `<name>.npz` lie, and `prototypes.npz`.
    """

    folder: Path

    def put(
        self,
        name: str,
        network: keras.Model,
        kind: str,
        settings: Mapping[str, Any],
        *,
        float16: bool = False,
        about: Mapping[str, Any] | None = None,
    ) -> str:
        """Save a network with its architecture and metadata; returns the sha256 of its file.

        Parameters
        ----------
        kind, settings : architecture and arguments with which `get` builds it; all but the prototypes.
        float16 : see `weights.save`.
        about : facts for its card: what it was trained on, terms, figures.
        """
        facts = {**(about or {}), "kind": kind, "settings": dict(settings)}
        return weights.save(network, self.folder / f"{name}.npz", float16=float16, about=facts)

    def get(self, name: str, **changes: Any) -> keras.Model:
        """Build a saved network and load its weights; the network is frozen.

        Parameters
        ----------
        changes : settings that do not change the weights, as `outputs` of an autoencoder.

        Raises
        ------
        WeightsError : no such file, a damaged one, or an architecture that is not in ARCHITECTURES.
        """
        facts = self.about(name)
        settings = {**facts["settings"], **changes}
        if facts["kind"] == "autoencoder":
            settings["prototypes"] = self.prototypes
        network = ARCHITECTURES[facts["kind"]](**settings)
        weights.load(network, self.folder / f"{name}.npz")
        network.trainable = False
        return network

    def about(self, name: str) -> dict[str, Any]:
        """Metadata saved with a network, `kind` and `settings` included.

        Raises
        ------
        WeightsError : as `get`.
        """
        facts = weights.metadata(self.folder / f"{name}.npz")
        if facts.get("kind") not in ARCHITECTURES:
            known = ", ".join(ARCHITECTURES)
            raise WeightsError(
                f"{self.folder / name}.npz: no architecture {facts.get('kind')!r}; there are {known}"
            )
        return facts

    def put_history(self, name: str, history: History) -> None:
        """Save the history of a training as `<name>.csv`, with all digits."""
        table = history.table.assign(best=history.best)
        self.folder.mkdir(parents=True, exist_ok=True)
        table.to_csv(self.folder / f"{name}.csv", index=False, lineterminator="\n")

    def history(self, name: str) -> History:
        """Load the history that `put_history` saved.

        Raises
        ------
        WeightsError : no such file.
        """
        path = self.folder / f"{name}.csv"
        if not path.is_file():
            raise WeightsError(f"{path} is missing: fetch it with `dvc pull` or train the network")
        table = pd.read_csv(path, float_precision="round_trip")
        best = int(table.pop("best").iloc[0]) if len(table) else 0
        return History(table, best)

    def put_prototypes(self, prototypes: np.ndarray) -> None:
        """Save the prototypes, float32 (3, H, W, 3) in [0, 1]: female, male, neutral."""
        write_arrays(self.folder / PROTOTYPES, {"prototypes": np.asarray(prototypes, np.float32)})

    @property
    def prototypes(self) -> np.ndarray:
        """Load the prototypes, float32 (3, H, W, 3) in [0, 1]: female, male, neutral."""
        return read_arrays(self.folder / PROTOTYPES)["prototypes"]
