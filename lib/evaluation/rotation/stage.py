"""The training stage of the rotation tables: what attackers learn, and what they then read of everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.deidentify.cleanir.codec import CleanirCodec
from lib.evaluation.rotation import cleaning, make_views
from lib.evaluation.rotation.make_views import Photographed
from lib.evaluation.rotation.painter import NEW, OURS, Painter, angle_names
from lib.evaluation.rotation.people import LEARNERS, TEST, Group, Part, parts_of
from lib.evaluation.rotation.readers import Reader, readers
from lib.evaluation.rotation.restoring import train_restorer
from lib.evaluation.rotation.rivals import rival_painters
from lib.evaluation.rotation.views import Views
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import limit_per_subject
from lib.faces.splits import role_rows
from lib.judges.base import Judge
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

CLEANER, VIEWS, REMOVED = "cleaner.npz", "views.npz", "removed.csv"


@dataclass(frozen=True)
class Stage:
    """Everything that the stage of one network is made of.

    Attributes
    ----------
    faces : colour faces of the codec's size, with five points.
    codec : trained. held_out : matcher that took part in no training.
    groups : who is judged, chooses, and sets thresholds. attackers : rows of the attackers' own
        subjects. restored_from : those of them from which the restorer learns.
    step : degrees between two angles.
    strengths : of blur and of large pixels. nearest : k of k-Same. crowd : photos that k-Same chooses from.
    rivals : whether what others do is attacked as well; it does not depend on the codec, so once is enough.
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
    rivals: bool = True
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

    def painter(self, cleaner: AttributeCleaner) -> Painter:
        """Paints every condition of this stage."""
        if not self.rivals:
            return Painter(self.codec, cleaner)
        others = Painter(self.codec).photos(self.faces, self.crowd_rows)
        return Painter(self.codec, cleaner, rival_painters(others, self.strengths, self.nearest))

    @property
    def crowd_rows(self) -> np.ndarray:
        """Photos that k-Same averages, and that are shown as other people's: one of each subject."""
        return self.learners(1)[: self.crowd]

    def parts(self, held_out_role: str) -> dict[str, Part]:
        """Who learned, chose, or is judged on whom, see `people.parts_of`.

        Parameters
        ----------
        held_out_role : part of the training subjects that the held-out matcher learned from.
        """
        rows = {
            "codec": np.concatenate([role_rows(self.faces.labels, role) for role in LEARNERS]),
            "cleaner": self.learners(),
            "crowd": self.crowd_rows,
            "held_out": role_rows(self.faces.labels, held_out_role),
            "attackers": np.union1d(self.attackers, self.restored_from),
        }
        return parts_of(self.faces.subjects, rows, self.groups)

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
        painter = self.painter(cleaner)
        conditions = [*self.conditions, *painter.rivals]
        own = painter.photos(self.faces, self.attackers)
        lessons = painter.photos(self.faces, self.restored_from)
        network = train_restorer(painter, lessons, conditions, plan, store, scratch, copies=copies)
        for name, one in photos.items():
            pictures = {each: painter.paint(one.probes, each, key=make_views.SECRET) for each in conditions}
            make_views.add_probes(views, name, one, pictures, by)
            make_views.add_restored(views, name, one, pictures, network, by)
            make_views.add_pairs(views, name, one, painter, conditions, by, whole=name == TEST)
        make_views.add_regressed(views, painter, own, conditions, by)
        views.save(store.folder / VIEWS)
