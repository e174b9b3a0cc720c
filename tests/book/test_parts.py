"""The small parts of the pipeline, without a kernel: parameters, sources, pairs, pages, stages, times."""

from __future__ import annotations

import io
import os
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lib.book import __main__ as verbs
from lib.book import chapter_text, durations, inventory, pairing, parameters, publish, stages
from lib.book.execute import Terminal, _headings
from lib.book.normalise import dumps, normalise
from lib.book.parameters import checked_parameters
from lib.book.run import page
from lib.files import sha256_of
from tests.exact import exactly

# ---------------------------------------------------------------- parameters


def test_profiles_override_and_changes_win(project):
    read = lambda *given: parameters.parameters("01_alpha", *given, root=project.root)  # noqa: E731
    assert read() == {"people": 4, "seed": 1}
    assert read("smoke") == {"people": 3, "seed": 1}
    assert read("smoke", ["people=8"]) == {"people": 8, "seed": 1}
    read_as = lambda text: read("smoke", [f"people={text}"])["people"]  # noqa: E731
    assert [read_as("1e-3"), read_as("[2E3, 1.5]"), read_as("1e3x")] == [0.001, [2000.0, 1.5], "1e3x"]


@pytest.mark.parametrize(
    ("files", "given", "said"),
    [
        (
            {"profiles/smoke/params.yaml": "alpha: {persons: 3}"},
            ("01_alpha", "smoke"),
            "smoke/params.yaml, alpha",
        ),
        ({"profiles/smoke/params.yaml": "alfa: {people: 3}"}, ("01_alpha", "smoke"), "no section alfa"),
        ({}, ("01_alpha", "papre"), "no profile 'papre'; there are rendered, smoke"),
        ({}, ("01_alpha", "rendered", ["persons=3"]), "unknown parameters persons"),
        ({}, ("01_alpha", "rendered", ["people=[0.3"]), r"--set people: '\[0.3' is no YAML"),
        ({"notebooks/03_c.md": "# C"}, ("03_c",), "no section 'c'"),
        ({}, ("alpha",), "is no chapter"),
    ],
)
def test_unknown_names_stop(project, files, given, said):
    for name, text in files.items():
        project.write(name, text)
    with pytest.raises(parameters.ProfileError, match=said):
        parameters.parameters(*given, root=project.root)


# ---------------------------------------------------------------- sources and pairs


@pytest.mark.parametrize(("given", "said"), [("01_alfa", "is 01_alpha meant"), ("zzz", "there are 01_alpha")])
def test_a_chapter_that_is_missing_suggests_one(project, given, said):
    with pytest.raises(chapter_text.SourceError, match=f"notebooks/{given}.md is missing: {said}"):
        chapter_text.path_of(given, project.root)


def _notebook(code: str, tags: list[str]) -> nbformat.NotebookNode:
    return new_notebook(cells=[new_code_cell(code, metadata={"tags": tags})])


@pytest.mark.parametrize(
    ("code", "tags", "said"),
    [
        ("a = 1", [], "found 0"),
        ("a = b", ["parameters"], "a is no literal"),
        ("import os", ["parameters"], "literal"),
        ("a = b = 1", ["parameters"], "literal"),
    ],
)
def test_a_bad_parameters_cell_stops(code, tags, said):
    with pytest.raises(chapter_text.SourceError, match=said):
        chapter_text.declared(_notebook(code, tags))


def test_a_change_without_a_value_is_refused_before_anything_runs():
    with pytest.raises(parameters.ProfileError, match="'orders' has no ="):
        parameters.parameters("02_prototypes", "smoke", ["orders"])


@pytest.mark.parametrize("verb", ["form", "code-hashes"])
def test_a_verb_names_the_chapters_that_there_are(verb, capsys):
    assert verbs.main([verb, "nosuch"]) == 2
    assert "notebooks/nosuch.md is missing: there are 01_faces" in capsys.readouterr().err


def test_a_notebook_must_name_the_parameters_of_params_yaml():
    with pytest.raises(chapter_text.SourceError, match="do not name the same parameters"):
        checked_parameters(_notebook("nothing = 1", ["parameters"]), parameters.chapters()[0], "rendered", [])


