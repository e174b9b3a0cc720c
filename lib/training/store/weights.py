"""Weights files (npz): reproducible bytes, no pickle; names, shapes and hashes are checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lib.arrays import WeightsError, digest, read_arrays, write_arrays
from lib.files import sha256_of
from lib.networks.variables import to_numpy

_ABOUT = "about"
_FORMAT = 1


def save(
    model: keras.Model, path: str | Path, *, float16: bool = False, about: Mapping[str, Any] | None = None
) -> str:
    """Write the weights of a network to an npz file, atomically.

    Parameters
    ----------
    model : a built network. Its `weights` are kept, not its optimizer nor the states of its random layers.
    path : of the npz file.
    float16 : store floats in half the space; 11 bits of precision remain, so compare the outputs.
    about : facts that can be written as JSON: what the network was trained on, its licence, its figures.

    Returns
    -------
    sha256 of the file; equal weights and facts give equal bytes.

    Raises
    ------
    WeightsError : a weight is not finite, or does not fit into float16.
    """
    arrays = {}
    for index, variable in enumerate(model.weights):
        name = f"{index:04d}/{short_name(variable)}"
        arrays[name] = _stored(to_numpy(variable), float16, f"{path}: {name}")
    facts = {"facts": dict(about or {}), "format": _FORMAT, "sha256": digest(arrays)}
    return write_arrays(path, {_ABOUT: np.array(json.dumps(facts, sort_keys=True)), **arrays})


def load(model: keras.Model, path: str | Path, *, sha256: str | None = None) -> dict[str, Any]:
    """Load a weights file into a built network of the same structure, without unpickling code.

    Parameters
    ----------
    model : changed in place; float16 weights are widened to the dtype of its variables.
    path : of the npz file.
    sha256 : of the whole file, if known from elsewhere (a model card); compared before anything is read.

    Returns
    -------
    The facts given to `save`.

    Raises
    ------
    WeightsError : no such file, another hash, a damaged file, other names or shapes than the network's.
    """
    path = _present(path)
    if sha256 is not None and (found := sha256_of(path)) != sha256:
        raise WeightsError(f"{path} has the sha256 {found}, expected {sha256}: fetch the file again")
    facts, arrays = _read(path)
    _check_fit(model, arrays, path)
    for variable, array in zip(model.weights, arrays.values(), strict=True):
        variable.assign(array.astype(np.float32) if array.dtype == np.float16 else array)
    return facts["facts"]


def metadata(path: str | Path) -> dict[str, Any]:
    """Metadata of a weights file, as given to `save`; its hash is checked.

    Raises
    ------
    WeightsError : no such file, or a damaged one.
    """
    return _read(_present(path))[0]["facts"]


def _present(path: str | Path) -> Path:
    if not Path(path).is_file():
        raise WeightsError(f"{path} is missing: fetch it with `dvc pull` or train the network")
    return Path(path)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    arrays = read_arrays(path)
    found = _facts(path, arrays.pop(_ABOUT, None))
    if found.get("format") != _FORMAT or digest(arrays) != found.get("sha256"):
        raise WeightsError(f"{path} is damaged or was not written by this program: fetch the file again")
    return found, arrays


def short_name(variable: keras.Variable) -> str:
    """Name of a variable (`conv2d/kernel`) without the numbers that Keras counts up in a process."""
    return "/".join(re.sub(r"_\d+$", "", part) for part in variable.path.split("/")[-2:])


def weights_digest(network: keras.Model) -> str:
    """SHA-256 of a network's weights, whatever numbers Keras counted into their names."""
    weights = {f"{i:04d}/{short_name(v)}": to_numpy(v) for i, v in enumerate(network.weights)}
    return digest(weights)


def _stored(array: np.ndarray, float16: bool, where: str) -> np.ndarray:
    if array.dtype.kind != "f":
        return array
    if not np.isfinite(array).all():
        raise WeightsError(f"{where} has values that are not finite: the training diverged")
    if not float16:
        return array
    if np.abs(array).max(initial=0) > np.finfo(np.float16).max:
        raise WeightsError(f"{where} does not fit into float16: save it in float32")
    return array.astype(np.float16)


def _facts(path: Path, text: np.ndarray | None) -> dict[str, Any]:
    try:
        return json.loads(str(text))
    except json.JSONDecodeError as error:
        raise WeightsError(f"{path} lacks its description: it was not written by this program") from error


def _check_fit(model: keras.Model, arrays: Mapping[str, np.ndarray], path: Path) -> None:
    wanted = [f"{short_name(variable)} {tuple(variable.shape)}" for variable in model.weights]
    found = [f"{name.split('/', 1)[1]} {array.shape}" for name, array in arrays.items()]
    if wanted == found:
        return
    if len(wanted) != len(found):
        raise WeightsError(
            f"{path} holds {len(found)} weights, the network {model.name} has {len(wanted)}: "
            "another network, or other parameters of it"
        )
    first = next(i for i, (a, b) in enumerate(zip(wanted, found, strict=True)) if a != b)
    raise WeightsError(
        f"{path}: weight {first} is {found[first]}, the network {model.name} has {wanted[first]} there "
        f"({sum(a != b for a, b in zip(wanted, found, strict=True))} of {len(wanted)} differ): "
        "another network, or other parameters of it"
    )
