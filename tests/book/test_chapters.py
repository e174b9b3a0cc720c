"""The chapters against the files that speak of them: pairs, parameters, stages, contents."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from lib.book import chapter_text, durations, pairing, parameters, stages
from lib.book.build import toc_files
from lib.book.paths import DEFAULT_PROFILE, ROOT

CHAPTERS = parameters.chapters()


@pytest.mark.parametrize("text", pairing.texts(), ids=lambda path: path.stem)
def test_the_notebook_is_made_from_its_text(text):
    assert pairing.is_current(text), "run `python -m lib.book pairing`"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_parameters_cell_holds_what_params_yaml_says(chapter):
    declared = chapter_text.declared(chapter_text.read(chapter_text.path_of(chapter)), chapter)
    assert declared == parameters.parameters(chapter)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_parameter_has_a_comment(chapter):
    lines = (ROOT / "params.yaml").read_text(encoding="utf-8").splitlines()
    start = lines.index(f"{parameters.section(chapter)}:") + 1
    for name in parameters.parameters(chapter):
        line = next(line for line in lines[start:] if line.startswith(f"  {name}:"))
        assert " # " in line, f"{chapter}: say what {name} is, its unit and the source's value"


def _kind(value) -> str | None:
    """What sort of value a parameter holds; a list is of the kind of its first value, nothing fits all."""
    if isinstance(value, list):
        return _kind(value[0]) if value else None
    return None if value is None else "number" if type(value) in (int, float) else type(value).__name__


@pytest.mark.parametrize("name", parameters.profiles())
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_profile_fits_every_chapter(chapter, name):
    values = parameters.parameters(chapter, name)
    default = parameters.parameters(chapter)
    for key, value in values.items():
        kinds = {_kind(value), _kind(default[key])} - {None}
        assert len(kinds) < 2, f"{name}: {key} is {value!r}, not like {default[key]!r}"


@pytest.mark.parametrize("name", stages.pipelines())
def test_stages_are_what_their_chapters_say(name):
    assert stages.check(name) == [], "run `python -m lib.book stages --write`"


def test_stages_of_other_profiles_write_below_build_only():
    for name in set(stages.pipelines()) - {DEFAULT_PROFILE}:
        for stage in stages.load(name).values():
            for entry in stages.outputs(stage):
                assert stages.path_in(entry).startswith(f"build/{name}/")


def test_no_default_stage_needs_another_pipeline():
    others = tuple(f"build/{name}/" for name in set(stages.pipelines()) - {DEFAULT_PROFILE})
    for stage in stages.load(DEFAULT_PROFILE).values():
        assert not [dep for dep in stage["deps"] if stages.path_in(dep).startswith(others)]


@pytest.mark.parametrize("name", stages.pipelines())
def test_recorded_run_times_are_those_of_stages_that_exist(name):
    timed = {
        key if key.startswith("train_") else parameters.section(key) for key in durations.load(name, ROOT)
    }
    known = set(stages.load(name)) - {stages.HASHES}
    assert timed <= known, "results/*/times.json names stages that are gone: take them out"
    if name == DEFAULT_PROFILE:
        assert not known - timed, "`make train` announces too little: run the stages without a time"


def test_every_chapter_is_in_the_contents():
    listed = toc_files(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))
    assert [page for page in listed if page.startswith("pages/")] == [f"pages/{name}" for name in CHAPTERS]


def _long_functions(chapter: str) -> list[str]:
    import ast

    found = []
    for cell in chapter_text.read(chapter_text.path_of(chapter)).cells:
        if cell.cell_type == "code":
            functions = [
                node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.FunctionDef)
            ]
            found += [node.name for node in functions if node.end_lineno - node.lineno > 10]
    return found


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapters_define_only_short_functions(chapter):
    assert _long_functions(chapter) == [], "longer functions belong into lib/, with a test"


@pytest.mark.parametrize("name", stages.pipelines())
def test_a_pipeline_is_read_at_a_glance(name):
    assert len(stages.pipeline_file(name).read_text(encoding="utf-8").splitlines()) <= 400


def test_the_lock_knows_this_code():
    """Else `make book` on a fresh clone changes `dvc.lock`: after the last edit, `dvc repro code_hashes`."""
    command = [sys.executable, "-m", "dvc", "status", "code_hashes"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert "up to date" in found.stdout, found.stdout
