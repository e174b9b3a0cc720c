"""Accept a code change that changes no result, without running stages: `python -m lib.book accept STAGE ...`.

A stage whose code hash changed is stale. Where the smoke profile gives the same results, byte for byte, by
the code of the commit that wrote the hash into dvc.lock and by the code here, and where nothing but that
hash differs, `dvc commit` writes the new hash into the lock. Of trainings alone only what they train is made
and compared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from lib.book import stages
from lib.book.code_hashes import FILE
from lib.book.parameters import chapters, section
from lib.book.paths import DEFAULT_PROFILE, ROOT

LINKED = ("data", "weights", "photographs", "published")
"""Folders outside git that a copy of another commit reads here."""
PARAMETERS = ("params.yaml", "profiles/smoke/params.yaml")
"""Both sides run with values of today: code is compared, and an old smoke profile may have learned nothing.

The old side has the names that it knows, as its notebooks declare them.
"""
CODE = ("lib", "notebooks", "profiles", "params.yaml")
"""What a run of a chapter reads from git beside its data."""


class AcceptError(ValueError):
    """A stage whose new code cannot be accepted; the message says why."""


def _run(*command: str, root: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise AcceptError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def check_status(status: Mapping[str, Any], stage: str) -> None:
    """Raise AcceptError unless the code hash is the only thing that changed in a stage.

    Parameters
    ----------
    status : of `dvc status --json STAGE`.
    """
    changes = status.get(stage, [])
    if not changes:
        raise AcceptError(f"{stage} is up to date")
    for change in changes:
        kinds = dict(change) if isinstance(change, dict) else {str(change): {}}
        others = [
            f"{kind}: {', '.join(files) if files else ''}"
            for kind, files in kinds.items()
            if kind != "changed deps" or set(files) != {FILE}
        ]
        if others:
            raise AcceptError(
                f"{stage}: more than its code changed ({'; '.join(others)}): `dvc repro {stage}`"
            )


def pipeline_of(profile: str) -> str:
    """Path of a profile's dvc.yaml below the repository's root."""
    return "dvc.yaml" if profile == DEFAULT_PROFILE else f"profiles/{profile}/dvc.yaml"


def target(stage: str, profile: str = DEFAULT_PROFILE) -> str:
    """A stage as DVC calls it from the repository's root."""
    return stage if profile == DEFAULT_PROFILE else f"{pipeline_of(profile)}:{stage}"


def lock_of(profile: str) -> str:
    """Path of a profile's lock file below the repository's root."""
    return str(Path(pipeline_of(profile)).with_suffix(".lock"))


def locked_hash(stage: str, profile: str = DEFAULT_PROFILE, root: Path = ROOT) -> str:
    """Code hash in a profile's lock with which a stage's outs were made; AcceptError if there is none."""
    lock = _yaml(root / lock_of(profile))["stages"].get(stage, {})
    for key, value in lock.get("params", {}).get(FILE, {}).items():
        if key.endswith(f".{stage}"):
            return str(value)
    raise AcceptError(
        f"{lock_of(profile)} holds no hash of the code of {stage}: `dvc repro {target(stage, profile)}`"
    )


def commit_of(value: str, profile: str = DEFAULT_PROFILE, root: Path = ROOT) -> str:
    """The commit that first wrote this code hash into a profile's lock; AcceptError if there is none."""
    found = _run("git", "log", "--format=%H", f"-S{value}", "--", lock_of(profile), root=root).split()
    if not found:
        raise AcceptError("the lock with the old hash is not committed: commit it, then change the code")
    return found[-1]


def code_at(commit: str, root: Path = ROOT) -> str:
    """Git's hashes of everything that runs a chapter at a commit: equal where the code is."""
    return _run("git", "rev-parse", *(f"{commit}:{name}" for name in CODE), root=root)


def needed(*names: str, training: bool = False, root: Path = ROOT) -> list[str]:
    """Chapters to run for some stages: those whose networks or results they read, and their own, in order.

    A chapter runs as a whole, so that a training needs what its page reads, too. With `training` only the
    cells tagged so run, and pages need not.
    """
    quoted = stages.quoted_stages(stages.load(DEFAULT_PROFILE, root))
    wanted = set(names) | (set() if training else {_section(name) for name in names})
    for name in reversed(list(quoted)):
        if name in wanted:
            wanted |= quoted[name]
    found = {_section(name) for name in wanted} - {stages.HASHES}
    return [chapter for chapter in chapters(root) if section(chapter) in found]


def _section(stage: str) -> str:
    """Section of params.yaml of a stage: the chapter without its number."""
    return stage.removeprefix("train_")


Parameters = dict[str, dict[str, Any]]


def parameters_of_today(known: Parameters, today: Parameters, profile: Parameters) -> list[Parameters]:
    """Parameters and smoke profile for old code: values of today, names as the old code knows them.

    Parameters
    ----------
    known : the old params.yaml, section -> name -> value.
    today, profile : params.yaml and the smoke profile's changes of today.
    """
    values = {
        section: {name: today.get(section, {}).get(name, value) for name, value in names.items()}
        for section, names in known.items()
    }
    changes = {
        section: {name: value for name, value in names.items() if name in known[section]}
        for section, names in profile.items()
        if section in known
    }
    return [values, changes]


