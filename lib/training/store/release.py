"""Release: copy trained networks into the folder that ships, in float16 if outputs agree, with cards.

`python -m lib.training.store.release profiles/real/weights.yaml --networks N --results R`:
the list says which. Each goes in float16 where its outputs stay the same within
TOLERANCE, and with a card. Nothing is shipped half: the folder is exchanged when all of it is ready.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import yaml

from lib.arrays import WeightsError, read_arrays
from lib.measures.estimate import estimates_in
from lib.networks.registry import ARCHITECTURES
from lib.networks.san import SanAutoencoder
from lib.training.store.model_cards import TERMS, model_card, read_model_cards, write_model_cards
from lib.training.store.model_store import PROTOTYPES, ModelStore

LIMIT = 40_000_000
"""Largest size in bytes of all files that ship."""
FEWEST = 100
"""Fewest subjects that a prototype averages, so that nobody can be recognised in it."""
TOLERANCE = {"autoencoder": 0.5 / 255, "generator": 0.5 / 255, "cleanir_decoder": 0.5 / 255}
"""Largest change of an output that float16 may make, by kind: half a grey level of a pixel."""
OTHERS = 0.02
"""Largest change for all other kinds: of a logit, or as the distance of two embeddings of length 1."""


class ShipError(ValueError):
    """A network that must not be shipped like this; the message names it and the remedy."""


@dataclass(frozen=True)
class Place:
    """Folders that a release reads and writes.

    Attributes
    ----------
    networks : with a model store for each chapter.
    results : JSON files of chapters, for the cards' figures.
    target : the folder that ships; is exchanged as a whole.
    """

    networks: Path
    results: Path
    target: Path


def ship_weights(
    listed: Mapping[str, Mapping[str, Any]], place: Place, chapters: Collection[str]
) -> list[str]:
    """Make `place.target` hold exactly the listed networks of these chapters, prototypes and cards.

    Parameters
    ----------
    listed : name in the shipped store -> `from` (chapter/name), `purpose`, and `figures`: chapter -> names
        of results, with `*`, which go onto the card. A folder of networks ends with `/` and names its
        `main` one; of a name with `parts` the files `name_part` ship, the first of them a network, and
        `beside` them (part -> chapter/name) what another chapter made for them. `trained_on` stands in for
        facts that do not say it.
    chapters : that the profile runs; what comes from others is left out.

    Returns
    -------
    Names of the networks that ship.

    Raises
    ------
    ShipError : facts are missing, a prototype of too few subjects, several prototypes, no such figure, or too
        many bytes. Nothing was changed.
    WeightsError : a network is missing or damaged.
    """
    chosen = {name: entry for name, entry in listed.items() if entry["from"].split("/")[0] in chapters}
    if not chosen:
        return []
    with tempfile.TemporaryDirectory(dir=place.networks.parent) as scratch:
        new = ModelStore(Path(scratch) / "weights")
        made = [_shipped(name, entry, new, place, chapters) for name, entry in chosen.items()]
        write_model_cards(new.folder, made)
        size = sum(path.stat().st_size for path in new.folder.rglob("*"))
        if size > LIMIT:
            raise ShipError(
                f"{size / 1e6:.1f} MB, more than {LIMIT / 1e6:.0f}: ship fewer or smaller networks"
            )
        read_model_cards(new.folder)
        shutil.rmtree(place.target, ignore_errors=True)
        shutil.move(new.folder, place.target)
    return list(chosen)


def _shipped(
    name: str, entry: Mapping[str, Any], new: ModelStore, place: Place, chapters: Collection[str]
) -> dict[str, Any]:
    """Copy one network, or a folder of them, into the new store; returns its card."""
    if entry["from"].endswith("/") or "parts" in entry:
        about, files, changes = _put_several(entry, _members(name, entry, place, chapters), new)
    else:
        about, files, changes = _put_one(name, entry, place.networks / entry["from"], new)
    if not about.get("trained_on"):
        raise ShipError(
            f"{entry['from']}: its facts do not say `trained_on`: keep it with ModelStore.put(about=...)"
        )
    figures = _figures(entry.get("figures", {}), place.results, chapters)
    return model_card(
        name, entry["purpose"], about, folder=new.folder, files=files, changes=changes, figures=figures
    )


_Put = tuple[dict[str, Any], list[str], list[tuple[str, float]]]


def _put_one(name: str, entry: Mapping[str, Any], source: Path, new: ModelStore) -> _Put:
    """Copy one network; returns metadata, file names (the network's first) and (dtype, difference)."""
    old, files = ModelStore(source.parent), [f"{name}.npz"]
    about, network = old.about(source.name), old.get(source.name)
    if about["kind"] == "autoencoder":
        _put_prototypes(old, new, about, entry["from"])
        files.append(PROTOTYPES)
    change = _put(new, name, network, about)
    return about | {"parameters": network.count_params()}, files, [change]


def _put_several(entry: Mapping[str, Any], members: Mapping[str, Path], new: ModelStore) -> _Put:
    """Copy files that belong together: networks as in `_put_one`, other arrays byte for byte.

    Parameters
    ----------
    members : name in the new store -> file without its ending; the first one's facts are the card's.
    """
    for source in members.values():
        if not source.with_name(f"{source.name}.npz").exists():
            raise WeightsError(f"{source}.npz is missing: run the chapter that makes it")
    stores = {one: ModelStore(source.parent) for one, source in members.items()}
    main = next(iter(members))
    facts = stores[main].about(members[main].name)
    about, changes = {"trained_on": entry.get("trained_on"), **facts, "parameters": 0}, []
    for one, source in members.items():
        stored, target = read_arrays(source.with_name(f"{source.name}.npz")), new.folder / one
        if source.name == Path(PROTOTYPES).stem:
            raise ShipError(f"{entry['from']} holds prototypes: ship its autoencoder by name")
        if stored_kind(stored) in ARCHITECTURES:
            network = stores[one].get(source.name)
            told = stores[one].about(source.name)
            changes.append(_put(ModelStore(target.parent), target.name, network, told))
            about["parameters"] += network.count_params()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(f"{source}.npz", f"{target}.npz")
    return about, [f"{one}.npz" for one in members], changes


def _members(name: str, entry: Mapping[str, Any], place: Place, chapters: Collection[str]) -> dict[str, Path]:
    """Files that ship as one: name in the new store -> path without its ending; the main one first.

    Either all of a folder, or those that begin with the entry's name and end with its `parts`; then those
    `beside` it, as far as their chapters run.
    """
    source = place.networks / entry["from"]
    if "parts" in entry:
        found = {f"{name}_{part}": source.with_name(f"{source.name}_{part}") for part in entry["parts"]}
    else:
        others = sorted(path.stem for path in source.glob("*.npz") if path.stem != entry["main"])
        found = {f"{name}/{one}": source / one for one in [entry["main"], *others]}
    for part, where in entry.get("beside", {}).items():
        if where.partition("/")[0] in chapters:
            found[f"{name}_{part}"] = place.networks / where
    return found


def stored_kind(stored: Mapping[str, np.ndarray]) -> str:
    """Architecture named in a file of a model store; empty for other files."""
    return str(json.loads(str(stored.get("about", "{}"))).get("facts", {}).get("kind", ""))


def _put_prototypes(old: ModelStore, new: ModelStore, about: Mapping[str, Any], where: str) -> None:
    """Copy the three prototypes; ShipError if they average too few subjects."""
    subjects = about.get("subjects")
    counts = list(subjects.values()) if isinstance(subjects, dict) else [subjects or 0]
    if min(counts, default=0) < FEWEST:
        raise ShipError(
            f"{where}: prototypes of {subjects} `subjects`; at least {FEWEST} each, said in its facts, "
            "before a mean face may leave this machine"
        )
    if "template" not in about:
        raise ShipError(f"{where}: its facts do not say by which `template` its faces were cut")
    if (new.folder / PROTOTYPES).exists() and not np.array_equal(new.prototypes, old.prototypes):
        raise ShipError(f"{where} has other prototypes than a network before it: one folder holds one set")
    new.put_prototypes(old.prototypes)


def _put(new: ModelStore, name: str, network: keras.Model, about: Mapping[str, Any]) -> tuple[str, float]:
    """Save a network in float16 if its outputs agree, else in float32; returns dtype and difference."""
    how = {**about, "terms": TERMS}
    kind, settings = how.pop("kind"), how.pop("settings")
    try:
        new.put(name, network, kind, settings, float16=True, about=how)
        found = difference(network, new.get(name))
        if found <= TOLERANCE.get(kind, OTHERS):
            return "float16", found
    except WeightsError:  # a weight that float16 cannot hold
        pass
    new.put(name, network, kind, settings, about=how)
    return "float32", difference(network, new.get(name))


def difference(one: keras.Model, other: keras.Model) -> float:
    """Largest difference of two networks' outputs on seeded inputs: per pixel, or per row's length."""
    inputs = _inputs(one)
    worst = 0.0
    for some in (slice(start, start + 4) for start in range(0, _COUNT, 4)):
        given = {name: value[some] for name, value in inputs.items()}
        for a, b in zip(_said(one, given), _said(other, given), strict=True):
            change = a.astype(np.float64) - b
            flat = change.reshape(-1, 1) if change.ndim == 4 else change.reshape(len(change), -1)
            length = np.linalg.norm(flat, axis=1).max()
            worst = max(worst, float(length) if np.isfinite(length) else float("inf"))
    return worst


def _said(network: keras.Model, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    given = inputs if isinstance(network, SanAutoencoder) or len(inputs) > 1 else next(iter(inputs.values()))
    said = network(given, training=False)
    if isinstance(said, dict) and "mean" in said:  # a latent vector; its spread is for training alone
        said = keras.ops.normalize(said["mean"])
    return [keras.ops.convert_to_numpy(value) for value in keras.tree.flatten(said)]


def _inputs(network: keras.Model) -> dict[str, np.ndarray]:
    """Seeded random inputs by name: images in [0, 1], labels 0 and 1, normal numbers for the rest."""
    if isinstance(network, SanAutoencoder):
        return {"image": pictures(network.size) / np.float32(255), "label": np.arange(_COUNT) % np.float32(2)}
    rng = np.random.default_rng(0)
    return {
        tensor.name: pictures(tensor.shape[1:3], channels=tensor.shape[3]) / np.float32(255)
        if len(tensor.shape) == 4
        else rng.normal(size=(_COUNT, *tensor.shape[1:])).astype(np.float32)
        for tensor in network.inputs
    }


_COUNT = 16


def pictures(size: tuple[int, int], count: int = _COUNT, seed: int = 0, channels: int = 1) -> np.ndarray:
    """Smooth random images of many contrasts with noise, uint8 (count, H, W, channels)."""
    if channels > 1:
        every = [pictures(size, count, seed + channel) for channel in range(channels)]
        return np.concatenate(every, axis=-1)
    rng = np.random.default_rng(seed)
    coarse = rng.normal(size=(count, 8, 8)).astype(np.float32)
    smooth = np.stack([cv2.resize(one, size[::-1], interpolation=cv2.INTER_CUBIC) for one in coarse])
    contrast = np.linspace(10, 80, count)[:, None, None]
    grain = rng.normal(scale=4, size=smooth.shape)
    return np.clip(128 + contrast * smooth + grain, 0, 255).astype(np.uint8)[..., None]


def _figures(
    wanted: Mapping[str, list[str]], results: Path, chapters: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Figures for a model card from results, `chapter: name` -> estimate, low, high, n."""
    found: dict[str, dict[str, Any]] = {}
    for chapter, patterns in wanted.items():
        if chapter not in chapters:
            continue
        path = results / f"{chapter}.json"
        if not path.exists():
            raise ShipError(f"{path} is missing: the card quotes it; `make real` computes it")
        every = estimates_in(json.loads(path.read_text(encoding="utf-8"))["values"])
        for pattern in patterns:
            some = {name: figure for name, figure in every.items() if fnmatchcase(name, pattern)}
            if not some:
                raise ShipError(f"{path} has no figure {pattern!r}: mend weights.yaml")
            found |= {f"{chapter}: {name}": figure.to_dict() for name, figure in some.items()}
    return found


def main(arguments: list[str] | None = None) -> int:
    """Command line: fill the folder that ships; exit status 1 where a network may not ship."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.training.store.release", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("list", type=Path, help="networks that ship, as profiles/real/weights.yaml")
    parser.add_argument("--networks", type=Path, required=True, help="a folder of networks for each chapter")
    parser.add_argument("--results", type=Path, required=True, help="results that the cards quote")
    parser.add_argument("--target", type=Path, default=Path("weights"), help="folder that ships")
    given = parser.parse_args(arguments)
    listed = yaml.safe_load(given.list.read_text(encoding="utf-8")) or {}
    place = Place(given.networks, given.results, given.target)
    there = {path.name for path in given.networks.glob("*/")} | {
        path.stem for path in given.results.glob("*.json")
    }
    try:
        shipped = ship_weights(listed, place, _named(listed) & there)
    except (ShipError, WeightsError) as error:
        print(error, file=sys.stderr)
        return 1
    if shipped:
        print(read_model_cards(given.target)[["kind", "dtype", "difference", "megabytes"]].to_string())
    else:
        print(f"no chapter below {given.networks} trains a network that ships: {given.target} is as it was")
    return 0


def _named(listed: Mapping[str, Any]) -> set[str]:
    """Chapters that a list of networks mentions."""
    return {
        chapter
        for entry in listed.values()
        for chapter in [entry["from"].partition("/")[0], *entry.get("figures", {})]
    }


if __name__ == "__main__":
    sys.exit(main())
