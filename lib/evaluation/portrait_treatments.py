"""The astronaut under the protections that ship and their control, with what the shipped classifier says."""

from __future__ import annotations

from pathlib import Path

from lib.deidentify.protections.matched_blur_control import control
from lib.evaluation.scored_treatments import Scored, ShippedNetworks, score


def portrait_treatments(folder: Path) -> Scored | None:
    """Treat the astronaut Eileen Collins (photograph by NASA, part of scikit-image); None if nothing ships.

    Parameters
    ----------
    folder : of the networks that ship; the label that they are told is what their classifier reads.

    Returns
    -------
    Pictures uint8 (1, H, W) as `ShippedNetworks.paint` makes them, and `control`, the blur of OP's distance;
    with the classifier's certainty and no distance.

    Raises
    ------
    WeightsError : a file of a network is missing or damaged.
    """
    shipped = ShippedNetworks.load(folder)
    if shipped is None:
        return None
    grey, points = shipped.portrait()
    made = shipped.paint(grey, points)
    return score(made | {"control": control(grey, made["op"])}, shipped.classifier)
