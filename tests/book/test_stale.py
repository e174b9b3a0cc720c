"""What `dvc repro` runs after a change, and what a failed or killed run leaves: a tiny book that trains."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.book.test_code_hashes import with_gamma
from tests.book.test_killed_stage import kill_tree
from tests.book.tiny import STAGES, lay_out
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
    project.run("git", "add", "--all")
    project.run("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "state")
    return project


@pytest.fixture
def restored(book):
    yield book
    book.run("git", "checkout", "--quiet", "--", ".")
    book.run("dvc", "checkout", "--force", "--quiet")


def ran(done):
    return {line.split("'")[1] for line in done.stdout.splitlines() if line.startswith("Running stage")}


def edit(project, name, old, new):
    assert old in project.read(name)
    project.write(name, project.read(name).replace(old, new))


def standing(project):
    trained = project.root / "trained/03_gamma"
    return project.files(), {path.name: path.read_bytes() for path in trained.iterdir()}


def learned(project):
    return json.loads(project.read("results/rendered/03_gamma.json"))["values"]["learned"]


def test_an_edited_sentence_makes_the_page_stale_and_no_training(restored):
    edit(restored, "notebooks/03_gamma.md", "A sentence.", "Another sentence.")
    assert ran(restored.run("dvc", "repro")) == {"code_hashes", "gamma"}


def test_a_docstring_and_a_new_file_run_nothing(restored):
    edit(restored, "lib/extra/learning.py", "Square", "The square")
    restored.write("lib/extra/oval.py", "NAME = 1\n")
    assert ran(restored.run("dvc", "repro")) == {"code_hashes"}
    (restored.root / "lib/extra/oval.py").unlink()


def test_one_line_of_a_used_function_runs_its_stages_in_the_same_repro(restored):
    edit(restored, "lib/extra/learning.py", "size * size", "size * size * 1 + 1")
    assert ran(restored.run("dvc", "repro")) == {"code_hashes", "train_gamma", "gamma"}
    assert learned(restored) == 901


def test_a_parameter_of_the_page_alone_trains_nothing(restored):
    edit(restored, "params.yaml", "shown: 2", "shown: 1")
    assert "train_gamma" not in ran(restored.run("dvc", "repro"))


def test_a_changed_size_runs_again_and_never_comes_from_the_run_cache(restored):
    for size in (40, 50, 40):  # the last one has been seen before
        text = restored.read("params.yaml")
        old = next(line for line in text.splitlines() if line.startswith("  size:"))
        restored.write("params.yaml", text.replace(old, f"  size: {size}"))
        done = restored.run("dvc", "repro")
        assert {"train_gamma", "gamma"} <= ran(done) and "is cached" not in done.stdout
        assert learned(restored) == size**2


@pytest.mark.parametrize(
    ("stage", "old", "new"),
    [("train_gamma", "learn(size)", "learn(1 / 0)"), ("gamma", "[:shown]", "[: 1 / 0]")],
)
def test_a_failed_run_loses_nothing_that_stood(restored, stage, old, new):
    before = standing(restored)
    edit(restored, "notebooks/03_gamma.md", old, new)
    done = restored.run("dvc", "repro", stage, check=False)
    assert done.returncode != 0 and "ZeroDivisionError" in done.stderr
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


def test_an_experiment_and_the_way_back(restored):
    before = standing(restored)
    restored.run("dvc", "exp", "run", "--set-param", "gamma.size=70", "--name", "seven")
    assert learned(restored) == 4900
    restored.run("git", "reset", "--quiet", "--hard")
    restored.run("dvc", "checkout", "--force")
    assert standing(restored) == before
    assert "up to date" in restored.run("dvc", "repro").stdout


def test_the_comparison_counts_what_git_holds(restored):
    done = restored.python("-m", "lib.book", "compare")
    assert done.stdout.splitlines()[-1].endswith("0 within their interval, 0 outside")
    edit(restored, "results/rendered/03_gamma.json", '"learned": 900', '"learned": 800')
    done = restored.python("-m", "lib.book", "compare", check=False)
    assert done.returncode == 1 and "learned: 800, git holds 900" in done.stdout
