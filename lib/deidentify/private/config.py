"""What is chosen before `ours_private` is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lib.deidentify.private.erasure import POOLING
from lib.faces.splits import ROLES
from lib.networks.face_decoder import WIDTHS
from lib.training.objectives.generator_objective import GeneratorWeights
from lib.training.objectives.weighted import Phase
from lib.training.training_plan import TrainingPlan

_AUC = {"least": 0.5, "most": 1}
_COUNT = {"least": 1}
_RATE = {"above": 0, "most": 1}


@dataclass(frozen=True)
class PrivateConfig:
    """What is chosen before; bounds of the fields are in their metadata.

    Attributes
    ----------
    roles : of the subjects (`faces.splits.role_rows`) that eraser and generator learn from.
    removed : numbers of directions to try, rising.
    wanted, wanted_averaged : AUC of the strongest attacker of one code, and of all codes of a subject.
    dimension : numbers of the code at most; 0: as many as vary. pooling : of `fit_eraser`.
    pixel_epochs, pixel_learning_rate : of the first phase, pixels alone.
    matching_epochs, matching_learning_rate, terms : of the second, with the weights of its terms.
    batch, seed : of both.
    most : images of a subject that are used; 0: all.
    side : of the generator's pictures in pixels; 0: that of the faces. They are enlarged to it in use.
    watched : validation images at most that the generator is held against after every epoch; 0: all.
    pixel_terms : weights of the terms of the first phase, without those that are about matchers' embeddings.
    pose : whether the generator is told the head's pose in full, see `nuisance_features`.
    widths : channels of the generator's five maps.
    """

    roles: tuple[str, ...] = field(metadata={"words": ROLES})
    removed: tuple[int, ...] = field(metadata={"least": 1, "rising": True})
    wanted: float = field(metadata=_AUC)
    wanted_averaged: float = field(metadata=_AUC)
    pixel_epochs: int = field(metadata=_COUNT)
    pixel_learning_rate: float = field(metadata=_RATE)
    matching_epochs: int = field(metadata=_COUNT)
    matching_learning_rate: float = field(metadata=_RATE)
    terms: Mapping[str, float] = field(metadata={"of": GeneratorWeights})
    batch: int = field(metadata=_COUNT)
    seed: int
    most: int = 0
    side: int = 0
    watched: int = 0
    pixel_terms: Mapping[str, float] = field(
        default_factory=lambda: {"pixel": 1.0}, metadata={"of": GeneratorWeights}
    )
    pose: bool = False
    dimension: int = 0
    pooling: float = field(default=POOLING, metadata={"least": 0, "most": 1})
    widths: tuple[int, ...] = field(default=WIDTHS, metadata={"least": 1, "length": len(WIDTHS)})

    @property
    def phases(self) -> list[Phase[GeneratorWeights]]:
        """Of the generator."""
        pixel = TrainingPlan(self.pixel_epochs, self.batch, self.pixel_learning_rate, self.seed)
        matching = TrainingPlan(self.matching_epochs, self.batch, self.matching_learning_rate, self.seed)
        return [
            Phase(pixel, GeneratorWeights(**self.pixel_terms)),
            Phase(matching, GeneratorWeights(**self.terms)),
        ]
