"""Registry of judges by name, packaged and published; none is imported before it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lib.judges import packaged_catalogue, published_cards_and_crops
from lib.judges.base import Detector, Judge, JudgeError, ModelCard
from lib.registry import Registry

Judges = dict[str, Detector | Judge]

CARDS: dict[str, ModelCard] = {
    card.name: card for card in (*packaged_catalogue.CARDS, *published_cards_and_crops.CARDS)
}

MAKERS: Mapping[str, Callable[..., Any]] = Registry(
    {
        "dlib_frontal": "lib.judges.dlib_detector:DlibFrontal",
        "mtcnn": "lib.judges.mtcnn_judge:Mtcnn",
        "dlib_recogniser": "lib.judges.dlib_recogniser:DlibRecogniser",
        "published": "lib.judges.published_networks:published_judges",
    }
)
"""What makes a packaged judge, by its name, and what makes all published ones.

Each is imported when it is asked for, as they bring dlib and TensorFlow.
"""


def packaged_judges() -> Judges:
    """Judges whose weights come with Python packages: `dlib_frontal`, `mtcnn`, `dlib_recogniser`.

    Their weights are read when they are first used.
    """
    detector = MAKERS["dlib_frontal"]()
    judges = (detector, MAKERS["mtcnn"](), MAKERS["dlib_recogniser"](detector))
    return {judge.card.name: judge for judge in judges}


def published_judges(folder: str | Path | None = None) -> Judges:
    """The judges that `published_networks.published_judges` makes, imported when they are asked for."""
    judges: Judges = MAKERS["published"](folder)
    return judges


def detectors(judges: Judges) -> dict[str, Detector]:
    """The detectors among `judges`."""
    return {name: judge for name, judge in judges.items() if isinstance(judge, Detector)}


def scorers(judges: Judges, task: str = "") -> dict[str, Judge]:
    """The judges that score or embed faces, of one `task` if given; JudgeError for an unknown task."""
    known = {"", "identity", "gender", "age", "emotion"}
    if task not in known:
        raise JudgeError(f"no task {task!r}; there are {', '.join(sorted(known - {''}))}")
    return {
        name: judge
        for name, judge in judges.items()
        if not isinstance(judge, Detector) and task in ("", judge.card.task)
    }
