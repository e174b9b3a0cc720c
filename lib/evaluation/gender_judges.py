"""Judges and attackers of chapter 05, and whom each of them has met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lib.evaluation.who_saw_whom import Overlap, Party, check, overlaps, private_party, read_declared
from lib.faces.faceset import FaceSet
from lib.judges import registry
from lib.judges.base import Judge
from lib.judges.book_networks import GenderJudge
from lib.networks.registry import ARCHITECTURES
from lib.training.data.feed import Augmentation
from lib.training.loop.device import set_determinism
from lib.training.parallel import run_parallel
from lib.training.recipes import fit_classifier
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

TRAINED = "trained_gender"
"""The classifier that the protections learned to fool."""
FINETUNED = "attacker_finetuned"
"""The attacker who starts from the weights of TRAINED."""
RECIPES_OF_OURS = ("op", "report_op", "reversed_op")
"""Protections that learned from the same subjects, and to fool TRAINED."""


def gender_judges(
    before: ModelStore, store: ModelStore, unseen: Iterable[str], published: Path | None = None
) -> dict[str, Judge]:
    """All judges of perceived gender, by the names that results use.

    Parameters
    ----------
    before : with the `classifier` that took part in training; it becomes TRAINED.
    store, unseen : classifiers that learned from other subjects' untouched pictures, and their names in it.
    published : folder of the networks that others published, which join as `published_...`; None: none.

    Raises
    ------
    WeightsError, JudgeError : a network is missing or damaged.
    """
    own = GenderJudge(TRAINED, before.get("classifier"), trained_on="subjects of the protection")
    found: dict[str, Judge] = {TRAINED: own}
    for name in unseen:
        found[name] = GenderJudge(name, store.get(name), trained_on="other subjects, untouched pictures")
    if published is not None:
        theirs = registry.scorers(registry.published_judges(published), "gender")
        found |= {f"published_{name.removeprefix('gender_')}": judge for name, judge in theirs.items()}
    return found


def gender_parties(
    judges: Mapping[str, Judge],
    attackers: Iterable[str],
    treatments: Iterable[str],
    recipe: Mapping[str, Any],
    stored: ModelStore,
) -> list[Party]:
    """Protections, judges and attackers, with what each of them learned from.

    Parameters
    ----------
    judges : as `gender_judges` gives them.
    attackers : names of those who retrain.
    treatments : those shown; where `private` and `authors_op` are among them, these protections count.
    recipe, stored : of `private`, as for `private_party`: parameter of chapter 04, store of its generator.
    """
    ours, none = frozenset({"protection"}), frozenset[str]()
    found = [Party(name, True, ours, helpers=frozenset({TRAINED})) for name in RECIPES_OF_OURS]
    there = set(treatments)
    found += [private_party(recipe, stored.about("generator"))] if "private" in there else []
    found += [Party("authors_op", True, sets=("celeba/train",))] if "authors_op" in there else []
    for name, judge in judges.items():
        roles = ours if name == TRAINED else frozenset({"unseen"}) if name.startswith("unseen_") else none
        found.append(Party(name, roles=roles) if roles else Party.of_card(name, judge.card))
    for name in attackers:
        found.append(Party(name, roles=frozenset({"attackers"}) | (ours if name == FINETUNED else none)))
    return found


def checked_overlaps(parties: Sequence[Party], sets: Iterable[str]) -> list[Overlap]:
    """All overlaps on several data sets.

    Raises
    ------
    LeakError : one that front/overlaps.yml does not declare.
    """
    met = [one for data in sets for one in overlaps(parties, data)]
    check(met, read_declared())
    return met


def marks(met: Iterable[Overlap]) -> dict[tuple[str, str], str]:
    """Judge and protection, or judge and data set -> what they share, in words: their figures are no test.

    The judge of training, and attackers who know the protection, are what their names say and get no mark.

    Parameters
    ----------
    met : of `who_saw_whom.overlaps`.
    """
    found: dict[tuple[str, str], str] = {}
    for one in met:
        if one.who.startswith(("unseen_", "published_")):
            said = found.get((one.who, one.whom))
            found[one.who, one.whom] = f"{said} and {one.what}" if said else one.what
    return found


def train_judges(
    store: ModelStore,
    kinds: Mapping[str, str],
    faces: FaceSet,
    rows: np.ndarray,
    chosen_by: np.ndarray,
    plan: TrainingPlan,
    scratch: Path,
    *,
    augment: Sequence[Augmentation],
) -> None:
    """Train classifiers of several architectures on untouched pictures, in parallel, and keep them.

    Parameters
    ----------
    kinds : name in the store -> architecture, one of `ARCHITECTURES`.
    faces : square. rows, chosen_by : to learn from, and by which the epoch is chosen.
    plan : of each training; its seed is also that of the first weights.
    scratch : folder for what a later run resumes from.
    augment : what pictures go through in training.
    """
    learn = partial(_learn, store, faces, rows, chosen_by, plan, scratch, augment)
    run_parallel([partial(learn, name, kind) for name, kind in kinds.items()], title="judges")


def _learn(
    store: ModelStore,
    faces: FaceSet,
    rows: np.ndarray,
    chosen_by: np.ndarray,
    plan: TrainingPlan,
    scratch: Path,
    augment: Sequence[Augmentation],
    name: str,
    kind: str,
) -> None:
    set_determinism(plan.seed)
    settings: dict[str, Any] = {"size": faces.size[0]}
    network = ARCHITECTURES[kind](**settings)
    course = fit_classifier(network, faces, rows, chosen_by, plan, scratch, name=name, augment=augment)
    store.put(name, network, kind, settings, float16=True)
    store.put_history(name, course)
