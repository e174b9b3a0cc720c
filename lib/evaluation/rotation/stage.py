"""The training stage of the rotation tables: what attackers learn, and what they then read of everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.deidentify.cleanir.codec import CleanirCodec
from lib.evaluation.rotation import cleaning, make_views, rivals
from lib.evaluation.rotation.make_views import Photographed
from lib.evaluation.rotation.painter import NEW, OURS, Painter, angle_names
from lib.evaluation.rotation.people import STRANGERS, TEST, Group
from lib.evaluation.rotation.readers import Reader, readers
from lib.evaluation.rotation.restoring import train_restorer
from lib.evaluation.rotation.views import Views
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import limit_per_subject
from lib.faces.splits import role_rows
from lib.judges.base import Judge
from lib.judges.result_keys import DLIB
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

CLEANER, VIEWS, REMOVED = "cleaner.npz", "views.npz", "removed.csv"
LEARNERS = ("protection", "unseen")
"""Parts of the training subjects from whom the codec and the cleaner learned."""


@dataclass(frozen=True)
class Stage:
    """Everything that the stage is made of.

    Attributes
    ----------
    faces : colour faces of the codec's size, with five points.
    codec : trained. held_out : matcher that took part in no training.
    groups : who is judged, chooses, and sets thresholds. attackers : rows of the attackers' own
        subjects. restored_from : those of them from which the restorer learns.
    step : degrees between two angles.
    strengths : of blur and of large pixels. nearest : k of k-Same. crowd : photos that k-Same chooses from.
    recogniser : of `readers`.
    """

    faces: FaceSet
    codec: CleanirCodec
    held_out: keras.Model
    groups: Mapping[str, Group]
    attackers: np.ndarray
    restored_from: np.ndarray
    step: int
    strengths: tuple[float, float]
    nearest: int
    crowd: int
    recogniser: Judge | None = None

    @property
    def conditions(self) -> list[str]:
        """Angles, then new identities with attributes as they are, and cleaned."""
        return [*angle_names(self.step), NEW, OURS]

    def learners(self, photos: int = 4) -> np.ndarray:
        """Rows of subjects from whom the codec learned, so many photos of each."""
        labels = self.faces.labels
        rows = np.concatenate([role_rows(labels, role) for role in LEARNERS])
        return limit_per_subject(labels, np.sort(rows), photos)

    def fitted_cleaner(self, most: int) -> AttributeCleaner:
        """A cleaner fitted on learners, that removes `most` directions, or as many as there are."""
        rows = self.learners()
        halves = self.codec.encode(np.asarray(self.faces.images[rows])).attributes
        cleaner = AttributeCleaner.fit(halves, self.faces.subjects[rows], 0)
        return cleaner.removing(min(most, len(cleaner.directions)))

    def photographs(self, painter: Painter) -> dict[str, Photographed]:
        """Photos of every group."""
        return {name: Photographed.of(painter, self.faces, one) for name, one in self.groups.items()}

    def readers(self, cleaner: AttributeCleaner) -> dict[str, Reader]:
        """All readers."""
        return readers(self.codec, self.held_out, cleaner.mean, self.recogniser)

    def rival_pictures(
        self, painter: Painter, views: Views, name: str, photos: Photographed, by: Mapping[str, Reader]
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Pictures by rivals of a group's probes, and of its first gallery photos."""
        others = painter.photos(self.faces, self.learners(1)[: self.crowd])
        theirs = by[DLIB](others.images, others.points)
        parts = zip((photos.probes, photos.first), rivals.embeddings_of(views, name), strict=True)
        how: dict[str, Any] = {"strengths": self.strengths, "nearest": self.nearest}
        first, second = (
            rivals.rival_pictures(own, embeddings, others, theirs, seed=seed, **how)
            for seed, (own, embeddings) in enumerate(parts)
        )
        return first, second

    def run(
        self,
        plan: TrainingPlan,
        removed: Sequence[int],
        store: ModelStore,
        scratch: Path,
        *,
        copies: int = 3,
    ) -> None:
        """Train the attackers, let them read everything, and keep cleaner, restorer and views.

        Parameters
        ----------
        plan : of the restorer. removed : numbers of directions to choose from.
        store, scratch : where things are kept, and what a later run resumes from.
        copies : of each photo that the restorer learns from, repainted.
        """
        store.folder.mkdir(parents=True, exist_ok=True)
        cleaner = self.fitted_cleaner(max(removed))
        painter, views = Painter(self.codec), Views()
        by, photos = self.readers(cleaner), self.photographs(painter)
        for name, one in photos.items():
            make_views.add_untouched(views, name, one, by)
        candidates = [one for one in removed if one <= len(cleaner.directions)]
        table = cleaning.leaks(views, cleaner, candidates)
        cleaner = cleaner.removing(cleaning.enough_removed(table))
        table.to_csv(store.folder / REMOVED, index=False, lineterminator="\n")
        cleaner.save(store.folder / CLEANER)
        painter = Painter(self.codec, cleaner)
        own = painter.photos(self.faces, self.attackers)
        lessons = painter.photos(self.faces, self.restored_from)
        network = train_restorer(painter, lessons, self.conditions, plan, store, scratch, copies=copies)
        for name, one in photos.items():
            pictures = {
                each: painter.paint(one.probes, each, key=make_views.SECRET) for each in self.conditions
            }
            make_views.add_probes(views, name, one, pictures, by)
            make_views.add_restored(views, name, one, pictures, network, by)
            make_views.add_pairs(views, name, one, painter, self.conditions, by)
            if name in (TEST, STRANGERS):
                made, other = self.rival_pictures(painter, views, name, one, by)
                rivals.add_rivals(views, name, one, made, other, by)
        make_views.add_regressed(views, painter, own, self.conditions, by)
        views.save(store.folder / VIEWS)
