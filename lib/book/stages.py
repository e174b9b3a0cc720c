"""dvc.yaml against what the chapters really import: `python -m lib.book.stages [--write]`.

Code among the `deps` of a stage (its notebook, the runner, and all of lib that either imports), its command,
parameters and page follow from the notebook. Data, earlier results, weights and plots are written by hand and
stay as they are.
"""

from __future__ import annotations

import argparse
import ast
import io
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from lib.book import source
from lib.book.imports import closure, python_of
from lib.book.paths import DEFAULT_PROFILE, ROOT
from lib.book.profile import chapters, section
from lib.files import write_text

_yaml = YAML()
_yaml.width = 110
_yaml.indent(mapping=2, sequence=4, offset=2)


def pipeline_file(profile: str, root: Path = ROOT) -> Path:
    """The dvc.yaml of one profile."""
    return root / "dvc.yaml" if profile == DEFAULT_PROFILE else root / "profiles" / profile / "dvc.yaml"


def pipelines(root: Path = ROOT) -> list[str]:
    """Profiles that are DVC pipelines."""
    others = sorted(path.parent.name for path in (root / "profiles").glob("*/dvc.yaml"))
    return [DEFAULT_PROFILE, *others]


def load(profile: str, root: Path = ROOT) -> dict[str, Any]:
    """The stages of one pipeline by name."""
    return (_yaml.load(pipeline_file(profile, root)) or {}).get("stages") or {}


def is_code(path: str) -> bool:
    """Whether a dep is one that `code_deps` computes."""
    return path.startswith(("lib/", "notebooks/"))


def code_deps(chapter: str, root: Path = ROOT) -> list[str]:
    """The chapter's text and every file of lib that the text or the runner imports."""
    start = [source.path_of(chapter, root), root / "lib" / "book" / "run.py"]
    return [path.relative_to(root).as_posix() for path in closure(*start, root=root)]


def tables(chapter: str, root: Path = ROOT) -> list[str]:
    """Names of the tables that a chapter keeps: every `chapter.table("name", ...)` in its text."""
    found = []
    for cell in source.read(source.path_of(chapter, root)).cells:
        nodes = ast.walk(ast.parse(python_of(cell))) if cell.cell_type == "code" else []
        for node in nodes:
            match node:
                case ast.Call(
                    func=ast.Attribute(ast.Name("chapter"), "table"), args=[ast.Constant(name), *_]
                ):
                    found.append(str(name))
    return sorted(set(found))


def _where(profile: str) -> str:
    return "" if profile == DEFAULT_PROFILE else f"build/{profile}/"


def expected(chapter: str, profile: str, root: Path = ROOT) -> dict[str, Any]:
    """What follows from the chapter: command, code among the deps, parameters, page and metrics."""
    out, name = _where(profile), section(chapter)
    plain = profile == DEFAULT_PROFILE
    params: list[Any] = [name] if plain else [name, {f"profiles/{profile}/params.yaml": [name]}]
    results = f"{out}results/{profile}"
    files = [f"{chapter}.json", *(f"{chapter}.{table}.csv" for table in tables(chapter, root))]
    return {
        **({} if plain else {"wdir": "../.."}),
        "cmd": f"python -m lib.book.run {chapter}" + ("" if plain else f" --profile {profile}"),
        "deps": code_deps(chapter, root),
        "params": params,
        "outs": [f"{out}pages/{chapter}.ipynb", *({f"{results}/{file}": {"cache": False}} for file in files)],
        "metrics": [{f"{results}/metrics/{chapter}.json": {"cache": False}}],
    }


def path_in(entry: Any) -> str:
    """The path of one entry of deps, outs, metrics or plots, with or without options."""
    return str(entry if isinstance(entry, str) else next(iter(entry)))


def outputs(stage: dict[str, Any]) -> list[Any]:
    """All entries that a stage makes."""
    return [entry for key in ("outs", "metrics", "plots") for entry in stage.get(key, [])]


