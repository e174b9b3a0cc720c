"""Words of chapter 05 that follow its numbers: who is fooled, what is hidden, whose label is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

import pandas as pd

from lib.evaluation.gender.attacker_readings import SIGN, GenderAttacks
from lib.evaluation.gender.judged_faces import GenderTest
from lib.evaluation.gender.map_removal import MapRemoval
from lib.judges.names import judge_name
from lib.measures.claims import (
    FOOLED,
    HIDDEN,
    LESS,
    MIN_EFFECT,
    NEAR_CHANCE,
    NONE,
    Verdict,
    near_chance,
)
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions

LEAST = f"{MIN_EFFECT:.2f}"
"""Smallest loss that is claimed, as texts write it."""


def fooled_word(claim: Verdict) -> str:
    """Whether a classifier is fooled, by what may be claimed of its plain AUC against the controls."""
    return {
        FOOLED: "it is fooled",
        LESS: "it reads less than from the controls, but it is not fooled",
        NONE: f"a loss of {LEAST} or more, beyond what the controls take, cannot be claimed",
    }[claim]


def hidden_word(claim: Verdict, gain: Estimate, protected: Estimate) -> str:
    """Whether something is hidden from the strongest attackers.

    Parameters
    ----------
    claim : what may be claimed against the control.
    gain : their AUC on the protection minus that on originals, paired.
    protected : direction-free AUC of the one who is picked among all who learned from the protection, those
        who learned from no control included.
    """
    if claim == HIDDEN and near_chance(protected):
        return "gender is hidden from it"
    if gain.estimate >= 0:
        return "nothing is shown to be hidden from it"
    if gain.low >= -MIN_EFFECT:
        return f"no more than {LEAST} is hidden"
    if gain.estimate <= -MIN_EFFECT and gain.high < 0:
        if claim == NONE:
            return f"a part is hidden, but it cannot be claimed that the blur alone hides {LEAST} less"
        return f"a part is hidden, at least {LEAST} more than the blur alone hides"
    return f"whether {LEAST} or more is hidden cannot be told"


def gain_word(gain: Estimate) -> str:
    """What a paired difference of the strongest attackers, protected minus original, means."""
    if gain.estimate >= MIN_EFFECT and gain.low > 0:
        return "the protected picture tells an attacker more than the photograph did"
    if gain.estimate <= -MIN_EFFECT and gain.high < 0:
        return "the protected picture tells an attacker less than the photograph did"
    return f"no difference of {LEAST} or more is established"


def told_words(read: Mapping[str, Estimate]) -> dict[str, str]:
    """What it means that an attacker reads so much of the label that was told, and of the true one.

    Parameters
    ----------
    read : as `told_label.told_and_true` gives it.
    """
    told, true, apart = (read[name] for name in ("told", "true", "apart"))
    painted = told.low > NEAR_CHANCE and near_chance(true)
    if painted or (told.low > 0.5 and apart.low > 0):
        home = (
            "A protection that tells its encoder the label can paint this label into every picture; here it "
            "did, and the attacker reads it there."
        )
        said = (
            "So it reads what was painted, and hardly the face."
            if painted
            else "So its answer follows the painted label more closely than the face's own."
        )
    elif apart.high < 0:
        said = "So its answer follows the face's own label more closely than the painted one."
        home = "What the attacker reads here comes from the face rather than from the painted label."
    else:
        said = "Which of the two its answer follows more closely cannot be told."
        home = "Whether the attacker reads the painted label or the face cannot be told here."
    return {"told": f"{told:.2f}", "held": f"{true:.2f}", "told_word": said, "told_home": home}


def others_words(read: Mapping[str, Mapping[str, Estimate]], picked: str) -> dict[str, str]:
    """What the other attackers read of the face's own label, with the told one held fixed.

    Parameters
    ----------
    read : name of an attacker -> figures as `told_label.told_and_true` gives them.
    picked : name of the one that the text speaks of.
    """
    others = {name: one["true"] for name, one in read.items() if name != picked}
    if not others:
        return {"others_read": "No other attacker was asked."}
    most = max(others, key=lambda name: others[name].estimate)
    if others[most].low <= 0.5:
        said = "No other attacker was shown to read the face's own label better than chance."
    else:
        said = (
            f"That does not mean that the face tells nothing: from the same pictures, “{judge_name(most)}” "
            f"reads the face's own label with {others[most]:.2f}."
        )
    return {"others_read": said}


def reversed_words(claimed: pd.DataFrame, moved: Mapping[str, Estimate], data: str) -> dict[str, str]:
    """How much of what OP with the label of the report's code hides is more than its blur hides.

    Parameters
    ----------
    claimed : of `judge_claims`.
    moved : treatment -> mean distance to the original in grey levels, RMSE.
    data : set of faces.
    """
    rows = claimed[
        (claimed["data"] == data)
        & (claimed["treatment"] == "reversed_op")
        & (claimed["measure"] == "auc_free")
    ]
    if rows.empty or "reversed_op" not in moved:
        return {"reversed_word": "Its blur was not read here."}
    able = int((rows["claim"] != NONE).sum())
    said = (
        f"But its pictures are {moved['reversed_op']:.1f} grey levels (RMSE) from the originals, ours are "
        f"{moved['op']:.1f} from them. Beyond what a blur at that distance takes away, a loss of "
        f"direction-free AUC can be claimed for {able} of {len(rows)} judges. And one attacker, trained once "
        "and not compared with that blur, is too little for a claim."
    )
    return {"reversed_word": said}


def lost_text(lost: Mapping[str, tuple[int, int]]) -> str:
    """Sentence about the images that were left out, of all, because some judge found no face in them."""
    said = [f"{count:,} of {whole:,} of {data}" for data, (count, whole) in lost.items() if count]
    if not said:
        return "Every judge found a face in every image."
    return f"Images in which any judge found no face are left out for all judges: {', '.join(said)}."


def sign_text(
    removal: MapRemoval | None,
    attacks: GenderAttacks,
    test: GenderTest,
    to_sm: Mapping[str, Estimate],
    **draws: Unpack[BootstrapOptions],
) -> str:
    """Sentences about the attacker who reads the sign of the map, on the first data set.

    Parameters
    ----------
    to_sm : distances, as `MapRemoval.distances` gives them. draws : of the share of right signs.
    """
    if removal is None:
        return (
            "The network used here has a hidden layer after the prototype, so no fixed map can be taken off."
        )
    data = test.sets[0]
    figure = attacks.readings[data][SIGN]["op"].auc_free
    right = removal.share_right(test.rows[data], test.male, test.faces.subjects, **draws)
    off = attacks.picked(data, "op_unmasked")[1].auc_free
    return (
        f"Guessed from the picture alone, the sign is right for {right:.1%} of the test images; used as a "
        f"score of gender, it has a direction-free AUC of {figure:.2f}. Of the attackers who learned from "
        f"originals, the one that reads most of OP with the map taken off by the guessed sign has {off:.2f}. "
        f"The result differs from SM by {to_sm['true']:.2f} grey levels (RMSE) with the true sign, by "
        f"{to_sm['guessed']:.2f} with the guessed one, by {to_sm['wrong']:.2f} with the wrong one, and by "
        f"{to_sm['left on']:.2f} if the map stays."
    )


def sets_text(photographs: bool) -> str:
    """Which sets the picture at the top shows.

    Parameters
    ----------
    photographs : whether a run of this protocol on photographs is kept.
    """
    if photographs:
        return "Upper charts: this page's faces; lower charts: photographs of CelebA."
    return "Only this page's faces are shown; this protocol has not been run on photographs yet."
