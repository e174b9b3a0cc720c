"""Chapters 01 and 02 with every documented value of every parameter, on tiny sets of every publisher.

The cells of the chapters themselves run here, in one process, with detectors and judges that answer at once.
"""

from __future__ import annotations

import functools
import inspect
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from lib.book import chapter, chapter_text, parameters, paths
from lib.book.parameters import ProfileError
from lib.evaluation.photograph_check import PROTOCOLS
from lib.faces.detections import Detections
from lib.faces.loading.adapters.registry import READERS
from lib.figures import tables
from lib.figures.gallery import gallery_of, notice
from lib.judges import dlib_detector, registry
from lib.judges.base import Judgement, known
from tests.faces.loading.publisher_files import PUBLISHERS, rendered_shard, tiny_set, write_archive

read = functools.cache(chapter_text.read)
"""The chapters' texts, which no test changes, each read once."""
ENOUGH = 320
"""Pictures, so that the training part of a set has 100 subjects of either label."""
QUICK = {
    "01_faces": {"size": 24, "reality_per_expression": 2, "sheet_subjects": 2},
    "02_prototypes": {"size": 24, "orders": 2, "checkpoints": [3, 10]},
}


class Finder:
    """Finds a face in the middle of every picture that is not flat."""

    name = "finder"

    def __init__(self, card: str = "dlib_frontal") -> None:
        self.card = registry.CARDS[card]

    def __call__(self, image: np.ndarray) -> Detections:
        if image.std() < 1:
            return Detections.none()
        height, width = image.shape[:2]
        points = np.array([[0.35, 0.4], [0.65, 0.4], [0.5, 0.6], [0.4, 0.75], [0.6, 0.75]]) * [width, height]
        box = np.array([[0.1 * width, 0.1 * height, 0.9 * width, 0.9 * height]])
        return Detections(box, points[None].astype(np.float32), np.ones(1))

    def many(self, images: np.ndarray) -> list[Detections]:
        return [self(image) for image in images]


class Recogniser:
    """Embeds a face as its mean colours."""

    card = registry.CARDS["dlib_recogniser"]

    def __call__(self, images: np.ndarray, points: np.ndarray | None = None) -> Judgement:
        acquired = known(points) if points is not None else np.ones(len(images), bool)
        return Judgement(np.where(acquired[:, None], images.mean((1, 2)), np.nan), acquired)


class Pages:
    """Runs a chapter's cells and keeps what its page would say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.glued: dict[str, str] = {}

    def run(self, name: str, **values: Any) -> dict[str, Any]:
        """Names of the notebook after its last cell."""
        self.said.clear()
        self.glued.clear()
        namespace: dict[str, Any] = {}
        for cell in read(chapter_text.path_of(name)).cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, f"{name}, {cell.id}", "exec"), namespace)
                if "parameters" in cell.metadata.get("tags", []):
                    namespace |= QUICK[name] | values
        plt.close("all")
        return namespace

    def set(self, name: str, count: int = ENOUGH) -> dict[str, str]:
        """Parameters that name a tiny set of a publisher, written on first use."""
        path = self.folder / f"{name}{count}"
        if not path.exists():
            write_archive(path, "folder", tiny_set(name, count))
        return {"source": name, "path": str(path)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, world) -> Path:
    """Folder with tiny rendered faces, a cache, and room for publishers' sets."""
    place = tmp_path_factory.mktemp("own")
    (place / "rendered").mkdir()
    write_archive(place / "rendered" / "shard-00000", "tar", rendered_shard(world.images, world.labels))
    return place


@pytest.fixture
def pages(folder, monkeypatch) -> Pages:
    matplotlib.use("Agg")
    pages = Pages(folder)
    monkeypatch.setenv("FACEVALUE_OUT", str(folder / "out"))
    monkeypatch.delenv("FACEVALUE_CHAPTER", raising=False)
    monkeypatch.delenv("FACEVALUE_PROFILE", raising=False)
    monkeypatch.setattr(chapter_text, "read", read)
    monkeypatch.setattr(paths, "CACHE", folder / "cache")
    monkeypatch.setattr(paths, "DATA", folder / "rendered")
    monkeypatch.setattr(dlib_detector, "DlibFrontal", Finder)
    judges = {"dlib_frontal": Finder(), "mtcnn": Finder("mtcnn"), "dlib_recogniser": Recogniser()}
    monkeypatch.setattr(registry, "packaged_judges", lambda: dict(judges))
    plain = tables.page_notes

    def notes(lines, *more):
        pages.said += lines
        return plain(lines, *more)

    def glue(name, value, form=""):
        pages.glued[name] = format(value, form)

    monkeypatch.setattr(tables, "page_notes", notes)
    monkeypatch.setattr(chapter.Chapter, "glue", staticmethod(glue))
    return pages


