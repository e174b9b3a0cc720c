"""Sliders: whole in themselves, equal bytes, and in a browser moved by keyboard."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lib.book import check_browser, check_html
from lib.book.normalise import scrub
from lib.figures import slider, style
from lib.figures.gallery import Picture
from tests.book.chromium import chromium


def _frames(count: int) -> list[Picture]:
    return [Picture(np.full((20, 30, 3), 20 * k, np.uint8)) for k in range(count)]


def _slider(count: int = 3) -> slider.Slider:
    labels = [f"step {k}" for k in range(count)]
    return slider.Slider(_frames(count), labels, title="step <of three>", alt='a "grey" tile')


def test_one_frame_is_shown_the_middle_one_and_all_have_words():
    html = _slider()._repr_html_()
    images = re.findall(r"<img [^>]*>", html)
    assert [" hidden>" in image for image in images] == [True, False, True]
    assert all(f"(step {k})" in image for k, image in enumerate(images))
    assert "&lt;of three&gt;" in html and "a &quot;grey&quot; tile" in html
    assert 'value="1"' in html and ">step 1</output>" in html


def test_it_needs_nothing_from_elsewhere_and_nothing_in_it_changes_from_run_to_run():
    html = _slider()._repr_html_()
    assert html == _slider()._repr_html_() == scrub(html)
    assert re.findall(r'src="([a-z]+:[a-z/]+);', html) == ["data:image/jpeg"] * 3
    assert "http" not in html and "<script" not in html and " id=" not in html


def test_figures_become_png_and_are_closed():
    import matplotlib.pyplot as plt

    style.use()
    figures = []
    for k in range(2):
        figure, axes = plt.subplots(figsize=(2, 1))
        axes.plot([0, k])
        figures.append(figure)
    made = slider.Slider(figures, ["a", "b"], title="t", alt="a line", start=-1)
    assert made.start == 1 and all(data.startswith(b"\x89PNG") for data in made.pictures)
    assert not any(plt.fignum_exists(figure.number) for figure in figures)


@pytest.mark.parametrize(("frames", "labels"), [(1, 1), (13, 13), (3, 2)])
def test_too_few_too_many_and_unnamed_frames_are_refused(frames, labels):
    with pytest.raises(ValueError, match="2 to 12 frames"):
        slider.Slider(_frames(frames), ["x"] * labels, title="t", alt="a")


def test_other_bytes_are_refused():
    with pytest.raises(ValueError, match="JPEG or PNG"):
        slider.Slider([b"GIF89a", b"GIF89a"], ["a", "b"], title="t", alt="a")._repr_html_()


@pytest.mark.slow
def test_keys_move_it_in_a_browser(tmp_path):
    (tmp_path / "page.html").write_text(
        f'<html><head><link rel=icon href="data:,"></head><body>{_slider()._repr_html_()}</body></html>'
    )
    assert check_html.check(tmp_path) == []
    with check_browser.browse(tmp_path, chromium()) as tab:
        assert check_browser.look(tab, "page.html", (390, 844)) == []
        tab.page.focus("input")
        tab.page.keyboard.press("ArrowRight")
        shown = "[...document.images].map(one => !one.hidden)"
        assert tab.page.evaluate(shown) == [False, False, True]
        assert tab.page.evaluate("document.querySelector('output').value") == "step 2"
        assert tab.page.get_attribute("input", "aria-valuetext") == "step 2"


def test_rows_of_faces_with_their_texts_are_frames():
    steps = [([np.full((8, 8), 9, np.uint8)] * 2, ["0.10 male", "0.90 male"]) for _ in range(3)]
    made = slider.faces_slider(steps, ["0", "1", "2"], title="strength", alt="faces", start=0, side=64)
    assert made._repr_html_().count("<img") == 3 and 'value="0"' in made._repr_html_()
    assert isinstance(slider.faces_slider([], [], title="strength", alt="faces"), Picture)
