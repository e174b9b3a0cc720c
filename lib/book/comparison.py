"""Compare the results computed here with those in git: `python -m lib.book compare`.

Figures with an interval are equal, or lie within the interval that git holds; counts, texts and truth values
must be equal; other numbers may differ by TOLERANCE. Results of other parameters are not compared.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.book.parameters import profiles
from lib.book.paths import DEFAULT_PROFILE, ROOT
from lib.measures.estimate import Estimate, as_estimate

TOLERANCE = 0.05
"""Part of its size, or of 1 where it is smaller, by which a number without an interval may differ."""


@dataclass
class Comparison:
    """Figures by outcome of the comparison: equal, within their interval, outside.

    Attributes
    ----------
    equal, within, outside : `chapter: key`, with both values for those outside.
    skipped : what was not compared, and why.
    """

    equal: list[str] = field(default_factory=list)
    within: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Summary of the comparison in one line."""
        count = len(self.equal) + len(self.within) + len(self.outside)
        return (
            f"reproduced: {len(self.equal):,} of {count:,} figures equal, "
            f"{len(self.within):,} within their interval, {len(self.outside):,} outside"
        )


def leaves(values: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """All single values of nested results by dotted key; an Estimate stays whole."""
    value = as_estimate(values)
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{before}.{key}" if before else str(key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from leaves(part, f"{before}.{number}")
    else:
        yield before, value


def verdict(wanted: Any, found: Any) -> str:
    """Outcome of comparing a value `found` with the one in git: `equal`, `within` or `outside`."""
    if isinstance(wanted, Estimate) and isinstance(found, Estimate):
        if wanted.to_dict() == found.to_dict():
            return "equal"
        if wanted.n != found.n or wanted.defined != found.defined:
            return "outside"
        if wanted.low <= wanted.high:  # false where either is NaN
            return "within" if wanted.low <= found.estimate <= wanted.high else "outside"
        return verdict(wanted.estimate, found.estimate)
    if type(wanted) is type(found) and wanted == found:
        return "equal"
    numbers = [type(value) for value in (wanted, found)]
    if float in numbers and set(numbers) <= {int, float}:
        return "within" if abs(wanted - found) <= TOLERANCE * max(1.0, abs(wanted)) else "outside"
    return "outside"


def compare(wanted: dict[str, Any], found: dict[str, Any], name: str, into: Comparison) -> None:
    """Compare two records (`values`, `provenance`) of one chapter, and add the outcome to `into`."""
    if wanted["provenance"]["parameters"] != found["provenance"]["parameters"]:
        into.skipped.append(f"{name}: other parameters")
        return
    before, now = dict(leaves(wanted["values"])), dict(leaves(found["values"]))
    for key in sorted(before.keys() | now.keys()):
        how = verdict(before[key], now[key]) if key in before and key in now else "outside"
        said = f"{name}: {key}"
        if how == "outside":
            said += f": {now.get(key, 'missing')}, git holds {before.get(key, 'nothing')}"
        getattr(into, how).append(said)


def in_git(path: str, root: Path = ROOT) -> str | None:
    """Text of a file in the last commit; None without git, commit or file."""
    try:
        done = subprocess.run(["git", "show", f"HEAD:{path}"], cwd=root, capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def compare_profile(profile: str, root: Path = ROOT) -> Comparison:
    """Compare all results of one profile in the working tree with the last commit."""
    found = Comparison()
    for path in sorted((root / "results" / profile).glob("[0-9]*.json")):
        kept = in_git(f"results/{profile}/{path.name}", root)
        if kept is None:
            found.skipped.append(f"{path.stem}: not in git")
        else:
            compare(json.loads(kept), json.loads(path.read_text(encoding="utf-8")), path.stem, found)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Command line: print figures outside and the summary; exit status 1 if any is outside."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.book compare", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--profile", default=DEFAULT_PROFILE, choices=profiles())
    found = compare_profile(parser.parse_args(arguments).profile)
    print("\n".join([*(f"not compared: {one}" for one in found.skipped), *found.outside, found.line()]))
    return int(bool(found.outside))
