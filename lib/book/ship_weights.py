"""Fill `weights/` from the networks that a profile trained: `python -m lib.book.ship_weights real`.

`profiles/<profile>/weights.yaml` says which. Each goes in float16 where its outputs stay the same within
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

from lib.book import paths, stages
from lib.book.profile import profiles, section
from lib.book.results import as_figure, dumps
from lib.measures.figure import Figure
from lib.training.cards import CARDS, cards
from lib.training.recipes import outputs, unit_grey
from lib.training.shelf import PROTOTYPES, Shelf
from lib.training.weights import WeightsError, file_sha256

LIMIT = 40_000_000
"""Bytes of all that ships."""
FEWEST = 100
"""Subjects that a prototype must stand for, so that nobody can be recognised in it."""
TERMS = "research only"
TOLERANCE = {"autoencoder": 0.5 / 255}
"""Largest change of an output that float16 may make, by kind: half a grey level of a pixel."""
OTHERS = 0.02
"""The same for all other kinds: of a logit, or as the distance of two embeddings of length 1."""


class ShipError(ValueError):
    """A network that must not ship like this; the message names it and the remedy."""


@dataclass(frozen=True)
class Place:
    """Where things lie.

    Attributes
    ----------
    networks : with a shelf for each chapter.
    results : of the profile, for the cards' figures.
    target : the folder that ships; is exchanged as a whole.
    """

    networks: Path
    results: Path
    target: Path


def ship_weights(
    listed: Mapping[str, Mapping[str, Any]], place: Place, chapters: Collection[str]
) -> list[str]:
    """Make `place.target` hold exactly the listed networks of these chapters, their prototypes and cards.

    Parameters
    ----------
    listed : name on the shelf that ships -> `from` (chapter/name), `purpose`, and `figures`: chapter -> names
        of results, with `*`, which go onto the card.
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
        new = Shelf(Path(scratch) / "weights")
        made = [_shipped(name, entry, new, place, chapters) for name, entry in chosen.items()]
        (new.folder / CARDS).write_text(dumps(made), encoding="utf-8")
        size = sum(path.stat().st_size for path in new.folder.iterdir())
        if size > LIMIT:
            raise ShipError(
                f"{size / 1e6:.1f} MB, more than {LIMIT / 1e6:.0f}: ship fewer or smaller networks"
            )
        cards(new.folder)
        shutil.rmtree(place.target, ignore_errors=True)
        shutil.move(new.folder, place.target)
    return list(chosen)


def _shipped(
    name: str, entry: Mapping[str, Any], new: Shelf, place: Place, chapters: Collection[str]
) -> dict[str, Any]:
    """Put one network onto the new shelf; returns its card."""
    chapter, _, own = entry["from"].partition("/")
    old = Shelf(place.networks / chapter)
    about = old.about(own)
    kind, settings = about.pop("kind"), about.pop("settings")
    if "trained_on" not in about:
        raise ShipError(
            f"{entry['from']}: its facts do not say `trained_on`: keep it with Shelf.put(about=...)"
        )
    files = [f"{name}.npz"]
    if kind == "autoencoder":
        _put_prototypes(old, new, about, entry["from"])
        files.append(PROTOTYPES)
    network = old.get(own)
    about["terms"] = TERMS
    dtype, difference = _put(new, name, network, kind, settings, about)
    return {
        "name": name,
        "purpose": entry["purpose"],
        "kind": kind,
        "settings": settings,
        "trained_on": about["trained_on"],
        "subjects": about.get("subjects"),
        "terms": TERMS,
        "parameters": network.count_params(),
        "dtype": dtype,
        "difference": float(f"{difference:.2g}"),
        "megabytes": round((new.folder / files[0]).stat().st_size / 1e6, 3),
        "sha256": file_sha256(new.folder / files[0]),
        "files": {file: file_sha256(new.folder / file) for file in files},
        "figures": _figures(entry.get("figures", {}), place.results, chapters),
    }


def _put_prototypes(old: Shelf, new: Shelf, about: Mapping[str, Any], where: str) -> None:
    """Keep the three prototypes; those of few subjects stay on this machine."""
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


def _put(
    new: Shelf, name: str, network: keras.Model, kind: str, settings: Any, about: Mapping[str, Any]
) -> tuple[str, float]:
    """Keep a network in float16 if its outputs stay, else in float32; returns which, and the difference."""
    try:
        new.put(name, network, kind, settings, float16=True, about=about)
        found = difference(network, new.get(name), kind)
        if found <= TOLERANCE.get(kind, OTHERS):
            return "float16", found
    except WeightsError:  # a weight that float16 cannot hold
        pass
    new.put(name, network, kind, settings, about=about)
    return "float32", difference(network, new.get(name), kind)


