"""What protections, matchers, thresholds and attackers learned from: one description for all pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lib.evaluation.who_saw_whom import LeakError, Party
from lib.faces.splits import ROLES
from lib.judges.base import Judge
from lib.judges.result_keys import (
    DLIB,
    HELD_OUT_MATCHER,
    SECOND_MATCHER,
    TRAINED_CLASSIFIER,
    TRAINED_MATCHER,
    published_key,
)

_OURS = frozenset({"protection"})
_WHITE_BOXES = frozenset({TRAINED_CLASSIFIER, TRAINED_MATCHER})
PROTECTIONS: Mapping[str, Party] = {
    one.name: one
    for one in (
        Party("op", True, _OURS, helpers=_WHITE_BOXES | {SECOND_MATCHER}),
        Party("report_op", True, _OURS, helpers=_WHITE_BOXES),
        Party("reversed_op", True, _OURS, helpers=_WHITE_BOXES),
        Party("authors_op", True, sets=("celeba/train",)),
        # each round of the filter is measured on validation subjects
        Party("filter", True, _OURS | {"validation"}, helpers=_WHITE_BOXES),
        # its gallery shows the unseen judges' subjects, and the matcher of training says who is near
        Party("k-Same", True, frozenset({"unseen"}), helpers=frozenset({TRAINED_MATCHER})),
    )
}
"""Protections by name, all but `private`, which `private_party` describes by its recipe."""
OWN_MATCHERS: Mapping[str, str] = {
    TRAINED_MATCHER: "protection",
    SECOND_MATCHER: "protection",
    HELD_OUT_MATCHER: "attackers",
}
"""Matcher of this book -> part of the training subjects that it learned from."""
_RECOGNISERS_OF_PRIVATE = {"matcher": TRAINED_MATCHER, "dlib": DLIB, "matcher2": SECOND_MATCHER}


def roles_of(about: Mapping[str, Any], otherwise: Sequence[str] = ()) -> frozenset[str]:
    """Parts that a stored network learned from, by the facts stored with it.

    Parameters
    ----------
    about : of the model store: its `roles`, else the roles that `trained_on` names.
    otherwise : for networks stored before they said so.

    Raises
    ------
    LeakError : the facts do not say, and neither does `otherwise`.
    """
    words = re.findall(r"\w+", str(about.get("trained_on", "")))  # further sets follow after semicolons
    found = frozenset(about.get("roles") or [role for role in ROLES if role in words] or otherwise)
    if not found:
        raise LeakError(f"facts {sorted(about)} do not say whose pictures trained it: keep `roles` with it")
    return found


def recogniser_of_private(name: str) -> str:
    """Key in results of a recogniser that the recipe of `private` calls `name`."""
    return _RECOGNISERS_OF_PRIVATE.get(name) or published_key(name)


def private_party(recipe: Mapping[str, Any], about: Mapping[str, Any] | None = None) -> Party:
    """The protection `private` as its recipe, or the facts of its stored generator, describe it.

    Parameters
    ----------
    recipe : parameter `private` of chapter 04: `roles`, `embedder`, `witnesses`. How much is erased is
        chosen by attackers who learn from the subjects of the role `attackers`: it met them as well.
    about : of its stored generator; its roles come before those of the recipe.
    """
    roles = roles_of(about or {}, recipe["roles"]) | {"attackers"}
    read = [recipe["embedder"], *recipe["witnesses"]]
    return Party("private", True, roles, helpers=frozenset(map(recogniser_of_private, read)))


def matcher_party(name: str, judge: Judge) -> Party:
    """A matcher by its name in results: one of this book by its subjects, one of others by its card."""
    if name in OWN_MATCHERS:
        return Party(name, roles=frozenset({OWN_MATCHERS[name]}))
    return Party.of_card(name, judge.card)


def thresholds_party(strangers: Mapping[str, str]) -> Party:
    """Who sets the thresholds of matchers: validation subjects where a set has them, and other strangers.

    Parameters
    ----------
    strangers : data set -> who they are, in words; the first set is the page's own.
    """
    (_, first), *others = strangers.items()
    words = "; ".join([first, *(f"on {name}, {said}" for name, said in others)])
    return Party("thresholds", roles=frozenset({"validation"}), words=words)


def matching_parties(
    protections: Iterable[str],
    matchers: Mapping[str, Judge],
    recipe: Mapping[str, Any],
    strangers: Mapping[str, str],
) -> list[Party]:
    """Everybody whom a page of matching meets.

    Attackers of pictures learn from the part that is theirs, those of codes from everybody who trained.

    Parameters
    ----------
    protections : `private` and names of PROTECTIONS.
    matchers : by the names that results use.
    recipe : of `private`, as for `private_party`.
    strangers : as for `thresholds_party`.
    """
    return [
        *(private_party(recipe) if name == "private" else PROTECTIONS[name] for name in protections),
        *(matcher_party(name, judge) for name, judge in matchers.items()),
        thresholds_party(strangers),
        Party("attacker_pictures", roles=frozenset({"attackers"})),
        Party("attacker_codes", roles=frozenset(ROLES)),
    ]
