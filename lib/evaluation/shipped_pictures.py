"""The astronaut under the protections that ship, with what a classifier and a matcher say of each picture."""

from __future__ import annotations

from pathlib import Path

from lib.evaluation.scored_treatments import Scored, ShippedNetworks

TREATMENTS = {"before": "before", "op": "san", "private": "private"}
"""Treatment -> name of the protection that gives it."""


def astronaut_shipped(folder: Path) -> Scored | None:
    """The astronaut as `ShippedNetworks.scored_portrait` paints and reads her; None where nothing ships.

    Parameters
    ----------
    folder : of the networks that ship.
    """
    shipped = ShippedNetworks.load(folder)
    return shipped.scored_portrait() if shipped else None