def difference(one: keras.Model, other: keras.Model, kind: str) -> float:
    """Largest difference of two networks' outputs on seeded pictures: of a pixel, or of an output's row."""
    if kind == "autoencoder":
        return max(float(np.abs(a - b).max()) for a, b in zip(_altered(one), _altered(other), strict=True))
    height, width = one.input_shape[1:3]
    images = pictures((height, width))
    change = outputs(one, images) - outputs(other, images)
    worst = np.linalg.norm(change.reshape(len(images), -1), axis=1).max()
    return float(worst) if np.isfinite(worst) else float("inf")


def _altered(network: keras.Model) -> list[np.ndarray]:
    """Every output for every picture with either label."""
    images = np.repeat(unit_grey(pictures(network.size)), 2, axis=0)
    inputs = {"image": images, "label": np.arange(len(images), dtype=np.float32) % 2}
    return [keras.ops.convert_to_numpy(value) for value in network(inputs, training=False).values()]


def pictures(size: tuple[int, int], count: int = 16, seed: int = 0) -> np.ndarray:
    """Smooth random pictures of many contrasts with grain, uint8 (count, H, W, 1)."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(size=(count, 8, 8)).astype(np.float32)
    smooth = np.stack([cv2.resize(one, size[::-1], interpolation=cv2.INTER_CUBIC) for one in coarse])
    contrast = np.linspace(10, 80, count)[:, None, None]
    grain = rng.normal(scale=4, size=smooth.shape)
    return np.clip(128 + contrast * smooth + grain, 0, 255).astype(np.uint8)[..., None]


def _figures(
    wanted: Mapping[str, list[str]], results: Path, chapters: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Figures for a card, `chapter: name` -> estimate, low, high, n."""
    found: dict[str, dict[str, Any]] = {}
    for chapter, patterns in wanted.items():
        if chapter not in chapters:
            continue
        path = results / f"{chapter}.json"
        if not path.exists():
            raise ShipError(f"{path} is missing: the card quotes it; `make real` computes it")
        every = _flat(json.loads(path.read_text(encoding="utf-8"))["values"])
        for pattern in patterns:
            some = {name: figure for name, figure in every.items() if fnmatchcase(name, pattern)}
            if not some:
                raise ShipError(f"{path} has no figure {pattern!r}: mend weights.yaml")
            found |= {f"{chapter}: {name}": figure.to_dict() for name, figure in some.items()}
    return found


def _flat(values: Any, before: str = "") -> dict[str, Figure]:
    """All Figures among a chapter's values by their dotted names."""
    if isinstance(as_figure(values), Figure):
        return {before: as_figure(values)}
    if not isinstance(values, dict):
        return {}
    parts = (_flat(value, f"{before}.{key}" if before else key) for key, value in values.items())
    return {name: figure for part in parts for name, figure in part.items()}


def listed_in(profile: str, root: Path = paths.ROOT) -> dict[str, Any]:
    """The networks that a profile ships, by name; none where it has no `weights.yaml`."""
    path = root / "profiles" / profile / "weights.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.exists() else {}


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.book.ship_weights", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("profile", choices=profiles()[1:])
    profile = parser.parse_args(arguments).profile
    run = stages.load(profile) if profile in stages.pipelines() else {}
    listed = listed_in(profile)
    chapters = {chapter for chapter in _named(listed) if section(chapter) in run}
    place = Place(paths.networks_of(profile), paths.ROOT / "results" / profile, paths.WEIGHTS)
    try:
        shipped = ship_weights(listed, place, chapters)
    except (ShipError, WeightsError) as error:
        print(error, file=sys.stderr)
        return 1
    if shipped:
        print(cards(paths.WEIGHTS)[["kind", "dtype", "difference", "megabytes"]].to_string())
    else:
        print(f"no chapter of profile {profile} trains a network that ships: weights/ is as it was")
    return 0


def _named(listed: Mapping[str, Any]) -> set[str]:
    """Chapters that a list of networks speaks of."""
    return {
        chapter
        for entry in listed.values()
        for chapter in [entry["from"].partition("/")[0], *entry.get("figures", {})]
    }


if __name__ == "__main__":
    sys.exit(main())
