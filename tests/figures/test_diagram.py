import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Annotation

from lib.figures.diagram import Block, blocks, diagram, loss_diagram

NETWORK = [
    ("image", (8, 8, 1), 0, "InputLayer", ()),
    ("first", (8, 8, 4), 40, "Conv2D", ("image",)),
    ("first_relu", (8, 8, 4), 0, "LeakyReLU", ("first",)),
    ("first_pool", (4, 4, 4), 0, "AveragePooling2D", ("first_relu",)),
    ("prototype", (4, 4, 3), 0, "InputLayer", ()),
    ("both", (4, 4, 7), 0, "Concatenate", ("first_pool", "prototype")),
    ("last", (4, 4, 1), 1234, "Conv2D", ("both",)),
]


def texts(drawing):
    return [text.get_text() for text in drawing.axes[0].texts if text.get_text()]


def boxes(axes):
    return [patch for patch in axes.patches if isinstance(patch, FancyBboxPatch)]


def test_a_network_is_drawn_with_its_shapes_and_parameters():
    drawing = diagram(NETWORK)
    assert texts(drawing) == [
        "grey picture: input\n8 × 8 × 1",
        "first: convolution, LeakyReLU, average pooling\n4 × 4 × 4; 40 parameters",
        "both: concatenation\n4 × 4 × 7",
        "last: convolution\n4 × 4 × 1; 1,234 parameters",
        "prototype: input\n4 × 4 × 3",
    ]
    image, _, both, _, prototype = boxes(drawing.axes[0])
    assert prototype.get_y() == both.get_y() and prototype.get_x() + prototype.get_width() < both.get_x()
    assert image.get_y() > both.get_y()
    assert len(boxes(diagram(NETWORK, group=False).axes[0])) == len(NETWORK)


def test_plain_rows_are_a_chain():
    drawing = diagram([("one", (4,), 20), ("two", (2, None), 0)])
    assert texts(drawing) == ["one\n4; 20 parameters", "two\n2 × ?"]
    assert sum(isinstance(text, Annotation) for text in drawing.axes[0].texts) == 1


def test_arrows_need_boxes_at_both_ends():
    nodes = {"a": Block(0, 0, "A"), "b": Block(3, 0, "B")}
    axes = plt.figure().subplots()
    blocks(axes, nodes, [("a", "b", "to")])
    assert [text.get_text() for text in axes.texts] == ["A", "B", "", "to"]
    with pytest.raises(ValueError, match="no box c"):
        blocks(axes, nodes, [("a", "c")])
    with pytest.raises(ValueError, match="no layers"):
        diagram([])
    with pytest.raises(ValueError, match="name, shape and parameters"):
        diagram([("one", (4,))])


def test_the_text_of_every_box_of_the_loss_diagram_fits():
    drawing = loss_diagram()
    drawing.draw_without_rendering()
    axes = drawing.axes[0]
    for patch, text in zip(boxes(axes), axes.texts, strict=False):
        inner, outer = text.get_window_extent(), patch.get_window_extent()
        assert outer.x0 <= inner.x0 and inner.x1 <= outer.x1 and outer.y0 <= inner.y0 and inner.y1 <= outer.y1
