"""Where things lie: always from the repository root, never from the working directory.

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
"""The trained networks that ship (`weights.dvc`), a shelf with their cards."""
DEFAULT_PROFILE = "rendered"


def profile() -> str:
    """Name of the profile that runs; `rendered` unless the runner says otherwise."""
    return os.environ.get("FACEVALUE_PROFILE", DEFAULT_PROFILE)


def out() -> Path:
    """Folder below which a run writes: the runner's, or `build/by_hand`."""
    named = os.environ.get("FACEVALUE_OUT")
    return Path(named) if named else ROOT / "build" / "by_hand"


def out_of(name: str) -> Path:
    """Folder below which the runner writes for the profile `name`: the root itself for the default."""
    return ROOT if name == DEFAULT_PROFILE else ROOT / "build" / name


def writing() -> Path:
    """Folder below which a run writes its outs; the runner moves them into `out()` at the end."""
    named = os.environ.get("FACEVALUE_WRITE")
    return Path(named) if named else out()


def trained_of(name: str) -> Path:
    """Folder with what each chapter trained, as the runner leaves it for the profile `name`."""
    return out_of(name) / "trained"


def results(name: str | None = None) -> Path:
    """Folder of the results of one profile that this run writes (its own profile unless named)."""
    return writing() / "results" / (name or profile())


def photographs() -> Path:
    """Folder with the publishers' photographs: FACEVALUE_PHOTOGRAPHS, else `photographs` at the root."""
    return Path(os.environ.get("FACEVALUE_PHOTOGRAPHS") or ROOT / "photographs")


def published() -> Path:
    """Folder with networks trained by others: FACEVALUE_PUBLISHED, else `published` at the root."""
    return Path(os.environ.get("FACEVALUE_PUBLISHED") or ROOT / "published")


def located(path: str | list[str]) -> str | list[str]:
    """Where a `path` parameter points (or several): from ROOT, or `photographs/...` wherever that lies.

    An address that fsspec opens, as `s3://bucket/celeba.zip`, stays as it is.
    """
    if isinstance(path, list):
        return [str(located(one)) for one in path]
    first, _, rest = path.partition("/")
    if "://" in path:
        return path
    return str(photographs() / rest if first == "photographs" else ROOT / Path(path).expanduser())


def anonymous(text: str) -> str:
    """`text` with the folders of this machine replaced by the names under which the project knows them."""
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
    """How results call a file or folder: relative to the project, or by the last name."""
    name = anonymous(str(place))
    return Path(name).name if Path(name).is_absolute() or name.startswith("~") else name
