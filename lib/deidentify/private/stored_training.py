"""`ours_private` trained by a chapter's parameters, and kept in a folder with what was tried."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from lib.deidentify.private.config import PrivateConfig
from lib.deidentify.private.guidance import (
    GuidanceRecogniser,
    guidance_from_matcher,
    guidance_from_template,
)
from lib.deidentify.private.train_private import train_private
from lib.faces.faceset import FaceSet
from lib.faces.loading.align import Template
from lib.judges.base import Judge
from lib.judges.book_networks import MatcherJudge
from lib.judges.dlib_recogniser import DlibRecogniser
from lib.judges.published_networks import Networks
from lib.training.store.model_store import ModelStore

OWN, SECOND = "matcher", "matcher2"
"""Matchers of ours by the names that parameters use; every other name is a published network."""
FOLDER, ERASERS, COURSE = "private", "private_erasers.csv", "private_course.csv"


@dataclass(frozen=True)
class PrivateTraining:
    """What the training needs besides its parameters.

    Attributes
    ----------
    faces : with `Male` known. further : sets from which the eraser learns too.
    template : of the faces' crop; None for the publisher's window.
    before, shelf : stores with OWN and with SECOND; in the second all is kept.
    published : folder of published networks, for witnesses that are none of ours.
    scratch : for checkpoints.
    seed : of everything. watched : validation images looked at after every epoch; 0: all.
    """

    faces: FaceSet
    further: Sequence[FaceSet]
    template: Template | None
    before: ModelStore
    shelf: ModelStore
    published: Path
    scratch: Path
    seed: int
    watched: int

    def train(self, chosen: Mapping[str, Any]) -> None:
        """Train it and keep FOLDER, ERASERS and COURSE on the shelf; what stood there goes first.

        Parameters
        ----------
        chosen : `embedder`, `witnesses`, and fields of `PrivateConfig`; `further` names the further sets and
            was heeded when they were opened.
        """
        named = {"batch": 32, **{name: one for name, one in chosen.items() if name != "further"}}
        embedder, witnesses = named.pop("embedder"), named.pop("witnesses")
        recipe = PrivateConfig(**named, seed=self.seed, watched=self.watched)
        side = recipe.side or self.faces.size[0]
        guides = [self._guide(name, side) for name in witnesses]
        made = train_private(
            self.faces,
            self._recogniser(embedder),
            guides,
            recipe,
            self.scratch / FOLDER,
            attribute="Male",
            template=self.template,
            further=self.further,
        )
        parts = " and ".join(recipe.roles)
        told = [
            f"{self.faces.name}, training subjects of the parts {parts}",
            *(one.name for one in self.further),
        ]
        shutil.rmtree(self.shelf.folder / FOLDER, ignore_errors=True)
        made.private.save(self.shelf.folder / FOLDER, about={"trained_on": "; ".join(told)})
        tried = pd.DataFrame([asdict(one) for one in made.tried])
        tried.assign(chosen=tried["removed"] == made.removed).to_csv(self.shelf.folder / ERASERS, index=False)
        made.course.to_csv(self.shelf.folder / COURSE, index=False)

    def _recogniser(self, embedder: str) -> Judge:
        if embedder == "dlib":
            return DlibRecogniser()
        settings = self.before.about(OWN)["settings"]
        return MatcherJudge(self.before.get(OWN), trained_on=self.faces.name, settings=settings)

    def _guide(self, name: str, side: int) -> GuidanceRecogniser:
        stores = {OWN: self.before, SECOND: self.shelf}
        if name in stores:
            return guidance_from_matcher(stores[name].get(name), side)
        from lib.judges.differentiable import differentiable_matcher  # TensorFlow alone

        if self.template is None:
            raise ValueError(f"{name} crops by five points: give the faces a template")
        at = partial(differentiable_matcher, name, Networks(self.published))
        return guidance_from_template(at, self.template, side)
