"""Rules made of a dataclass' fields and their metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from lib.book.allowed import COUNT
from lib.book.fields import fields_of
from lib.deidentify.private.config import PrivateConfig


@dataclass(frozen=True)
class Weights:
    pixel: float = 0.0
    matching: float = 1.0


@dataclass(frozen=True)
class Recipe:
    epochs: int = field(metadata={"least": 1})
    roles: tuple[str, ...] = field(metadata={"words": ("a", "b")})
    seed: int
    terms: Mapping[str, float] = field(default_factory=dict, metadata={"of": Weights})
    most: int = 0
    pose: bool = False


RULE = fields_of(Recipe, {"reader": COUNT}, without=("seed",))
GOOD = {"epochs": 1, "roles": ["a"], "reader": 2}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"terms": {"pixel": 3}, "most": 0, "pose": True}, ""),
        ({"epochs": 0}, "x.epochs is 0 in this run; allowed is a whole number at least 1"),
        ({"roles": "a"}, "x.roles is 'a'"),
        ({"roles": ["c"]}, "x.roles"),
        ({"most": -1}, "x.most"),
        ({"terms": {"pixels": 3}}, "x.terms"),
        ({"terms": {}}, "x.terms"),
        ({"seed": 1}, "x is"),
    ],
)
def test_fields_are_held_to_their_metadata(change, said):
    assert RULE.fault("x", GOOD | change).startswith(said) and bool(RULE.fault("x", GOOD | change)) == bool(
        said
    )


def test_what_has_no_default_must_be_there():
    assert set(RULE.needed) == {"epochs", "roles", "reader"} and set(RULE.more) == {"terms", "most", "pose"}
    private = fields_of(PrivateConfig, without=("seed", "watched", "batch"))
    assert {"removed", "wanted", "wanted_averaged", "pixel_epochs"} <= set(private.needed)
    assert private.more["widths"].fault("w", [1, 2]) and not private.more["pooling"].fault("p", 0.1)


def test_a_type_without_a_rule_is_refused():
    @dataclass
    class Odd:
        what: bytes

    with pytest.raises(ValueError, match="no rule for the field what of type bytes"):
        fields_of(Odd)
