"""Players: sliders that play; whole in themselves, paused at first, and in a browser they move and stop."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lib.book import check_browser, check_html
from lib.book.normalise import scrub
from lib.figures.gallery import Picture
from lib.figures.player import Player
from tests.book.chromium import chromium
from tests.exact import exactly


def _player(count: int = 3) -> Player:
    frames = [Picture(np.full((20, 30, 3), 9 * k, np.uint8)) for k in range(count)]
    labels = [f"frame {k}" for k in range(count)]
    return Player(frames, labels, title="time", alt="a tile", milliseconds=30)


def test_it_begins_paused_at_the_first_frame_with_a_button():
    html = _player()._repr_html_()
    assert [" hidden>" in image for image in re.findall(r"<img [^>]*>", html)] == [False, True, True]
    assert html.count("<button") == 1 and ">Play</button>" in html and "autoplay" not in html


def test_it_needs_nothing_from_elsewhere_and_is_the_same_each_time():
    html = _player()._repr_html_()
    assert html == _player()._repr_html_() == scrub(html)
    assert "http" not in html and "<script" not in html and " id=" not in html


def test_twice_as_many_frames_as_a_slider_and_no_more():
    assert len(_player(24).pictures) == 24
    with pytest.raises(ValueError, match="a player has 2 to 24 frames"):
        _player(25)


@pytest.mark.slow
def test_it_plays_and_pauses_in_a_browser(tmp_path):
    (tmp_path / "page.html").write_text(
        f'<html><head><link rel=icon href="data:,"></head><body>{_player(20)._repr_html_()}</body></html>'
    )
    assert check_html.check(tmp_path) == []
    with check_browser.browse(tmp_path, chromium()) as tab:
        assert check_browser.look(tab, "page.html", (390, 844)) == []
        at = "[...document.images].findIndex(one => !one.hidden)"
        assert tab.page.evaluate(at) == 0
        tab.page.click("button")
        tab.page.wait_for_function(f"{at} > 1")
        assert tab.page.inner_text("button") == "Pause"
        tab.page.click("button")
        stopped = tab.page.evaluate(at)
        tab.page.wait_for_timeout(150)
        assert exactly(tab.page.evaluate(at), stopped, because="the number of a frame")
        assert tab.page.inner_text("button") == "Play"
