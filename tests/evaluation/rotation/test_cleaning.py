"""What attributes' halves tell of a person, and how many directions are enough."""

import numpy as np
import pandas as pd

from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.evaluation.rotation import cleaning
from lib.evaluation.rotation.people import CHOOSERS, STRANGERS, TEST
from lib.evaluation.rotation.views import ATTRIBUTES, GALLERY, PROBE, UNTOUCHED, Views
from lib.measures.estimate import Estimate

TELLING, NUMBERS = 3, 16
DRAWS = {"replicates": 40, "seed": 1}


def halves(people, seed, photos=4):
    random = np.random.default_rng(seed)
    fixed = np.zeros((people, 1, NUMBERS))
    fixed[..., :TELLING] = 4 * random.normal(size=(people, 1, TELLING))
    return fixed + random.normal(size=(people, photos, NUMBERS))


def leaky():
    views = Views()
    for seed, (name, count) in enumerate(((TEST, 40), (CHOOSERS, 60), (STRANGERS, 60))):
        rows = halves(count, seed + 5)
        views.subjects[name] = np.array([f"{name}{one}" for one in range(count)])
        views.add(name, GALLERY, UNTOUCHED, {ATTRIBUTES: rows[:, 1:]})
        views.add(name, PROBE, UNTOUCHED, {ATTRIBUTES: rows[:, 0]})
    return views


def fitted(removed=0):
    rows = halves(80, 1)
    return AttributeCleaner.fit(rows.reshape(-1, NUMBERS), np.repeat(np.arange(80), 4), removed)


def test_so_many_directions_are_removed_as_tell_persons_apart():
    table = cleaning.leaks(leaky(), fitted(), (0, 1, 2, 3, 8))
    assert table["auc"].iloc[0] > 0.9 > 0.6 > table["auc"].iloc[3]
    assert cleaning.enough_removed(table, wanted=0.6) == TELLING
    none = pd.DataFrame({"removed": [0, 4, 8], "auc": [0.9, 0.7, 0.8]})
    assert cleaning.enough_removed(none) == 4  # none is enough: the best of them


def test_what_halves_tell_before_and_after():
    views, guess = leaky(), Estimate(0.5)
    before = cleaning.told(views, None, guess, **DRAWS)
    after = cleaning.told(views, fitted(TELLING), guess, **DRAWS)
    assert before.auc.low > 0.8 and after.auc.estimate < 0.6
    assert before.tmr.estimate > after.tmr.estimate
    assert set(before.results()) == {"auc", "tmr_at_fmr_1", "reached_fmr_1", "expression"}


def test_expressions_are_read_as_well_as_before():
    random = np.random.default_rng(3)
    rows = halves(80, 2).reshape(-1, NUMBERS)
    glad = random.random(len(rows)) < 0.5
    rows[:, -1] += 4 * glad
    named = np.where(glad, "glad", "calm")
    train, test = (rows[:200], named[:200]), (rows[200:], named[200:])
    who = np.repeat(np.arange(30), 4)
    for cleaner in (None, fitted(TELLING)):
        assert cleaning.expression_told(train, test, who, cleaner, **DRAWS).estimate > 0.9
