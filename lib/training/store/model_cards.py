"""Write and read the model cards of shipped networks: training data, terms, figures, hashes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from lib.arrays import WeightsError
from lib.files import sha256_of
from lib.measures.estimate import Estimate

CARDS = "cards.json"
COLUMNS = (
    "purpose", "kind", "trained_on", "subjects", "terms", "parameters", "dtype", "difference", "megabytes",
    "sha256", "figures",
)  # fmt: skip


TERMS = "research only"


def model_card(
    name: str,
    purpose: str,
    facts: Mapping[str, Any],
    *,
    folder: Path,
    files: Sequence[str],
    changes: Sequence[tuple[str, float]],
    figures: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Card of a network that ships: what `write_model_cards` keeps.

    Parameters
    ----------
    facts : `kind`, `settings`, `trained_on`, `parameters`, and `subjects` if it says so.
    folder, files : where it lies, and the names of its files there, the network's first.
    changes : (dtype, difference) of each of its networks, as `release` saved them.
    figures : results that the card quotes, `chapter: name` -> estimate, low, high, n.
    """
    return {
        "name": name,
        "purpose": purpose,
        "kind": facts["kind"],
        "settings": facts["settings"],
        "trained_on": facts["trained_on"],
        "subjects": facts.get("subjects"),
        "terms": TERMS,
        "parameters": facts["parameters"],
        "dtype": ", ".join(sorted({dtype for dtype, _ in changes})),
        "difference": max(float(f"{found:.2g}") for _, found in changes),
        "megabytes": round(sum((folder / file).stat().st_size for file in files) / 1e6, 3),
        "sha256": sha256_of(folder / files[0]),
        "files": {file: sha256_of(folder / file) for file in files},
        "figures": figures,
    }


def write_model_cards(folder: Path, cards: Sequence[Mapping[str, Any]]) -> None:
    """Write the cards of a folder's networks; keys are sorted, so that equal content gives equal bytes.

    Parameters
    ----------
    cards : of `model_card`.
    """
    text = json.dumps(cards, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False)
    (folder / CARDS).write_text(f"{text}\n", encoding="utf-8")


def read_model_cards(folder: str | Path) -> pd.DataFrame:
    """Read the model cards of a folder of shipped networks as a table, one row each, indexed by name.

    Parameters
    ----------
    folder : with `cards.json` and the networks, as `weights.dvc` brings it.

    Returns
    -------
    Columns COLUMNS. `difference` is the largest one between the outputs of what ships and of what was
    trained, in the units of the output; `subjects` the fewest behind a prototype; `figures` lines of name,
    estimate and interval, from the results.

    Raises
    ------
    WeightsError : no cards, or a file is missing or another than its card speaks of.
    """
    path = Path(folder) / CARDS
    if not path.is_file():
        raise WeightsError(
            f"{path} is missing: fetch it with `dvc pull weights.dvc`, or `make real` trains it"
        )
    found = json.loads(path.read_text(encoding="utf-8"))
    for card in found:
        for file, sha256 in card["files"].items():
            _check(Path(folder) / file, sha256)
    return pd.DataFrame([_row(card) for card in found]).set_index("name")


def _check(path: Path, sha256: str) -> None:
    if not path.is_file() or sha256_of(path) != sha256:
        raise WeightsError(f"{path} is missing or not the one of its card: `dvc pull weights.dvc` again")


def _row(card: dict) -> dict:
    figures = "\n".join(f"{key} {Estimate.from_dict(value):}" for key, value in card["figures"].items())
    subjects = card["subjects"]
    least = min(subjects.values()) if isinstance(subjects, dict) and subjects else subjects
    return {
        "name": card["name"],
        **{key: card[key] for key in COLUMNS},
        "subjects": least,
        "figures": figures,
    }
