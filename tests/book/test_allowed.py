"""Rules of the chapters' parameters: every parameter has one, and what breaks it is refused by name."""

from __future__ import annotations

import ast
import math
from functools import lru_cache

import pytest

from lib.book import Chapter, allowed, chapter_text, parameters
from lib.book.allowed import Allowed, Fields, Named, Rule
from lib.book.code_hashes import names_used
from lib.book.parameters import ProfileError

CHAPTERS = parameters.chapters()
FREE = ("path", "lfw", "clips", "network", "rotated", "renewed")
"""Parameters that may be any text: places of files, and names of networks."""
PARAMETERS = [(chapter, name) for chapter in CHAPTERS for name in parameters.parameters(chapter)]


@lru_cache
def own_rules(chapter: str) -> dict[str, Rule]:
    """What a chapter hands to Chapter as `allowed`: the statements before it, with the imports they use."""
    cell = next(
        cell
        for cell in chapter_text.read(chapter_text.path_of(chapter)).cells
        if cell.cell_type == "code" and "chapter = Chapter(" in cell.source
    )
    tree = ast.parse(cell.source)
    end = next(
        at
        for at, node in enumerate(tree.body)
        if isinstance(node, ast.Assign) and "Chapter" in names_used(node.value)
    )
    assert ast.unparse(tree.body[end].value.args[2]) == "allowed"  # type: ignore[attr-defined]
    own = [node for node in tree.body[:end] if not isinstance(node, ast.Import | ast.ImportFrom)]
    used = set().union(*map(names_used, own))
    kept: list[ast.stmt] = []
    for node in tree.body[:end]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            node.names = [one for one in node.names if (one.asname or one.name) in used]
            kept += [node] if node.names else []
    namespace: dict = {}
    exec(compile(ast.Module([*kept, *own], []), chapter, "exec"), namespace)
    return namespace["allowed"]


def rules(chapter: str) -> dict[str, Rule]:
    return {**allowed.SHARED, **own_rules(chapter)}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_parameter_has_a_rule_that_holds_in_every_profile(chapter):
    names = set(parameters.parameters(chapter))
    assert names <= set(rules(chapter)) and set(own_rules(chapter)) <= names
    assert not set(own_rules(chapter)) & set(allowed.SHARED), "a shared parameter has its rule in one place"
    for profile in parameters.profiles():
        values = parameters.parameters(chapter, profile)
        assert Chapter(chapter, values, own_rules(chapter)).parameters == values, profile


def test_a_shared_rule_is_of_a_parameter_that_several_chapters_have():
    for name in allowed.SHARED:
        assert sum(name in parameters.parameters(chapter) for chapter in CHAPTERS) > 1, name


@pytest.mark.parametrize(("chapter", "name"), PARAMETERS)
def test_what_no_parameter_may_be_is_refused_by_name(chapter, name):
    rule = rules(chapter)[name]
    free = isinstance(rule, Named) and not rule.names and not rule.needed
    named = {"no such name": -1 if free else 1}
    for wrong in (None, math.nan, math.inf, -math.inf, -1, -0.5, [[]], named, b"x", [math.nan]):
        line = rule.fault(name, wrong)
        assert line.startswith(name) and " in this run; allowed is " in line and "\n" not in line
    assert name in FREE or rule.fault(name, "word").startswith(f"{name} is 'word' in this run")


@pytest.mark.parametrize(
    ("chapter", "name", "value", "said"),
    [
        ("05_gender_roc", "source", "celbea", "one of att, celeba"),
        ("05_gender_roc", "size", 0, "a whole number at least 16"),
        (
            "05_gender_roc",
            "unseen",
            ["patch_clasifier"],
            "a list without doubles, each one of gender_classifier",
        ),
        ("05_gender_roc", "unseen", ["patch_classifier"] * 2, "a list without doubles"),
        ("06_tradeoff", "strengths", [0.02, 0.02], "a list without doubles"),
        ("06_tradeoff", "lfw", [""], "one, or a list without doubles: a text that is not empty"),
        ("05_gender_roc", "seed", 2**32, "at most 4294967295"),
        ("05_gender_roc", "attackers", {}, "one or more names"),
        ("05_gender_roc", "slack", 1.5, "at most 1"),
        ("06_matching_roc", "judges", "al", "one of pip, all"),
        ("06_tradeoff", "witness", "trained", "one of trained_matcher, unseen_dlib"),
        ("06_matching_roc", "aligned", [0.5], "a list of 2, each a number above 0 and at most 1, or empty"),
        ("06_tradeoff", "train", 1, "true or false"),
        ("03_san_pretraining", "batch", True, "a whole number at least 1"),
        ("03_san_pretraining", "decoder", [256], "a list of 2"),
        ("02_prototypes", "checkpoints", [30, 10, 10], "a list that rises"),
        ("02_prototypes", "settled", 10**400, "at most 255"),
    ],
)
def test_what_is_allowed_is_said(chapter, name, value, said):
    with pytest.raises(ProfileError) as caught:
        Chapter(chapter, parameters.parameters(chapter) | {name: value}, own_rules(chapter))
    assert said in str(caught.value).partition("allowed is ")[2]


def test_a_nested_field_is_named():
    chapter = "04_san_training"
    values = parameters.parameters(chapter)
    phases = [values["report"][0], values["report"][0] | {"epochs": 0}]
    for changes, said in (
        ({"report": phases}, r"san_training.report\[1\].epochs is 0 in this run; allowed is a whole number"),
        ({"private": values["private"] | {"wanted": 0.2}}, "private.wanted is 0.2 .* at least 0.5 and"),
        ({"private": values["private"] | {"removed": [8, 4]}}, "private.removed .* a list that rises"),
        ({"private": {"embedder": "dlib"}}, "private is .* a mapping with embedder, witnesses"),
        ({"report": []}, "report is .* a list of mappings, each with epochs"),
    ):
        with pytest.raises(ProfileError, match=said):
            Chapter(chapter, values | changes, own_rules(chapter))
    assert Chapter(chapter, values | {"private": {}}, own_rules(chapter)).parameters["private"] == {}


def test_rules_of_their_own():
    listed = Allowed(str, several="either", empty=True)
    assert listed.holds("") and listed.holds([]) and listed.holds(["a"]) and not listed.holds(["a", 1])
    assert (
        not listed.holds([""])
        and not listed.holds(["a", "a"])
        and Allowed(several="yes", length=2).holds([1, 1])
    )
    assert not Allowed(str, several="either").holds("") and not Allowed(str).holds("  ")
    assert Allowed(float).holds(10**400) and not Allowed(float).holds(math.inf)
    assert not Allowed(int).holds(True) and Allowed(bool).holds(True) and not Allowed(bool).holds(1)
    each = Fields({"a": Allowed()}, {"b": Named(("x",), Allowed(), empty=False)})
    assert each.holds({"a": 1}) and each.holds({"a": 1, "b": {"x": 2}})
    assert not each.holds({}) and not each.holds({"a": 1, "b": {}}) and not each.holds([{"a": 1}])
    recipes = Named((), Fields({"epochs": Allowed()}, {}, several=True), empty=False, needed=("ours",))
    assert recipes.holds({"ours": [{"epochs": 1}], "any name": [{"epochs": 2}]})
    assert not recipes.holds({"other": [{"epochs": 1}]}) and not recipes.holds({"ours": [{"epoch": 1}]})
    assert "ours among them" in str(recipes) and "(x)" in str(Named(("x",), Allowed()))
