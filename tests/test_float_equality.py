"""No test asks two computed floats to agree to the last bit without saying why they must."""

import ast

import numpy as np
import pandas as pd
import pytest

from lib.book.paths import ROOT
from tests.exact import exactly, same_pixels
from tests.float_equality import Annotations, Modules, findings

FILES = [path for path in sorted((ROOT / "tests").rglob("*.py")) if path.name != "exact.py"]
LIBRARY = """
from dataclasses import dataclass
LIMITS = ("low", "high")
@dataclass
class Figure:
    estimate: float
    n: int = 0
    why: str = ""
@dataclass
class Row:
    name: str
    places: tuple[int, ...]
@dataclass
class Outcome:
    figure: Figure
    row: Row
def auc(scores) -> float: ...
def prepared(rows) -> np.ndarray: ...
def outcome() -> Outcome: ...
def file_name() -> str: ...
"""


@pytest.fixture(scope="module")
def modules():
    return Modules.below(ROOT, "lib", "tests")


@pytest.fixture(scope="module")
def small():
    out = Annotations()
    out.read(ast.parse(LIBRARY))
    return out


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_exact_equality_of_floats_is_explained(path, modules):
    tree = ast.parse(path.read_text())
    known = Annotations.of(modules.trees[name] for name in modules.reached(tree) if name.startswith("lib"))
    found = findings(tree, known)
    assert not found, (
        "compare with pytest.approx or assert_allclose, or say in tests.exact.exactly why no rounding can "
        f"part the two: {[(one.line, one.source) for one in found]}"
    )


@pytest.mark.parametrize(
    "line",
    [
        "assert wide.estimate == narrow.estimate",
        "assert wide.estimate == narrow.estimate and wide.n == 10",
        "assert auc(a) == auc(b)",
        "assert one.figure == other.figure",
        "assert first.estimate == 0.1",
        "assert [auc(a), auc(b)] == expected",
        "assert (auc(a), found.n) == (expected, 3)",
        "assert prepared(a).tolist() == expected",
        "assert (prepared(a) == prepared(b)).all()",
        "assert not (prepared(a) != prepared(b)).any()",
        "assert few.estimate == more.estimate == other.estimate",
        "assert value == np.mean(values)",
        "assert a.mean() == b.mean()",
        "assert share == count / total",
        "assert {name: auc(one) for name, one in rows} == expected",
        "assert all(auc(one) == auc(other) for one, other in rows)",
        "np.testing.assert_array_equal(network(a), network(b))",
        "assert np.array_equal(network(a), network(b))",
        "assert table.equals(again)",
        "x = auc(a)\ny = x\nassert y == z",
        "for x in prepared(a):\n    assert x == y",
        "def best(rows):\n    return auc(rows)\nassert best(a) == best(b)",
        "with pytest.raises(ValueError):\n    assert auc(a) == auc(b)",
        "class TestOne:\n    def test_two(self, a):\n        assert auc(a) == auc(a)",
        "assert exactly(auc(a), auc(b))",
        "assert exactly(auc(a), auc(b), because='')",
    ],
)
def test_what_must_be_caught(line, small):
    tree = ast.parse(
        "def test_it(a, b, expected, rows):\n" + "\n".join(f"    {one}" for one in line.splitlines())
    )
    assert len(findings(tree, small)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "assert wide.estimate == pytest.approx(narrow.estimate)",
        "assert (a.estimate, a.n) == (pytest.approx(0.4), 100)",
        "np.testing.assert_allclose(prepared(a), prepared(b), atol=1e-6)",
        "assert exactly(auc(a), auc(b), because='copied')",
        "assert auc(a) == 0.5",
        "assert auc(a) == 3 / 8",
        "assert auc(a) == -np.inf",
        "assert wide.n == 10 and len(prepared(a)) == len(b)",
        "assert wide.why == narrow.why == file_name()",
        "assert one.row == other.row and one.places == (1, 2)",
        "assert prepared(a).shape == b.shape and prepared(a).dtype == np.float32",
        "assert outcome().row.name == f'{a}'",
        "assert set(outcome()) == {'low', *rows}",
        "assert (prepared(a) > 0.5).all() == expected",
        "assert (prepared(a) == prepared(b)).mean() > 0.9",
        "assert auc(a) != auc(b)",
        "assert np.zeros(3, np.uint8).tolist() == prepared(a)",
        "assert path.read_bytes() == other.read_bytes()",
    ],
)
def test_what_must_pass(line, small):
    tree = ast.parse(f"def test_it(a, b, expected, rows):\n    {line}")
    assert findings(tree, small) == []


def test_a_name_counts_where_imports_lead_to_it():
    texts = {
        "lib.near": "from lib.middle import made",
        "lib.middle": "from lib.far import Figure\ndef made() -> Figure: ...",
        "lib.far": "class Figure:\n    value: float\n",
        "lib.elsewhere": "def share() -> float: ...\n",
    }
    modules = Modules({name: ast.parse(text) for name, text in texts.items()})
    test = ast.parse("from lib import near\ndef test_it():\n    assert made() == made() and share() == b")
    assert modules.reached(test) == ["lib.far", "lib.middle", "lib.near"]
    known = Annotations.of(modules.trees[name] for name in modules.reached(test))
    assert [one.source for one in findings(test, known)] == ["made() == made()"]
    everything = Annotations.of(modules.trees.values())
    assert len(findings(test, everything)) == 2


def test_exactly_means_the_last_bit():
    def agree(first, second):
        return exactly(first, second, because="this is what is tested")

    assert agree(0.3, 0.3) and not agree(0.3, 0.1 + 0.2)
    assert agree(np.array([1.0, np.nan]), np.array([1.0, np.nan])) and not agree(np.ones(2), np.ones((1, 2)))
    assert agree([np.ones(2), "a"], [np.ones(2), "a"]) and not agree([1], [1, 2])
    assert agree(np.array(["a", None]), np.array(["a", None])) and agree([1, 2], np.array([1, 2]))
    table = pd.DataFrame({"a": [0.1, np.nan]})
    assert agree(table, table.copy()) and not agree(table, table + 1e-16)
    nothing = ""
    with pytest.raises(AssertionError, match="say why"):
        exactly(1, 1, because=nothing)


def test_pixels_may_part_by_a_grey_level():
    image = np.array([[0, 255]], np.uint8)
    assert same_pixels(image, np.array([[1, 254]], np.uint8))
    assert not same_pixels(image, np.array([[2, 255]], np.uint8)), "nor wraps a difference round"
    assert not same_pixels(image, image[0]) and not same_pixels(image, image.astype(int))
