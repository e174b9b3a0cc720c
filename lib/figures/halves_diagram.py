"""Diagram of CLEANIR: a picture, its two halves, and the picture painted from them."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from lib.figures.diagram import TRAINED, Block, blocks
from lib.figures.style import COLOURS


def halves_diagram(encoder: int, decoder: int) -> Figure:
    """Draw the way from a picture through both halves to the painted one, and which loss reads what.

    Parameters
    ----------
    encoder, decoder : numbers of parameters.
    """
    frozen = COLOURS["control"]
    nodes = {
        "picture": Block(0.75, 1.6, "picture $I$", width=1.3),
        "encoder": Block(2.55, 1.6, f"encoder\n{encoder:,}", TRAINED, 1.4, 0.7),
        "identity": Block(4.4, 2.2, "identity $z_i$", COLOURS["op"], 1.4),
        "attributes": Block(4.4, 1.0, "attributes $z_a$", COLOURS["sm"], 1.4),
        "decoder": Block(6.25, 1.6, f"decoder\n{decoder:,}", TRAINED, 1.4, 0.7),
        "painted": Block(8.05, 1.6, "picture $I^r$", width=1.3),
        "recogniser": Block(2.55, 3.0, "recogniser (frozen)", frozen, 2.0),
        "embedding": Block(6.25, 3.0, "$L_e = 1 - \\cos(z_i, z^f)$", width=2.4),
        "divergence": Block(4.4, 0.2, "$L_{kl}$ on both halves", width=2.2),
        "pixels": Block(8.05, 0.5, "$L_r$: $I^r$ against $I$", width=1.9),
    }
    arrows = [
        ("picture", "encoder"), ("encoder", "identity"), ("encoder", "attributes"), ("identity", "decoder"),
        ("attributes", "decoder"), ("decoder", "painted"), ("picture", "recogniser"),
        ("recogniser", "embedding", "$z^f$"), ("identity", "embedding"), ("attributes", "divergence"),
        ("painted", "pixels"),
    ]  # fmt: skip
    drawing, axes = plt.subplots(figsize=(7.2, 2.9))
    blocks(axes, nodes, arrows)
    return drawing
