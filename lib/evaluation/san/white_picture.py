"""Evidence that the report's pre-trained autoencoder puts out white: printed loss, sample faces, weights."""

from __future__ import annotations

import math

import pandas as pd

from lib.networks.san_losses import half_cross_entropy_of_white

DARK = 0.2
"""Mean grey (0 to 1) of originals darker than any set of faces."""


def white_evidence(facts: pd.DataFrame, printed: pd.DataFrame) -> dict[str, float]:
    """What a white picture costs by the report's code, and what its printed loss leaves for the output.

    Parameters
    ----------
    facts : of results/sources/03_san_pretraining.white.csv: mean grey of the sample faces, lowest output
        and lowest logit of its weights, images in a batch, height and width; in this order, column `value`.
    printed : the report's figure 7: `loss`, `val_loss` per epoch, sums over a batch.

    Returns
    -------
    `sample_grey`, `lowest_output`, `lowest_logit` : as in `facts`.
    `printed_training`, `printed` : training and validation loss of the last epoch.
    `derived` : loss of a white picture for the mean grey of the sample faces.
    `off` : largest relative distance of a printed loss from it.
    `dark`, `millionths` : even for originals as dark as `dark` the mean of -log x' over all pixels,
        weighted by the originals, is at most so many millionths: the loss is their sum.
    `half_grey` : what an output of one half would cost.
    """
    grey, lowest, logit, batch, side = (float(one) for one in facts["value"])
    pixels = int(batch * side**2)
    training, validation = (float(printed[name].iloc[-1]) for name in ("loss", "val_loss"))
    derived = half_cross_entropy_of_white(grey, pixels, 1)
    return {
        "sample_grey": grey,
        "lowest_output": lowest,
        "lowest_logit": logit,
        "printed_training": training,
        "printed": validation,
        "derived": derived,
        "off": max(abs(one / derived - 1) for one in (training, validation)),
        "dark": DARK,
        "millionths": 1e6 * max(training, validation) / (pixels * DARK),
        "half_grey": -pixels * grey * math.log(0.5),
    }
