"""Who is judged and who judges on the page of the trade-off, and by which matcher methods are compared."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from lib.evaluation.parties import private_party
from lib.evaluation.who_saw_whom import Party
from lib.faces.titles import title
from lib.judges.base import Judge
from lib.judges.book_networks import MatcherJudge
from lib.judges.names import name_in_sentence
from lib.judges.result_keys import HELD_OUT_MATCHER
from lib.training.store.model_store import ModelStore

OWNERS = {
    "protection": "the protection's",
    "unseen": "the unseen judges'",
    "attackers": "the attackers'",
    "validation": "validation",
    "test": "test",
}
"""Part of the subjects -> whose they are, as a table says it."""


def with_held_out(matchers: Mapping[str, Judge], before: ModelStore) -> dict[str, Judge]:
    """The matchers of a page and HELD_OUT_MATCHER.

    Parameters
    ----------
    before : store of chapter 03.
    """
    about = before.about(HELD_OUT_MATCHER)
    notes = "Took part in the training of no protection."
    judge = MatcherJudge(
        before.get(HELD_OUT_MATCHER),
        name=HELD_OUT_MATCHER,
        trained_on=str(about.get("trained_on", "")),
        notes=notes,
    )
    return {**matchers, HELD_OUT_MATCHER: judge}


def held_out_yardstick(wanted: str, helpers: Collection[str]) -> str:
    """The matcher by which methods are compared: HELD_OUT_MATCHER where `wanted` took part in `private`.

    Parameters
    ----------
    helpers : matchers that took part, as `helpers_of` names them.
    """
    return HELD_OUT_MATCHER if wanted in helpers else wanted


def helpers_of(recipe: Mapping[str, Any]) -> list[str]:
    """Names of the matchers that took part in the training of `private`, whose code is from one of them."""
    return sorted(private_party(recipe).helpers)


def learned_words(text: str) -> str:
    """`Party.learned_from` for a page: `subjects of unseen; web` as `the unseen judges' subjects; ...`."""
    said = []
    for part in text.split("; "):
        if part.startswith("subjects of "):
            parts = part.removeprefix("subjects of ").split(" and ")
            said.append(" and ".join(OWNERS.get(one, one) for one in parts) + " subjects")
        else:
            said.append(title(part))
    return "; ".join(said)


def _shown(protection: str) -> str:
    return {"op": "OP"}.get(protection, protection)


def judged_in_words(parties: Sequence[Party]) -> pd.DataFrame:
    """The protections of a page: `protection`, `learned from`, `trained or made with`, in words."""
    rows = [
        {
            "protection": _shown(one.name),
            "learned from": learned_words(one.learned_from),
            "trained or made with": "; ".join(sorted(map(name_in_sentence, one.helpers))) or "nobody",
        }
        for one in parties
        if one.is_protection
    ]
    return pd.DataFrame(rows)


def met_in_words(met: pd.DataFrame) -> pd.DataFrame:
    """`who_saw_whom` for a page: one column for all protections, judges who share a row joined."""
    tested = "meets the test subjects?"
    asked = [name for name in map(str, met) if name.startswith("meets") and name != tested]

    def meetings(row: Mapping[Hashable, str]) -> str:
        told = {_shown(name[len("meets ") : -1]): row[name].partition(": ")[2] for name in asked}
        return "; ".join(f"{name}: {what}" for name, what in told.items() if what) or "none"

    words = met[["judge", "learned from", tested]].assign(
        judge=met["judge"].map(name_in_sentence),
        **{"learned from": met["learned from"].map(learned_words)},
        **{"meets which protection?": [meetings(row) for row in met.to_dict("records")]},
    )
    others = [name for name in words if name != "judge"]
    return words.groupby(others, sort=False)["judge"].agg("; ".join).reset_index()[["judge", *others]]
