"""What trained semi-adversarial autoencoders do to test faces, and what to call it.

A classifier that fails on OP alone was fooled. One that fails on SM too, which paints the face's own label,
met a spoiled picture: that is degradation, whatever the loss says. `verdict` draws that line by numbers, and
says where they draw none.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Unpack

import keras
import numpy as np
import pandas as pd

from lib.evaluation.scored_faces import Scored
from lib.faces.faceset import FaceSet
from lib.faces.grey import as_rgb, to_grey, unit_grey
from lib.faces.loading.align import similarity, warp
from lib.faces.titles import title
from lib.judges.book_networks import GenderJudge
from lib.measures.bootstrap_intervals import bootstrap_auc, bootstrap_auc_difference, bootstrap_mean
from lib.measures.claims import MIN_EFFECT
from lib.measures.estimate import Estimate, as_estimate
from lib.measures.image_quality import mean_psnr, rmse, ssim
from lib.measures.resampling import BootstrapOptions
from lib.networks.predict import predict
from lib.networks.san import OUTPUTS, SanAutoencoder
from lib.networks.san_losses import entropy, matching_chance, pixel_floor
from lib.training.inference import BATCH, predict_images

Verdict = Literal[
    "turned round", "turned round, SM spoiled", "OP lowered", "OP lowered, SM spoiled", "OP below SM",
    "degradation", "SM spoiled", "OP lowered, cause open", "still read", "nothing shown", "unread before",
]  # fmt: skip
Apart = Literal["differ", "alike", "cannot be told"]
_DIFFERENCES = {"lost": ("before", "sm"), "fell": ("before", "op"), "apart": ("sm", "op")}
"""Differences of AUC, the first less the second."""
MOST_FITTED = 400
"""Faces to which prototypes are warped at most: each gets three of its own."""
FEWEST = 100
"""Subjects behind a mean face that may be shown."""


def game_figures(
    made: Mapping[str, np.ndarray],
    faces: FaceSet,
    classifier: GenderJudge,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, Any]:
    """Distance of both outputs to the faces, and how well a classifier reads them.

    Parameters
    ----------
    made : `sm` and `op` of an autoencoder that was told the true label, uint8 (N, H, W).
    faces : the N faces, with `Male` known in all rows.

    Returns
    -------
    For `sm` and `op` estimates `psnr` (dB) and `auc`, for `before` `auc`; `lost`, AUC before minus AUC on SM,
    `fell`, before minus OP, and `apart`, SM minus OP, each paired over the same draws of subjects.
    """
    male, subjects, before = faces.binary("Male"), faces.subjects, to_grey(faces.images)
    pictures = {"before": before, "sm": made["sm"], "op": made["op"]}
    read = {name: classifier.logits(one) for name, one in pictures.items()}
    found: dict[str, Any] = {
        name: {
            "psnr": mean_psnr(rmse(made[name], before), subjects, **draws),
            "auc": bootstrap_auc(read[name], male, subjects, **draws),
        }
        for name in ("sm", "op")
    }
    found["before"] = {"auc": bootstrap_auc(read["before"], male, subjects, **draws)}
    for name, (high, low) in _DIFFERENCES.items():
        found[name] = bootstrap_auc_difference(read[high], read[low], male, subjects, **draws)
    return found


def readings_apart(
    code: np.ndarray,
    text: np.ndarray,
    faces: FaceSet,
    classifier: GenderJudge,
    **draws: Unpack[BootstrapOptions],
) -> Estimate:
    """AUC on OP of the first reading of the opposite label minus that of the second, paired by subjects.

    Parameters
    ----------
    code, text : OP pictures uint8 (N, H, W) of the N faces, by the label of the report's code and by 1 - y.
    """
    first, second = (classifier.logits(one) for one in (code, text))
    return bootstrap_auc_difference(first, second, faces.binary("Male"), faces.subjects, **draws)


def apart(difference: Estimate) -> Apart:
    """Whether two AUCs differ by MIN_EFFECT or more with an interval without 0, lie within it, or neither.

    Parameters
    ----------
    difference : paired, of either sign.
    """
    if abs(difference.estimate) >= MIN_EFFECT and (difference.low > 0 or difference.high < 0):
        return "differ"
    inside = difference.low > -MIN_EFFECT and difference.high < MIN_EFFECT
    return "alike" if inside else "cannot be told"


def verdict(figures: Mapping[str, Any]) -> Verdict:
    """Name of what a training did to the classifier that it played against.

    A difference counts from MIN_EFFECT on, if its interval excludes 0. A classifier that reads the untouched
    faces no better than MIN_EFFECT above chance cannot be fooled. Where no difference counts, `still read`
    asks for intervals that rule out any of MIN_EFFECT.

    Parameters
    ----------
    figures : as `game_figures` gives them, or as results keep them.
    """
    before, op = (as_estimate(figures[name]["auc"]) for name in ("before", "op"))
    differences = {name: as_estimate(figures[name]) for name in _DIFFERENCES}
    lost, fell, between = (_counts(differences[name]) for name in ("lost", "fell", "apart"))
    if before.estimate < 0.5 + MIN_EFFECT:
        return "unread before"
    if between:
        if op.high < 0.5:
            return "turned round, SM spoiled" if lost else "turned round"
        if lost:
            return "OP lowered, SM spoiled"
        return "OP lowered" if fell else "OP below SM"
    if lost:
        return "degradation" if fell else "SM spoiled"
    if fell:
        return "OP lowered, cause open"
    small = all(one.high < MIN_EFFECT for one in differences.values())
    return "still read" if small else "nothing shown"


def _counts(difference: Estimate) -> bool:
    return difference.estimate >= MIN_EFFECT and difference.low > 0


def op_figures(
    op: np.ndarray, faces: FaceSet, classifier: GenderJudge, **draws: Unpack[BootstrapOptions]
) -> dict[str, Estimate]:
    """AUC of a classifier on OP pictures uint8 (N, H, W) of N faces, and their PSNR, as tables call them."""
    male, subjects, score = faces.binary("Male"), faces.subjects, classifier.logits(op)
    return {
        "AUC on OP": bootstrap_auc(score, male, subjects, **draws),
        "PSNR, dB": mean_psnr(rmse(op, to_grey(faces.images)), subjects, **draws),
    }


def term_levels(
    faces: FaceSet, share: float, matcher: keras.Model
) -> tuple[dict[str, float], dict[str, float]]:
    """Where answers that know nothing, and perfect ones, leave the terms of the game.

    Parameters
    ----------
    faces : images that are looked at. share : of male labels in training.
    matcher : from a grey picture to its embedding; at chance it compares one image of each subject.

    Returns
    -------
    Value at chance (NaN for the pixels), and the least value of the pixel terms, by name of the term.
    """
    first = np.unique(faces.subjects, return_index=True)[1]
    others = float(matching_chance(predict_images(matcher, faces.images[first])))
    least = float(np.mean(pixel_floor(unit_grey(faces.images))))
    level = {"gender": entropy(share), "matching": others, "pixel": float("nan")}
    chance = {f"{term}_{output}": one for term, one in level.items() for output in ("sm", "op")}
    return chance, {"pixel_sm": least, "pixel_op": least}


def treatment_figures(
    pictures: Mapping[str, np.ndarray],
    positive: np.ndarray,
    subjects: np.ndarray,
    classifier: GenderJudge,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, dict[str, Any]]:
    """PSNR and SSIM to `before`, and the AUC of one classifier, for each treatment of the same faces.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W); `before` among them.
    positive, subjects : (N,). SSIM, which is slow, is taken of the first picture of each subject.

    Returns
    -------
    `psnr` and `ssim`, treatment -> estimate, all but `before`; `trained_gender`, treatment -> {`auc`}.
    """
    before, first = pictures["before"], np.unique(subjects, return_index=True)[1]
    altered = {name: one for name, one in pictures.items() if name != "before"}
    return {
        "psnr": {name: mean_psnr(rmse(one, before), subjects, **draws) for name, one in altered.items()},
        "ssim": {
            name: bootstrap_mean(ssim(one[first], before[first]), subjects[first], **draws)
            for name, one in altered.items()
        },
        "trained_gender": {
            name: {"auc": bootstrap_auc(classifier.logits(one), positive, subjects, **draws)}
            for name, one in pictures.items()
        },
    }


def mean_pictures(pictures: Mapping[str, np.ndarray], subjects: np.ndarray) -> dict[str, np.ndarray]:
    """Mean picture of each treatment, uint8 (H, W); empty where fewer than FEWEST subjects stand behind it.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W). subjects : (N,).
    """
    if len(np.unique(subjects)) < FEWEST:
        return {}
    return {name: np.rint(one.mean(0)).astype(np.uint8) for name, one in pictures.items()}


def at_strength(san: SanAutoencoder, images: np.ndarray, label: np.ndarray, strength: float) -> np.ndarray:
    """SM plus `strength` times the fixed map in the logit: 0 gives SM, 1 gives OP; uint8 (N, H, W).

    Parameters
    ----------
    san : with the pointwise combiner and fixed prototypes.
    images : uint8 (N, H, W, 3) or grey (N, H, W, 1). label : (N,) male 1.

    Raises
    ------
    ValueError : another combiner, whose map is not fixed.
    """
    if san.settings["combiner"] != "pointwise":
        raise ValueError("only the pointwise combiner adds one fixed map")
    logits = san.logits({"image": unit_grey(images), "label": np.asarray(label, np.float32)})
    same, opposite = (keras.ops.convert_to_numpy(logits[name])[..., 0] for name in ("sm", "op"))
    moved = same + strength * (opposite - same)
    return np.rint(255 / (1 + np.exp(-moved))).astype(np.uint8)


def op_with_fitted_prototypes(
    san: SanAutoencoder, faces: FaceSet, prototypes: np.ndarray, reference: np.ndarray
) -> np.ndarray:
    """OP pictures of a trained network whose prototypes are warped to each face, uint8 (N, H, W).

    Parameters
    ----------
    san : whose settings and weights are used; it is told the true label.
    faces : with `Male` and the five points known in all rows.
    prototypes : float32 (3, H, W, 3) in [0, 1].
    reference : (5, 2), where the prototypes have the five points.
    """
    settings: dict[str, Any] = {**san.settings, "outputs": ("op",)}
    free = SanAutoencoder(None, san.size, **settings)
    free.set_weights(san.get_weights())
    male, points, parts = faces.binary("Male").astype(np.float32), faces.points, []
    assert points is not None
    for start in range(0, len(faces), BATCH):
        some = slice(start, start + BATCH)
        matrices = [similarity(reference, five) for five in points[some]]
        fitted = [[warp(one, matrix, san.size) for one in prototypes] for matrix in matrices]
        inputs = {"image": unit_grey(faces.images[some]), "label": male[some]}
        painted = predict(free, {**inputs, "prototypes": np.array(fitted, np.float32)})["op"]
        parts.append(np.rint(255 * np.clip(painted[..., 0], 0, 1)).astype(np.uint8))
    return np.concatenate(parts)


def save_generated(
    pictures: Mapping[str, Mapping[str, np.ndarray]], sets: Mapping[str, FaceSet], folder: Path
) -> dict[str, dict[str, int]]:
    """Keep OUTPUTS as sets of their own, `<set>/<output>_<label>` below `folder`, as the report does.

    Parameters
    ----------
    pictures : set -> treatment -> uint8 (N, H, W), those of OUTPUTS among them.
    sets : set -> the N faces, with `Male` known.
    folder : what an earlier run left in it is replaced.

    Returns
    -------
    Set -> images in the folders of each output: `female`, `male`; and `subjects` of both.
    """
    return {name: _save_set(pictures[name], one, folder / name) for name, one in sets.items()}


def _save_set(pictures: Mapping[str, np.ndarray], faces: FaceSet, folder: Path) -> dict[str, int]:
    male, found = faces.binary("Male"), {}
    for label, which in (("female", ~male), ("male", male)):
        labels = faces.labels[which].reset_index(drop=True)
        for name in OUTPUTS:
            place = folder / f"{name}_{label}"
            shutil.rmtree(place, ignore_errors=True)
            told = {"treatment": name}
            FaceSet(as_rgb(pictures[name][which]), labels, f"{faces.name} {name}", told).save(place)
        found[label] = int(which.sum())
    return {**found, "subjects": len(np.unique(faces.subjects))}


def generated_table(report: pd.DataFrame, ours: Mapping[str, Mapping[str, int]]) -> pd.DataFrame:
    """Images in the sets of each output, the report's and ours.

    Parameters
    ----------
    report : columns `data`, `female`, `male`.
    ours : name of the faces -> what `save_generated` counted, or results keep of it.
    """
    rows = pd.DataFrame([{"data": f"this book, {title(name)}", **one} for name, one in ours.items()])
    return pd.concat([report, rows], ignore_index=True).astype({"subjects": "Int64"})


def pairs_of_images(pictures: Mapping[str, np.ndarray], faces: FaceSet, rows: np.ndarray) -> Scored | None:
    """Two images of each subject, before and as `private`; None of faces that may not be shown.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W); without `private` there is `before` alone.
    faces : the N faces.
    rows : images of the subjects to show; those with one image are left out.

    Returns
    -------
    Without scores; treatments of the second images are called `before, again` and `private, again`.
    """
    if not faces.publishable:
        return None
    found = [np.flatnonzero(faces.subjects == faces.subjects[at])[:2] for at in rows]
    both = np.array([pair for pair in found if len(pair) == 2]).T
    kinds = [kind for kind in ("before", "private") if kind in pictures]
    first, again = ({kind: pictures[kind][some] for kind in kinds} for some in both)
    return Scored(first | {f"{kind}, again": again[kind] for kind in kinds}, {})


def ops_of(painted: Mapping[str, Mapping[str, np.ndarray]], faces: FaceSet) -> dict[str, np.ndarray]:
    """The faces in grey as `before`, and OP of each training by its name, uint8 (N, H, W)."""
    return {"before": to_grey(faces.images), **{name: one["op"] for name, one in painted.items()}}


def evenly_spaced(positive: np.ndarray, count: int) -> np.ndarray:
    """At most `count` row numbers, evenly spaced over the rows sorted by label, negative ones first."""
    order = np.argsort(positive, kind="stable")
    return order[np.unique(np.linspace(0, len(order) - 1, count).astype(int))]
