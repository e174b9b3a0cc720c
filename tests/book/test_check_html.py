"""The check of built pages finds each kind of fault and nothing else."""

from __future__ import annotations

import pytest

from lib.book import check_html

GOOD = '<html><body id="top"><a href="other.html#there">x</a><img src="a.png" alt="a face"></body></html>'
OTHER = '<html><body><h1 id="there">Other</h1><code>WARNING: only code</code></body></html>'


def _faults(tmp_path, html: str) -> str:
    (tmp_path / "a.png").write_bytes(b"x" * 100)
    (tmp_path / "other.html").write_text(OTHER)
    (tmp_path / "page.html").write_text(html)
    return "\n".join(check_html.check(tmp_path))


def test_a_good_page_passes(tmp_path):
    assert _faults(tmp_path, GOOD) == ""


@pytest.mark.parametrize(
    ("add", "fault"),
    [
        ('<a href="gone.html">x</a>', "no file behind gone.html"),
        ('<a href="other.html#nowhere">x</a>', "no anchor"),
        ('<img src="a.png">', "without alt"),
        ('<img src="a.png" alt=" ">', "without alt"),
        ('<script src="https://elsewhere.example/a.js"></script>', "another host"),
        ('<p id="top">x</p>', "stands twice"),
        ("<p>Traceback (most recent call last)</p>", "Traceback"),
        ("<p>{res}`x`</p>", "{res}"),
        ("<p>see /home/somebody/x.png</p>", "absolute path"),
        ("<p>" + "x" * 3_000_000 + "</p>", "weighs 3.0 MB"),
    ],
)
def test_each_fault_is_found(tmp_path, add, fault):
    said = _faults(tmp_path, GOOD.replace("</body>", add + "</body>"))
    assert fault in said and said.startswith("page.html") and "\n" not in said


def test_links_out_of_the_book_are_no_fault(tmp_path):
    assert _faults(tmp_path, GOOD.replace("</body>", '<a href="https://example.org/x">x</a></body>')) == ""


def test_no_pages_is_a_fault(tmp_path):
    assert "build the book first" in check_html.check(tmp_path)[0]
