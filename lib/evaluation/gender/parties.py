"""Judges and attackers of chapter 05, and whom each of them has met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lib.evaluation.gender.attackers import FINETUNED
from lib.evaluation.parties import PROTECTIONS, private_party
from lib.evaluation.who_saw_whom import Overlap, Party, check, overlaps, read_declared
from lib.judges import registry
from lib.judges.base import Judge
from lib.judges.book_networks import GenderJudge
from lib.judges.result_keys import TRAINED_CLASSIFIER, published_key
from lib.training.store.model_store import ModelStore


def gender_judges(
    before: ModelStore, store: ModelStore, unseen: Iterable[str], published: Path | None = None
) -> dict[str, Judge]:
    """All judges of perceived gender, by the names that results use.

    Parameters
    ----------
    before : with the `classifier` that took part in training; it becomes TRAINED_CLASSIFIER.
    store, unseen : classifiers that learned from other subjects' untouched pictures, and their names in it.
    published : folder of the networks that others published, which join as `published_...`; None: none.

    Raises
    ------
    WeightsError, JudgeError : a network is missing or damaged.
    """
    own = GenderJudge(TRAINED_CLASSIFIER, before.get("classifier"), trained_on="subjects of the protection")
    found: dict[str, Judge] = {TRAINED_CLASSIFIER: own}
    for name in unseen:
        found[name] = GenderJudge(name, store.get(name), trained_on="other subjects, untouched pictures")
    if published is not None:
        theirs = registry.scorers(registry.published_judges(published), "gender")
        found |= {published_key(name): judge for name, judge in theirs.items()}
    return found


def gender_parties(
    judges: Mapping[str, Judge],
    attackers: Iterable[str],
    treatments: Iterable[str],
    recipe: Mapping[str, Any],
    stored: ModelStore,
) -> list[Party]:
    """Protections, judges and attackers, with what each of them learned from.

    Parameters
    ----------
    judges : as `gender_judges` gives them.
    attackers : names of those who retrain.
    treatments : those shown; where `private` and `authors_op` are among them, these protections count.
    recipe, stored : of `private`, as for `private_party`: parameter of chapter 04, store of its generator.
    """
    ours, none = frozenset({"protection"}), frozenset[str]()
    found = [PROTECTIONS[name] for name in ("op", "report_op", "reversed_op")]
    there = set(treatments)
    found += [private_party(recipe, stored.about("generator"))] if "private" in there else []
    found += [PROTECTIONS["authors_op"]] if "authors_op" in there else []
    for name, judge in judges.items():
        own = name == TRAINED_CLASSIFIER
        roles = ours if own else frozenset({"unseen"}) if name.startswith("unseen_") else none
        found.append(Party(name, roles=roles) if roles else Party.of_card(name, judge.card))
    for name in attackers:
        found.append(Party(name, roles=frozenset({"attackers"}) | (ours if name == FINETUNED else none)))
    return found


def checked_overlaps(parties: Sequence[Party], sets: Iterable[str]) -> list[Overlap]:
    """All overlaps on several data sets.

    Raises
    ------
    LeakError : one that front/overlaps.yml does not declare.
    """
    met = [one for data in sets for one in overlaps(parties, data)]
    check(met, read_declared())
    return met


def marks(met: Iterable[Overlap]) -> dict[tuple[str, str], str]:
    """Who reads, and the protection or data set -> what they share, in words: such figures are no test.

    The judge of training, and attackers who know OP, are what their names say and get no mark. Attackers of
    `private` do: how much it erases was chosen on their subjects.

    Parameters
    ----------
    met : of `who_saw_whom.overlaps`.
    """
    found: dict[tuple[str, str], str] = {}
    for one in met:
        chosen_on = one.who.startswith("attacker_") and one.whom == "private"
        if chosen_on or one.who.startswith(("unseen_", "published_")):
            said = found.get((one.who, one.whom))
            found[one.who, one.whom] = f"{said} and {one.what}" if said else one.what
    return found
