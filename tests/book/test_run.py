"""The runner on a tiny project: pages, results, failures, by hand."""

from __future__ import annotations

import json
import sys

import nbformat
import pytest

from lib.book.normalise import dumps, normalise

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]


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
    assert metrics == {"mean": record["values"]["mean"]["estimate"], "people": 4}
    beta = json.loads(executed.read("results/rendered/02_beta.json"))["values"]
    assert beta["product"] == pytest.approx(2 * metrics["mean"], rel=1e-5)


def test_table_holds_the_numbers_of_a_figure(executed):
    lines = executed.read("results/rendered/01_alpha.heights.csv").splitlines()
    assert lines[0] == "person,height" and len(lines) == 5


def test_progress_reaches_the_terminal(executed):
    shown = executed.repro.stdout + executed.repro.stderr
    assert "[01_alpha] cell" in shown and "The second part" in shown and "to the terminal" in shown


def test_another_profile_leaves_the_default_alone(executed):
    before = executed.files()
    executed.python("-m", "lib.book.run", "01_alpha", "--profile", "smoke")
    assert executed.files() == before
    record = json.loads(executed.read("build/smoke/results/smoke/01_alpha.json"))
    assert record["values"]["people"] == 3 and record["provenance"]["profile"] == "smoke"
    page = executed.read("build/smoke/pages/01_alpha.ipynb")
    assert "injected-parameters" in page


def test_papermill_by_hand_writes_below_build(executed):
    before = executed.files()
    executed.python("-m", "lib.book.pair")
    executed.run(
        sys.executable, "-m", "papermill", "notebooks/01_alpha.ipynb", "build/out.ipynb", "-p", "people", "9"
    )
    assert executed.files() == before
    record = json.loads(executed.read("build/by_hand/results/rendered/01_alpha.json"))
    assert record["values"]["people"] == 9


def test_a_failing_cell_fails_the_run_and_keeps_the_notebook(project):
    broken = project.read("notebooks/01_alpha.md").replace('print(f"{people} people")', "1 / 0")
    project.write("notebooks/01_alpha.md", broken)
    done = project.python("-m", "lib.book.run", "01_alpha", check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr and "build/failed/01_alpha.ipynb" in done.stderr
    assert "ZeroDivisionError" in project.read("build/failed/01_alpha.ipynb")
    assert not (project.root / "pages").exists()
