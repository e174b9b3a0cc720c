"""Training of a generator of faces from codes, so that frozen matchers read from the face what the code says.

First pixels alone: begun together, the matchers' terms keep the picture from ever becoming a face. A target
is the *erased* embedding of its matcher. The generator only knows the code, so it cannot put in what the code
lacks, but a target with perceived gender in it would have it show all that an imperfect erasure left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from sklearn.linear_model import Ridge

from lib.faces.faceset import FaceSet
from lib.faces.grey import unit_grey
from lib.networks.generator import LINEAR
from lib.networks.matcher import unit_length
from lib.training.history import History
from lib.training.objectives.weighted import Phase, WeightedObjective, fit_phases
from lib.training.recipes import make_feeds

EMBEDDING_SCALE = 16.0
"""Of the cosines before the softmax over subjects."""
RIDGE = 0.03
"""Of the linear face, per image; the numbers that it is told have variance 1."""
_TONES = (0.02, 0.98)  # black and white have no logit
_NEVER = -1e9
_TINY = 1e-6
_MAPS = 3  # inner maps of a matcher that are compared: the later ones know no place

Matcher = Callable[[Any], Any]
"""From grey pictures (B, H, W, 1) in [0, 1] to embeddings (B, D), with gradients: a Keras network, or a
function of the same backend's tensors."""


@dataclass(frozen=True)
class GeneratorWeights:
    """Weights of the terms; one of weight 0 is not computed and logged as 0.

    Attributes
    ----------
    pixel : mean absolute difference to the photograph.
    features : mean absolute difference of the matchers' first inner maps of picture and photograph, as a part
        of the mean size of the photograph's, mean over the maps and over the matchers that give them. Where
        pixels alone ask for the blurred mean of all likely faces, it asks for their edges.
    matching : 1 - cos of the picture's embedding and the target, mean over the matchers.
    subject : cross-entropy, in nats, of the softmax over the subjects' mean targets, mean over the matchers;
        chance is the logarithm of the number of subjects.
    """

    pixel: float = 1.0
    matching: float = 0.0
    subject: float = 0.0
    features: float = 0.0

    @property
    def need_matchers(self) -> bool:
        """Whether a term is about what matchers read."""
        return bool(self.matching or self.subject)


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


class GeneratorObjective(WeightedObjective):
    """The generator with all that judges its faces; only the generator learns.

    Parameters
    ----------
    generator : from {`code`} or {`code`, `nuisance`} to a grey picture.
    matchers : none or more; frozen here where they are Keras networks.
    centres : per matcher float32 (S, D), each subject's mean target, of unit length.
    group : (S,) int, 0 for subjects to train with, 1 to validate with; the softmax knows those of one group.
    jitter : whether the matchers see mirrored and shifted pictures in training, so that a face convinces
        matchers that took no part.
    seed : of the jitter.
    features : networks that give inner maps, see `feature_maps`; none or more, frozen here.

    Raises
    ------
    ValueError : matchers and centres differ in number.
    """

    def __init__(
        self,
        generator: keras.Model,
        matchers: Sequence[Matcher] = (),
        centres: Sequence[np.ndarray] = (),
        group: np.ndarray | None = None,
        *,
        jitter: bool = True,
        seed: int = 0,
        features: Sequence[keras.Model] = (),
    ) -> None:
        super().__init__(GeneratorWeights(), name="generating")
        if len(matchers) != len(centres):
            raise ValueError(f"{len(matchers)} matchers need as many tables of centres, got {len(centres)}")
        self.generator, self.matchers = generator, list(matchers)
        self.features = list(features)
        for network in (*self.matchers, *self.features):
            if isinstance(network, keras.Model):
                network.trainable = False
        self.centres = [np.asarray(one, np.float32) for one in centres]
        self.group = np.zeros(0, np.int32) if group is None else np.asarray(group, np.int32)
        self.jitter = _jitter(seed) if jitter else None

    def build(self, input_shape: Any = None) -> None:
        """All variables exist from the start."""

    def call(self, inputs: Mapping[str, Any], training: bool | None = None) -> Any:
        """The faces, (B, H, W, 1) in [0, 1]."""
        told = {name: inputs[name] for name in ("code", "nuisance") if name in inputs}
        return self.generator(told, training=training)

    def term_values(self, inputs: Mapping[str, Any], outputs: Any, training: bool = False) -> dict[str, Any]:
        """Mean of each term over the batch, scalars float32.

        In training each matcher sees its share of the batch, every other picture if there are two; else all.

        Parameters
        ----------
        inputs : `image` (B, H, W, 1), `subject` (B,) and `target0` (B, D), ... of a batch.
        outputs : pictures (B, H, W, 1), as `call` gives them.
        """
        values = {"pixel": ops.mean(ops.abs(ops.cast(inputs["image"], "float32") - outputs))}
        values |= {"matching": ops.zeros(()), "subject": ops.zeros(())}
        values["features"] = self._features(inputs["image"], outputs, training)
        if not self.matchers or not self.weights_of_terms.need_matchers:
            return values
        shown = self.jitter(outputs, training=True) if training and self.jitter else outputs
        count = len(self.matchers)
        for number in range(count):
            mine = slice(number, None, count) if training else slice(None)
            told = [inputs[name][mine] for name in (f"target{number}", "subject")]
            apart, surprise = self._read(number, shown[mine], *told)
            values["matching"] += ops.mean(apart) / count
            values["subject"] += ops.mean(surprise) / count
        return values

    def _features(self, image: Any, outputs: Any, training: bool) -> Any:
        """The term `features`; in training each network sees its share of the batch."""
        if not self.features or not self.weights_of_terms.features:
            return ops.zeros(())
        count, apart = len(self.features), []
        for number, network in enumerate(self.features):
            mine = slice(number, None, count) if training else slice(None)
            wanted = network(ops.cast(image[mine], "float32"), training=False)
            for found, aim in zip(network(outputs[mine], training=False), wanted, strict=True):
                aim = ops.stop_gradient(ops.cast(aim, "float32"))
                size = ops.mean(ops.abs(aim)) + _TINY
                apart.append(ops.mean(ops.abs(ops.cast(found, "float32") - aim)) / size)
        return sum(apart) / len(apart)

    def _read(self, number: int, pictures: Any, target: Any, subject: Any) -> tuple[Any, Any]:
        """Per picture 1 - cos to the target, and the cross-entropy of its subject."""
        matcher = self.matchers[number]
        keras_one = isinstance(matcher, keras.Model)
        said = matcher(pictures, training=False) if keras_one else matcher(pictures)  # type: ignore[call-arg]
        found = unit_length(ops.cast(said, "float32"))
        apart = 1 - ops.sum(found * unit_length(ops.cast(target, "float32")), axis=-1)
        subject, group = ops.cast(subject, "int32"), ops.convert_to_tensor(self.group)
        others = ops.expand_dims(ops.take(group, subject), 1) != ops.expand_dims(group, 0)
        cosines = ops.matmul(found, ops.transpose(ops.convert_to_tensor(self.centres[number])))
        logits = ops.where(others, _NEVER, EMBEDDING_SCALE * cosines)
        return apart, keras.losses.sparse_categorical_crossentropy(subject, logits, from_logits=True)


