"""Parameters of chapters: a section per chapter in params.yaml, overridden by profiles.

A section bears the chapter's name without its number (`faces` for `01_faces`), as DVC's `-S` rejects a name
that starts with a digit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from lib.book.paths import DEFAULT_PROFILE, ROOT

if TYPE_CHECKING:
    from nbformat import NotebookNode

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, where there is one: a tenth of the time."""


class ProfileError(ValueError):
    """An unknown parameter, chapter or profile; the message names the file."""


def section(chapter: str) -> str:
    """Name of a chapter's section in params.yaml and of its stage: `01_faces` -> `faces`."""
    number, _, name = chapter.partition("_")
    if not (number.isdigit() and name):
        raise ProfileError(f"{chapter!r} is no chapter; a chapter is called like 01_faces")
    return name


def training_stage(chapter: str) -> str:
    """Name of a chapter's training stage: `03_san_pretraining` -> `train_san_pretraining`."""
    return f"train_{section(chapter)}"


def chapters(root: Path = ROOT) -> list[str]:
    """Names of all chapters in order, such as `01_faces`."""
    return sorted(path.stem for path in (root / "notebooks").glob("[0-9]*.md"))


def profiles(root: Path = ROOT) -> list[str]:
    """Names of all profiles, the default first."""
    return [DEFAULT_PROFILE, *sorted(path.parent.name for path in (root / "profiles").glob("*/params.yaml"))]


def _load(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise ProfileError(f"{path} is missing")
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER) or {}


def unknown_names(names: Iterable[str], known: Collection[str]) -> str:
    """Message on those of `names` that are not `known`, with the nearest known name; empty if none."""
    unknown = sorted(set(names) - set(known))
    if not unknown:
        return ""
    near = {name: get_close_matches(name, known, 1, 0.5) for name in unknown}
    told = [f"{name} (is {near[name][0]} meant?)" if near[name] else name for name in unknown]
    return f"unknown parameters {', '.join(told)}; known are {', '.join(known)}"


def _override(values: dict[str, Any], changes: dict[str, Any], where: str) -> dict[str, Any]:
    wrong = unknown_names(changes, values)
    if wrong:
        raise ProfileError(f"{where}: {wrong}")
    return {**values, **changes}


def _checked_profile(name: str, known: dict[str, Any], root: Path) -> dict[str, Any]:
    if name not in profiles(root):
        raise ProfileError(f"no profile {name!r}; there are {', '.join(profiles(root))}")
    changes = _load(root / "profiles" / name / "params.yaml")
    unknown = sorted(set(changes) - set(known))
    if unknown:
        raise ProfileError(f"profiles/{name}/params.yaml: params.yaml has no section {', '.join(unknown)}")
    return changes


def parameters(
    chapter: str, profile: str = DEFAULT_PROFILE, changes: Iterable[str] = (), root: Path = ROOT
) -> dict[str, Any]:
    """All parameters of one chapter, with the overrides of a profile and of `changes`.

    Parameters
    ----------
    chapter : as `01_faces`.
    profile : whose overrides in `profiles/<profile>/params.yaml` apply.
    changes : texts `name=value` that win over both; the value is read as YAML.
    root : the repository.

    Raises
    ------
    ProfileError : a chapter without a section, an unknown profile or name, or a change that is no YAML.
    """
    known = _load(root / "params.yaml")
    name = section(chapter)
    if name not in known:
        raise ProfileError(f"params.yaml has no section {name!r} for chapter {chapter}")
    values = known[name] or {}
    if profile != DEFAULT_PROFILE:
        over = _checked_profile(profile, known, root).get(name) or {}
        values = _override(values, over, f"profiles/{profile}/params.yaml, {name}")
    nameless = [change for change in changes if not change.partition("=")[1]]
    if nameless:
        raise ProfileError(f"--set takes NAME=VALUE, as --set seed=3: {nameless[0]!r} has no =")
    pairs = (change.partition("=") for change in changes)
    return _override(values, {key: _value(key, text) for key, _, text in pairs}, "--set")


class _Loader(yaml.SafeLoader):
    """YAML that reads `1e-3` as a number; by YAML 1.1 it is a text, as it has no point."""


_EXPONENT = re.compile(r"[-+]?\d+[eE][-+]?\d+$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _EXPONENT, list("-+0123456789"))


def _value(name: str, text: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # a SafeLoader
    except yaml.YAMLError as error:
        raise ProfileError(f"--set {name}: {text!r} is no YAML ({' '.join(str(error).split())})") from error


def checked_parameters(
    notebook: NotebookNode, chapter: str, profile: str, changes: Sequence[str]
) -> dict[str, Any]:
    """Parameters of a run; SourceError unless the notebook's cell declares exactly those of params.yaml."""
    from lib.book.chapter_text import SourceError, declared  # brings jupytext, which few need

    values = parameters(chapter, profile, changes)
    known = declared(notebook, f"notebooks/{chapter}.md")
    if set(known) != set(values):
        differ = ", ".join(sorted(set(known) ^ set(values)))
        raise SourceError(f"notebooks/{chapter}.md and params.yaml do not name the same parameters: {differ}")
    return values
