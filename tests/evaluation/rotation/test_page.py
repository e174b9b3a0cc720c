"""What the page computes and shows, from the stage's views and from an untrained codec."""

import numpy as np
import pytest

from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.evaluation.rotation import judged, page, sentences, table2
from lib.evaluation.rotation.cleaning import Told
from lib.evaluation.rotation.make_views import Photographed
from lib.evaluation.rotation.painter import OURS, Painter, angle_names
from lib.evaluation.rotation.people import TEST
from lib.evaluation.rotation.rivals import ANOTHER
from lib.evaluation.rotation.stage import CLEANER, VIEWS
from lib.evaluation.rotation.views import Views
from lib.judges.result_keys import DLIB
from lib.measures.estimate import Estimate
from lib.measures.privacy import OverSeparation
from tests.exact import exactly

DRAWS = {"replicates": 20, "seed": 1}
ANGLES = angle_names(90)


@pytest.fixture(scope="module")
def views(kept):
    return Views.load(kept.folder / VIEWS)


@pytest.fixture(scope="module")
def cleaner(kept):
    return AttributeCleaner.load(kept.folder / CLEANER)


@pytest.fixture(scope="module")
def shown(stage, cleaner):
    painter = Painter(stage.codec, cleaner)
    photos = Photographed.of(painter, stage.faces, stage.groups[TEST])
    return painter, photos, stage.readers(cleaner)


@pytest.fixture(scope="module")
def found(views, stage):
    return judged.judge_all(views, [*stage.conditions, ANOTHER], photos=(1, 2), **DRAWS)


def test_what_is_painted_here_is_what_the_stage_read(shown, views):
    compared = page.compared_now(*shown, ("original", *ANGLES))
    assert page.largest_difference(compared, views) < 0.01
    compared[DLIB]["90"] = compared[DLIB]["original"]
    assert page.largest_difference(compared, views) > 0.01  # the wrong pictures are noticed
    tables = page.tables_of(compared, **DRAWS)
    marks = page.marks_of(tables[DLIB], compared[DLIB])
    assert list(marks) == ["FMR 0.1 %", "FMR 1 %", "strangers' median"]
    assert all(0 <= eta <= 2 for eta in marks.values())


def test_faces_are_shown_with_both_scores(shown):
    one = page.scored(*shown, ("original", "90", OURS), (2, 0))
    assert list(one.pictures) == ["untouched", "90°", "ours"]
    both = page.side_by_side(one, page.scored(*shown, ("0",), (2, 0)))
    assert list(both.pictures)[-1] == "0°" and both.scores["dlib"].keys() == both.pictures.keys()
    steps, labels = page.slider_steps(one)
    assert exactly(labels, list(one.pictures), because="names") and len(steps[0][0]) == 2
    assert steps[1][1][0].startswith("dlib ") and "held-out" in steps[1][1][0]


def test_tables_fit_a_page(found):
    table = page.attackers_table(found, ("0", "180", OURS))
    assert len(table) == 7 and list(table) == ["attacker", "0°", "180°", "ours"]
    assert list(table)[1:] != [] and table["attacker"].iloc[0] == "naive"
    whole = {name: judged.strongest_attack(found[name]) for name in found}
    methods = page.methods_table(found, whole)
    assert methods.shape[1] == 6 and "another person's face" in set(methods["method"])
    ranks = page.rank_table(found, [("90", 1), ("90", 2), (OURS, 1), (OURS, 1)])
    assert len(ranks) == 8 and list(ranks)[1:3] == ["90°, 1 photo", "90°, 2 photos"]
    assert not (ranks == "–").any(axis=None)
    curves = page.curves({"source": found, "ours": found}, {"source": "theirs"})
    assert set(curves["condition"]) == set(found) and curves["attacker"].nunique() == 9
    assert set(curves["network"]) == {"theirs", "ours"}


def test_rates_in_words():
    assert page.rate_words(Estimate(0.5, 0.4, 0.6)) == "0.50 [0.40, 0.60]"
    assert page.rate_words(Estimate(0.004, 0.0, 0.01)) == "0.004 [0.000, 0.010]"
    assert page.rate_words(None) == page.rate_words(Estimate(np.nan)) == "–"
    stranger = Estimate(0.01, 0.0, 0.05)
    assert page.within_words(Estimate(0.03, 0.0, 0.08), stranger) == "within"
    assert page.within_words(Estimate(0.5, 0.4, 0.6), stranger) == "above"
    assert "overlap" in page.within_words(Estimate(0.1, 0.02, 0.2), stranger)


def test_halves_tell_of_persons_and_expressions(stage, views, cleaner):
    before, after = page.halves_told(stage, views, cleaner, **DRAWS)
    assert before.expression.defined and 0 <= after.auc.estimate <= 1


def test_every_phrase_is_there(found, views):
    guess = Told(*[Estimate(0.5, 0.4, 0.6)] * 4)
    known = {"original": 0.0, "0": 0.1, "90": 0.52, "180": 0.9}
    separate = {
        one: {
            name: OverSeparation(0.5, 1.0, Estimate(auc, auc - 0.05, auc + 0.05))
            for name, auc in known.items()
        }
        for one in page.MATCHERS
    }
    etas = {one: {"FMR 0.1 %": 0.3, "FMR 1 %": 0.5, "strangers' median": 1.0} for one in page.MATCHERS}
    choice = judged.best_angle(views, ANGLES)
    words = sentences.page_words(found, choice, guess, guess, 2, separate, etas)
    assert words["farther_dlib"] == "at 180°" and words["removed"] == "2"
    assert words["nearest_held_out"].startswith("90° (0.52")
    assert words["best_angle"] == f"{choice.angle}°" and all(words.values())


def test_columns_of_table_2_are_conditions():
    assert table2.COLUMNS[0] == "original" and set(table2.COLUMNS[1:]) <= set(angle_names(30))
