"""Check dvc.yaml against the chapters, or update it: `python -m lib.book stages [--write]`.

Each chapter has a stage for its page, and one more where it trains. Command, text, parameters, the hash of
the code and the outs follow from the chapter. Data, earlier results and networks, plots are by hand.
"""

from __future__ import annotations

import argparse
import ast
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from lib.book import chapter_text
from lib.book.code_hashes import FILE, chapter_tree, names_used, notebook_of, pipelines
from lib.book.parameters import chapters, parameters, section, training_stage
from lib.book.paths import DEFAULT_PROFILE, ROOT
from lib.files import write_text

HASHES = "code_hashes"
"""The stage that comes before all others."""

_yaml = YAML()
_yaml.width = 110
_yaml.indent(mapping=2, sequence=4, offset=2)


def pipeline_file(profile: str, root: Path = ROOT) -> Path:
    """Path of a profile's dvc.yaml."""
    return root / "dvc.yaml" if profile == DEFAULT_PROFILE else root / "profiles" / profile / "dvc.yaml"


def load(profile: str, root: Path = ROOT) -> dict[str, Any]:
    """Stages of a profile's dvc.yaml by name."""
    return (_yaml.load(pipeline_file(profile, root)) or {}).get("stages") or {}


def is_code(path: str) -> bool:
    """Whether a dependency is code or a chapter's text."""
    return path.startswith(("lib/", "notebooks/"))


def tables(chapter: str, root: Path = ROOT) -> list[str]:
    """Names of the tables that a chapter saves: every `chapter.table("name", ...)` in its text."""
    found = []
    for cell in notebook_of(chapter, root).cells:
        nodes = ast.walk(ast.parse(chapter_text.python_of(cell))) if cell.cell_type == "code" else []
        for node in nodes:
            match node:
                case ast.Call(
                    func=ast.Attribute(ast.Name("chapter"), "table"), args=[ast.Constant(name), *_]
                ):
                    found.append(str(name))
    return sorted(set(found))


def _where(profile: str) -> str:
    return "" if profile == DEFAULT_PROFILE else f"build/{profile}/"


def _options(**options: bool) -> CommentedMap:
    """DVC options of an out as a one-line YAML mapping."""
    found = CommentedMap(options)
    found.fa.set_flow_style()
    return found


def _listed(names: list[Any]) -> CommentedSeq:
    """A list on as few lines as it needs."""
    found = CommentedSeq(names)
    found.fa.set_flow_style()
    return found


def _command(chapter: str, profile: str, more: str = "") -> dict[str, Any]:
    plain = profile == DEFAULT_PROFILE
    # Not `python -m lib.book run`, as people call it: dvc.lock holds this text, and another makes all stale.
    command = f"python -m lib.book.run {chapter}{more}" + ("" if plain else f" --profile {profile}")
    return {**({} if plain else {"wdir": "../.."}), "cmd": command}


def _params(name: str, profile: str, stage: str, keys: list[str], changed: list[str]) -> list[Any]:
    """`params` entry of a stage: its keys, those changed by the profile, and the code hash."""
    over = [{f"profiles/{profile}/params.yaml": _listed(changed)}] if changed else []
    return [*keys, *over, {FILE: _listed([f"{profile}.{stage}"])}]


def expected(chapter: str, profile: str, root: Path = ROOT) -> dict[str, Any]:
    """Expected stage of a chapter's page: command, deps, params, outs and metrics."""
    out, name = _where(profile), section(chapter)
    results = f"{out}results/{profile}"
    files = [f"{chapter}.json", *(f"{chapter}.{table}.csv" for table in tables(chapter, root))]
    trained = [f"{out}trained/{chapter}"] if trains(chapter, root) else []
    own = [name] if profile != DEFAULT_PROFILE else []
    return {
        **_command(chapter, profile),
        "deps": [f"notebooks/{chapter}.md", *trained],
        "params": _listed(_params(name, profile, name, [name], own)),
        "outs": [
            {f"{out}pages/{chapter}.ipynb": _options(persist=True)},
            *({f"{results}/{file}": _options(cache=False, persist=True)} for file in files),
        ],
        "metrics": [{f"{results}/metrics/{chapter}.json": _options(cache=False, persist=True)}],
    }


def trains(chapter: str, root: Path = ROOT) -> bool:
    """Whether a chapter has training cells."""
    return bool(chapter_text.training_cells(notebook_of(chapter, root)))


def expected_training(chapter: str, profile: str, root: Path = ROOT) -> dict[str, Any]:
    """Expected training stage of a chapter, with only the parameters that its cells use."""
    name, stage = section(chapter), training_stage(chapter)
    names = names_used(chapter_tree(chapter, training=True, root=root))
    keys = [key for key in parameters(chapter, root=root) if key in names and key != "train"]
    own = _load_section(profile, name, root)
    return {
        **_command(chapter, profile, " --train"),
        "deps": [],
        "params": _listed(
            _params(
                name,
                profile,
                stage,
                [f"{name}.{key}" for key in keys],
                [f"{name}.{key}" for key in keys if key in own],
            )
        ),
        "outs": [{f"{_where(profile)}trained/{chapter}": _options(persist=True)}],
    }


def _load_section(profile: str, name: str, root: Path) -> dict[str, Any]:
    path = root / "profiles" / profile / "params.yaml"
    return ((_yaml.load(path) or {}).get(name) or {}) if path.exists() else {}


