"""What the page keeps and says follows the figures, whichever way they fall."""

import numpy as np
import pytest

from lib.evaluation.kept_attributes import results, sentences
from lib.evaluation.kept_attributes.expressions import ExpressionTest
from lib.evaluation.kept_attributes.parties import checked_overlaps
from lib.faces.faceset import EXPRESSIONS
from lib.judges.base import Judgement
from lib.measures.estimate import Estimate
from tests.evaluation.kept_attributes.small_faces import PixelJudge, small_faces

DRAWS = {"replicates": 40, "seed": 0}
NAMES = ("original", "0", "90", "120", "180", "new", "ours", "ours_reconstruction")


def test(lost: tuple[str, ...] = ()) -> ExpressionTest:
    """All expressions are read right but under `lost` treatments, where every second picture is no face."""
    faces = small_faces()
    half = faces.images.copy()
    half[::2, 0, 0] = 0
    pictures = {name: half if name in lost else faces.images for name in NAMES}
    judges = {"reader_residual": PixelJudge(), "reader_patch": PixelJudge()}
    return ExpressionTest.of(faces, pictures, judges)


test.__test__ = False


def estimate(value: float, spread: float = 0.01) -> Estimate:
    return Estimate(value, value - spread, value + spread, n=10)


def test_results_have_the_keys_that_others_rely_on():
    found = results.expression_results(test(("120",)), 120, **DRAWS)
    assert list(found["expression_f"]) == ["original", "0", "90", "180", "best", "ours"]
    assert found["expression_f"]["best"].estimate < 0.8 and found["judge"] == "reader_residual"
    assert found["part_of_reconstruction"]["ours"].estimate == pytest.approx(1)
    assert set(found["judges"]) == {"reader_residual", "reader_patch"}


def test_ours_is_held_against_its_own_reconstruction():
    both = results.expression_results(test(("ours", "ours_reconstruction")), 120, **DRAWS)
    assert both["part_of_reconstruction"]["ours"].estimate == pytest.approx(1)
    assert both["expression_f"]["ours"].estimate < 0.8


@pytest.mark.parametrize(
    ("part", "word"),
    [
        (estimate(0.95), "reaches the goal"),
        (estimate(0.5), "misses the goal"),
        (estimate(0.9, 0.05), "may or may not"),
        (Estimate(float("nan"), why="nothing is read"), "cannot be held"),
    ],
)
def test_the_goal_is_reached_by_the_whole_interval_alone(part, word):
    assert sentences.goal_word(part).startswith(word)


def test_words_follow_the_figures():
    kept = test()
    words = sentences.expression_words(kept, results.expression_results(kept, 120, **DRAWS), 120)
    assert words["painting_word"] == "hardly changes" and words["hardest"] == "No expression loses recall."
    lost = test(("0", "90", "120", "180"))
    words = sentences.expression_words(lost, results.expression_results(lost, 120, **DRAWS), 120)
    assert words["painting_word"] == "lowers" and words["turning_word"].startswith("lowers it no further")
    assert (
        words["best"] == "120"
        and words["judge"] == "residual reader"
        and "patch reader" in words["judges_agree"]
    )
    gone = test(("ours",))
    words = sentences.expression_words(gone, results.expression_results(gone, 120, **DRAWS), 120)
    assert words["goal_ours"] == "misses the goal of 0.9" and "suffers most" in words["hardest"]


def test_labels_that_nobody_can_read_are_said():
    words = sentences.label_words([], [], ["Male", "age"])
    assert words["kept_gender"] == "not readable" and "perceived gender, age" in words["unread"]
    record = {"label": "Male", "group": "of the person", "treatment": "ours"}
    record |= {"gain": estimate(0.3), "of_original": estimate(0.2), "of_reconstruction": estimate(0.25)}
    words = sentences.label_words([record], [], [])
    assert words["kept_gender"].startswith("0.25") and words["kept_most"] == "perceived gender"
    assert words["unread"].startswith("The reader can read all")


