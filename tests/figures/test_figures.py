import io
import re

import matplotlib

from tests.exact import exactly, same_pixels
from tests.figures.scored_faces import Said

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from lib.figures import gallery, interval_plot, style, tables
from lib.measures.estimate import Estimate


def test_gallery_places_every_image_and_writes_equal_bytes_for_equal_pixels():
    cells = [[np.full((10, 8, 3), 40 * (3 * i + j), np.uint8) for j in range(3)] for i in range(2)]
    picture = gallery.gallery(cells, columns=["a", "b", "c"], rows=["one", "two"])
    seen = {tuple(pixel) for pixel in picture.pixels.reshape(-1, 3)}
    assert {(value,) * 3 for value in (0, 40, 80, 120, 160, 200)} <= seen
    again = gallery.gallery(cells, columns=["a", "b", "c"], rows=["one", "two"])
    assert picture._repr_jpeg_() == again._repr_jpeg_()
    assert Image.open(io.BytesIO(picture._repr_jpeg_())).size == picture.pixels.shape[1::-1]


def test_gallery_shows_grey_images_enlarged_and_refuses_ragged_rows():
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert gallery.gallery([[grey]], scale=2).pixels.shape[0] == 8 + 6 + 8
    with pytest.raises(ValueError, match="equally long"):
        gallery.gallery([[grey], [grey, grey]])


def test_scores_stand_below_their_images():
    cells = [[np.full((112, 112, 3), 200, np.uint8)] * 2] * 2
    bare = gallery.gallery(cells).pixels
    texts = [["0.97 male\nmatch 0.62", "0.03 male"], ["", ""]]
    pixels = gallery.gallery(cells, captions=texts).pixels
    assert pixels.shape[1] == bare.shape[1] and pixels.shape[0] > bare.shape[0] + 4 * 12
    gaps = pixels[120:152, 8:120].min(axis=(1, 2)) < 120  # rows with dark letters, below the first image
    assert gaps[:16].any() and gaps[16:].any(), "two lines"
    second = pixels[120:152, 124:236].min(axis=(1, 2)) < 120
    assert second[:16].any() and not second[18:].any(), "one line"
    assert (pixels[274:] == 255).all(), "nothing below those without words"
    with pytest.raises(ValueError, match="caption for each"):
        gallery.gallery(cells, captions=[["only one"]])


def test_a_gallery_of_incomplete_images_has_their_scores():
    tile = np.full((112, 112, 3), 200, np.uint8)
    rows = {"a": {"x": tile, "y": tile}, "b": {"y": tile}}
    plain = gallery.gallery_of(rows, ["x", "y"], otherwise="").pixels
    said = gallery.gallery_of(rows, ["x", "y"], otherwise="", captions={"a": {"y": "0.5"}}).pixels
    assert said.shape[0] > plain.shape[0]


def test_amplified_difference_is_signed_and_grey_where_equal():
    before = np.array([[10, 10, 200]], np.uint8)
    after = np.array([[10, 12, 100]], np.uint8)
    assert gallery.amplified(before, after, 8).tolist() == [[128, 144, 0]]


def test_sharp_tiles_keep_every_pixel():
    grey = np.array([[0, 255], [255, 0]], np.uint8)
    pixels = gallery.gallery([[grey]], scale=3, sharp=True).pixels[8:14, 8:14, 0]
    assert exactly(pixels, np.kron(grey, np.ones((3, 3), np.uint8)), because="whole grey levels, repeated")
    assert len(np.unique(gallery.gallery([[grey]], scale=3).pixels[8:14, 8:14, 0])) > 2


def test_dots_draw_estimates_with_their_intervals_and_leave_out_the_undefined():
    table = interval_plot.figures_table(
        [
            {"row": "a", "series": "rendered", "figure": Estimate(0.8, 0.7, 0.95, 10)},
            {"row": "b", "series": "rendered", "figure": Estimate(float("nan"), why="nobody")},
            {
                "row": "b",
                "series": "photographs",
                "figure": {"estimate": 0.5, "low": 0.4, "high": 0.6, "n": 3},
            },
        ]
    )
    assert table["n"].tolist() == [10, 0, 3]
    axes = plt.figure().subplots()
    interval_plot.dots(axes, table)
    drawn = [container.lines[0].get_xdata().tolist() for container in axes.containers]
    assert exactly(drawn, [[0.8], [0.5]], because="what is drawn is the table's own number")
    ends = axes.containers[0].lines[2][0].get_segments()[0][:, 0]
    np.testing.assert_allclose(ends, [0.7, 0.95])