def every_expected(profile: str, root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """Expected stages of all chapters by name, each training before its page."""
    found = {}
    for chapter in chapters(root):
        if trains(chapter, root):
            found[training_stage(chapter)] = expected_training(chapter, profile, root)
        found[section(chapter)] = expected(chapter, profile, root)
    return found


def path_in(entry: Any) -> str:
    """Path of an entry of deps, outs, metrics or plots, with or without options."""
    return str(entry if isinstance(entry, str) else next(iter(entry)))


def outputs(stage: dict[str, Any]) -> list[Any]:
    """All entries of a stage's outs, metrics and plots."""
    return [entry for key in ("outs", "metrics", "plots") for entry in stage.get(key, [])]


def training_stages(pipeline: Iterable[str]) -> list[str]:
    """Names of the training stages among those of a pipeline, in order."""
    return [name for name in pipeline if name.startswith("train_")]


def quoted_stages(pipeline: dict[str, dict[str, Any]]) -> dict[str, set[str]]:
    """Stages by name, each with those whose outs it depends on."""
    made = {path_in(entry): name for name, stage in pipeline.items() for entry in outputs(stage)}
    return {
        name: {made[path] for path in map(path_in, stage.get("deps", [])) if path in made}
        for name, stage in pipeline.items()
    }


def differences(stage: dict[str, Any], should: dict[str, Any]) -> list[str]:
    """Differences of a stage from the expected one, one line each; empty if none."""
    said = [
        f"{key}: {stage.get(key)!r}, not {should[key]!r}"
        for key in ("wdir", "cmd")
        if stage.get(key) != should.get(key)
    ]
    listed = [path_in(dep) for dep in stage.get("deps", [])]
    said += [f"deps lacks {path}" for path in should["deps"] if path not in listed]
    said += [f"deps has {path}: code stands in {FILE}" for path in listed if path.startswith("lib")]
    if list(stage.get("params", [])) != should["params"]:
        said.append(f"params: not {should['params']!r}")
    made = {path_in(entry): entry for entry in outputs(stage)}
    wanted = {path_in(entry): entry for entry in outputs(should)}
    said += [f"outs lacks {path}" for path in wanted if path not in made]
    gone = [path for path in made if path.endswith(".csv") and path not in wanted]
    said += [f"outs has {path}, which the chapter does not write" for path in gone]
    return said + [f"{path}: must persist" for path, entry in made.items() if not _persists(entry)]


def _persists(entry: Any) -> bool:
    """Whether an out has DVC's option `persist`."""
    return not isinstance(entry, str) and bool(next(iter(entry.values())).get("persist"))


def _mended(stage: CommentedMap, should: dict[str, Any]) -> CommentedMap:
    """The stage updated from the expected one; data, earlier results and plots are kept."""
    own = [
        dep
        for dep in stage.get("deps", [])
        if not is_code(path_in(dep)) and path_in(dep) not in should["deps"]
    ]
    plots = {path_in(plot) for plot in stage.get("plots", [])}
    for plot in stage.get("plots", []):
        next(iter(plot.values()))["persist"] = True
    mended = CommentedMap()
    for key, value in should.items():
        if key == "deps":
            mended[key] = _listed([*own, *value])
        elif key == "outs":
            mended[key] = [item for item in value if path_in(item) not in plots]
        else:
            mended[key] = value
    mended.update({key: value for key, value in stage.items() if key not in should})
    return mended


def _hashing(root: Path) -> CommentedMap:
    """The stage that computes code hashes."""
    files = ["params.yaml", *(f"profiles/{name}/params.yaml" for name in pipelines(root)[1:])]
    return CommentedMap(
        cmd="python -m lib.book.code_hashes",
        deps=["lib", "notebooks", *files],
        outs=[{FILE: _options(cache=False, persist=True)}],
    )


def write(profile: str, root: Path = ROOT) -> bool:
    """Update a profile's dvc.yaml (new chapters in the default one only); returns whether it changed."""
    path = pipeline_file(profile, root)
    document = _yaml.load(path) or CommentedMap()
    stages = document.get("stages") or CommentedMap()
    renewed = CommentedMap({HASHES: _hashing(root)} if profile == DEFAULT_PROFILE else {})
    for name, should in every_expected(profile, root).items():
        page = name.removeprefix("train_")
        if page in stages or profile == DEFAULT_PROFILE:
            renewed[name] = _mended(stages.get(name, CommentedMap()), should)
    document["stages"] = renewed
    buffer = io.StringIO()
    _yaml.dump(document, buffer)
    if buffer.getvalue() == path.read_text(encoding="utf-8"):
        return False
    write_text(path, buffer.getvalue())
    return True


def check(profile: str, root: Path = ROOT) -> list[str]:
    """All differences of a profile's dvc.yaml from its chapters, one line each."""
    stages, should = load(profile, root), every_expected(profile, root)
    if profile == DEFAULT_PROFILE:
        said = [f"{name}: no stage" for name in (HASHES, *should) if name not in stages]
    else:
        said = [
            f"{name}: no stage"
            for name in should
            if name.removeprefix("train_") in stages and name not in stages
        ]
    for name, stage in stages.items():
        if name in should:
            said += [f"{name}: {line}" for line in differences(stage, should[name])]
        elif name != HASHES:
            said.append(f"{name}: a stage without a chapter")
    return said


def main(arguments: list[str] | None = None) -> int:
    """Command line: list differences; with `--write` update the files."""
    parser = argparse.ArgumentParser(prog="python -m lib.book stages", description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="renew what follows from the chapters")
    mend = parser.parse_args(arguments).write
    for profile in pipelines():
        if mend and write(profile):
            print(f"wrote {pipeline_file(profile).relative_to(ROOT)}")
    wrong = [f"{profile}: {line}" for profile in pipelines() for line in check(profile)]
    print("\n".join(wrong) or "every stage is what its chapter says")
    return int(bool(wrong))