def _jitter(seed: int) -> keras.Model:
    """Mirror, and shift by up to 3 % of the side."""
    return keras.Sequential(
        [
            keras.layers.RandomFlip("horizontal", seed=seed, dtype="float32"),
            keras.layers.RandomTranslation(0.03, 0.03, fill_mode="nearest", seed=seed + 1, dtype="float32"),
        ],
        name="jitter",
    )


def enlargement_layer(matcher: keras.Model, size: int) -> keras.Model:
    """The matcher behind a bilinear enlargement, for pictures smaller than those that it knows.

    Parameters
    ----------
    matcher : from (B, H, W, 1) to embeddings.
    size : height and width of the generator's pictures.
    """
    height, width = matcher.input_shape[1:3]
    picture = keras.Input((size, size, 1), name="picture")
    large = keras.layers.Resizing(height, width, interpolation="bilinear", dtype="float32")(picture)
    return keras.Model(picture, matcher(large), name=f"enlarging_{matcher.name}")


def feature_maps(matcher: keras.Model, size: int) -> keras.Model | None:
    """The first inner maps of a residual matcher, for the term `features`; None where it has none.

    Parameters
    ----------
    matcher : of `networks.matcher`.
    size : height and width of the generator's pictures, enlarged to the matcher's where they are smaller.

    Returns
    -------
    Model from (B, size, size, 1) in [0, 1] to a list of maps, the stem's and those of the first stages.
    """
    names = [one.name for one in matcher.layers if one.name.endswith("_active")]
    outer = [name for name in names if not name.endswith("_a_active")][:_MAPS]
    if not outer:
        return None
    maps = keras.Model(matcher.input, [matcher.get_layer(name).output for name in outer], name="feature_maps")
    if matcher.input_shape[1] == size:
        return maps
    height, width = matcher.input_shape[1:3]
    picture = keras.Input((size, size, 1), name="picture")
    large = keras.layers.Resizing(height, width, interpolation="bilinear", dtype="float32")(picture)
    return keras.Model(picture, maps(large), name="enlarging_feature_maps")


def solve_linear_face(generator: keras.Model, told: np.ndarray, pictures: np.ndarray) -> None:
    """Set the generator's linear face by ridge regression of the pictures' logits on what it is told.

    Parameters
    ----------
    generator : of `networks.generator`, with a linear face.
    told : float32 (N, D + n), code and nuisance numbers of the photographs to learn from, side by side.
    pictures : uint8 (N, size, size, 1 or 3).
    """
    height, width = generator.output_shape[1:3]
    tones = np.clip(unit_grey(pictures).reshape(len(told), height * width), *_TONES)
    solved = Ridge(alpha=RIDGE * len(told)).fit(told, np.log(tones / (1 - tones)))
    generator.get_layer(LINEAR).set_weights([solved.coef_.T, solved.intercept_])


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
    generator : of `networks.generator`.
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
    ValueError : a subject is in training and in validation, a phase whose terms need matchers without any, or
        codes, nuisance or targets that are missing or do not fit the rows.
    """
    values = _values(faces, codes, nuisance, targets, np.concatenate([rows, validation]))
    if not targets and any(phase.weights.need_matchers for phase in phases):
        raise ValueError("the terms `matching` and `subject` need matchers: give targets, or weights of 0")
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
