"""Matching against gender: what a method leaves to the worst attacker, and what it costs a matcher.

A method alters faces; it has a name and, where it can be turned up, a strength. Attackers read its pictures'
embeddings; for methods on which classifiers were retrained, the strongest of all attackers counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from tqdm import tqdm

from lib.deidentify.attacks.embeddings import EmbeddingExtractor
from lib.deidentify.attacks.result import strongest_attack
from lib.deidentify.protections.base import Protection
from lib.deidentify.protections.protect_set import protected_pictures
from lib.measures.estimate import Estimate, as_estimate, strongest
from lib.measures.resampling import BootstrapOptions
from lib.measures.verification import Verification

Method = tuple[str, float | None]
"""Name and strength; None where it has one strength only."""

RATE = 0.01
"""False match rate at which the TMR is taken."""


def method_name(name: str, strength: float | None) -> str:
    """`blur 0.02`, or the name alone where there is no strength."""
    return name if strength is None else f"{name} {strength}"


def read_embeddings(
    methods: Mapping[Method, Protection],
    extractor: EmbeddingExtractor,
    *,
    training_seed: int = 0,
    **draws: Unpack[BootstrapOptions],
) -> dict[Method, Estimate]:
    """Direction-free AUC of the strongest attacker on the embeddings of each method's pictures.

    Parameters
    ----------
    extractor : whose faces every method alters; attackers train, choose and are tested on its rows.
    training_seed : of the attackers' training.
    draws : of the intervals over subjects.
    """
    found = {}
    for key, protection in tqdm(methods.items(), desc="methods", leave=False):
        pictures = protected_pictures(protection, extractor.faces)
        attacks = extractor.embed(pictures).attack(training_seed=training_seed, **draws)
        found[key] = strongest_attack(attacks)[1].auc_free
    return found


def retrained_attackers(kept: Mapping[str, Any], treatment: str) -> list[Estimate]:
    """Direction-free AUCs of the attackers of chapter 05 on one treatment; empty where none met it.

    Parameters
    ----------
    kept : judge -> treatment -> measure -> figure, as chapter 05 keeps one set of faces; attackers are those
        whose name starts with `attacker_`.
    """
    return [
        as_estimate(own[treatment]["auc_free"])
        for name, own in kept.items()
        if name.startswith("attacker_") and treatment in own
    ]


def tradeoff_records(
    read: Mapping[Method, Sequence[Estimate]], verified: Mapping[str, Verification]
) -> list[dict[str, Any]]:
    """The two prices of each method: AUC of the worst attacker, TMR at an FMR of 1 % and the FMR reached.

    Parameters
    ----------
    read : method -> what each of its attackers reads, direction-free AUC.
    verified : `method_name` -> its verification against untouched photos.

    Returns
    -------
    A dict with `method`, `strength`, `auc`, `tmr`, `fmr` for each method, as `figures.tradeoff` takes it.

    Raises
    ------
    ValueError : nobody read a method, or a figure is undefined: it could be the highest.
    """
    records = []
    for (name, strength), figures in read.items():
        told = dict(enumerate(figures))
        match = verified[method_name(name, strength)]
        prices = {"auc": told[strongest(told)], "tmr": match.tmr[RATE], "fmr": match.fmr[RATE]}
        records.append({"method": name, "strength": strength, **prices})
    return records
