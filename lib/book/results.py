"""Read and write results: values with provenance as JSON, tables as CSV.

Equal content gives equal bytes: floats keep six significant digits, and nothing that changes from run to run
(date, host, commit, absolute paths) gets in.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import platform
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.book import paths
from lib.files import sha256_of, write_text
from lib.measures.estimate import Estimate, as_estimate

if TYPE_CHECKING:
    import pandas as pd

_LIBRARIES = {
    "tensorflow": ("tensorflow-cpu", "tensorflow"),
    "dlib": ("dlib-bin", "dlib"),
    **{
        name: (name,)
        for name in (
            "keras",
            "numpy",
            "scipy",
            "scikit-learn",
            "pandas",
            "pillow",
            "opencv-python-headless",
            "mtcnn",
        )
    },
}


class ResultError(ValueError):
    """A result that is missing or must not be written; the message says what to do."""


# ---------------------------------------------------------------- plain values


def _number(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


def plain(value: Any) -> Any:
    """Convert `value` to JSON types: floats to six digits, NaN to None, estimates to dicts."""
    if isinstance(value, Estimate):
        return plain(value.to_dict())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, Path):
        return paths.project_name(value)
    if value is None or isinstance(value, str | int | float):
        return _number(value) if isinstance(value, float) else value
    return _plain_of_pandas(value)


def _plain_of_pandas(value: Any) -> Any:
    import pandas as pd

    if isinstance(value, pd.Series):
        return plain(value.to_dict())
    if isinstance(value, pd.DataFrame):
        return plain(value.to_dict("index"))
    return None if value is pd.NA or value is pd.NaT else value


def _estimates(values: Any) -> Any:
    """Numbers only (an Estimate by its value), for `dvc metrics show` and `dvc exp show`."""
    if not isinstance(values, dict):
        return values if isinstance(values, int | float) and not isinstance(values, bool) else None
    if "estimate" in values:
        return values["estimate"]
    kept = {key: _estimates(item) for key, item in values.items()}
    return {key: item for key, item in kept.items() if item is not None and item != {}}


# ---------------------------------------------------------------- provenance


def files_in(folder: Path) -> list[Path]:
    """All files below a folder, also through links, sorted: the order of a walk is the file system's."""
    return sorted(Path(at) / name for at, _, names in os.walk(folder, followlinks=True) for name in names)


def digest(path: Path, sha256: Callable[[Path], str] = sha256_of) -> str:
    """sha256 of a file, or of a folder's files with their names, as 64 hexadecimal digits.

    Parameters
    ----------
    sha256 : of one file; one that remembers what it read spares a second reading.

    Raises
    ------
    ResultError : there is no such file or folder.
    OSError : a file cannot be read.
    """
    if not path.exists():
        raise ResultError(f"input {paths.anonymous(str(path))} is missing")
    if path.is_file():
        return sha256(path)
    whole = hashlib.sha256()
    for file in files_in(path):
        name = file.relative_to(path).as_posix().encode("utf-8", "surrogateescape")
        whole.update(name + b"\0" + sha256(file).encode() + b"\n")
    return whole.hexdigest()


def input_hashes(inputs: Iterable[Path] | Mapping[str, Path | str]) -> dict[str, str]:
    """Hashes of inputs by their name in the project.

    Parameters
    ----------
    inputs : files or folders; or a mapping from a name to a file, a folder, or a hash that is known already
        (as `FaceSet.fingerprint()`), for what is too large to read twice.
    """
    if isinstance(inputs, Mapping):
        pairs = ((name, digest(item) if isinstance(item, Path) else item) for name, item in inputs.items())
    else:
        pairs = ((str(Path(item).absolute()), digest(Path(item))) for item in inputs)
    return {paths.project_name(name): found for name, found in pairs}


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that affect results."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name, packages in _LIBRARIES.items():
        for package in packages:
            try:
                found.setdefault(name, version(package))
            except PackageNotFoundError:
                continue
    return found


# ---------------------------------------------------------------- files


def _is_place(value: Any) -> bool:
    return isinstance(value, str) and Path(value).is_absolute()


