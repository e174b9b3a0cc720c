"""Training of a generator of faces from codes, so that frozen matchers read from the face what the code says.

First pixels alone: begun together, the matchers' terms keep the picture from ever becoming a face. A target
is the *erased* embedding of its matcher. The generator only knows the code, so it cannot put in what the code
lacks, but a target with perceived gender in it would have it show all that an imperfect erasure left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from lib.faces.faceset import FaceSet
from lib.training.loop.history import History
from lib.training.objectives.generator_losses import Matcher
from lib.training.objectives.generator_objective import GeneratorObjective, GeneratorWeights
from lib.training.objectives.weighted import Phase, fit_phases
from lib.training.recipes import make_feeds


@dataclass(frozen=True)
class EmbeddingTarget:
    """A frozen matcher with what it should read from the generated faces.

    Attributes
    ----------
    matcher : from a grey picture to an embedding.
    embeddings : float32 (N, D), rows of unit length, for all rows of the FaceSet: erased.
    features : from a grey picture to inner maps of the matcher (`feature_maps`), or None.
    """

    matcher: Matcher
    embeddings: np.ndarray
    features: keras.Model | None = None


def fit_generator(
    generator: keras.Model,
    faces: FaceSet,
    rows: np.ndarray,
    validation: np.ndarray,
    codes: np.ndarray,
    phases: Sequence[Phase[GeneratorWeights]],
    resume_folder: str | Path | None,
    *,
    nuisance: np.ndarray | None = None,
    targets: Sequence[EmbeddingTarget] = (),
    jitter: bool = True,
    name: str = "generator",
) -> list[History]:
    """Train phase by phase; each starts with a new optimizer and resumes for itself after a kill.

    Parameters
    ----------
    generator : of `networks.face_decoder`.
    faces : pictures in the size of the generator.
    rows, validation : to train with; of other subjects.
    codes : float32 (N, D) for all rows of `faces`: erased embeddings; rows that are not used may be NaN.
    phases : pixels alone first.
    resume_folder : keeps what finished phases reached until the last one is done: clear it afterwards.
    nuisance : float32 (N, n) for all rows, or None.
    targets : matchers that take part, each with the erased embeddings that it should read.
    jitter : see `GeneratorObjective`.

    Returns
    -------
    One History per phase: `loss`, `pixel`, `matching`, `subject`, each with `val_`.

    Raises
    ------
    ValueError : a subject is in training and in validation, a phase whose terms need matchers or inner maps
        without any, or codes, nuisance or targets that are missing or do not fit the rows.
    """
    values = _values(faces, codes, nuisance, targets, np.concatenate([rows, validation]))
    if not targets and any(phase.weights.need_matchers for phase in phases):
        raise ValueError("the terms `matching` and `subject` need matchers: give targets, or weights of 0")
    blind = all(target.features is None for target in targets)
    if blind and any(phase.weights.features for phase in phases):
        raise ValueError("the term `features` needs a target with inner maps: give one, or a weight of 0")
    network = _network(generator, values, rows, validation, targets, jitter, phases[0].plan.seed)
    names = {"labels": (), "inputs": ("image", *values)}
    return fit_phases(
        network,
        phases,
        lambda plan: make_feeds(faces, rows, validation, plan, names, values=values),
        resume_folder,
        identity={"jitter": jitter},
        name=name,
        weights_name="terms",  # as stored states have it
    )


def _values(
    faces: FaceSet,
    codes: np.ndarray,
    nuisance: np.ndarray | None,
    targets: Sequence[EmbeddingTarget],
    used: np.ndarray,
) -> dict[str, np.ndarray]:
    """Arrays of the feed besides the picture, all of its rows known."""
    values = {"code": codes} | ({} if nuisance is None else {"nuisance": nuisance})
    values |= {f"target{number}": target.embeddings for number, target in enumerate(targets)}
    for name, array in values.items():
        if len(array) != len(faces) or not np.isfinite(array[used]).all():
            raise ValueError(
                f"{faces.name}: {name} must have {len(faces)} rows and be finite in those that are used: "
                "leave faces without an embedding out of the rows"
            )
    whole = {name: np.nan_to_num(np.asarray(array, np.float32)) for name, array in values.items()}
    people = np.unique(faces.labels["subject"].astype(str).to_numpy()[used])
    place = np.searchsorted(people, faces.labels["subject"].astype(str).to_numpy())
    return whole | {"subject": np.minimum(place, len(people) - 1).astype(np.int32)}


def _network(
    generator: keras.Model,
    values: Mapping[str, np.ndarray],
    rows: np.ndarray,
    validation: np.ndarray,
    targets: Sequence[EmbeddingTarget],
    jitter: bool,
    seed: int,
) -> GeneratorObjective:
    """`GeneratorObjective` with the mean targets of all subjects in use, built."""
    used, subject = np.concatenate([rows, validation]), values["subject"]
    group = np.zeros(len(np.unique(subject[used])), np.int32)
    group[subject[validation]] = 1
    centres = [
        subject_means(values[f"target{number}"][used], subject[used]) for number in range(len(targets))
    ]
    matchers = [target.matcher for target in targets]
    features = [target.features for target in targets if target.features is not None]
    return GeneratorObjective(
        generator, matchers, centres, group, jitter=jitter, seed=seed, features=features
    )


def subject_means(embeddings: np.ndarray, subjects: np.ndarray) -> np.ndarray:
    """Each subject's mean embedding at length 1, (S, D) float32, in the order of `np.unique(subjects)`.

    Parameters
    ----------
    embeddings : (N, D). subjects : (N,).
    """
    _, codes = np.unique(subjects, return_inverse=True)
    sums = np.zeros((codes.max() + 1, embeddings.shape[1]))
    np.add.at(sums, codes, embeddings)
    return (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
