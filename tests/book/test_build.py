"""The book built from a tiny project: without a warning, and with one that must stop it."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from PIL import Image

from lib.book import build, check_browser, check_html
from tests.book.chromium import chromium
from tests.book.tiny import STAGES, lay_out

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A tiny book, run and built without DVC."""
    project = lay_out(tmp_path_factory.mktemp("built") / "project")
    project.write("dvc.yaml", STAGES)
    project.python("-m", "lib.book", "stages", "--write")
    for chapter in ("01_alpha", "02_beta"):
        project.python("-m", "lib.book", "run", chapter)
    project.python("-m", "lib.book", "build")
    return project, project.root / "_build" / "html"


def test_pages_are_whole(built, capsys):
    _, html = built
    assert check_html.check(html) == []
    assert "front/index.html" in capsys.readouterr().out


def test_numbers_stand_in_the_text(built):
    _, html = built
    text = (html / "front/index.html").read_text()
    assert 'class="res">170.5 [157.0, 178.2]<' in text and 'class="res">170.5<' in text
    assert "<math" in text and "MathJax" not in text and "sphinx-thebe" not in text
    page = (html / "pages/01_alpha.html").read_text()
    assert 'class="res">170.49 [156.97, 178.22]<' in page and "to the terminal\n" not in page


def test_the_numbers_behind_a_table_can_be_downloaded(built):
    project, html = built
    page = (html / "pages/01_alpha.html").read_text()
    (link,) = re.findall(r'<a class="csv reference download internal"[^>]*href="([^"]+)"', page)
    assert link.endswith("/01_alpha.heights.csv")
    shipped = project.root / "results/rendered/01_alpha.heights.csv"
    assert (html / "pages" / link).read_bytes() == shipped.read_bytes()


def test_solutions_are_folded_and_ids_differ(built):
    _, html = built
    page = (html / "pages/01_alpha.html").read_text()
    assert page.count("Exercise ") >= 2 and "(Count)" in page and "(Measure)" in page
    assert len(re.findall(r'class="solution [^"]*dropdown[^"]*admonition', page)) == 2
    assert 'id="alpha-count-text"' in page and 'id="alpha-measure-text"' in page


def test_status_shows_versions_times_and_stages(built):
    _, html = built
    text = (html / "front/index.html").read_text()
    assert "numpy" in text and ">Alpha<" in text and "no GPU" in text
    assert 'href="../pages/01_alpha.html"' in text and "beta needs alpha" in text


def test_a_high_page_is_pictured_in_parts(built, tmp_path, monkeypatch):
    _, html = built
    monkeypatch.setattr(check_browser, "_HIGHEST", 500)
    with check_browser.browse(html, chromium()) as tab:
        assert check_browser.look(tab, "pages/01_alpha.html", (1280, 900), tmp_path) == []
        whole = tab.page.evaluate("document.documentElement.scrollHeight")
    heights = [Image.open(path).size[1] for path in sorted(tmp_path.glob("pages-01_alpha-1280*.png"))]
    assert len(heights) > 1 and max(heights) <= 500
    assert abs(sum(heights) - whole) < 50  # fonts that come late move a line


def test_browser_finds_what_a_reader_would_miss_and_no_fault_of_the_other_pages(built, tmp_path):
    _, html = built
    copy = tmp_path / "html"
    shutil.copytree(html, copy)
    bad = '<div style="width:2000px">wide</div><img src="gone.png" alt="x"><script>nothing.here()</script>'
    bad += '<script src="https://elsewhere.example/a.js"></script>'
    good = (copy / "pages/01_alpha.html").read_text()
    (copy / "pages/03_bad.html").write_text(good.replace("<article", bad + "<article", 1))
    said = check_browser.check(copy, chromium())
    for fault in ("pixels too wide", "picture not loaded", "script error", "asks another host"):
        assert fault in "\n".join(said)
    assert [line for line in said if not line.startswith("pages/03_bad.html: ")] == []


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("", 0)])
def test_without_a_browser_ci_fails_and_a_reader_is_told(monkeypatch, capsys, tmp_path, ci, status):
    monkeypatch.setattr(check_browser, "find_chromium", lambda: None)
    monkeypatch.setenv("CI", ci)
    assert check_browser.main([str(tmp_path)]) == status
    assert "no Chromium here" in capsys.readouterr().out


def test_wrong_names_stop_the_build(built):
    project, _ = built
    index = project.read("front/index.md")
    wrong = [
        "{res}`rendered/01_alpha.median`",
        "{res}`rendered/09_none.mean`",
        "{doc}`nowhere`",
        "{csv}`rendered/01_alpha.weights`",
        "{csv}`nothing`",
        "$\\nosuchsign$",
    ]
    project.write("front/index.md", "\n\n".join([index, *wrong]))
    try:
        done = project.python("-m", "lib.book", "build", check=False)
    finally:
        project.write("front/index.md", index)
    assert done.returncode != 0
    wanted = ("01_alpha.median", "09_none.mean", "nowhere", "nosuchsign", "01_alpha.weights.csv", "`nothing`")
    for name in wanted:
        assert any(name in line and "WARNING" in line for line in done.stderr.splitlines())


def test_another_profile_has_a_book_of_its_own(built):
    project, html = built
    files = project.files()
    project.python("-m", "lib.book", "run", "01_alpha", "--profile", "smoke")
    assert project.files() == files
    record = json.loads(project.read("build/smoke/results/smoke/01_alpha.json"))
    assert record["values"]["people"] == 3 and record["provenance"]["profile"] == "smoke"
    assert "injected-parameters" in project.read("build/smoke/pages/01_alpha.ipynb")
    before = {path: path.stat().st_mtime_ns for path in html.rglob("*.html")}
    project.python("-m", "lib.book", "build", "--profile", "smoke", check=False)
    page = (project.root / "build/smoke/book/_build/html/pages/01_alpha.html").read_text()
    assert 'class="res">' in page and 'class="res">170.49' not in page and "(smoke)" in page
    assert "/01_alpha.heights.csv" in page
    (table,) = (project.root / "build/smoke/book/_build/html/_downloads").rglob("*.csv")
    assert len(table.read_text().splitlines()) == 4, "that of this profile: a line for each of 3 people"
    assert {path: path.stat().st_mtime_ns for path in html.rglob("*.html")} == before


def test_without_pages_the_build_says_what_to_do(project, monkeypatch, capsys):
    monkeypatch.setattr(build.paths, "ROOT", project.root)
    assert build.main([]) == 1 and "make read" in capsys.readouterr().out