def dumps(record: Any) -> str:
    """JSON text with sorted keys, so that equal content gives equal bytes."""
    return json.dumps(record, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n"


def write(
    chapter: str,
    values: Mapping[str, Any],
    *,
    parameters: Mapping[str, Any],
    inputs: Iterable[Path] | Mapping[str, Path | str] = (),
    profile: str | None = None,
    folder: Path | None = None,
    protocol: int = 1,
) -> Path:
    """Write `<folder>/<chapter>.json` (`values`, `provenance`) and `<folder>/metrics/<chapter>.json`.

    Parameters
    ----------
    chapter : as `01_faces`.
    values : anything that `plain` understands; every figure of merit as an Estimate.
    parameters, inputs : what the values were computed from.
    profile, folder : the running profile and `results/<profile>/` of the run, unless named.
    protocol : number of the protocol by which the values were measured; 0 stands for results made before
        there were numbers.
    """
    profile = profile or paths.profile()
    folder = folder or paths.results(profile)
    kept = {key: paths.project_name(item) if _is_place(item) else item for key, item in parameters.items()}
    provenance = {
        "chapter": chapter,
        "profile": profile,
        "parameters": plain(kept),
        "seed": parameters.get("seed"),
        "inputs": input_hashes(inputs),
        "versions": versions(),
        "protocol": protocol,
        "code": os.environ.get("FACEVALUE_CODE", ""),
    }
    record = {"values": plain(values), "provenance": provenance}
    text = dumps(record)
    if paths.anonymous(text) != text:
        raise ResultError(f"{chapter}: a result holds a path of this machine; keep names, not paths")
    write_text(folder / "metrics" / f"{chapter}.json", dumps(_estimates(record["values"])))
    return write_text(folder / f"{chapter}.json", text)


def write_table(chapter: str, name: str, table: pd.DataFrame, folder: Path | None = None) -> Path:
    """Write the numbers behind one figure to `<folder>/<chapter>.<name>.csv`, six significant digits.

    The index is written only where it has a name.
    """
    text = table.to_csv(index=table.index.name is not None, float_format="%.6g", lineterminator="\n")
    return write_text((folder or paths.results()) / f"{chapter}.{name}.csv", text)


# ---------------------------------------------------------------- reading


@dataclass(frozen=True)
class Reference:
    """Reference to a figure of a result, as pages and front/claims.yml write it: `rendered/01_faces.a.b`."""

    profile: str
    chapter: str
    key: str

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Parse `profile/chapter.key`; without `profile/` it is the one of this run.

        Raises
        ------
        ResultError : the text has another form.
        """
        found = re.fullmatch(r"(?:([\w-]+)/)?(\w+)\.(\S.*)", text.strip())
        if not found:
            raise ResultError(f"{text!r} refers to no result; the form is `profile/chapter.key`")
        return cls(found[1] or paths.profile(), found[2], found[3])


def quoted(claims: Iterable[Mapping[str, Any]]) -> list[Reference]:
    """The results that front/claims.yml quotes; ResultError for another form."""
    texts = [claim.get(kind) for claim in claims for kind in ("unprotected", "measured", "attacked")]
    return [Reference.parse(text) for text in texts if isinstance(text, str)]


@dataclass(frozen=True)
class Record:
    """One chapter's result as read from its file: `values` and `provenance`, both plain dicts."""

    values: dict[str, Any]
    provenance: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        """Value at a dotted key, `record["reality.mtcnn.found"]`, as an Estimate where one was saved."""
        found: Any = self.values
        for part in key.split("."):
            if not isinstance(found, dict) or part not in found:
                raise KeyError(
                    f"{key}: no {part!r}; there are {', '.join(found) if isinstance(found, dict) else found}"
                )
            found = found[part]
        return as_estimate(found)

    def __contains__(self, key: str) -> bool:
        try:
            self[key]
        except KeyError:
            return False
        return True


def locate(profile: str, name: str) -> Path:
    """Path of a results file: of this run if there, else the shipped one.

    Raises
    ------
    ResultError : neither; the message says which command makes it.
    """
    places = [root / "results" / profile / name for root in (paths.writing(), paths.out(), paths.ROOT)]
    found = next((place for place in places if place.exists()), places[-1])
    if not found.exists():
        how = "make book" if profile == paths.DEFAULT_PROFILE else f"make {profile}"
        raise ResultError(f"results/{profile}/{name} is missing; `{how}` makes it")
    return found


def read(profile: str, chapter: str) -> Record:
    """Read one chapter's result; ResultError if there is none."""
    record = json.loads(locate(profile, f"{chapter}.json").read_text(encoding="utf-8"))
    return Record(record["values"], record["provenance"])


def read_table(profile: str, chapter: str, name: str) -> pd.DataFrame:
    """Read one chapter's table; ResultError if there is none."""
    import pandas as pd

    return pd.read_csv(locate(profile, f"{chapter}.{name}.csv"))
