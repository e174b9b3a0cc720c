"""The matchers of a page, by the names that results use, and the detector that goes with each."""

from __future__ import annotations

from pathlib import Path

from lib.judges import registry
from lib.judges.base import Detector, Judge
from lib.judges.book_networks import MatcherJudge
from lib.judges.dlib_detector import DlibFrontal
from lib.judges.dlib_recogniser import DlibRecogniser
from lib.judges.result_keys import DLIB, TRAINED_MATCHER, VGG_FACE, published_key
from lib.judges.vgg_face_judge import VggFace
from lib.training.store.model_store import ModelStore

FACENET_STANDS_IN = "published_mobilefacenet_casia"
"""Stands in for FaceNet, which the report used: a recogniser of another make, trained by others."""


def page_matchers(
    before: ModelStore,
    source: str,
    published: Path | None = None,
) -> tuple[dict[str, Judge], dict[str, Detector]]:
    """Matchers, and for each the detector that says whether it had a face.

    Parameters
    ----------
    before : store of chapter 03 with `matcher`.
    source : on which the matcher learned, where its facts do not say.
    published : folder of published networks, which judge too; None: those from packages alone.
    """
    facts = before.about("matcher")
    own = MatcherJudge(before.get("matcher"), trained_on=str(facts.get("trained_on", source)))
    matchers: dict[str, Judge] = {TRAINED_MATCHER: own, DLIB: DlibRecogniser()}
    finders: dict[str, Detector] = dict.fromkeys(matchers, DlibFrontal())
    if published is None:
        return matchers, finders
    others = registry.published_judges(published)
    named: dict[str, Judge] = {
        published_key(name): judge for name, judge in registry.scorers(others, "identity").items()
    }
    weights = sorted(published.glob("vgg_face.*"))  # the source's own matcher, for those who have it
    named |= {VGG_FACE: VggFace(weights[0])} if weights else {}
    return matchers | named, finders | dict.fromkeys(named, registry.detectors(others)["yunet"])
