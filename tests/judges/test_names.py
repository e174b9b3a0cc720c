"""Judges have one name in sentences and one in labels."""

from __future__ import annotations

import pytest

from lib.judges.names import IN_SENTENCES, judge_name, name_in_sentence
from lib.judges.result_keys import MATCHERS, published_key


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("trained_gender", "classifier of training"),
        ("unseen_patch", "unseen: patch network"),
        ("published_ssrnet_imdb", "published: SSR-Net, IMDB"),
        ("attacker_gender", "attacker: plain network"),
        ("attacker_gender_2", "attacker: plain network, training 2"),
        ("somebody_else", "somebody else"),
    ],
)
def test_judges_of_gender_have_labels(key: str, words: str) -> None:
    assert judge_name(key) == words


def test_sentences_name_every_matcher_that_a_page_may_have() -> None:
    assert set(MATCHERS) <= set(IN_SENTENCES)
    assert name_in_sentence("unseen_dlib") == "dlib's matcher"
    assert name_in_sentence("heldout_matcher") == "the held-out matcher"
    assert name_in_sentence("unseen_patch") == "unseen patch"


def test_published_judges_are_keyed_without_their_task() -> None:
    assert published_key("identity_mobilefacenet_y1") == "published_mobilefacenet_y1"
    assert published_key("gender_plain_cnn") == "published_plain_cnn"
    assert {"trained_matcher", "unseen_dlib", "published_reid0095"} <= set(MATCHERS)
    assert "heldout_matcher" not in MATCHERS and len(MATCHERS) == 6
