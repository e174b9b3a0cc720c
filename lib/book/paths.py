"""Paths of inputs and outputs, always from the repository root: results, trained, photographs, ...

Only the runner writes into the tracked folders `results/` and `pages/`; it says so by FACEVALUE_OUT. A
notebook that someone runs by hand (JupyterLab, papermill) writes below `build/by_hand`.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data" / "rendered"
"""The shipped pack of rendered faces (shards)."""
CACHE = ROOT / "build" / "cache"
"""What can be computed again and need not be, as unpacked shards; shared by all profiles."""
WEIGHTS = ROOT / "weights"
"""The trained networks that ship (`weights.dvc`), a model store with their cards."""
DEFAULT_PROFILE = "rendered"


def profile() -> str:
    """Name of the running profile (FACEVALUE_PROFILE), by default `rendered`."""
    return os.environ.get("FACEVALUE_PROFILE", DEFAULT_PROFILE)


def out() -> Path:
    """Folder that outputs end up in: FACEVALUE_OUT, else `build/by_hand`."""
    named = os.environ.get("FACEVALUE_OUT")
    return Path(named) if named else ROOT / "build" / "by_hand"


def out_of(name: str) -> Path:
    """Output folder of the profile `name`: the repository root for the default, else `build/<name>`."""
    return ROOT if name == DEFAULT_PROFILE else ROOT / "build" / name


def writing() -> Path:
    """Folder that a run writes to before its outputs are moved into `out()`."""
    named = os.environ.get("FACEVALUE_WRITE")
    return Path(named) if named else out()


def results(name: str | None = None) -> Path:
    """Folder that this run writes results to, of its own profile unless named."""
    return writing() / "results" / (name or profile())


def photographs() -> Path:
    """Folder of the publishers' photographs: FACEVALUE_PHOTOGRAPHS, else `photographs` at the root."""
    return Path(os.environ.get("FACEVALUE_PHOTOGRAPHS") or ROOT / "photographs")


def published() -> Path:
    """Folder of networks trained by others: FACEVALUE_PUBLISHED, else `published` at the root."""
    return Path(os.environ.get("FACEVALUE_PUBLISHED") or ROOT / "published")


def located(path: str | list[str]) -> str | list[str]:
    """Resolve a `path` parameter (or several) from the root; `photographs/...` from that folder.

    An address that fsspec opens, as `s3://bucket/celeba.zip`, stays as it is.
    """
    if isinstance(path, list):
        return [str(located(one)) for one in path]
    first, _, rest = path.partition("/")
    if "://" in path:
        return path
    return str(photographs() / rest if first == "photographs" else ROOT / Path(path).expanduser())


def anonymous(text: str) -> str:
    """`text` with the folders of this machine replaced by names relative to the project."""
    known = [
        (photographs(), "photographs"),
        (published(), "published"),
        (writing(), "."),
        (out(), "."),
        (ROOT, "."),
        (Path.home(), "~"),
    ]
    for folder, name in known:
        for spelling in {str(folder), str(folder.resolve())} - {"/"}:
            text = text.replace(spelling + "/", name + "/" if name != "." else "").replace(spelling, name)
    return text


def project_name(place: str | Path) -> str:
    """Name of a file or folder in results: relative to the project, else its last part."""
    name = anonymous(str(place))
    return Path(name).name if Path(name).is_absolute() or name.startswith("~") else name