@contextmanager
def checked_out(commit: str, folder: Path, root: Path = ROOT) -> Iterator[Path]:
    """Context manager: a git worktree of another commit, with data, weights and parameters of here."""
    tree = folder / "tree"
    _run("git", "worktree", "add", "--quiet", "--detach", str(tree), commit, root=root)
    try:
        for name in LINKED:
            if (root / name).exists() and not (tree / name).exists():
                (tree / name).symlink_to((root / name).resolve())
        today = [_yaml(root / name) for name in PARAMETERS]
        known = parameters_of_today(_yaml(tree / PARAMETERS[0]), *today)
        for name, values in zip(PARAMETERS, known, strict=True):
            (tree / name).write_text(yaml.safe_dump(values), encoding="utf-8")
        yield tree
    finally:
        _run("git", "worktree", "remove", "--force", str(tree), root=root)


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def smoke(names: list[str], tree: Path, out: Path, *, training: bool = False) -> dict[str, dict[str, str]]:
    """Run chapters in the smoke profile with the code of `tree`; returns the outs by name of each section.

    With `training` only the cells tagged so run.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FACEVALUE_")}
    environment["PYTHONPATH"] = str(tree)
    for name in names:
        print(f"{name}: smoke profile, {'old' if tree != ROOT else 'new'} code", flush=True)
        command = [sys.executable, "-m", "lib.book.run", name, "--profile", "smoke", "--out", str(out)]
        command += ["--train"] if training else []
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise AcceptError(f"{name} fails: {done.stderr[-2000:]}")
    return {section(name): made_by(name, out) for name in names}


def made_by(chapter: str, out: Path) -> dict[str, str]:
    """Values, tables and networks of one chapter, without provenance, as text by name."""
    results, trained = out / "results" / "smoke", out / "trained" / chapter
    found = {}
    if (results / f"{chapter}.json").exists():  # a training alone leaves none
        record = json.loads((results / f"{chapter}.json").read_text(encoding="utf-8"))
        found["values"] = json.dumps(record["values"], sort_keys=True)
    found |= {path.name: path.read_text(encoding="utf-8") for path in results.glob(f"{chapter}.*.csv")}
    networks = [path for path in trained.rglob("*") if path.is_file() and path.name != "provenance.json"]
    return found | {path.relative_to(out).as_posix(): path.read_bytes().hex() for path in networks}


def accept(*names: str, profile: str = DEFAULT_PROFILE) -> None:
    """Accept the new code of stages: compare smoke results of old and new code, then `dvc commit`.

    Each chapter runs once with the new code, and once with that of each commit that the stages were made by.

    Parameters
    ----------
    names : of stages.
    profile : whose stages; the code that makes them is the same in all profiles.

    Raises
    ------
    AcceptError : more than the code's hash changed in a stage, or smoke results differ. Nothing was changed.
    """
    _run("dvc", "repro", stages.HASHES)
    made_at: dict[str, list[str]] = {}
    commits: dict[str, str] = {}
    for stage in names:
        asked = target(stage, profile)
        check_status(json.loads(_run("dvc", "status", "--json", asked) or "{}"), asked)
        commit = commit_of(locked_hash(stage, profile), profile)
        first = commits.setdefault(code_at(commit), commit)  # commits of one code run once
        made_at.setdefault(first, []).append(stage)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        alone = stages.training_stages(names) == list(names)  # then no page runs
        now = smoke(needed(*names, training=alone), ROOT, place / "now", training=alone)
        for commit, some in made_at.items():
            with checked_out(commit, place) as tree:
                before = smoke(needed(*some, training=alone), tree, place / commit, training=alone)
            for stage in some:
                check_equal(before[_section(stage)], now[_section(stage)], stage)
    for stage in names:
        _run("dvc", "commit", "--force", target(stage, profile))


def check_equal(before: Mapping[str, str], now: Mapping[str, str], stage: str) -> None:
    """Raise AcceptError unless old and new code gave the same results by name."""
    if not now:
        raise AcceptError(f"{stage}: the smoke profile made nothing that could be compared")
    differ = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    if differ:
        raise AcceptError(f"{stage}: smoke results differ in {', '.join(differ)}: `dvc repro {stage}`")


def main(arguments: list[str] | None = None) -> int:
    """Command line: accept stages; exit status 1 where that is refused."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.book accept", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "stages",
        nargs="+",
        metavar="STAGE",
        choices=[name for name in stages.load(DEFAULT_PROFILE) if name != stages.HASHES],
    )
    parser.add_argument("--profile", default=DEFAULT_PROFILE, choices=[DEFAULT_PROFILE, "real"])
    asked = parser.parse_args(arguments)
    names = asked.stages
    try:
        accept(*names, profile=asked.profile)
    except AcceptError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{', '.join(names)}: smoke results are the same; {lock_of(asked.profile)} has the new hashes")
    return 0
