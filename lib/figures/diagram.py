"""Diagrams of boxes and arrows: network architectures, and the loss diagram of the SAN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import FancyBboxPatch

from lib.figures.style import COLOURS

INPUT, PLAIN, TRAINED = "#999999", "#56b4e9", "#0072b2"
WORDS: Mapping[str, str] = {
    "Conv2D": "convolution",
    "AveragePooling2D": "average pooling",
    "MaxPooling2D": "max pooling",
    "UpSampling2D": "upsampling",
    "GlobalAveragePooling2D": "global average",
    "Concatenate": "concatenation",
    "InputLayer": "input",
    "Dense": "dense",
    "Flatten": "flatten",
    "Dropout": "dropout",
    "Activation": "activation",
}
"""Kinds of layers in the words of the book; other kinds keep their names."""
LAYERS: Mapping[str, str] = {
    "image": "grey picture",
    "same": "prototype of the label",
    "shown": "prototype to show",
    "encoder_input": "both",
    "encoder1": "encoder 1",
    "encoder2": "encoder 2",
    "decoder1": "decoder 1",
    "decoder2": "decoder 2",
    "combiner_input": "both",
    **{f"convolution{place}": f"layer {place}" for place in range(1, 7)},
    "dense": "layer 7",
    "gender": "female, male",
}
"""Layers of the sources' networks in the words of the book; others keep their names."""


class Block(NamedTuple):
    """A box of a diagram, placed by its centre.

    Attributes
    ----------
    x, y : of the centre, inches from the lower left.
    text : written into it.
    colour : of its frame.
    width, height : in inches.
    """

    x: float
    y: float
    text: str
    colour: str = COLOURS["neutral"]
    width: float = 1.3
    height: float = 0.42


def blocks(axes: Axes, nodes: Mapping[str, Block], arrows: Sequence[tuple[str, ...]]) -> None:
    """Draw boxes and the arrows between them into axes.

    Parameters
    ----------
    nodes : name to its box; the name is for arrows, the text is what is seen.
    arrows : (from, to) or (from, to, words beside it); straight, from frame to frame.

    Raises
    ------
    ValueError : an arrow starts or ends at a box that there is not.
    """
    unknown = [name for arrow in arrows for name in arrow[:2] if name not in nodes]
    if unknown:
        raise ValueError(f"no box {unknown[0]}, there are {', '.join(nodes)}")
    patches = {name: _box(axes, node) for name, node in nodes.items()}
    for start, end, *words in arrows:
        (x0, y0), (x1, y1) = nodes[start][:2], nodes[end][:2]
        axes.annotate(
            "", (x1, y1), (x0, y0), annotation_clip=False,
            arrowprops={
                "arrowstyle": "-|>", "color": "#555555", "lw": 1.1, "patchA": patches[start],
                "patchB": patches[end], "shrinkA": 1, "shrinkB": 1,
            },
        )  # fmt: skip
        if words:
            plate = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
            at = ((x0 + x1) / 2, (y0 + y1) / 2)
            axes.text(*at, words[0], fontsize="small", ha="center", va="center", color="#555555", bbox=plate)
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(*_span([(node.x, node.width) for node in nodes.values()]))
    axes.set_ylim(*_span([(node.y, node.height) for node in nodes.values()]))