def test_photographs_are_quoted_or_said_to_be_missing():
    assert "not been measured yet" in sentences.photograph_words({})["photographs"]
    assert len(results.photographs_table({})) == 0
    by = {name: estimate(0.4).to_dict() for name in ("original", "0", "90", "180", "best", "ours")}
    judges = {"emotion_dense": by, "reader_residual_fer2013": by}
    own = {"judge": "emotion_dense", "expression_f": by, "judges": judges}
    kept = {"fer2013": own, "best_angle": 120}
    words = sentences.photograph_words(kept)
    assert "FER-2013, F (judge: dense) is 0.40" in words["photographs"]
    assert "not been measured" in words["photographs_kept"]
    table = results.photographs_table(kept)
    assert table[results.JUDGED].tolist() == ["FER-2013, dense", "FER-2013, residual reader"]
    assert len(table.columns) == 6 and table["90°"].str.startswith("0.40").all()


def test_labels_of_photographs_are_quoted_for_ours():
    by = {"ours": estimate(0.3).to_dict(), "90": estimate(0.9).to_dict()}
    kept = {"celeba": {"kept": {"Male": by}, "kept_groups": {"worn": by}}}
    said = sentences.photograph_words(kept)["photographs_kept"]
    assert "of CelebA, ours keeps 0.30" in said and "perceived gender and 0.30" in said and "0.90" not in said


def test_the_corner_of_the_chart_belongs_to_who_surely_keeps_enough():
    def record(treatment, kept, tmr):
        figure = estimate(tmr) if tmr else None
        facts = {"treatment": treatment, "method": "rotation", "open": treatment == "op"}
        return facts | {"kept": estimate(kept), "tmr": figure}

    nobody = [record("90", 0.95, None), record("op", 0.95, 0.5)]  # matched, but never attacked
    assert "not been measured" in sentences.method_words(nobody)["chart"]
    records = [record("90", 0.95, 0.5), record("ours", 0.92, 0.1), record("cover", 0.1, 0.01)]
    records.append(record("op", 0.95, 0.05))
    told = record("k-Same-Select", 1.05, 0.01)
    words = sentences.method_words([*records, told])
    assert " ours leaves least" in words["corner"], "who is told the expression keeps nothing"
    assert (
        words["price"].startswith("At what price: a turn by 90° keeps 0.95") and "ours" not in words["price"]
    )
    none = sentences.method_words([record("cover", 0.1, 0.01), told])["corner"]
    assert none.startswith("No method that is not told")


def test_the_papers_loss_is_that_of_painting():
    words = sentences.paper_words({"original": 0.448, "0": 0.338, "90": 0.333, "180": 0.324})
    assert words["paper_lost"] == "25%" and words["paper_90"] == ".333"


def test_shown_faces_are_of_different_subjects_and_expressions():
    faces = small_faces()
    rows = results.shown_rows(faces, 5)
    shown = faces.labels.iloc[rows]
    assert shown["expression"].tolist() == ["happy", "surprise", "angry", "sad", "fear"]
    assert shown["subject"].nunique() == 5


def test_captions_say_what_is_read_and_how_surely():
    values = np.full((2, 7), 0.02, np.float32)
    values[0, EXPRESSIONS.index("happy")], values[1] = 0.88, np.nan
    assert results.captions(Judgement(values, np.array([True, False]))) == ["happy 0.88", "no face"]


def test_the_summary_is_a_row_for_each_treatment_and_fits_a_page():
    kept = test()
    table = results.summary(results.expression_results(kept, 120, **DRAWS), [], kept.first)
    assert list(table["picture"]) == ["original", "0", "90", "180", "best", "ours"]
    assert len(table.columns) <= 6


def test_readers_of_the_attackers_subjects_may_judge_cleanir():
    recipe = {"roles": ["protection", "unseen"], "embedder": "dlib", "witnesses": ["matcher"]}
    found = checked_overlaps(["reader_residual"], {}, recipe, "rendered")
    assert not [one for one in found if one.whom == "cleanir"]


def test_readers_of_fer_meet_other_pictures_of_the_set_and_no_protection():
    recipe = {"roles": ["protection", "unseen"], "embedder": "dlib", "witnesses": ["matcher"]}
    of_fer = ["reader_patch_fer2013"]
    found = checked_overlaps([], {}, recipe, "celeba", "fer2013", of_fer=of_fer)
    assert [(one.whom, one.what) for one in found if one.who in of_fer] == [("fer2013", "same data set")]
