"""Judges in words, and rendered faces beside the photographs that each task is compared on."""

from __future__ import annotations

from lib.evaluation import reality_table
from lib.evaluation.photograph_check import PROTOCOLS
from lib.judges.registry import CARDS
from lib.measures.estimate import Estimate
from tests.exact import exactly


def test_every_judge_has_words_and_no_two_of_a_task_the_same():
    words = {(card.task, reality_table.judge_in_words(name)) for name, card in CARDS.items()}
    assert len(words) == len(CARDS) and not any("_" in text for _, text in words)
    assert set(reality_table.WATCHED) < set(CARDS)
    assert reality_table.judge_in_words("dlib_frontal", mark=" *") == "dlib, frontal *"
    assert reality_table.judge_in_words("mtcnn", mark=" *") == "MTCNN"
    assert reality_table.judge_in_words("gender_new_net") == "new net"


def test_each_task_is_compared_on_its_usual_set_or_on_another_that_asks_it():
    usual = reality_table.compared_with(PROTOCOLS)
    assert usual == reality_table.compared_with([])
    assert usual["age"] == "utkface" and usual["gender"] == "lfw"
    assert reality_table.compared_with(["celeba"])["gender"] == "celeba"
    assert reality_table.compared_with(["fairface", "fer2013"])["identity"] == "lfw"


def test_both_worlds_stand_side_by_side_and_missing_judges_are_left_out():
    figure = Estimate(0.9, 0.8, 0.95, 10).to_dict()
    rendered = {"mtcnn": {"found": figure}, "age_ssrnet_wiki": {"r": figure}}
    photographs = {"lfw": {"mtcnn": {"found": figure}, "yunet": {"found": figure}}}
    records = reality_table.side_by_side(rendered, photographs)
    told = {(one["judge"], one["series"], one["set"], one["row"]) for one in records}
    assert told == {
        ("mtcnn", "rendered", "rendered", "MTCNN"),
        ("mtcnn", "photographs", "lfw", "MTCNN"),
        ("yunet", "photographs", "lfw", "YuNet *"),
        ("age_ssrnet_wiki", "rendered", "rendered", "SSR-Net, WIKI *"),
    }
    assert all(exactly(one["figure"], figure, because="the figure itself") for one in records)


def test_the_weakest_judge_of_each_question_and_world_counts():
    def record(task, series, estimate):
        return {"task": task, "series": series, "figure": {"estimate": estimate}}

    records = [
        record("age", "rendered", 0.7),
        record("age", "rendered", None),
        record("age", "rendered", float("nan")),
        record("age", "rendered", 0.6),
        record("age", "photographs", 0.8),
        record("gender", "rendered", float("nan")),
    ]
    found = reality_table.weakest(records)
    wanted = {("age", "rendered"): {"estimate": 0.6}, ("age", "photographs"): {"estimate": 0.8}}
    assert exactly(found, wanted, because="looked up, not computed")
