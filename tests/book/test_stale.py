"""What `dvc repro` runs after a change, and what a failed or killed run leaves: a tiny book that trains."""

from __future__ import annotations

import json
import subprocess

import pytest

from lib.book import code_hashes
from tests.book.test_code_hashes import with_gamma
from tests.book.test_killed_stage import kill_tree
from tests.book.tiny import STAGES, lay_out, ran
from tests.processes import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The tiny book with its training, run once and committed; each test puts back what it changed."""
    project = with_gamma(lay_out(tmp_path_factory.mktemp("stale") / "project"))
    project.write(".gitignore", "/build/\n/pages/\n/trained/\n/_build/\n__pycache__/\n")
    project.write("dvc.yaml", STAGES)
    project.begin()
    stages = project.read("dvc.yaml").replace("--train\n    deps: []", "--train\n    deps:\n      - data.txt")
    project.write("dvc.yaml", stages)
    project.run("dvc", "repro")
    project.commit()
    return project


@pytest.fixture
def restored(book):
    state = book.state()
    yield book
    book.restore(state)


def edit(project, name, old, new):
    assert old in project.read(name)
    project.write(name, project.read(name).replace(old, new))


def standing(project):
    trained = project.root / "trained/03_gamma"
    return project.files(), {path.name: path.read_bytes() for path in trained.iterdir()}


def learned(project):
    return json.loads(project.read("results/rendered/03_gamma.json"))["values"]["learned"]


def would_run(project):
    """Stages that the next `dvc repro` runs, with the hashes of the code that its first stage writes."""
    code_hashes.write(project.root)
    return ran(project.run("dvc", "repro", "--dry"))


def test_an_edited_sentence_makes_the_page_stale_and_no_training(restored):
    edit(restored, "notebooks/03_gamma.md", "A sentence.", "Another sentence.")
    assert would_run(restored) == {"code_hashes", "gamma"}


def test_a_parameter_of_the_page_alone_runs_neither_a_training_nor_another_page(restored):
    edit(restored, "params.yaml", "shown: 2", "shown: 1")
    assert would_run(restored) == {"code_hashes", "gamma"}


def test_a_docstring_and_a_new_file_run_nothing(restored):
    edit(restored, "lib/extra/learning.py", "Square", "The square")
    restored.write("lib/extra/oval.py", "NAME = 1\n")
    assert ran(restored.run("dvc", "repro")) == {"code_hashes"}


def test_one_line_of_a_used_function_runs_its_stages_in_the_same_repro(restored):
    edit(restored, "lib/extra/learning.py", "size * size", "size * size * 1 + 1")
    assert ran(restored.run("dvc", "repro")) == {"code_hashes", "train_gamma", "gamma"}
    assert learned(restored) == 901


def test_a_changed_size_never_comes_from_the_run_cache_and_an_experiment_has_a_way_back(restored):
    before = standing(restored)
    done = restored.run("dvc", "exp", "run", "--set-param", "gamma.size=70", "--name", "seven")
    assert {"train_gamma", "gamma"} <= ran(done) and "is cached" not in done.stdout
    assert learned(restored) == 4900
    restored.run("git", "reset", "--quiet", "--hard")
    restored.run("dvc", "checkout", "--force")
    assert standing(restored) == before
    assert "up to date" in restored.run("dvc", "repro").stdout
    edit(restored, "params.yaml", "size: 30", "size: 70")  # which has been seen before
    done = restored.run("dvc", "repro")
    assert {"train_gamma", "gamma"} <= ran(done) and "is cached" not in done.stdout
    assert learned(restored) == 4900


@pytest.mark.parametrize(
    ("stage", "old", "new"),
    [("train_gamma", "learn(size)", "learn(1 / 0)"), ("gamma", "[:shown]", "[: 1 / 0]")],
)
def test_a_failed_run_loses_nothing_that_stood(restored, stage, old, new):
    before = standing(restored)
    edit(restored, "notebooks/03_gamma.md", old, new)
    done = restored.run("dvc", "repro", stage, check=False)
    assert done.returncode != 0 and "ZeroDivisionError" in done.stderr
    assert "build/failed/03_gamma.ipynb" in done.stderr
    assert standing(restored) == before


def test_a_killed_run_loses_nothing_that_stood(restored):
    before = standing(restored)
    waits = "__import__('pathlib').Path('build/here').touch() or __import__('time').sleep(60) or learn(size)"
    edit(restored, "notebooks/03_gamma.md", "learn(size)", waits)
    command = ["dvc", "repro", "train_gamma"]
    dvc = subprocess.Popen(command, cwd=restored.root, env=restored.environment(), stdout=subprocess.DEVNULL)
    try:
        wait_for((restored.root / "build/here").exists, 120)
    finally:
        kill_tree(dvc.pid)
        dvc.wait(30)
    assert standing(restored) == before


def test_the_comparison_counts_what_git_holds(restored):
    done = restored.python("-m", "lib.book", "compare")
    assert done.stdout.splitlines()[-1].endswith("0 within their interval, 0 outside")
    edit(restored, "results/rendered/03_gamma.json", '"learned": 900', '"learned": 800')
    done = restored.python("-m", "lib.book", "compare", check=False)
    assert done.returncode == 1 and "learned: 800, git holds 900" in done.stdout
