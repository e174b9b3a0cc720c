"""Data sets in sentences."""

from __future__ import annotations

from lib.faces.titles import title, with_titles


def test_a_set_has_its_title_and_an_unknown_one_its_name() -> None:
    assert (title("lfw"), title("rendered"), title("utkface")) == ("LFW", "rendered faces", "utkface")


def test_titles_replace_whole_words_once() -> None:
    assert with_titles("code, learned from own part of celeba") == "code, learned from own part of CelebA"
    assert with_titles("60 subjects of rendered") == "60 subjects of rendered faces"
    assert with_titles(with_titles("rendered, lfw")) == "rendered faces, LFW"
    assert with_titles("celeba_train") == "celeba_train"
