"""Keys by which results name matchers and other judges of the book; what pages call them is in `names`."""

from __future__ import annotations

from lib.judges.published_cards_and_crops import CARDS as PUBLISHED

TRAINED_CLASSIFIER, TRAINED_MATCHER = "trained_gender", "trained_matcher"
"""White boxes: the networks that the protections learned to fool and to convince."""
SECOND_MATCHER, HELD_OUT_MATCHER = "trained_matcher2", "heldout_matcher"
"""Matchers of this book: one that joined a training later, and one that took part in none."""
DLIB, VGG_FACE = "unseen_dlib", "published_vgg_face"
"""Recognisers that others trained: dlib's, and the source's own."""


def published_key(name: str) -> str:
    """Key of a judge that others published: `identity_reid0095` as `published_reid0095`.

    Parameters
    ----------
    name : of its card, which begins with its task.
    """
    return f"published_{name.partition('_')[2]}"


MATCHERS = (
    TRAINED_MATCHER,
    DLIB,
    VGG_FACE,
    *(published_key(card.name) for card in PUBLISHED if card.task == "identity"),
)
"""Matchers that a page may have."""
