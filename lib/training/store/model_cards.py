"""Read the model cards of shipped networks: training data, terms, figures, hashes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from lib.arrays import WeightsError
from lib.files import sha256_of
from lib.measures.estimate import Estimate

CARDS = "cards.json"
COLUMNS = (
    "purpose", "kind", "trained_on", "subjects", "terms", "parameters", "dtype", "difference", "megabytes",
    "sha256", "figures",
)  # fmt: skip


def cards(folder: str | Path) -> pd.DataFrame:
    """Model cards of a folder of shipped networks as a table, one row each, indexed by name.

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
