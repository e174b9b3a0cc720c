"""Reality check for a page: judges in words, rendered faces beside photographs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lib.evaluation.photograph_check import PROTOCOLS
from lib.judges.registry import CARDS

MEASURES: Mapping[str, str] = {
    "detect": "found",
    "identity": "auc",
    "gender": "auc",
    "age": "r",
    "emotion": "recall",
}
"""Task of a judge -> the measure by which the two worlds are compared."""
TITLES: Mapping[str, str] = {
    "detect": "share of faces found",
    "identity": "same or different subject, AUC",
    "gender": "perceived gender, adults, AUC",
    "age": "age, correlation",
    "emotion": "expression, mean recall of seven",
}
_USUAL = {"detect": "lfw", "identity": "lfw", "gender": "lfw", "age": "utkface", "emotion": "fer2013"}
WATCHED = (
    "yunet",
    "dlib_frontal",
    "identity_mobilefacenet_casia",
    "gender_mini_xception",
    "gender_mobilenet025",
    "gender_ssrnet_wiki",
    "age_mobilenet025",
    "age_ssrnet_wiki",
    "emotion_mini_xception",
    "emotion_big_xception",
)
"""Judges that were looked at while the renderer was improved."""
_WORDS = {
    "dlib_frontal": "dlib, frontal",
    "mtcnn": "MTCNN",
    "yunet": "YuNet",
    "dlib_recogniser": "dlib",
    "reid0095": "reid 0095",
    "mobilefacenet_y1": "MobileFaceNet, MS1M",
    "mobilefacenet_casia": "MobileFaceNet, CASIA",
    "mini_xception": "mini Xception",
    "big_xception": "big Xception",
    "ssrnet_imdb": "SSR-Net, IMDB",
    "ssrnet_wiki": "SSR-Net, WIKI",
    "ssrnet_morph2": "SSR-Net, MORPH2",
    "ssrnet_megaage_asian": "SSR-Net, MegaAge",
    "plain_cnn": "plain CNN",
    "tinyxception": "tiny Xception",
    "mobilenet025": "MobileNet 0.25",
    "dense": "dense",
}


def judge_in_words(name: str, *, mark: str = "") -> str:
    """Name of a judge for a page, its task left out; `mark` follows those in WATCHED.

    A judge without words of its own loses its underscores only.
    """
    kind = name.partition("_")[2] if name.partition("_")[0] in MEASURES else name
    return _WORDS.get(kind, kind.replace("_", " ")) + (mark if name in WATCHED else "")


def compared_with(sets: Iterable[str]) -> dict[str, str]:
    """Task -> the set of photographs that it is compared on: the usual one, or another where that is missing.

    Parameters
    ----------
    sets : names of the sets that there are figures of.
    """
    there = list(sets)
    chosen = dict(_USUAL)
    for task, usual in _USUAL.items():
        asked = [name for name in there if task in PROTOCOLS[name].tasks]
        chosen[task] = usual if usual in asked or not asked else asked[0]
    return chosen


def side_by_side(
    on_rendered: Mapping[str, Mapping[str, Any]],
    on_photographs: Mapping[str, Mapping[str, Mapping[str, Any]]],
) -> list[dict[str, Any]]:
    """Figures of all judges on rendered faces and on photographs, one record each.

    Parameters
    ----------
    on_rendered : judge -> measure -> figure.
    on_photographs : set -> judge -> measure -> figure.

    Returns
    -------
    Records as `figures.interval_plot.figures_table` takes them: `task`, `judge`, `set`, `row` (the judge in
    words, with * if it was watched), `series` (`rendered` or `photographs`) and its `figure`.
    """
    chosen = compared_with(on_photographs)
    records = []
    for name, card in CARDS.items():
        photographs = on_photographs.get(chosen[card.task], {})
        for world, figures in (("rendered", on_rendered), ("photographs", photographs)):
            if name in figures:
                places = {
                    "task": card.task,
                    "judge": name,
                    "set": "rendered" if world == "rendered" else chosen[card.task],
                }
                words = judge_in_words(name, mark=" *")
                figure = figures[name][MEASURES[card.task]]
                records.append(places | {"row": words, "series": world, "figure": figure})
    return records


def weakest(records: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Figure of the judge that does worst at each task in each world: (task, series) -> figure.

    Parameters
    ----------
    records : as `side_by_side` gives them; undefined figures are passed over.
    """
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for record in records:
        place, figure = (record["task"], record["series"]), record["figure"]
        if figure["estimate"] is None or np.isnan(figure["estimate"]):
            continue
        if place not in found or figure["estimate"] < found[place]["estimate"]:
            found[place] = figure
    return found
