"""Who is judged and who judges on the page of the trade-off, and by which matcher methods are compared."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from lib.evaluation.page_matchers import called
from lib.evaluation.who_saw_whom import (
    Party,
    check,
    matching_parties,
    overlaps,
    private_party,
    read_declared,
    who_saw_whom,
)
from lib.judges.base import Judge
from lib.judges.book_networks import MatcherJudge
from lib.training.store.model_store import ModelStore

HELD_OUT = "heldout_matcher"
"""The matcher of chapter 03 that took part in no training, in its store and in results."""
NAMES = {
    HELD_OUT: "the held-out matcher",
    "trained_gender": "the classifier of training",
    "trained_matcher2": "a second matcher of this book",
    "attacker_pictures": "attackers of pictures",
    "attacker_codes": "attackers of codes",
    "attacker_gender": "a classifier trained by attackers",
}
"""What a sentence calls those whom `page_matchers.called` does not know."""
OWNERS = {
    "protection": "the protection's",
    "unseen": "the unseen judges'",
    "attackers": "the attackers'",
    "validation": "validation",
    "test": "test",
}
"""Part of the subjects -> whose they are, as a table says it."""
SETS = {"vggface": "VGGFace", "facescrub": "FaceScrub", "web": "pictures from the web"}
"""Data set of a publisher -> its name."""
FILTER = Party(
    "filter",
    True,
    frozenset({"protection", "validation"}),
    helpers=frozenset({"trained_gender", "trained_matcher"}),
)
"""It learned from the protection's subjects, against the classifier and with the matcher of training."""
K_SAME = Party("k-Same", True, frozenset({"unseen"}), helpers=frozenset({"trained_matcher"}))
"""Its gallery shows these subjects, and the matcher of training says who is near."""


def with_held_out(matchers: Mapping[str, Judge], before: ModelStore) -> dict[str, Judge]:
    """The matchers of a page and HELD_OUT.

    Parameters
    ----------
    before : store of chapter 03.
    """
    about = before.about(HELD_OUT)
    notes = "Took part in the training of no protection."
    judge = MatcherJudge(
        before.get(HELD_OUT), name=HELD_OUT, trained_on=str(about.get("trained_on", "")), notes=notes
    )
    return {**matchers, HELD_OUT: judge}


def held_out_yardstick(wanted: str, recipe: Mapping[str, Any]) -> str:
    """Name of the matcher by which methods are compared: HELD_OUT where `wanted` took part in `private`.

    Parameters
    ----------
    recipe : of `private`, as for `private_party`.
    """
    return HELD_OUT if wanted in helpers_of(recipe) else wanted


def helpers_of(recipe: Mapping[str, Any]) -> list[str]:
    """Names of the matchers that took part in the training of `private`, whose code is from one of them."""
    return sorted(private_party(recipe).helpers)


def matcher_words(name: str) -> str:
    """What a sentence calls a matcher, or the classifier of training."""
    return NAMES.get(name, called(name))


def tradeoff_parties(
    matchers: Mapping[str, Judge], recipe: Mapping[str, Any], filter_rounds: int = 1
) -> list[Party]:
    """`matching_parties` with HELD_OUT as what it is, k-Same, and the filter if it was played.

    Parameters
    ----------
    matchers, recipe : as for `matching_parties`.
    filter_rounds : of the filter.
    """
    held_out = Party(HELD_OUT, roles=frozenset({"attackers"}))
    parties = [held_out if one.name == HELD_OUT else one for one in matching_parties(matchers, recipe)]
    return [*parties, K_SAME, *([FILTER] if filter_rounds else [])]


def declared_tables(
    parties: Sequence[Party], strangers: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who judges and who is judged, after every overlap was found declared.

    Parameters
    ----------
    parties : of `tradeoff_parties`.
    strangers : data set -> who sets the thresholds there, in words; the tables are of the first set.

    Returns
    -------
    `who_saw_whom` with the words of `strangers`; and a table of the protections: learned from, trained with.

    Raises
    ------
    LeakError : an overlap that nobody declared.
    """
    check([one for name in strangers for one in overlaps(parties, name)], read_declared())
    met = who_saw_whom(parties, next(iter(strangers)))
    (_, first), *others = strangers.items()
    words = [first, *(f"on {name}, {said}" for name, said in others)]
    met.loc[met["judge"] == "thresholds", "learned from"] = "; ".join(words)
    judged = [
        {
            "protection": one.name,
            "learned from": replace(one, sets=()).learned_from,
            "trained or made with": "; ".join(sorted(map(matcher_words, one.helpers))) or "nobody",
        }
        for one in parties
        if one.is_protection
    ]
    return met, pd.DataFrame(judged)


def learned_words(text: str) -> str:
    """`Party.learned_from` for a page: `subjects of unseen; web` as `the unseen judges' subjects; ...`."""
    said = []
    for part in text.split("; "):
        if part.startswith("subjects of "):
            parts = part.removeprefix("subjects of ").split(" and ")
            said.append(" and ".join(OWNERS.get(one, one) for one in parts) + " subjects")
        else:
            said.append(SETS.get(part, part))
    return "; ".join(said)


def _shown(protection: str) -> str:
    return {"op": "OP"}.get(protection, protection)


def judged_in_words(judged: pd.DataFrame) -> pd.DataFrame:
    """The table of protections for a page."""
    return judged.assign(
        protection=judged["protection"].map(_shown),
        **{"learned from": judged["learned from"].map(learned_words)},
    )


def met_in_words(met: pd.DataFrame) -> pd.DataFrame:
    """`who_saw_whom` for a page: one column for all protections, judges who share a row joined."""
    tested = "meets the test subjects?"
    asked = [name for name in map(str, met) if name.startswith("meets") and name != tested]

    def meetings(row: Mapping[Hashable, str]) -> str:
        told = {_shown(name[len("meets ") : -1]): row[name].partition(": ")[2] for name in asked}
        return "; ".join(f"{name}: {what}" for name, what in told.items() if what) or "none"

    words = met[["judge", "learned from", tested]].assign(
        judge=met["judge"].map(matcher_words),
        **{"learned from": met["learned from"].map(learned_words)},
        **{"meets which protection?": [meetings(row) for row in met.to_dict("records")]},
    )
    others = [name for name in words if name != "judge"]
    return words.groupby(others, sort=False)["judge"].agg("; ".join).reset_index()[["judge", *others]]
