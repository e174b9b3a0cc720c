"""What gender judges read from the same pictures under several treatments, and how well.

Plain AUC says whether a judge is *fooled*: below one half it answers the wrong way round. Direction-free
AUC says whether something is *hidden*: whoever asks the judge may turn its answer, as other subjects teach.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Unpack

import numpy as np
import pandas as pd
from tqdm import tqdm

from lib.deidentify.attacks.result import AttackResult, attack_result
from lib.faces.faceset import FaceSet
from lib.judges.base import Judge
from lib.measures.bootstrap_intervals import bootstrap_roc
from lib.measures.estimate import Estimate, EstimateBand, strongest
from lib.measures.resampling import BootstrapOptions
from lib.measures.score_table import Directions, ScoreTable


def score_treatments(
    judges: Mapping[str, Judge],
    pictures: Mapping[str, np.ndarray],
    faces: FaceSet,
    attribute: str = "Male",
    *,
    progress: bool = True,
) -> ScoreTable:
    """Let all judges look at all treatments of the same faces.

    Parameters
    ----------
    judges : by the names that results use.
    pictures : treatment -> uint8 (N, H, W) grey, in the order of `faces`.
    faces : whose `attribute` is known in all rows, and whose points hold for altered pictures too.
    progress : a bar on stderr.

    Raises
    ------
    ValueError : a treatment has another number of pictures.
    """
    wrong = [name for name, grey in pictures.items() if len(grey) != len(faces)]
    if wrong:
        raise ValueError(f"{faces.name}: {len(faces)} faces, but not as many pictures of {', '.join(wrong)}")
    scores: dict[str, dict[str, np.ndarray]] = {name: {} for name in judges}
    with tqdm(total=len(judges) * len(pictures), desc="judges", disable=not progress, leave=False) as bar:
        for treatment, grey in pictures.items():
            rgb = np.broadcast_to(grey[..., None], (*grey.shape, 3))  # three equal channels, not copied
            for name, judge in judges.items():
                scores[name][treatment] = judge(rgb, faces.points).values
                bar.update()
    return ScoreTable(scores, faces.binary(attribute), faces.subjects)


def gender_readings(
    test: ScoreTable, directions: Directions, **draws: Unpack[BootstrapOptions]
) -> dict[str, dict[str, AttackResult]]:
    """What each judge reads from each treatment, judge -> treatment; `figures` has AUC, A* and EER.

    Parameters
    ----------
    test : those who are judged, without missing scores (`complete`).
    directions : from subjects that are not in `test`.
    draws : `replicates`, `seed` of the intervals over subjects.

    Raises
    ------
    ValueError : a score is missing, or a direction is NaN.
    """
    return {
        judge: {
            name: attack_result(values, test.positive, test.subjects, directions[judge][name], **draws)
            for name, values in own.items()
        }
        for judge, own in test.scores.items()
    }


def estimates_of(
    found: Mapping[str, Mapping[str, AttackResult]], measure: str, treatments: Iterable[str]
) -> dict[str, dict[str, Estimate]]:
    """One figure of each judge, judge -> treatment, in the order of `treatments`; those not met are left out.

    Parameters
    ----------
    measure : a name of `AttackResult.figures`.
    """
    wanted = list(treatments)
    return {
        judge: {name: own[name].figures()[measure] for name in wanted if name in own}
        for judge, own in found.items()
    }


def best_reader(
    found: Mapping[str, Mapping[str, AttackResult]], prefixes: tuple[str, ...], treatment: str
) -> str:
    """The judge with the highest direction-free AUC on a treatment; of equal ones the first.

    Parameters
    ----------
    prefixes : only judges whose name starts with one of them.

    Raises
    ------
    ValueError : there is none, or one has no figure: it could be the best.
    """
    read = estimates_of(found, "auc_free", [treatment])
    return strongest({name: own[treatment] for name, own in read.items() if name.startswith(prefixes)})


def sampled_aucs(
    test: ScoreTable, directions: Directions, treatments: Iterable[str], count: int, seed: int
) -> pd.DataFrame:
    """Plain AUCs of each judge on so many pictures, drawn at random: what a source's sample would have shown.

    Parameters
    ----------
    test, directions : as for `gender_readings`.
    count : pictures; all where there are fewer.
    seed : of the draw.

    Returns
    -------
    A row for each judge: the treatments' AUCs, `pictures` and `classifier`.
    """
    some = np.sort(np.random.default_rng(seed).permutation(len(test.positive))[:count])
    found = gender_readings(test.take(some), directions, replicates=2, seed=seed)
    read = estimates_of(found, "auc", treatments)
    values = [{name: one.estimate for name, one in own.items()} for own in read.values()]
    return pd.DataFrame(values).assign(pictures=len(some), classifier=list(found))


def kept_readings(
    found: Mapping[str, Mapping[str, AttackResult]], measures: Sequence[str]
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """What results keep: judge -> treatment -> measure, of those `measures` that are asked for."""
    return {
        judge: {name: {key: one.figures()[key] for key in measures} for name, one in own.items()}
        for judge, own in found.items()
    }


def roc_bands(
    test: ScoreTable,
    judge: str,
    treatments: Iterable[str],
    rates: np.ndarray,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, EstimateBand]:
    """ROC curves of one judge with pointwise bands, by treatment.

    Parameters
    ----------
    rates : (K,) false positive rates: the share of women read as men.
    """
    own = test.scores[judge]
    return {
        name: bootstrap_roc(own[name], test.positive, test.subjects, rates, **draws) for name in treatments
    }
