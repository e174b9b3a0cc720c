"""Checkpoint: the state of a training on disk, from which `fit` resumes; written atomically."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lib.arrays import WeightsError, digest, read_arrays, write_arrays
from lib.files import part_path
from lib.networks.variables import to_numpy


@dataclass(frozen=True)
class CheckpointOptions:
    """Where a training keeps its checkpoint, and what tells it from other trainings.

    Attributes
    ----------
    folder : outside the outputs of a stage; None keeps no checkpoint.
    identity : fingerprints of the data, losses, parameters, as plain data; `fit` adds network and feed.
    remove : remove the checkpoint after success. If False, a later call returns at once; `clear` removes it.
    """

    folder: str | Path | None
    identity: Any
    remove: bool = True


@dataclass
class State:
    """State of a training besides the variables of the model.

    Attributes
    ----------
    epoch : completed epochs.
    rows : one dict of metrics per completed epoch.
    best : weights of the best epoch so far, empty if they are not asked for.
    """

    epoch: int = 0
    rows: list[dict[str, float]] = field(default_factory=list)
    best: list[np.ndarray] = field(default_factory=list)


class Checkpoint:
    """A checkpoint file `<key>.npz` in a folder; without a folder nothing is written."""

    def __init__(self, folder: str | Path | None, key: str) -> None:
        self.path = None if folder is None else Path(folder) / f"{key}.npz"

    def save(self, model: keras.Model, state: State) -> None:
        """Write the variables of the model and the state; to be called after an epoch."""
        if self.path is None:
            return
        groups = {
            "variable": [to_numpy(variable) for variable in state_variables(model)],
            "best": state.best,
        }
        arrays = {f"{name}/{i:05d}": array for name, group in groups.items() for i, array in enumerate(group)}
        where = json.dumps({"epoch": state.epoch, "rows": state.rows})
        write_arrays(self.path, {"where": np.array(where), **arrays})

    def exists(self) -> bool:
        """Whether there is a checkpoint to resume from."""
        return self.path is not None and self.path.exists()

    def restore(self, model: keras.Model) -> State:
        """Load the checkpoint into the model and return its State.

        Raises
        ------
        WeightsError : the file is damaged, its variables are not the model's, or an earlier version wrote it
            within an epoch.
        """
        assert self.path is not None
        arrays = read_arrays(self.path)
        where = json.loads(str(arrays["where"]))
        if where.get("step"):
            raise WeightsError(f"{self.path} was written within an epoch: remove the file to train anew")
        stored, variables = _group(arrays, "variable"), state_variables(model)
        if [a.shape for a in stored] != [tuple(v.shape) for v in variables]:
            raise WeightsError(f"{self.path} is the state of another network: remove the file to train anew")
        for variable, array in zip(variables, stored, strict=True):
            variable.assign(array)
        return State(where["epoch"], where["rows"], _group(arrays, "best"))

    def clear(self) -> None:
        """Remove the checkpoint and any half-written one."""
        if self.path is not None:
            for path in (self.path, part_path(self.path)):
                path.unlink(missing_ok=True)

    def others(self) -> int:
        """Number of checkpoints of other trainings in the folder."""
        if self.path is None or not self.path.parent.is_dir():
            return 0
        return sum(1 for path in self.path.parent.glob("*.npz") if path != self.path)


def state_variables(model: keras.Model) -> list[keras.Variable]:
    """Variables of a checkpoint: weights, random states (dropout) and optimizers', each once.

    `model.weights`, and so a `.weights.h5`, lacks the random states: a run resumed from it ends elsewhere.
    """
    optimizers = [variable for optimizer in optimizers_of(model) for variable in optimizer.variables]
    return list({id(variable): variable for variable in (*model.variables, *optimizers)}.values())


def optimizers_of(model: keras.Model) -> list[keras.optimizers.Optimizer]:
    """All optimizers of a model: the compiled one, and others that it holds as attributes."""
    others = [value for value in vars(model).values() if isinstance(value, keras.optimizers.Optimizer)]
    return [model.optimizer, *(other for other in others if other is not model.optimizer)]


def run_key(model: keras.Model, identity: Any, settings: Mapping[str, Any]) -> str:
    """Hash of everything that determines the outcome of a training; the name of its checkpoint.

    Taken in: `identity` (the caller's: data, losses, parameters), the settings of the fit, structure and
    first values of the network, the optimizer with its schedule, dtype policy, backend, Keras' version.

    Raises
    ------
    TypeError : `identity` cannot be written as JSON, so it could not be compared.
    """
    # By position: names are numbered within a process and change when a notebook runs a cell again.
    first = {str(i): to_numpy(variable) for i, variable in enumerate(state_variables(model))}
    facts = {
        "identity": identity,
        "settings": dict(settings),
        "variables": digest(first),
        "optimizer": keras.saving.serialize_keras_object(model.optimizer),
        "policy": model.dtype_policy.name,
        "backend": [keras.backend.backend(), keras.__version__],
    }
    facts["optimizer"]["config"].pop("name", None)
    try:
        text = json.dumps(facts, sort_keys=True)
    except TypeError as error:
        raise TypeError(f"identity must be plain data that JSON knows: {error}") from error
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _group(arrays: Mapping[str, np.ndarray], name: str) -> list[np.ndarray]:
    return [array for key, array in arrays.items() if key.startswith(name + "/")]
