"""Who saw whom: what each protection, judge, attacker and threshold learned from, and where they meet again.

A held-out judge is one that met neither the test subjects nor the protection: not its training subjects, not
its training. An overlap that `front/overlaps.yml` does not declare stops the page.

The subjects of a page's own set have parts: the roles of training subjects (`faces.splits.ROLES`),
`validation` and `test`. Epochs, thresholds and directions are chosen on `validation` by all, and no figure
comes from it, so that it makes no overlap; nor do test subjects who are not compared, by whom matchers'
thresholds are set as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import pandas as pd
import yaml

from lib.faces.splits import ROLES
from lib.judges.base import ModelCard

FILE = Path(__file__).resolve().parents[2] / "front" / "overlaps.yml"
"""Overlaps that are known and said."""
PARTS = (*ROLES, "validation", "test")
"""Parts of the subjects of a page's own set."""
CELEBRITIES = frozenset(
    {"imdb", "wiki", "ms1m", "casia-webface", "cacd", "vggface", "facescrub", "celeba", "lfw"}
)
"""Sets of photographs of celebrities: one person may be in several of them."""

What = Literal["test subjects", "its subjects", "its training", "same data set"]


class LeakError(ValueError):
    """An overlap that is not declared, or a declaration of none."""


@dataclass(frozen=True)
class Party:
    """Protection, judge, attacker or threshold, and what it learned from.

    Attributes
    ----------
    name : as in result keys.
    is_protection : whether it is judged, not a judge.
    roles : parts (PARTS) of the page's own set that it learned from.
    sets : other data sets that it learned from, `celeba` or `celeba/train` for the publisher's own part;
        None: its publisher does not say.
    helpers : of a protection: names of the judges that took part in its training.
    words : what it learned from, where `roles` and `sets` say too little.
    """

    name: str
    is_protection: bool = False
    roles: frozenset[str] = frozenset()
    sets: tuple[str, ...] | None = ()
    helpers: frozenset[str] = frozenset()
    words: str = ""

    def __post_init__(self) -> None:
        unknown = sorted(self.roles - set(PARTS))
        if unknown:
            raise LeakError(f"{self.name}: no part {', '.join(unknown)}; there are {', '.join(PARTS)}")

    @classmethod
    def of_card(cls, name: str, card: ModelCard) -> Party:
        """Judge that others trained, from its model card."""
        return cls(name, sets=card.saw)

    @property
    def learned_from(self) -> str:
        """What it learned from, in words."""
        if self.words:
            return self.words
        own = (
            [f"subjects of {' and '.join(part for part in PARTS if part in self.roles)}"]
            if self.roles
            else []
        )
        return "; ".join([*own, *(self.sets or ())]) or ("not stated" if self.sets is None else "nothing")


@dataclass(frozen=True)
class Overlap:
    """Where a party meets what it must not know.

    Attributes
    ----------
    who : the judge, attacker, threshold or protection.
    whom : the protection, or the data set of the test subjects.
    what : `test subjects`; `its subjects` or `its training`, of the protection; or `same data set`, other
        pictures of the set that is judged.
    """

    who: str
    whom: str
    what: What


def overlaps(parties: Iterable[Party], data_set: str) -> list[Overlap]:
    """Every overlap of the parties of a page, in their order.

    Parameters
    ----------
    data_set : of the test subjects, as `celeba`.
    """
    everybody = list(parties)
    found = []
    for one in everybody:
        if "test" in one.roles or data_set in (one.sets or ()):
            found.append(Overlap(one.name, data_set, "test subjects"))
        if any(name.startswith(f"{data_set}/") for name in one.sets or ()):
            found.append(Overlap(one.name, data_set, "same data set"))
        for protection in everybody if not one.is_protection else ():
            if not protection.is_protection:
                continue
            if one.roles & protection.roles & set(ROLES):
                found.append(Overlap(one.name, protection.name, "its subjects"))
            if one.name in protection.helpers:
                found.append(Overlap(one.name, protection.name, "its training"))
    return found


@dataclass(frozen=True)
class Declared:
    """Overlap that is known: `who` may hold `*`; `says` tells a reader what follows from it."""

    who: str
    whom: str
    what: What
    says: str

    def covers(self, one: Overlap) -> bool:
        """Whether this declares `one`."""
        return fnmatchcase(one.who, self.who) and (one.whom, one.what) == (self.whom, self.what)


def read_declared(path: str | Path = FILE) -> tuple[Declared, ...]:
    """Read the declared overlaps; LeakError for an entry with other fields than `Declared` has."""
    try:
        return tuple(Declared(**one) for one in yaml.safe_load(Path(path).read_text(encoding="utf-8")))
    except TypeError as error:
        raise LeakError(f"{path}: {error}") from error


def check(found: Iterable[Overlap], declared: Sequence[Declared]) -> None:
    """Stop at an overlap that nobody declared.

    Raises
    ------
    LeakError : names all of them.
    """
    unknown = [one for one in found if not any(entry.covers(one) for entry in declared)]
    if unknown:
        said = "; ".join(f"{one.who} meets {one.whom}: {one.what}" for one in unknown)
        raise LeakError(f"{said}. Train it on other subjects, or declare it in front/overlaps.yml")


def declared_table(parties: Sequence[Party], data_sets: Sequence[str]) -> pd.DataFrame:
    """`who_saw_whom` on the first set, after every overlap on all of them was found declared.

    Raises
    ------
    LeakError : as `check`.
    """
    check([one for name in data_sets for one in overlaps(parties, name)], read_declared())
    return who_saw_whom(parties, data_sets[0])


def who_saw_whom(parties: Sequence[Party], data_set: str) -> pd.DataFrame:
    """Table of who learned from what and whom they meet, one row for each party that judges.

    Returns
    -------
    Columns judge, learned from, meets the test subjects?, and `meets NAME?` for each protection.
    """
    found = overlaps(parties, data_set)
    rows = []
    for one in parties:
        if one.is_protection:
            continue
        met = {(some.whom, some.what) for some in found if some.who == one.name}
        row = {"judge": one.name, "learned from": one.learned_from}
        row["meets the test subjects?"] = _tested(one, met, data_set)
        for protection in (some.name for some in parties if some.is_protection):
            kinds = [what for whom, what in sorted(met) if whom == protection]
            row[f"meets {protection}?"] = f"yes: {' and '.join(kinds)}" if kinds else "no"
        rows.append(row)
    return pd.DataFrame(rows)


def _tested(one: Party, met: set[tuple[str, What]], data_set: str) -> str:
    if (data_set, "test subjects") in met:
        return "yes"
    if (data_set, "same data set") in met:
        return "other people of the same set"
    if one.sets is None:
        return "not stated"
    shared = CELEBRITIES if data_set in CELEBRITIES else frozenset()
    return "not excluded" if shared & {name.split("/")[0] for name in one.sets} else "no"
