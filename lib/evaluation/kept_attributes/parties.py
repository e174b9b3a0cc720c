"""Who judges expression and attributes, and whom they have met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lib.evaluation.kept_attributes.repainted import FER
from lib.evaluation.parties import PROTECTIONS, private_party
from lib.evaluation.who_saw_whom import Overlap, Party, check, overlaps, read_declared
from lib.judges import registry
from lib.judges.base import Judge
from lib.judges.result_keys import DLIB, TRAINED_MATCHER

CLEANIR = Party(
    "cleanir", True, frozenset({"protection", "unseen"}), helpers=frozenset({DLIB, TRAINED_MATCHER})
)
"""Both networks of chapter 07: they learned from two thirds of the training subjects."""


def published_emotion(folder: Path | None) -> dict[str, Judge]:
    """Emotion networks that others published, by the names of their cards; none without a folder.

    Raises
    ------
    JudgeError : a file in the folder is missing or another one.
    """
    return registry.scorers(registry.published_judges(folder), "emotion") if folder else {}


def checked_overlaps(
    readers: Iterable[str],
    published: Mapping[str, Judge],
    recipe: Mapping[str, Any],
    *data_sets: str,
    of_fer: Iterable[str] = (),
) -> list[Overlap]:
    """Every overlap of judges with protections and test subjects, all of them declared.

    Parameters
    ----------
    readers : names of those trained on the attackers' subjects. of_fer : on FER-2013's training part.
    recipe : of `private`, as for `parties.private_party`.
    data_sets : of the test subjects, the page's own first.

    Raises
    ------
    LeakError : one that front/overlaps.yml does not declare.
    """
    own = [Party(f"attacker_{name}", roles=frozenset({"attackers"})) for name in readers]
    theirs = [Party.of_card(name, judge.card) for name, judge in published.items()]
    theirs += [Party(name, sets=(f"{FER}/train",)) for name in of_fer]
    first, *others = data_sets
    everybody = [CLEANIR, PROTECTIONS["op"], private_party(recipe), *own, *theirs]
    found = overlaps(everybody, first)
    found += [one for name in others for one in overlaps(theirs, name)]
    check(found, read_declared())
    return found
