"""Pages run in lanes: none before what it needs, none after a failure of it, as many at a time as allowed."""

from __future__ import annotations

import threading
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from lib.book import stages
from lib.book.pages import longest_chain, run_stages, seconds_ahead
from lib.book.paths import DEFAULT_PROFILE

GRAPH = {"a": [], "b": ["a"], "c": [], "d": ["b", "c"]}


def test_a_stage_waits_for_those_it_needs():
    order = []

    def run(name):
        assert all(one in order for one in GRAPH[name])
        time.sleep(0.01)
        order.append(name)
        return 0

    assert run_stages(GRAPH, run, lanes=2) == []
    assert sorted(order) == ["a", "b", "c", "d"]


def test_what_needs_a_failed_stage_is_left_out_and_the_rest_runs():
    ran = []
    failed = run_stages(GRAPH, lambda name: ran.append(name) or int(name == "b"), lanes=1)
    assert failed == ["b", "d"]
    assert sorted(ran) == ["a", "b", "c"]


def test_two_stages_really_run_side_by_side():
    meet = threading.Barrier(2, timeout=10)  # one alone would wait for ever

    def run(name):
        if name in "ac":
            meet.wait()
        return 0

    assert run_stages(GRAPH, run, lanes=2) == []


def test_the_longest_of_those_that_could_start_starts():
    ran = []
    run_stages({"short": [], "long": []}, lambda name: ran.append(name) or 0, 1, {"short": 1, "long": 2})
    assert ran == ["long", "short"]


def test_the_longest_chain_counts_what_waits_for_a_stage():
    graph = {"quoted": ["train_quoted"], "quotes": ["quoted"], "long": [], "short": []}
    seconds = {"quoted": 2, "quotes": 3, "long": 4, "short": 1}
    ahead = seconds_ahead(graph, seconds.__getitem__)
    assert ahead == {"quoted": 5, "quotes": 3, "long": 4, "short": 1}
    assert longest_chain(graph, ahead) == {"quoted", "quotes"}
    assert longest_chain(graph, ahead | {"long": 6}) == {"long"}
    ran = []
    run_stages(graph, lambda name: ran.append(name) or 0, 1, ahead)
    assert ran == ["quoted", "long", "quotes", "short"]


@given(st.integers(1, 4), st.lists(st.sets(st.integers(0, 6)), min_size=1, max_size=7))
@settings(max_examples=25, deadline=None)
def test_never_more_at_a_time_than_lanes(lanes, needed):
    graph = {str(at): {str(one) for one in some if one < at} for at, some in enumerate(needed)}
    lock, now, most, order = threading.Lock(), [0], [0], []

    def run(name):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
            assert graph[name] <= set(order)
        with lock:
            now[0] -= 1
            order.append(name)
        return 0

    assert run_stages(graph, run, lanes) == []
    assert most[0] <= lanes and len(order) == len(graph)


def test_pages_of_the_book_wait_for_what_they_quote():
    graph = stages.quoted_stages(stages.load(DEFAULT_PROFILE))
    assert {"train_san_training", "san_pretraining"} <= graph["san_training"]
    assert "gender_roc" in graph["tradeoff"]
