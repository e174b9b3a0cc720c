"""Judges and attackers of chapter 05, and whom each of them has met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import keras

from lib.evaluation.who_saw_whom import Overlap, Party
from lib.judges import registry
from lib.judges.base import Judge
from lib.judges.book_networks import GenderJudge

TRAINED = "trained_gender"
"""The classifier that the protections learned to fool."""
FINETUNED = "attacker_finetuned"
"""The attacker who starts from the weights of TRAINED."""
RECIPES_OF_OURS = ("op", "report_op", "reversed_op")
"""Protections that learned from the same subjects, and to fool TRAINED."""


def gender_judges(
    trained: keras.Model, unseen: Mapping[str, keras.Model], published: Path | None = None
) -> dict[str, Judge]:
    """All judges of perceived gender, by the names that results use.

    Parameters
    ----------
    trained : classifier that took part in training; becomes TRAINED.
    unseen : `unseen_...` -> classifier that learned from other subjects' untouched pictures.
    published : folder of the networks that others published, which join as `published_...`; None: none.

    Raises
    ------
    JudgeError : a published network is missing or damaged.
    """
    found: dict[str, Judge] = {TRAINED: GenderJudge(TRAINED, trained, trained_on="subjects of the protection")}
    for name, network in unseen.items():
        found[name] = GenderJudge(name, network, trained_on="other subjects, untouched pictures")
    if published is not None:
        theirs = registry.scorers(registry.published_judges(published), "gender")
        found |= {f"published_{name.removeprefix('gender_')}": judge for name, judge in theirs.items()}
    return found


def gender_parties(
    judges: Mapping[str, Judge],
    attackers: Iterable[str],
    private: Party | None = None,
    *,
    authors: bool = False,
) -> list[Party]:
    """Protections, judges and attackers, with what each of them learned from.

    Parameters
    ----------
    judges : as `gender_judges` gives them.
    attackers : names of those who retrain.
    private : the protection `private` where there is one.
    authors : whether the original authors' network is there.
    """
    ours, none = frozenset({"protection"}), frozenset[str]()
    found = [Party(name, True, ours, helpers=frozenset({TRAINED})) for name in RECIPES_OF_OURS]
    found += [private] if private else []
    found += [Party("authors_op", True, sets=("celeba/train",))] if authors else []
    for name, judge in judges.items():
        roles = ours if name == TRAINED else frozenset({"unseen"}) if name.startswith("unseen_") else none
        found.append(Party(name, roles=roles) if roles else Party.of_card(name, judge.card))
    for name in attackers:
        found.append(Party(name, roles=frozenset({"attackers"}) | (ours if name == FINETUNED else none)))
    return found


def marks(met: Iterable[Overlap]) -> dict[tuple[str, str], str]:
    """Judge and protection, or judge and data set -> what they share, in words: their figures are no test.

    The judge of training, and attackers who know the protection, are what their names say and get no mark.

    Parameters
    ----------
    met : of `who_saw_whom.overlaps`.
    """
    found: dict[tuple[str, str], str] = {}
    for one in met:
        if one.who.startswith(("unseen_", "published_")):
            said = found.get((one.who, one.whom))
            found[one.who, one.whom] = f"{said} and {one.what}" if said else one.what
    return found
