import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from lib.faces.drawn import drawn


@given(some.integers(0, 40), some.integers(0, 50), some.integers(0, 5))
def test_rows_rise_are_no_others_and_grow_with_their_number(count, most, seed):
    rows = np.arange(count) * 3
    found = drawn(rows, most, seed)
    assert len(found) == (min(most, count) if most else count)
    assert (np.diff(found) > 0).all() and np.isin(found, rows).all()
    assert np.isin(found, drawn(rows, most + 1, seed)).all() or most == 0


def test_the_seed_decides():
    first, again, other = (drawn(np.arange(1000), 10, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