@pytest.fixture
def own(pages) -> dict[str, str]:
    """Parameters that name the tiny rendered faces."""
    return {"source": "rendered", "path": str(pages.folder / "rendered")}


def test_every_publisher_of_the_documentation_is_tried():
    assert {*PUBLISHERS, "rendered"} == set(READERS)
    documented = next(
        line
        for line in (paths.ROOT / "params.yaml").read_text().splitlines()
        if "publisher of the faces" in line
    )
    assert {word.strip() for word in documented.partition("faces: ")[2].split(",")} == set(READERS)


TELLS_BOTH = ("celeba", "fairface", "lfw", "utkface")


@pytest.mark.parametrize("name", PUBLISHERS)
def test_chapter_02_shows_what_a_publisher_tells_and_says_what_it_does_not(pages, name):
    found = pages.run("02_prototypes", **pages.set(name, 70 if name == "jaffe" else ENOUGH))
    groups = {"jaffe": ["female"]}.get(name, ["female", "male"] if name in TELLS_BOTH else ["everybody"])
    assert sorted(found["groups"]) == groups
    shown = [] if name in ("jaffe", "att") else groups
    assert found["told"].means.keys() == set(shown), "a mean stands for a hundred subjects"
    assert any("no neutral prototype" in note for note in pages.said) == (name not in TELLS_BOTH)
    assert any("No mean face" in note for note in pages.said) == (name in ("jaffe", "att"))
    assert (pages.glued["swap"] == "–") == (name not in TELLS_BOTH)
    assert any("no training split" in note for note in pages.said) == (name == "fairface")
    assert any("nothing is aligned" in note for note in pages.said) == (name == "fer2013"), (
        "its pictures are flat"
    )


@pytest.mark.parametrize("name", PUBLISHERS)
def test_chapter_01_shows_what_a_publisher_tells_and_says_what_it_does_not(pages, name):
    found = pages.run("01_faces", **pages.set(name, 70 if name == "jaffe" else ENOUGH))
    assert bool(found["shown"].images) == (name not in ("jaffe", "att"))
    assert any("no mean face of" in note for note in pages.said) == (name in ("jaffe", "att"))
    assert bool(len(found["frequency"])) == (name in (*TELLS_BOTH, "jaffe"))
    assert any("perceived gender" in note for note in pages.said) == (name not in TELLS_BOTH)
    assert pages.glued["shared"] == "0"


@pytest.mark.parametrize("name", PUBLISHERS)
@pytest.mark.parametrize("number", ["01_faces", "02_prototypes"])
def test_few_photographs_are_never_shown(pages, name, number):
    found = pages.run(number, **pages.set(name, 14))
    assert not (found["shown"].images if number == "01_faces" else found["told"].means)
    assert any(
        "may be shown from 100 subjects on" in note or "no mean face" in note.lower() for note in pages.said
    )


@pytest.mark.parametrize("limit", [1, 2, 10, 50])
@pytest.mark.parametrize("number", ["01_faces", "02_prototypes"])
def test_any_limit_runs(pages, own, number, limit):
    pages.run(number, **own, limit=limit)


CHANGES = [
    ("01_faces", {"judges": "pip"}),
    ("01_faces", {"size": 16}),
    ("01_faces", {"reality_per_expression": 1}),
    ("01_faces", {"sheet_subjects": 1}),
    ("01_faces", {"sheet_subjects": 1000}),
    ("01_faces", {"photographs_limit": 1, "photographs": ("lfw", "fer2013")}),
    ("01_faces", {"seed": 0}),
    ("02_prototypes", {"orders": 1}),
    ("02_prototypes", {"checkpoints": [1000]}),
    ("02_prototypes", {"checkpoints": [1]}),
    ("02_prototypes", {"settled": 0.5}),
    ("02_prototypes", {"seed": 0}),
    *(("01_faces", {"photographs": (name,)}) for name in PROTOCOLS),
]