def _span(sides: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return min(at - size / 2 for at, size in sides) - 0.05, max(at + size / 2 for at, size in sides) + 0.05


def _box(axes: Axes, node: Block) -> FancyBboxPatch:
    corner = (node.x - node.width / 2, node.y - node.height / 2)
    shape = "round,pad=0,rounding_size=0.06"
    patch = FancyBboxPatch(
        corner, node.width, node.height, boxstyle=shape, ec=node.colour, fc="white", lw=1.4
    )
    axes.add_patch(patch)
    axes.text(node.x, node.y, node.text, ha="center", va="center", fontsize="small", color="#222222")
    return patch


@dataclass
class _Stage:
    """A layer merged with the parameterless layers that follow it."""

    name: str
    shape: tuple[int | None, ...]
    parameters: int
    kinds: list[str]
    sources: tuple[str, ...]
    members: set[str] = field(default_factory=set)

    def text(self) -> str:
        shape = " × ".join("?" if side is None else str(side) for side in self.shape)
        kinds = ", ".join(WORDS.get(kind, kind) for kind in self.kinds)
        counted = f"; {self.parameters:,} parameters" if self.parameters else ""
        return f"{LAYERS.get(self.name, self.name)}{': ' if kinds else ''}{kinds}\n{shape}{counted}"


def diagram(layers: Sequence[Sequence[Any]], *, group: bool = True) -> Drawing:
    """Draw a network from top to bottom: name, kind, output shape and parameters per layer.

    Parameters
    ----------
    layers : rows (name, shape, parameters) or, better, `networks.layer_table.layer_table(model)`, whose rows
        also hold the kind of the layer and the names of those that it reads; else each reads the one above.
    group : write a layer without parameters (activation, pooling) into the box above if it reads only that.

    Returns
    -------
    Drawing of 7.2 inches; inputs that join later stand beside the layer that reads them.

    Raises
    ------
    ValueError : there are no layers, or a row has fewer than three fields.
    """
    stages = _stages(layers, group)
    holder = {member: stage.name for stage in stages for member in stage.members}
    arrows = [
        (holder[source], stage.name) for stage in stages for source in stage.sources if source in holder
    ]
    nodes = _placed(stages, [(start, end) for start, end in arrows if start != end])
    height = max(node.y for node in nodes.values()) + 0.4
    drawing, axes = plt.subplots(figsize=(7.2, height))
    blocks(axes, nodes, list(dict.fromkeys(arrows)))
    return drawing


def _stages(layers: Sequence[Sequence[Any]], group: bool) -> list[_Stage]:
    if not layers:
        raise ValueError("no layers to draw")
    stages: list[_Stage] = []
    last = ""
    for row in layers:
        if len(row) < 3:
            raise ValueError(f"a layer needs name, shape and parameters, got {tuple(row)}")
        name, shape, parameters, *more = row
        kind = more[0] if more else ""
        sources = tuple(more[1]) if len(more) > 1 else ((last,) if last else ())
        joins = group and bool(more) and kind not in ("InputLayer", "Concatenate") and not parameters
        if joins and stages and sources == (last,) and stages[-1].kinds != ["InputLayer"]:
            stages[-1].kinds.append(kind)
            stages[-1].shape = tuple(shape)
            stages[-1].members.add(name)
        else:
            stages.append(
                _Stage(name, tuple(shape), int(parameters), [kind] if kind else [], sources, {name})
            )
        last = name
    return stages


def _placed(stages: Sequence[_Stage], arrows: Sequence[tuple[str, str]]) -> dict[str, Block]:
    """Boxes of the layers: the main line in a column, side inputs left of the layer that reads them."""
    inputs = [stage.name for stage in stages if not stage.sources]
    main = [stage for stage in stages if stage.name not in inputs[1:]]
    order = {stage.name: place for place, stage in enumerate(main)}
    step, width, height = 0.72, 4.2, 0.48
    nodes = {}
    for stage in main:
        colour = TRAINED if stage.parameters else (INPUT if not stage.sources else PLAIN)
        y = 0.3 + step * (len(main) - 1 - order[stage.name])
        nodes[stage.name] = Block(4.9, y, stage.text(), colour, width, height)
    for stage in stages:
        if stage.name in inputs[1:]:
            reader = next(end for start, end in arrows if start == stage.name)
            nodes[stage.name] = Block(1.25, nodes[reader].y, stage.text(), INPUT, 2.1, height)
    return nodes


def loss_diagram() -> Drawing:
    """Draw which loss reads which image (figure 9 of the 2019 report, with J_D); grey: frozen, or dropped."""
    frozen = COLOURS["control"]
    out = "X{\\text{′}}"  # a plain ' comes from a font that browsers lack, and shows as 0
    nodes = {
        "x": Block(0.65, 3.1, "picture X", width=1.2),
        "same": Block(0.65, 2.1, "prototype $P_{SM}$", COLOURS["sm"], 1.3),
        "opposite": Block(0.65, 1.1, "prototype $P_{OP}$", COLOURS["op"], 1.3),
        "network": Block(2.45, 2.1, "autoencoder\n(learns)", TRAINED, 1.2, 0.6),
        "sm": Block(4.1, 2.5, f"${out}_{{SM}}$", COLOURS["sm"], 0.8),
        "op": Block(4.1, 1.1, f"${out}_{{OP}}$", COLOURS["op"], 0.8),
        "matcher": Block(5.6, 3.1, "matcher R", frozen, 1.2),
        "classifier": Block(5.6, 1.8, "classifier f", frozen, 1.2),
        "matching": Block(7.5, 3.1, f"$J_M = \\|R({out}_{{SM}}) - R(X)\\|^2$", width=2.05),
        "gender": Block(
            7.5, 1.8, f"$J_G = S(y, f({out}_{{SM}}))$\n$ + S(1-y, f({out}_{{OP}}))$", width=2.05, height=0.6
        ),
        "pixels": Block(
            4.1, 3.9, f"$J_D$: pixels of ${out}_{{SM}}$ and X\n(stated, not trained)", frozen, 2.05, 0.6
        ),
    }
    arrows = [
        ("x", "network"), ("same", "network"), ("opposite", "network"), ("network", "sm"), ("network", "op"),
        ("x", "matcher"), ("sm", "matcher"), ("sm", "classifier"), ("op", "classifier"),
        ("matcher", "matching"), ("classifier", "gender"), ("sm", "pixels"), ("x", "pixels"),
    ]  # fmt: skip
    drawing, axes = plt.subplots(figsize=(7.2, 2.9))
    blocks(axes, nodes, arrows)
    return drawing
