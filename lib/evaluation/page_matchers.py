"""The matchers of a page, by the names that results use, and the detector that goes with each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lib.judges import registry
from lib.judges.base import Detector, Judge
from lib.judges.book_networks import MatcherJudge
from lib.judges.dlib_detector import DlibFrontal
from lib.judges.dlib_recogniser import DlibRecogniser
from lib.judges.published_cards_and_crops import CARDS as PUBLISHED
from lib.judges.vgg_face_judge import VggFace
from lib.training.store.model_store import ModelStore

TRAINED, DLIB, VGG = "trained_matcher", "unseen_dlib", "published_vgg_face"
KNOWN = (
    TRAINED,
    DLIB,
    VGG,
    *(card.name.replace("identity_", "published_") for card in PUBLISHED if card.task == "identity"),
)
"""Names of all matchers that a page may have."""
CALLED: Mapping[str, str] = {
    TRAINED: "the matcher of training",
    DLIB: "dlib's recogniser",
    VGG: "VGG-Face",
    "published_reid0095": "the recogniser reid0095",
    "published_mobilefacenet_casia": "MobileFaceNet (CASIA)",
    "published_mobilefacenet_y1": "MobileFaceNet (y1)",
}
"""Matcher -> what a sentence calls it."""
FACENET_STANDS_IN = "published_mobilefacenet_casia"
"""Stands in for FaceNet, which the report used: a recogniser of another make, trained by others."""


def called(matcher: str) -> str:
    """What a sentence calls a matcher."""
    return CALLED.get(matcher, matcher.replace("_", " "))


def page_matchers(
    before: ModelStore,
    source: str,
    published: Path | None = None,
    gate: Mapping[str, bool] | None = None,
) -> tuple[dict[str, Judge], dict[str, Detector]]:
    """Matchers, and for each the detector that says whether it had a face.

    Parameters
    ----------
    before : store of chapter 03 with `matcher`.
    source : on which the matcher learned, where its facts do not say.
    published : folder of published networks, which judge too; None: those from packages alone.
    gate : matcher -> whether it is the one that its publisher measured; who is not judges nobody.
    """
    matchers, finders = _all_matchers(before, source, published)
    passed = {name: one for name, one in matchers.items() if (gate or {}).get(name, True)}
    return passed, {name: finders[name] for name in passed}


def _all_matchers(
    before: ModelStore, source: str, published: Path | None
) -> tuple[dict[str, Judge], dict[str, Detector]]:
    facts = before.about("matcher")
    own = MatcherJudge(before.get("matcher"), trained_on=str(facts.get("trained_on", source)))
    matchers: dict[str, Judge] = {TRAINED: own, DLIB: DlibRecogniser()}
    finders: dict[str, Detector] = dict.fromkeys(matchers, DlibFrontal())
    if published is None:
        return matchers, finders
    others = registry.published_judges(published)
    named: dict[str, Judge] = {
        name.replace("identity_", "published_"): judge
        for name, judge in registry.scorers(others, "identity").items()
    }
    weights = sorted(published.glob("vgg_face.*"))  # the source's own matcher, for those who have it
    named |= {VGG: VggFace(weights[0])} if weights else {}
    return matchers | named, finders | dict.fromkeys(named, registry.detectors(others)["yunet"])
