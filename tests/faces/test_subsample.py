import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from lib.faces.row_sampling import subsample, subsample_per_subject
from tests.exact import exactly


@given(some.integers(0, 40), some.integers(0, 50), some.integers(0, 5))
def test_rows_rise_are_no_others_and_grow_with_their_number(count, most, seed):
    rows = np.arange(count) * 3
    found = subsample(rows, most, seed)
    assert len(found) == (min(most, count) if most else count)
    assert (np.diff(found) > 0).all() and np.isin(found, rows).all()
    assert np.isin(found, subsample(rows, most + 1, seed)).all() or most == 0


def test_the_seed_decides():
    first, again, other = (subsample(np.arange(1000), 10, seed) for seed in (1, 1, 2))
    assert exactly(first, again, because="row numbers are integers") and not exactly(
        first, other, because="row numbers are integers"
    )


@given(some.lists(some.integers(0, 4), max_size=30), some.integers(0, 5), some.integers(0, 5))
def test_of_each_subject_some_rows_and_more_hold_the_fewer(people, most, seed):
    subjects, rows = np.array(people, int), np.arange(len(people))[::2]
    found = subsample_per_subject(subjects, rows, most, seed)
    _, had = np.unique(subjects[rows], return_counts=True)
    _, kept = np.unique(subjects[found], return_counts=True)
    assert kept.tolist() == (np.minimum(had, most) if most else had).tolist()
    assert (np.diff(found) > 0).all() and np.isin(found, rows).all()
    assert np.isin(found, subsample_per_subject(subjects, rows, most + 1, seed)).all() or most == 0
