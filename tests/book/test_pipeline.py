"""The pipeline on a tiny project: pages, results, what DVC runs when; running again changes nothing."""

from __future__ import annotations

import hashlib
import json
import sys
import time

import nbformat
import pytest
import yaml

from lib.book.normalise import dumps, normalise
from tests.book.tiny import ran
from tests.exact import exactly

pytestmark = pytest.mark.slow


def test_page_is_normal_and_free_of_this_machine(executed):
    for chapter in ("01_alpha", "02_beta"):
        text = executed.read(f"pages/{chapter}.ipynb")
        assert dumps(normalise(nbformat.reads(text, as_version=4))) == text
        assert "papermill" not in json.loads(text)["metadata"]
        assert str(executed.root) not in text and '"name": "stderr"' not in text


def test_results_carry_values_and_provenance(executed):
    record = json.loads(executed.read("results/rendered/01_alpha.json"))
    assert set(record) == {"values", "provenance"}
    assert set(record["values"]["mean"]) == {"estimate", "low", "high", "n"}
    provenance = record["provenance"]
    assert provenance["parameters"] == {"people": 4, "seed": 1}
    assert provenance["profile"] == "rendered" and provenance["seed"] == 1
    assert set(provenance["inputs"]) == {"data.txt"} and len(provenance["inputs"]["data.txt"]) == 64
    assert "numpy" in provenance["versions"]
    metrics = json.loads(executed.read("results/rendered/metrics/01_alpha.json"))
    assert provenance["protocol"] == 1 and len(provenance["code"]) == 20
    assert metrics == {"mean": record["values"]["mean"]["estimate"], "people": 4}
    beta = json.loads(executed.read("results/rendered/02_beta.json"))["values"]
    assert beta["product"] == pytest.approx(2 * metrics["mean"], rel=1e-5)


def test_table_holds_the_numbers_of_a_figure(executed):
    lines = executed.read("results/rendered/01_alpha.heights.csv").splitlines()
    assert lines[0] == "person,height" and len(lines) == 5


def test_progress_reaches_the_terminal(executed):
    shown = executed.repro.stdout + executed.repro.stderr
    assert " s, cell" in shown and "The second part" in shown and "to the terminal" in shown


def test_papermill_by_hand_writes_below_build(executed):
    before = executed.files()
    executed.run(
        sys.executable, "-m", "papermill", "notebooks/01_alpha.ipynb", "build/out.ipynb", "-p", "people", "9"
    )
    assert executed.files() == before
    record = json.loads(executed.read("build/by_hand/results/rendered/01_alpha.json"))
    assert record["values"]["people"] == 9


def test_a_failing_cell_fails_the_run_and_keeps_the_notebook(project):
    broken = project.read("notebooks/01_alpha.md").replace('print(f"{people} people")', "1 / 0")
    project.write("notebooks/01_alpha.md", broken)
    done = project.python("-m", "lib.book", "run", "01_alpha", check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr and "build/failed/01_alpha.ipynb" in done.stderr
    assert "ZeroDivisionError" in project.read("build/failed/01_alpha.ipynb")
    assert not (project.root / "pages").exists()


def test_a_dying_kernel_fails_the_run_and_its_last_words_are_kept(project):
    dying = 'import os\nos.write(2, b"last words")\nos._exit(3)'
    text = project.read("notebooks/01_alpha.md").replace('print(f"{people} people")', dying)
    project.write("notebooks/01_alpha.md", text)
    done = project.python("-m", "lib.book", "run", "01_alpha", check=False)
    assert done.returncode == 1
    assert "the kernel died" in done.stderr and "last words" not in done.stderr
    assert "last words" in project.read("build/log/01_alpha.txt")


def test_nothing_to_do_is_fast_and_runs_nothing(executed):
    start = time.process_time(), time.monotonic()
    done = executed.run("dvc", "repro")
    assert ran(done) == set() and "up to date" in done.stdout
    assert time.monotonic() - start[1] < 30  # 1.7 s alone; the machine may be busy


def test_forced_run_changes_neither_lock_nor_results(executed):
    before, lock = executed.files(), executed.read("dvc.lock")
    assert ran(executed.run("dvc", "repro", "--force")) == {"code_hashes", "alpha", "beta"}
    assert exactly(executed.read("dvc.lock"), lock, because="text")
    assert executed.files() == before
    executed.run("git", "checkout", "--quiet", "results/rendered/times.json")  # a busy machine takes longer
    assert executed.run("git", "status", "--porcelain").stdout == ""


def test_real_is_a_pipeline_of_its_own(executed):
    before, lock = executed.files(), executed.read("dvc.lock")
    executed.run("dvc", "repro", "profiles/real/dvc.yaml")
    assert executed.files() == before and exactly(executed.read("dvc.lock"), lock, because="text")
    real = executed.read("profiles/real/dvc.lock")
    assert str(executed.root) not in real and "build/real/results/real/01_alpha.json" in real
    executed.python("-m", "lib.book", "publish", "real")
    shipped = executed.root / "results/real/01_alpha.json"
    assert shipped.read_bytes() == (executed.root / "build/real/results/real/01_alpha.json").read_bytes()
    assert "up to date" in executed.run("dvc", "repro").stdout
    for path in executed.root.glob("results/real/**/*.*"):
        path.unlink()
    (executed.root / "profiles/real/dvc.lock").unlink()


def test_lock_names_the_bytes_that_are_there(executed):
    for stage in yaml.safe_load(executed.read("dvc.lock"))["stages"].values():
        for entry in stage["deps"] + stage["outs"]:
            path = executed.root / entry["path"]
            if path.is_dir():
                continue
            assert hashlib.md5(path.read_bytes()).hexdigest() == entry["md5"], entry["path"]


def test_metrics_and_plots_mean_something(executed):
    shown = executed.run("dvc", "metrics", "show").stdout
    assert "mean" in shown and "people" in shown and "sha" not in shown and "numpy" not in shown
    executed.run("dvc", "plots", "show", "--out", "build/plots")
    assert "height" in executed.read("build/plots/index.html")


def test_pages_travel_through_storage(executed, tmp_path):
    executed.run("dvc", "push", "--quiet", "dvc.yaml")
    stored = sum(path.stat().st_size for path in (executed.root / "storage").rglob("*") if path.is_file())
    assert 0 < stored < 100_000
    page = executed.root / "pages/01_alpha.ipynb"
    before = page.read_bytes()
    page.unlink()
    for cached in (executed.root / ".dvc/cache").rglob("*"):
        if cached.is_file():
            cached.chmod(0o644)
            cached.unlink()
    executed.run("dvc", "pull", "dvc.yaml")
    assert page.read_bytes() == before