def test_pairs_have_fixed_ids_no_outputs_and_notice_a_change(project):
    text = project.root / "notebooks/01_alpha.md"
    assert not pairing.is_current(text)
    pairing.write(text)
    assert pairing.is_current(text)
    notebook = nbformat.read(text.with_suffix(".ipynb"), as_version=4)
    assert [cell.id for cell in notebook.cells[:2]] == ["c000", "c001"]
    assert not any(cell.get("outputs") for cell in notebook.cells)
    kept = text.read_text()
    assert pairing.laid_out(text) == kept
    text.write_text(kept.replace("# Alpha", "# Another"))
    assert not pairing.is_current(text)


def _with_a_cell(path: Path, code: str) -> nbformat.NotebookNode:
    """Save the notebook with one cell more and outputs, as an editor does."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_code_cell(code, outputs=[new_output("stream", name="stdout", text="x")]))
    nbformat.write(notebook, path)
    return notebook


def test_an_edited_notebook_is_never_written_over(project, capsys):
    text = project.root / "notebooks/01_alpha.md"
    path = text.with_suffix(".ipynb")
    assert pairing.main([], project.root) == 0 and not pairing.is_edited(text)
    _with_a_cell(path, "mine = 1")
    saved = path.read_bytes()
    text.write_text(text.read_text().replace("# Alpha", "# Another"))
    assert pairing.main([], project.root) == 1 and path.read_bytes() == saved
    said = capsys.readouterr().err
    assert "01_alpha.ipynb holds edits that 01_alpha.md lacks" in said and "pairing --keep 01_alpha" in said
    assert pairing.main(["--keep", "01_alpha"], project.root) == 0
    assert "mine = 1" in text.read_text() and "made_from" not in text.read_text() and pairing.is_current(text)
    _with_a_cell(path, "other = 2")
    assert pairing.main(["--discard", "notebooks/01_alpha.ipynb"], project.root) == 0
    assert pairing.is_current(text) and "other" not in path.read_text()
    with pytest.raises(SystemExit, match="no chapter 09_none"):
        pairing.main(["--keep", "09_none"], project.root)


def test_a_notebook_that_only_ran_or_is_behind_its_text_is_written_anew(project):
    text = project.root / "notebooks/01_alpha.md"
    path = pairing.write(text)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].metadata["execution"] = {"started": "today"}
    code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    code.execution_count, code.outputs = 3, [new_output("stream", name="stdout", text="4 people")]
    nbformat.write(notebook, path)
    assert not pairing.is_edited(text)
    text.write_text(text.read_text().replace("# Alpha", "# Another"))
    assert not pairing.is_edited(text), "the text went on, the notebook is as it was made"
    assert pairing.main([], project.root) == 0 and pairing.is_current(text)


def test_a_notebook_that_does_not_say_what_it_was_made_from_counts_as_made_if_git_has_it(project):
    text = project.root / "notebooks/01_alpha.md"
    path = pairing.write(text)
    notebook = _with_a_cell(path, "mine = 1")
    del notebook.metadata["made_from"]
    nbformat.write(notebook, path)
    assert pairing.is_edited(text)
    project.run("git", "init", "--quiet")
    project.run("git", "add", "notebooks")
    assert not pairing.is_edited(text)


def test_laying_out_a_text_changes_no_cell(project):
    caption = "---\nmystnb:\n  figure:\n    caption: " + "many words " * 30 + "\n---\nx = 1\n"
    text = project.root / "notebooks/01_alpha.md"
    text.write_text(text.read_text() + "\n```{code-cell} ipython3\n" + caption + "```\n")
    before = chapter_text.read(text)
    pairing.write(text)
    assert exactly(chapter_text.read(text), before, because="text") and pairing.is_current(text)


# ---------------------------------------------------------------- pages


def _executed() -> nbformat.NotebookNode:
    streams = [
        new_output("stream", name="stdout", text="10%\r100%\nat "),
        new_output("stream", name="stderr", text="progress"),
        new_output("stream", name="stdout", text="<f at 0x7f001122aabb> 12ms/step on 2026-01-02 03:04:05"),
        new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "x"}),
        new_output("execute_result", {"text/html": "<style>#T_a082d_row0</style>"}, execution_count=9),
        new_output("display_data", {"text/html": '<b id="T_0c3f1"></b><i id="T_0c3f1_row0"></i>'}),
    ]
    notebook = new_notebook(
        cells=[new_markdown_cell("# A"), new_code_cell("x", execution_count=9, outputs=streams)]
    )
    notebook.metadata.papermill = {"start_time": "now"}
    notebook.cells[1].metadata = {"tags": ["hide-input"], "papermill": {}, "execution": {}}
    return notebook


def test_a_page_holds_nothing_that_changes_from_run_to_run():
    text = dumps(normalise(_executed()))
    assert dumps(normalise(nbformat.reads(text, as_version=4))) == text
    cell = nbformat.reads(text, as_version=4).cells[1]
    assert cell.outputs[0].text == "100%\nat <f at 0x…> …/step on …"
    assert cell.execution_count == 1 and cell.outputs[2].execution_count == 1
    assert cell.outputs[2].data["text/html"] == "<style>#T_c001_0_row0</style>"
    assert cell.outputs[1].data == {"text/plain": "x"} and cell.metadata == {"tags": ["hide-input"]}
    for trace in ("papermill", "progress", "a082d", "widget"):
        assert trace not in text


def test_a_drawing_is_the_same_whatever_its_random_names_are():
    def page(clip: str, marker: str) -> str:
        used = f'<g clip-path="url(#{clip})"/><use xlink:href="#{marker}"/>'
        output = new_output("display_data", {"image/svg+xml": f'<svg><clipPath id="{clip}"/>{used}</svg>'})
        return dumps(normalise(new_notebook(cells=[new_code_cell("x", outputs=[output])])))

    one, other = page("p8fb55bebe6", "m0123456789"), page("p7f264bf120", "mfedcba9876")
    assert one == other and "url(#p_c000_0)" in one and "#m_c000_1" in one
    assert page("p8fb55bebe6", "p8fb55bebe6") != one  # two names stay two


def test_the_page_shows_papermills_cell_only_where_a_value_changed():
    cells = [
        new_code_cell("a = 1", metadata={"tags": ["parameters"]}),
        new_code_cell("a = 1", metadata={"tags": ["injected-parameters"]}),
    ]
    assert len(page(new_notebook(cells=list(cells)), parameters_differ=False).cells) == 1
    kept = page(new_notebook(cells=list(cells)), parameters_differ=True).cells
    assert len(kept) == 2 and all("hide-cell" in cell.metadata.tags for cell in kept)


# ---------------------------------------------------------------- progress


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_screen_sees_bars_as_they_are_and_a_log_sees_lines():
    bar = "".join(f"\r{step}/3" for step in range(4))
    for stream, seen in ((_Screen(), f"{bar}\ndone\n"), (io.StringIO(), "3/3\ndone\n")):
        terminal = Terminal(stream)
        for letter in f"{bar}\ndone\n":
            terminal.write(letter)
        assert stream.getvalue() == seen


def test_a_log_sees_a_long_bar_now_and_then():
    stream = io.StringIO()
    terminal = Terminal(stream, seconds=0.0)
    for text in ("\r1/3", "\r2/3", "\r3/3", "\n"):
        terminal.write(text)
    assert stream.getvalue().splitlines()[-1] == "3/3" and len(stream.getvalue().splitlines()) > 1


def test_headings_tell_where_a_run_is():
    cells = [
        new_markdown_cell("# A"),
        new_code_cell("# no heading"),
        new_markdown_cell("x\n\n## B\ny"),
        new_code_cell(),
    ]
    assert _headings(new_notebook(cells=cells)) == {0: "A", 1: "A", 2: "B", 3: "B"}


# ---------------------------------------------------------------- stages


def test_stages_notice_what_is_wrong(project):
    project.write("dvc.yaml", "stages:\n  alpha:\n    deps: [data.txt] # by hand\n")
    assert stages.write("rendered", project.root) and not stages.write("rendered", project.root)
    assert stages.check("rendered", project.root) == []
    assert "data.txt" in stages.load("rendered", project.root)["alpha"]["deps"]
    text = project.read("dvc.yaml")
    changed = text.replace("01_alpha.json: {cache: false, persist: true}", "01_alpha.json: {cache: false}", 1)
    project.write("dvc.yaml", changed.replace("[data.txt,", "[lib/book/run.py,", 1))
    said = stages.check("rendered", project.root)
    assert said == [
        "alpha: deps has lib/book/run.py: code stands in code_hashes.yaml",
        "alpha: results/rendered/01_alpha.json: must persist",
    ]
    project.write("notebooks/03_new.md", "# New\n")
    project.write("params.yaml", project.read("params.yaml") + "new: {}\n")
    assert "new: no stage" in stages.check("rendered", project.root)


# ---------------------------------------------------------------- times, inventory, shipping


def test_a_time_is_rewritten_only_when_it_is_of_another_order(tmp_path, monkeypatch):
    monkeypatch.setattr(durations.paths, "ROOT", tmp_path / "root")
    keep = lambda seconds: durations.keep("01_a", "smoke", seconds, tmp_path)  # noqa: E731
    keep(100.4)
    first = durations.load("smoke", tmp_path)
    assert first["01_a"]["seconds"] == 100 and "core" in first["01_a"]["machine"]
    keep(200)
    assert exactly(durations.load("smoke", tmp_path), first, because="whole seconds, from the same file")
    assert "200 s the last time" in durations.expectation("01_a", "smoke")
    keep(400)
    assert durations.load("smoke", tmp_path)["01_a"]["seconds"] == 400


def test_the_inventory_names_no_place(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "private"
    (folder / "celeba").mkdir(parents=True)
    (folder / "celeba" / "a.jpg").write_bytes(b"123")
    (folder / "lfw.tar").write_bytes(b"12345")
    found = inventory.contents(folder)
    assert {name: entry["bytes"] for name, entry in found.items()} == {"celeba": 3, "lfw.tar": 5}
    assert found["celeba"]["files"] == 1 and str(tmp_path) not in str(found)
    monkeypatch.setenv("FACEVALUE_PHOTOGRAPHS", str(tmp_path / "nowhere"))
    assert inventory.main(["real"]) == 1
    assert f"FACEVALUE_PHOTOGRAPHS={tmp_path / 'nowhere'} does not exist" in capsys.readouterr().err
    (tmp_path / "nowhere").mkdir()
    assert inventory.main(["real"]) == 1 and "nowhere is empty" in capsys.readouterr().err
    monkeypatch.delenv("FACEVALUE_PHOTOGRAPHS")
    monkeypatch.setattr(inventory.paths, "ROOT", tmp_path)
    assert inventory.main(["real"]) == 1
    assert "name their folder: FACEVALUE_PHOTOGRAPHS=" in capsys.readouterr().err


def test_the_inventory_sees_contents_and_not_dates(tmp_path):
    """A picture was replaced by another of the same name and size, its date set back: old faces were used."""
    folder = tmp_path / "photographs"
    (folder / "celeba" / "one").mkdir(parents=True)
    file, single = folder / "celeba" / "one" / "a.jpg", folder / "lfw.tar"
    file.write_bytes(b"123")
    single.write_bytes(b"12345")
    hashes = lambda: inventory.HashCache.open(tmp_path / "hashes.json")  # noqa: E731
    first = inventory.contents(folder, hashes())
    for changed, data in ((file, b"124"), (single, b"12346")):
        stamp, before = changed.stat(), changed.read_bytes()
        changed.write_bytes(data)
        os.utime(changed, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        assert inventory.contents(folder) != first
        changed.write_bytes(before)
        os.utime(changed, (1, 1))
        assert inventory.contents(folder) == first, "another date, the same contents"
    (folder / "celeba" / "one").rename(folder / "celeba" / "two")
    assert inventory.contents(folder) != first, "adapters read the names of folders"


def test_the_inventory_reads_again_only_what_was_touched(tmp_path, monkeypatch):
    folder = tmp_path / "photographs"
    folder.mkdir()
    for name in "ab":
        (folder / name).write_bytes(b"123")
    cache = inventory.HashCache.open(tmp_path / "hashes.json")
    first = inventory.contents(folder, cache)
    cache.save()
    read = []

    def counted(path):
        read.append(path.name)
        return sha256_of(path)

    monkeypatch.setattr(inventory, "sha256_of", counted)
    stamp = (folder / "b").stat()
    (folder / "b").write_bytes(b"124")
    os.utime(folder / "b", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    again = inventory.contents(folder, inventory.HashCache.open(tmp_path / "hashes.json"))
    assert read == ["b"] and again["a"] == first["a"] and again["b"] != first["b"]
    (tmp_path / "hashes.json").write_text("no hashes")
    assert inventory.contents(folder, inventory.HashCache.open(tmp_path / "hashes.json")) == again


def test_shipping_copies_numbers_only_and_removes_what_is_gone(tmp_path):
    source_, target = tmp_path / "a", tmp_path / "b"
    for folder, name in (
        (source_, "01.json"),
        (source_, "metrics/01.json"),
        (source_, "face.png"),
        (target, "old.csv"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("1")
    assert [str(path) for path in publish.publish("real", source_, target)] == ["01.json", "metrics/01.json"]
    assert publish.publish("real", source_, target) == []
    assert sorted(path.name for path in target.rglob("*.*")) == ["01.json", "01.json"]
    with pytest.raises(FileNotFoundError, match="make real"):
        publish.publish("real", tmp_path / "none", target)
