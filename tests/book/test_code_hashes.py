"""What makes the hash of a stage's code another one, and what does not; without DVC."""

from __future__ import annotations

import pytest

from lib.book.code_hashes import code_hashes
from tests.book.tiny import cell, chapter

GAMMA = chapter(
    "Gamma",
    'size = 30\nshown = 2\nkind = "round"\ntrain = False\nseed = 1',
    cell(
        """
from lib.book import Chapter
from lib.extra import drawing
from lib.extra.learning import learn

chapter = Chapter("03_gamma", globals())
""",
        "training",
    ),
    "A sentence.",
    cell(
        """
if train:
    chapter.trained().mkdir(parents=True)
    (chapter.trained() / "network.txt").write_text(str(learn(size)))
""",
        "training",
    ),
    cell(
        """
learned = int((chapter.trained() / "network.txt").read_text())
chapter.save({"learned": learned, "drawn": drawing.draw(learned)[:shown], "kind": str(drawing.KINDS[kind])})
"""
    ),
)
FILES = {
    "lib/extra/__init__.py": '"""Extra."""\n',
    "lib/extra/learning.py": '"""Learns."""\ndef learn(size):\n    """Square."""\n    return size * size\n',
    "lib/extra/drawing.py": (
        "from lib.registry import Registry\n\nKINDS = Registry(\n    {\n"
        '        "round": "lib.extra.round:NAME",\n        "square": "lib.extra.square:NAME",\n    }\n)\n\n\n'
        'def draw(number):\n    return "x" * number\n'
    ),
    "lib/extra/round.py": 'NAME = "circle"\n',
    "lib/extra/square.py": 'NAME = "square"\n',
    "lib/extra/unused.py": "x = 1\n",
    "notebooks/03_gamma.md": GAMMA,
}
PARAMS = "gamma:\n  size: 30\n  shown: 2\n  kind: round\n  train: false\n  seed: 1\n"


def with_gamma(project):
    """The tiny book with a third chapter, which trains."""
    for name, text in FILES.items():
        project.write(name, text)
    project.write("params.yaml", project.read("params.yaml") + PARAMS)
    project.write("_toc.yml", project.read("_toc.yml") + "  - file: pages/03_gamma\n")
    return project


@pytest.fixture
def gamma(project):
    return with_gamma(project)


def stale_after(project, name, old, new):
    """Stages whose hash another text of a file changes."""
    before = code_hashes("rendered", project.root)
    text = project.read(name) if (project.root / name).exists() else ""
    assert old in text
    project.write(name, text.replace(old, new, 1) if old else text + new)
    after = code_hashes("rendered", project.root)
    assert before.keys() == after.keys() == {"alpha", "beta", "gamma", "train_gamma"}
    return {stage for stage, value in after.items() if value != before[stage]}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("lib/extra/learning.py", '"""Square."""', '"""Another word."""'),
        ("lib/extra/learning.py", '"""Learns."""', "# a comment"),
        ("lib/extra/learning.py", "    return size", "\n\n    return  size"),
        ("lib/extra/unused.py", "x = 1", "x = 2"),
        ("lib/extra/oval.py", "", 'NAME = "oval"\n'),
        ("lib/extra/drawing.py", "    }", '        "oval": "lib.extra.oval:NAME",\n    }'),
        ("lib/extra/square.py", '"square"', '"box"'),
        ("notebooks/03_gamma.md", "A sentence.", "Another sentence."),
        ("lib/book/build.py", "import os", "import os, sys"),
    ],
    ids=[
        "docstring",
        "comment",
        "layout",
        "unused",
        "new file",
        "new entry",
        "other entry",
        "prose",
        "build",
    ],
)
def test_what_changes_no_result_changes_no_hash(gamma, name, old, new):
    assert stale_after(gamma, name, old, new) == set()


@pytest.mark.parametrize(
    ("name", "old", "new", "stale"),
    [
        ("lib/extra/learning.py", "size * size", "size + size", {"gamma", "train_gamma"}),
        ("lib/extra/drawing.py", '"x" * number', '"y" * number', {"gamma"}),
        ("lib/extra/round.py", '"circle"', '"disc"', {"gamma"}),
        ("lib/extra/drawing.py", "extra.round:NAME", "extra.square:NAME", {"gamma"}),
        ("notebooks/03_gamma.md", "learn(size)", "learn(size + 1)", {"train_gamma"}),
        ("params.yaml", "kind: round", "kind: square", {"gamma"}),
        ("lib/book/normalise.py", '"0x…"', '"0y…"', {"alpha", "beta", "gamma"}),
        ("lib/measures/estimate.py", '".3f"', '".4f"', {"alpha", "beta", "gamma"}),
    ],
    ids=["trained", "drawn", "named", "moved", "cell", "other name", "page", "shared"],
)
def test_what_can_change_a_result_changes_the_hashes_of_its_stages(gamma, name, old, new, stale):
    assert stale_after(gamma, name, old, new) == stale
