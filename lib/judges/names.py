"""Names of judges as pages write them: in sentences, and as labels in figures and tables."""

from __future__ import annotations

from collections.abc import Mapping

from lib.judges.result_keys import (
    DLIB,
    HELD_OUT_MATCHER,
    SECOND_MATCHER,
    TRAINED_CLASSIFIER,
    TRAINED_MATCHER,
    VGG_FACE,
)

IN_SENTENCES: Mapping[str, str] = {
    TRAINED_CLASSIFIER: "the classifier of training",
    TRAINED_MATCHER: "the matcher of training",
    SECOND_MATCHER: "a second matcher of this book",
    HELD_OUT_MATCHER: "the held-out matcher",
    DLIB: "dlib's matcher",
    VGG_FACE: "VGG-Face",
    "published_reid0095": "the matcher reid0095",
    "published_mobilefacenet_casia": "MobileFaceNet (CASIA)",
    "published_mobilefacenet_y1": "MobileFaceNet (y1)",
    "attacker_pictures": "attackers of pictures",
    "attacker_codes": "attackers of codes",
    "attacker_gender": "a classifier trained by attackers",
    "attacker_finetuned": "the attackers' classifier that was trained before",
}
"""Key in results -> what a sentence calls it."""
GROUPS: Mapping[str, str] = {
    "trained": "classifier of training",
    "unseen": "unseen classifier",
    "published": "published classifier",
    "attacker": "attacker",
}
"""First word of the key of a judge of gender -> the group that it belongs to."""
_CLASSIFIERS: Mapping[str, str] = {
    "gender": "plain network",
    "residual": "residual network",
    "patch": "patch network",
    "finetuned": "trained before",
    "sign": "reads the map's sign",
    "mini_xception": "mini Xception",
    "mobilenet025": "MobileNet 0.25",
    "plain_cnn": "plain CNN",
    "ssrnet_imdb": "SSR-Net, IMDB",
    "ssrnet_wiki": "SSR-Net, WIKI",
    "tinyxception": "tiny Xception",
}
"""Rest of that key -> what kind of network it is."""


def name_in_sentence(key: str) -> str:
    """What a sentence calls a judge: `unseen_dlib` as `dlib's matcher`; others lose their underscores."""
    return IN_SENTENCES.get(key, key.replace("_", " "))


def judge_name(key: str) -> str:
    """Label of a judge of gender: `unseen_patch` as `unseen: patch network`; others lose underscores."""
    group, _, rest = key.partition("_")
    if group not in GROUPS:
        return key.replace("_", " ")
    if group == "trained":
        return GROUPS[group]
    name, _, number = rest.rpartition("_")
    again = f", training {number}" if number.isdigit() and name else ""
    rest = name if again else rest
    return f"{group}: {_CLASSIFIERS.get(rest, rest.replace('_', ' '))}{again}"