@pytest.mark.parametrize(("number", "values"), CHANGES)
def test_every_documented_value_runs(pages, own, number, values):
    if "photographs" in values:
        values = values | {
            "photographs": {name: pages.set(name, 40)["path"] for name in values["photographs"]}
        }
    found = pages.run(number, **own, **values)
    if values.get("photographs"):
        assert set(found["on_photographs"]) == set(values["photographs"])


@pytest.mark.parametrize(
    ("number", "name", "value", "said"),
    [
        ("01_faces", "source", "celebb", "one of att, celeba"),
        ("01_faces", "path", "", "a text that is not empty"),
        ("01_faces", "size", 0, "a whole number at least 16 and at most 1024"),
        ("01_faces", "size", 64.5, "a whole number"),
        ("01_faces", "limit", -1, "a whole number at least 0"),
        ("01_faces", "judges", "some", "one of pip, all"),
        ("01_faces", "reality_per_expression", 0, "at least 1"),
        ("01_faces", "photographs", {"jaffe": "x"}, "a mapping of names (lfw, celeba"),
        ("01_faces", "photographs", "{lfw: x}", "a mapping of names"),
        ("01_faces", "photographs_limit", 0, "at least 1"),
        ("01_faces", "sheet_subjects", 0, "at least 1"),
        ("01_faces", "seed", -1, "at least 0"),
        ("02_prototypes", "orders", 0, "a whole number at least 1"),
        ("02_prototypes", "checkpoints", [], "a list that rises, each a whole number at least 1"),
        ("02_prototypes", "checkpoints", [0, 3], "a list that rises, each a whole number at least 1"),
        ("02_prototypes", "settled", 0, "a number above 0"),
        ("02_prototypes", "limit", "ten", "a whole number at least 0"),
        ("02_prototypes", "size", True, "a whole number"),
    ],
)
def test_a_value_out_of_range_is_one_clear_line(pages, own, number, name, value, said):
    with pytest.raises(ProfileError) as caught:
        pages.run(number, **(own | {name: value}))
    line = str(caught.value)
    assert line.startswith(
        f"params.yaml, {parameters.section(number)}.{name} is {value!r} in this run; allowed is "
    )
    assert said in line and "\n" not in line


def test_a_misspelt_parameter_of_papermill_is_named_with_the_nearest(pages):
    names = parameters.parameters("02_prototypes")
    ran = ["", "source = 'rendered'", "# Parameters\norder = 40\nPAPERMILL_INPUT_PATH = 'x'\n"]
    with pytest.raises(ProfileError, match=r"02_prototypes: unknown parameters order \(is orders meant\?\)"):
        chapter.Chapter("02_prototypes", {**names, "In": ran})
    ran.append("# Parameters\norders = 40\n")  # repaired, and run again
    assert chapter.Chapter("02_prototypes", {**names, "In": ran}).parameters == names
    assert chapter.injected({}) == [] and "injected" in inspect.getsource(chapter.Chapter.__init__)
    with pytest.raises(
        ProfileError, match=r"--set: unknown parameters sizes \(is size meant\?\), zzz; known"
    ):
        parameters.parameters("02_prototypes", changes=["sizes=3", "zzz=1"])


def test_where_a_path_points(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FACEVALUE_PHOTOGRAPHS", str(tmp_path / "p"))
    assert paths.located("~/faces") == str(tmp_path / "faces")
    assert paths.located(["photographs/lfw.tar", "/data"]) == [str(tmp_path / "p" / "lfw.tar"), "/data"]
    assert paths.located("s3://bucket/celeba.zip") == "s3://bucket/celeba.zip"
    assert paths.located("data/rendered") == str(paths.ROOT / "data" / "rendered")


def test_a_gallery_of_what_there_is():
    image = np.zeros((4, 4, 3), np.uint8)
    both = gallery_of(
        {"a": {"x": image}, "b": {"x": image, "y": image}}, ["y", "z", "x"], otherwise="nothing"
    )
    one = gallery_of({"": {"x": image}}, ["x"], otherwise="nothing")
    assert both.pixels.shape[0] > one.pixels.shape[0]
    assert gallery_of({"a": {}}, ["x"], otherwise="nothing").pixels.shape == notice("nothing").pixels.shape
    assert tables.page_notes([]) is None and "- one" in tables.page_notes(["one", "one"]).data
