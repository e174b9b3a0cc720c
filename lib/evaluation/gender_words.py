"""Words of chapter 05 that follow its numbers: who is fooled, what is hidden, who was left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd

from lib.deidentify.attacks.grid import Design
from lib.evaluation.gender_attacks import SIGN, GenderAttacks
from lib.evaluation.gender_judges import TRAINED
from lib.evaluation.gender_page import GenderJudged, GenderTest
from lib.evaluation.map_removal import MapRemoval
from lib.measures.claims import MIN_EFFECT
from lib.measures.estimate import Estimate, as_estimate
from lib.measures.resampling import BootstrapOptions

MISSING = "not measured by this protocol yet"


def fooled_word(before: Estimate, op: Estimate) -> str:
    """Whether a classifier is fooled, by its plain AUCs on originals and on protected pictures."""
    if op.high < 0.5:
        return "it is fooled"
    return "it reads less, but is not fooled" if op.high < before.low else "it is not fooled"


def hidden_word(before: Estimate, protected: Estimate) -> str:
    """Whether something is hidden, by the direction-free AUCs of the strongest attackers."""
    if protected.high >= before.low:
        return "nothing is hidden"
    return (
        "gender is partly hidden"
        if before.estimate - protected.estimate >= MIN_EFFECT
        else "little is hidden"
    )


def gain_word(gain: Estimate) -> str:
    """What a paired difference of the strongest attackers, protected minus original, means."""
    if gain.low > 0:
        return "the protected picture tells an attacker *more* than the photograph did"
    return (
        "the protected picture tells an attacker less"
        if gain.high < 0
        else "no difference between the two can be shown"
    )


def lost_text(lost: Mapping[str, tuple[int, int]]) -> str:
    """Sentence about the images that were left out, of all, because some judge found no face in them."""
    said = [f"{count:,} of {whole:,} of {data}" for data, (count, whole) in lost.items() if count]
    if not said:
        return "Every judge found a face in every image."
    return f"Images in which any judge found no face are left out for all judges: {', '.join(said)}."


def sign_text(removal: MapRemoval | None, attacks: GenderAttacks, test: GenderTest) -> str:
    """Sentences about the attacker who reads the sign of the map, on the first data set."""
    if removal is None:
        return (
            "The network used here has a hidden layer after the prototype, so no fixed map can be taken off."
        )
    data = test.sets[0]
    figure = attacks.readings[data][SIGN]["op"].auc_free
    right = removal.share_right(test.rows[data], test.male)
    return (
        f"Guessed from the picture alone, the sign is right for {right:.1%} of the test images; used as a "
        f"score of gender, it has a direction-free AUC of {figure:.2f}. With the true sign, SM comes back "
        "except for the rounding to 8 bits."
    )


def reading_words(
    judged: GenderJudged,
    attacks: GenderAttacks,
    data: str,
    name_of: Callable[[str], str],
    **draws: Unpack[BootstrapOptions],
) -> dict[str, str]:
    """Figures and words that the text quotes, by name.

    Parameters
    ----------
    judged, attacks : what was read. data : of which set.
    name_of : name of a judge in results -> in words.
    draws : of the interval of the paired difference.
    """
    read, panel = judged.read[data], judged.panels[data]
    own, worst = read[TRAINED], attacks.worst(data)
    gain = attacks.gain(data, **draws)
    turned = sum(one["op"].free.turned for one in read.values())
    found = {f"trained_{name}": f"{own[name].auc:.2f}" for name in ("before", "sm", "op", "control")}
    found |= {
        "trained_free": f"{own['op'].auc_free:.2f}",
        "trained_predicted": f"{own['op_predicted'].auc:.2f}",
    }
    for name in ("before", "op", "report_op", "private"):
        known = name in worst
        found[f"worst_{name}"] = f"{worst[name]['auc_free']:.2f}" if known else "not trained here"
        found[f"best_{name}_name"] = name_of(worst[name]["name"]) if known else "nobody"
    gate = attacks.gate
    return found | {
        "fooled_word": fooled_word(own["before"].auc, own["op"].auc),
        "hidden_word": hidden_word(worst["before"]["auc_free"], worst["op"]["auc_free"]),
        "gain": f"{gain:+.3f}",
        "gain_word": gain_word(gain),
        "turned": f"{turned} of {len(read)}",
        "judges": str(len(read)),
        "lost": lost_text(judged.lost),
        "least": f"{MIN_EFFECT:.2f}",
        "wanted": f"{judged.weakest(data):.2f}",
        "test_images": f"{len(panel.positive):,}",
        "test_subjects": f"{len(np.unique(panel.subjects)):,}",
        "passed": f"{len(gate.passed)} of {len(gate.passed) + len(gate.failed)}",
    }


def photograph_words(kept: Mapping[str, Any], data: str = "celeba") -> dict[str, str]:
    """What the text quotes of a run on photographs, by name; MISSING where this protocol has not run.

    Parameters
    ----------
    kept : values of that run.
    data : set of photographs.
    """
    worst = kept.get("worst_attackers", {}).get(data, {})
    names = ("before", "op", "report_op", "authors_op", "private")
    read = {name: as_estimate(worst[name]["auc_free"]) for name in names if name in worst}
    return {f"photographs_{name}": f"{read[name]:.2f}" if name in read else MISSING for name in names}


def growth_words(growth: pd.DataFrame) -> dict[str, str]:
    """The smallest and the largest number of subjects, with their figures.

    Parameters
    ----------
    growth : subjects, estimate, low, high; rising.
    """
    found: dict[str, str] = {}
    for name, row in {"fewest": growth.iloc[0], "most": growth.iloc[-1]}.items():
        figure = Estimate(row["estimate"], row["low"], row["high"])
        found |= {name: f"{int(row['subjects']):,}", f"{name}_auc": f"{figure:.2f}"}
    return found


def trained_words(designs: Mapping[str, Design]) -> dict[str, str]:
    """How often the first design was trained.

    Parameters
    ----------
    designs : of the attackers.
    """
    first, design = next(iter(designs.items()))
    again = sum(name.startswith(f"{first}_") and one.kind == design.kind for name, one in designs.items())
    return {"trainings": {0: "only once", 1: "twice"}.get(again, f"{again + 1} times")}


def sets_text(photographs: bool) -> str:
    """Which sets the picture at the top shows.

    Parameters
    ----------
    photographs : whether a run of this protocol on photographs is kept.
    """
    if photographs:
        return "Upper charts: this page's faces; lower charts: photographs of CelebA."
    return "Only this page's faces are shown; this protocol has not been run on photographs yet."