def test_each_task_has_a_panel_of_its_own():
    figure = Estimate(0.8, 0.7, 0.95, 10)
    tasks = [("age", "a", "rendered"), ("age", "b", "photographs"), ("emotion", "a", "rendered")]
    records = [{"task": task, "row": row, "series": s, "figure": figure} for task, row, s in tasks]
    style.use()
    titles = {"gender": "not there", "emotion": "expression", "age": "years"}
    drawn = interval_plot.panels(interval_plot.figures_table(records), titles)
    assert [axes.get_title(loc="left") for axes in drawn.axes] == ["expression", "years"]
    assert [len(axes.get_yticklabels()) for axes in drawn.axes] == [1, 2]
    assert drawn.axes[0].get_position().height < drawn.axes[1].get_position().height


def test_pairs_of_dots_are_named_in_their_colours_and_gaps_stay_empty():
    table = pd.DataFrame({"male": [0.9, 0.1], "female": [np.nan, 0.3]}, index=["No_Beard", "Bald"])
    axes = plt.figure().subplots()
    interval_plot.pairs(axes, table, {"male": "male", "female": "female"})
    drawn = {line.get_color(): line.get_xdata().tolist() for line in axes.lines}
    assert exactly(drawn[style.COLOURS["male"]], [0.9, 0.1], because="what is drawn is the table's number")
    assert np.isnan(drawn[style.COLOURS["female"]][0])
    assert [one.get_text() for one in axes.get_yticklabels()] == ["No Beard", "Bald"]
    assert axes.yaxis_inverted()
    assert {one.get_text(): one.get_color() for one in axes.texts} == {
        "● male": style.COLOURS["male"],
        "● female": style.COLOURS["female"],
    }


def test_a_legend_of_dots_has_their_colours():
    record = {"row": "judge", "figure": Estimate(0.8, 0.7, 0.95, 10)}
    table = interval_plot.figures_table(
        [record | {"series": name} for name in ("before", "op", "op_unmasked", "new")]
    )
    axes = plt.figure().subplots()
    interval_plot.dots(axes, table, names=False)
    marks, names = axes.get_legend_handles_labels()
    drawn = dict(zip(names, (mark.lines[0].get_color() for mark in marks), strict=True))
    assert drawn == {name: style.COLOURS.get(name, drawn["new"]) for name in table["series"]}
    assert len(set(drawn.values())) == 4