def differences(stage: dict[str, Any], should: dict[str, Any]) -> list[str]:
    """What is wrong with a stage, one line each; empty where nothing is."""
    said = [
        f"{key}: {stage.get(key)!r}, not {should[key]!r}"
        for key in ("wdir", "cmd")
        if stage.get(key) != should.get(key)
    ]
    listed = {path_in(dep) for dep in stage.get("deps", []) if is_code(path_in(dep))}
    said += [f"deps lacks {path}" for path in sorted(set(should["deps"]) - listed)]
    said += [f"deps has {path}, which nothing imports" for path in sorted(listed - set(should["deps"]))]
    said += [
        f"params lacks {entry}" for entry in should["params"] if entry not in list(stage.get("params", []))
    ]
    made = {path_in(entry): entry for entry in outputs(stage)}
    wanted = {path_in(entry): entry for entry in outputs(should)}
    said += [f"outs lacks {path}" for path in wanted if path not in made]
    gone = [path for path in made if path.endswith(".csv") and path not in wanted]
    return said + [f"outs has {path}, which the chapter does not write" for path in gone]


def _kept(stage: CommentedMap, wanted: list[Any]) -> list[Any]:
    """Outs written by hand (weights), without tables that the chapter no longer keeps."""
    paths = {path_in(entry) for entry in wanted}
    return [
        out
        for out in stage.get("outs", [])
        if path_in(out) not in paths and not path_in(out).endswith(".csv")
    ]


def _mended(stage: CommentedMap, should: dict[str, Any]) -> CommentedMap:
    """The stage with what follows from its chapter renewed and the rest kept."""
    own = [dep for dep in stage.get("deps", []) if not is_code(path_in(dep))]
    plots = {path_in(plot) for plot in stage.get("plots", [])}
    mended = CommentedMap()
    for key, value in should.items():
        if key == "deps":
            mended[key] = [*own, *value]
        elif key == "outs":
            mended[key] = [*(item for item in value if path_in(item) not in plots), *_kept(stage, value)]
        elif isinstance(value, list):
            mended[key] = [*value, *(item for item in stage.get(key, []) if item not in value)]
        else:
            mended[key] = value
    mended.update({key: value for key, value in stage.items() if key not in should})
    return mended


def write(profile: str, root: Path = ROOT) -> bool:
    """Renew one dvc.yaml, adding stages for new chapters to the default one; says whether it changed."""
    path = pipeline_file(profile, root)
    document = _yaml.load(path) or CommentedMap()
    stages = document.setdefault("stages", CommentedMap())
    for chapter in chapters(root):
        name = section(chapter)
        if name in stages or profile == DEFAULT_PROFILE:
            stages[name] = _mended(stages.get(name, CommentedMap()), expected(chapter, profile, root))
    buffer = io.StringIO()
    _yaml.dump(document, buffer)
    if buffer.getvalue() == path.read_text(encoding="utf-8"):
        return False
    write_text(path, buffer.getvalue())
    return True


def check(profile: str, root: Path = ROOT) -> list[str]:
    """Everything in which one dvc.yaml differs from its chapters."""
    stages, said = load(profile, root), []
    known = {section(chapter): chapter for chapter in chapters(root)}
    if profile == DEFAULT_PROFILE:
        said += [f"{name}: no stage" for name in known if name not in stages]
    for name, stage in stages.items():
        if name in known:
            wrong = differences(stage, expected(known[name], profile, root))
            said += [f"{name}: {line}" for line in wrong]
        else:
            said.append(f"{name}: a stage without a chapter")
    return said


def main(arguments: list[str] | None = None) -> int:
    """Command line: lists what differs; with `--write` mends it."""
    parser = argparse.ArgumentParser(prog="python -m lib.book.stages", description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="renew what follows from the chapters")
    mend = parser.parse_args(arguments).write
    for profile in pipelines():
        if mend and write(profile):
            print(f"wrote {pipeline_file(profile).relative_to(ROOT)}")
    wrong = [f"{profile}: {line}" for profile in pipelines() for line in check(profile)]
    print("\n".join(wrong) or "every stage lists what its chapter imports")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
