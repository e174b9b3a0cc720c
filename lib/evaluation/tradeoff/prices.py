"""The two prices of a method: what it leaves to the worst attacker, and what it costs a matcher.

A method alters faces; it has a name and, where it can be turned up, a strength.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Unpack

import numpy as np

from lib.deidentify.protections.protect_set import protected_pictures
from lib.evaluation.matching.comparisons import MatchingTest
from lib.evaluation.matching.treated_faces import TreatedFaces
from lib.evaluation.matching.verifications import QUOTED_FMR, verifications
from lib.evaluation.tradeoff.readings import ONE
from lib.evaluation.tradeoff.rivals import Methods, method_of
from lib.judges.base import Judge
from lib.measures.estimate import Estimate, strongest
from lib.measures.resampling import BootstrapOptions
from lib.measures.verification import Verification


def with_others(
    read: Mapping[str, Sequence[Estimate]], more: Mapping[str, Sequence[Estimate]]
) -> dict[str, list[Estimate]]:
    """What all attackers read, by method: those of `read` first, and then the others.

    Parameters
    ----------
    more : method -> what other attackers read; of methods that are not in `read`, all that counts.
    """
    names = dict.fromkeys([*read, *(name for name, some in more.items() if some)])
    return {name: [*read.get(name, ()), *more.get(name, ())] for name in names}


def match_methods(
    methods: Methods,
    test: MatchingTest,
    yardstick: Judge,
    probes: TreatedFaces,
    **draws: Unpack[BootstrapOptions],
) -> tuple[dict[str, Verification], dict[str, np.ndarray]]:
    """Match the methods' pictures of the probes.

    Parameters
    ----------
    methods : those of which the probes have pictures already are passed over.
    test, probes : of `yardstick`.
    draws : of the intervals over subjects.

    Returns
    -------
    Verifications by method, and the methods' pictures.
    """
    rest = {name: one for name, one in methods.items() if name not in probes.pictures}
    pictures = {name: protected_pictures(one, probes.faces) for name, one in rest.items()}
    shown = test.with_probes(yardstick, TreatedFaces(probes.faces, pictures)).only(pictures)
    return verifications(shown, **draws), pictures


def tradeoff_records(
    read: Mapping[str, Sequence[Estimate]],
    verified: Mapping[str, Verification],
    trained_on: Collection[str] = (),
) -> list[dict[str, Any]]:
    """The two prices of each method: AUC of the worst attacker, TMR at an FMR of 1 % and the FMR reached.

    Parameters
    ----------
    read : method -> what each of its attackers reads, direction-free AUC.
    verified : method -> its verification against untouched photos.
    trained_on : methods on whose pictures classifiers were trained; the others are `open`: attackers read
        embeddings alone, and what they read is a lower bound.

    Returns
    -------
    A dict with `method`, `strength`, `open`, `auc`, `tmr`, `fmr` for each, as `figures.tradeoff` takes it.

    Raises
    ------
    ValueError : nobody read a method, or a figure is undefined: it could be the highest.
    """
    records = []
    for name, figures in read.items():
        told, match = dict(enumerate(figures)), verified[name]
        kind, strength = method_of(name)
        prices = {"auc": told[strongest(told)], "tmr": match.tmr[QUOTED_FMR], "fmr": match.fmr[QUOTED_FMR]}
        records.append({"method": kind, "strength": strength, "open": kind not in trained_on, **prices})
    return records


def tradeoff_results(records: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Estimate]]:
    """What results keep of `tradeoff_records`: method with its strength -> ONE, TMR, FMR reached."""
    return {
        f"{one['method']}_{one['strength'] or ''}".rstrip("_"): {
            ONE: one["auc"],
            "tmr_at_fmr_1": one["tmr"],
            "reached_fmr_1": one["fmr"],
        }
        for one in records
    }