MACHADO = {
    "nobody": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
"""What is left of linear RGB in three forms of colour blindness, after Machado and others (2009)."""


def seen(colour, by) -> np.ndarray:
    """CIE L*a*b* of a colour as somebody sees it."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(xyz @ np.clip(MACHADO[by] @ linear, 0, 1) / (0.9505, 1, 1.089))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("by", MACHADO)
def test_what_comes_of_op_is_told_from_every_treatment(by):
    others = ("before", "reconstruction", "control", "sm", "nt", "op", "private", "authors_op")
    distances = {
        name: np.linalg.norm(seen(style.COLOURS["op_unmasked"], by) - seen(style.COLOURS[name], by))
        for name in others
    }
    assert min(distances.values()) > 20, distances


def test_interval_text():
    assert tables.interval_text(Estimate(0.98, 0.9712, 0.9888, 5).to_dict()) == "0.980 [0.971, 0.989]"
    assert tables.interval_text(Estimate(float("nan")).to_dict()) == "–"
    assert tables.interval_text({"estimate": 0.5, "low": 0.25, "high": 0.75}, ".0%") == "50% [25%, 75%]"


def test_a_wide_table_has_a_column_for_each_measure_asked_for():
    rows = [
        ("a", "op", "auc", 0.5),
        ("a", "before", "auc", 0.9),
        ("a", "op", "eer", 0.25),
        ("b", "op", "auc", 0.75),
    ]
    figures = pd.DataFrame(rows, columns=["matcher", "row", "series", "estimate"]).assign(low=0.1, high=1.0)
    wide = tables.wide_table(figures, {"eer": "EER", "auc": "AUC"}, ["matcher", "treatment"])
    assert wide.columns.tolist() == ["matcher", "treatment", "EER", "AUC"]
    assert wide["treatment"].tolist() == ["op", "before", "op"]
    assert wide["AUC"].tolist() == ["0.50 [0.10, 1.00]", "0.90 [0.10, 1.00]", "0.75 [0.10, 1.00]"]
    assert wide["EER"][0] == "0.25 [0.10, 1.00]" and wide["EER"][1:].isna().all()
    assert "EER" not in tables.wide_table(figures, {"auc": "AUC"}, ["matcher", "treatment"])


def test_a_rate_below_one_percent_has_a_third_decimal():
    def rate(estimate, low, high):
        return tables.rate_text({"estimate": estimate, "low": low, "high": high})

    assert rate(0.0042, 0.001, 0.0104) == "0.004 [0.001, 0.010]"
    assert rate(0.026, 0.008, 0.05) == "0.03 [0.01, 0.05]" and rate(0.0, 0.0, 0.1) == "0.00 [0.00, 0.10]"
    assert tables.rate_text(None) == "–" and rate(float("nan"), 0, 0) == "–"
    rows = [("op", "tmr", 0.5), ("op", "reached", 0.0042)]
    figures = pd.DataFrame(rows, columns=["row", "series", "estimate"]).assign(low=0.001, high=0.5)
    wide = tables.wide_table(figures, {"tmr": "TMR", "reached": "FMR"}, ["treatment"], rates=["reached"])
    assert wide.loc[0, ["TMR", "FMR"]].tolist() == ["0.50 [0.00, 0.50]", "0.004 [0.001, 0.500]"]


def test_headings_are_words_or_the_names_asked_for():
    found = {"a": {"op_unmasked": Estimate(0.5, 0.25, 0.75, 3)}, "b": {"op": Estimate(0.5)}}
    assert tables.figure_texts(found, "judge").columns.tolist() == ["judge", "op unmasked", "op"]
    named = tables.figure_texts(found, "judge", ".2f", headings={"op": "OP"})
    assert named.columns.tolist() == ["judge", "op_unmasked", "OP"]
    assert named["op_unmasked"][0] == "0.50 [0.25, 0.75]" and pd.isna(named["op_unmasked"][1])


def test_svg_bytes_do_not_depend_on_the_day_or_on_chance():
    def draw() -> bytes:
        style.use()
        figure, axes = plt.subplots()
        axes.plot([0, 1], [0, 1], clip_on=True)
        style.mark_chance(axes, 0.5)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
        return buffer.getvalue()

    assert exactly(draw(), draw(), because="bytes of a file")


def test_the_thesis_figure_says_what_is_not_measured_yet():
    from lib.figures.thesis import thesis

    claim = {
        "protection": "SAN", "measure": "AUC", "nothing": 0.5, "unprotected": 0.93, "claimed": 0.63,
        "measured": {"estimate": 0.7, "low": 0.6, "high": 0.8}, "attacked": None, "chapter": "05",
    }  # fmt: skip
    texts = [text.get_text() for text in thesis([claim]).axes[0].texts]
    assert texts == ["unprotected", "claimed 0.63", "measured 0.70", "under attack: waits for chapter 05"]
    whole = claim | {"claimed": None, "attacked": {"estimate": 1.0, "low": 0.9, "high": 1.0}}
    whole |= {
        "unprotected": {"estimate": 0.99},
        "who": {"measured": "MobileNet", "attacked": "a retrained one"},
    }
    drawn = thesis([whole]).axes[0]
    texts = [text.get_text() for text in drawn.texts]
    assert texts == ["unprotected", "measured 0.70, MobileNet", "under attack 1.00, a retrained one"]
    assert drawn.texts[-1].get_position()[0] < 0.9  # left of its interval: on the right there is no room


def test_a_figure_with_its_interval_is_not_broken_over_lines():
    import pandas as pd

    whole = ["0.981 [0.975, 0.987]", "-1.2 [-3.0, 0.4]", "96.4% [94.6%, 97.9%]"]
    both = pd.concat(
        [pd.DataFrame({"figure": whole}), pd.DataFrame({"figure": ["trained [on A] here", "0.98"]})]
    )
    html = tables.page_table(both).to_html()
    assert re.findall(r'<td [^>]*interval"[^>]*>([^<]*)<', html) == whole


def test_tables_escape_what_would_be_tags_and_differ_in_their_names():
    import pandas as pd

    first = tables.page_table(pd.DataFrame({"layout": ["<subject>/<image>.jpg"]})).to_html()
    assert "&lt;subject&gt;" in first and "<subject>" not in first
    second = tables.page_table(pd.DataFrame({"layout": ["a"]})).to_html()
    assert first.split('id="')[1][:10] != second.split('id="')[1][:10]


def test_a_gallery_of_scored_faces_takes_the_treatments_that_there_are():
    both = gallery.scored_gallery(Said(), ["before", "nt", "op"], side=64)
    half = gallery.scored_gallery(Said(), ["before", "op"], side=64, every=2)
    assert half.pixels.shape[1] == both.pixels.shape[1] and half.pixels.shape[0] < both.pixels.shape[0]
    assert same_pixels(both.pixels, gallery.scored_gallery(Said(), side=64).pixels, within=0)
    third = gallery.scored_gallery(Said(), {"before": "before", "op": "ours"}, side=64, amplify=2)
    assert third.pixels.shape[1] > both.pixels.shape[1]
    tile = third.pixels[60, -30]  # of the difference, 128 + 2 * 20
    assert tile.tolist() == [168, 168, 168]


def test_where_there_is_nothing_to_show_a_notice_says_why():
    told = gallery.scored_gallery(None, ["before"], otherwise="not here")
    assert same_pixels(told.pixels, gallery.notice("not here").pixels)
    refused = gallery.scored_gallery(None)
    assert same_pixels(refused.pixels, gallery.notice(gallery.NOT_PUBLISHABLE).pixels, within=0)


def test_a_gallery_across_has_a_row_for_each_treatment_and_names_of_faces_above():
    cells = [[np.full((32, 32), level, np.uint8)] * 2 for level in (90, 110)]
    captions = [[f"{name} {at}" for at in (0, 1)] for name in ("before", "op")]
    wanted = gallery.gallery(
        cells, columns=["a", "b"], rows=["before", "OP"], captions=captions, scale=2, font=11
    )
    drawn = gallery.scored_gallery(Said(["a", "b"]), across=True, side=64, font=11)
    assert same_pixels(drawn.pixels, wanted.pixels, within=0)
    cells.append([np.full((32, 32), 168, np.uint8)] * 2)
    titles = {"before": "before", "op": "OP", "difference": "twice"}
    wanted = gallery.gallery(cells, rows=["before", "OP", "twice"], captions=[*captions, ["", ""]], scale=2)
    drawn = gallery.scored_gallery(Said(), titles, across=True, side=64, amplify=2)
    assert same_pixels(drawn.pixels, wanted.pixels, within=0)


def test_a_portrait_leaves_white_what_is_missing():
    made = gallery.portrait_gallery(Said(), [("before", "op"), ("op", "private")], otherwise="", side=100)
    height, width = made.pixels.shape[:2]
    assert width > 200 and height > 200
    assert (made.pixels[height // 2 + 20 : height // 2 + 90, width // 2 + 20 : width - 20] == 255).all()
    told = gallery.portrait_gallery(None, [("before",)], otherwise="not here")
    assert same_pixels(told.pixels, gallery.notice("not here").pixels)


def test_zero_is_mid_grey_in_a_map_with_a_sign():
    maps = {"a": np.tile([0.0] * 20 + [2.0] * 20, (40, 1)), "b": np.tile([-2.0, 0.0], (40, 20))}
    made = gallery.signed_maps(maps, side=40).pixels
    found = {int(one) for one in np.unique(made[40:50])}
    assert {0, 255} <= found and found & {127, 128}
