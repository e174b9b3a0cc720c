"""Where a cell of a table may be broken into lines."""

import pandas as pd

from lib.book.sphinx.no_break import unbroken
from lib.figures.tables import page_table


def test_an_interval_stays_on_its_line_and_other_text_is_left_alone():
    table = page_table(
        pd.DataFrame({"AUC": ["0.98 [0.97, 0.99]"], "said": ["one, two [three, four]"]})
    ).to_html()
    html = unbroken(f"<p>0.98 [0.97, 0.99]</p>{table}")
    assert "0.98 [0.97,&nbsp;0.99]</td>" in html
    assert "<p>0.98 [0.97, 0.99]</p>" in html and "one, two [three, four]</td>" in html


def test_a_long_key_may_break_after_its_dots_and_a_number_may_not():
    table = pd.DataFrame({"whose": ["celeba.tmr_loss.unseen_dlib", "short_name", "0.123456789012345678"]})
    html = unbroken(page_table(table).to_html())
    assert "celeba.<wbr>tmr_<wbr>loss.<wbr>unseen_<wbr>dlib</td>" in html
    assert "short_name</td>" in html and "0.123456789012345678</td>" in html
