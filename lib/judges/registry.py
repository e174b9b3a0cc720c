"""Registry of judges by name: those in Python packages, and the published ones."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.judges import dlib_judges, mtcnn_judge, published_catalogue
from lib.judges.base import Detector, Judge, JudgeError, ModelCard, cards_table
from lib.judges.published import Networks, published_judge, yunet

Judges = dict[str, Detector | Judge]

CARDS: dict[str, ModelCard] = {
    card.name: card
    for card in (
        dlib_judges.FRONTAL,
        mtcnn_judge.CARD,
        dlib_judges.RECOGNISER_CARD,
        *published_catalogue.CARDS,
    )
}


def packaged_judges() -> Judges:
    """Judges whose weights come with Python packages: `dlib_frontal`, `mtcnn`, `dlib_recogniser`.

    Their weights are read when they are first used.
    """
    detector = dlib_judges.DlibFrontal()
    judges: tuple[Detector | Judge, ...] = (
        detector,
        mtcnn_judge.Mtcnn(),
        dlib_judges.DlibRecogniser(detector),
    )
    return {judge.card.name: judge for judge in judges}


def published_judges(folder: str | Path | None = None) -> Judges:
    """The published detector and the eighteen judges made of published networks, by name.

    Parameters
    ----------
    folder : of the .npz files; None takes the environment variable FACEVALUE_PUBLISHED.

    Raises
    ------
    JudgeError : no folder, or a file in it is missing or another one than was measured.
    """
    networks = Networks(folder)
    networks.check()
    judges: Judges = {"yunet": yunet(networks)}
    return judges | {name: published_judge(name, networks) for name in published_catalogue.RECIPES}


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


def card_table(cards: dict[str, ModelCard] | None = None) -> pd.DataFrame:
    """Model cards of all judges (or of `cards`) as a table, one row each; needs no weights."""
    return cards_table(list((cards or CARDS).values()))
