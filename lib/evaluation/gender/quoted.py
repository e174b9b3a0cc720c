"""Figures that the text of chapter 05 quotes, by the names under which it quotes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd

from lib.deidentify.attacks.attacker_trainings import Design
from lib.evaluation.gender.attacker_readings import GenderAttacks
from lib.evaluation.gender.claims_table import STRONGEST, claim_of
from lib.evaluation.gender.judge_readings import GenderJudged
from lib.evaluation.gender.sentences import LEAST, fooled_word, gain_word, hidden_word, lost_text
from lib.judges.names import judge_name
from lib.judges.result_keys import TRAINED_CLASSIFIER
from lib.measures.claims import MIN_EFFECT, NEAR_CHANCE
from lib.measures.estimate import Estimate, as_estimate
from lib.measures.resampling import BootstrapOptions

MISSING = "not measured by this protocol yet"
UNTRAINED = "not trained here"


def reading_words(
    judged: GenderJudged,
    attacks: GenderAttacks,
    claimed: pd.DataFrame,
    attacked: pd.DataFrame,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, str]:
    """Figures and words that the text quotes of the first data set, by name.

    Parameters
    ----------
    judged, attacks : what was read.
    claimed, attacked : of `judge_claims` and `attacker_claims`.
    draws : of the intervals of paired differences.
    """
    data = next(iter(judged.read))
    gain = attacks.gain(data, **draws)
    hides = claim_of(attacked, data, STRONGEST, "op", "auc_free")
    return (
        _judge_figures(judged, data)
        | _attacker_figures(attacks.worst(data))
        | {
            "fooled_word": fooled_word(claim_of(claimed, data, TRAINED_CLASSIFIER, "op", "auc")),
            "hidden_word": hidden_word(hides, gain, attacks.picked(data, "op")[1].auc_free),
        }
        | gate_words(judged, attacks)
        | {
            "gain": f"{gain:+.3f}",
            "gain_word": gain_word(gain),
            "over_control": f"{attacks.gain(data, 'op', 'control', **draws):+.3f}",
            "least": LEAST,
            "chance_low": f"{1 - NEAR_CHANCE:.2f}",
            "chance_high": f"{NEAR_CHANCE:.2f}",
            "m": str(claimed["m"].max()),
            "m_attackers": str(attacked["m"].max() if len(attacked) else 0),
        }
    )


def _judge_figures(judged: GenderJudged, data: str) -> dict[str, str]:
    """Of the classifier of training, and how many judges and images there are."""
    read, panel = judged.read[data], judged.panels[data]
    own = read[TRAINED_CLASSIFIER]
    turned = sum(one["op"].free.turned for one in read.values())
    return {f"trained_{name}": f"{own[name].auc:.2f}" for name in ("before", "sm", "op", "control")} | {
        "trained_free": f"{own['op'].auc_free:.2f}",
        "trained_predicted": f"{own['op_predicted'].auc:.2f}",
        "turned": turned_words(turned, len(read)),
        "judges": str(len(read)),
        "lost": lost_text(judged.lost),
        "test_images": f"{len(panel.positive):,}",
        "test_subjects": f"{len(np.unique(panel.subjects)):,}",
    }


def turned_words(turned: int, judges: int) -> str:
    """`all 3`, `2 of the 3` or `none of the 3`."""
    if turned == judges:
        return f"all {judges}"
    return f"{turned or 'none'} of the {judges}"


def family_words(claimed: pd.DataFrame, attacked: pd.DataFrame) -> dict[str, str]:
    """How many comparisons the two families have on photographs.

    Parameters
    ----------
    claimed, attacked : of `judge_claims` and `attacker_claims` of a run on photographs; may be empty.
    """
    return {
        name: str(table["m"].max()) if len(table) else MISSING
        for name, table in (("photographs_m", claimed), ("photographs_m_attackers", attacked))
    }


def attackers_words(growth: pd.DataFrame) -> dict[str, str]:
    """From how many subjects attackers on photographs learned.

    Parameters
    ----------
    growth : of a run on photographs; may be empty.
    """
    return {"photographs_subjects": f"{int(growth['subjects'].max()):,}" if len(growth) else MISSING}


def _attacker_figures(worst: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Of the attackers that are picked, as `GenderAttacks.worst` gives them."""
    names = ("before", "op", "op_predicted", "report_op", "reversed_op", "private")
    found = {f"worst_{name}": attacker_text(worst[name]) if name in worst else UNTRAINED for name in names}
    return found | {f"best_{name}_name": judge_name(worst[name]["name"]) for name in ("before", "op")}


def attacker_text(kept: Mapping[str, Any]) -> str:
    """Figure of the attacker that is picked for a treatment, and whether it failed the gate.

    Parameters
    ----------
    kept : of `GenderAttacks.worst`, or as results keep it.
    """
    return f"{as_estimate(kept['auc_free']):.2f}" + ("" if kept.get("passed", True) else " (failed the gate)")


def gate_words(judged: GenderJudged, attacks: GenderAttacks) -> dict[str, str]:
    """What was wanted on the first data set, how many passed, and a sentence about the other sets."""
    wanted = judged.wanted()
    counts = {
        data: f"{len(one.passed)} of {len(one.passed) + len(one.failed)}"
        for data, one in attacks.gates.items()
    }
    first, *others = counts
    said = [
        f"On the originals of {data}, {counts[data]} pass ({wanted[data]:.2f} wanted)." for data in others
    ]
    alone = "Photographs have a gate of their own."
    return {"wanted": f"{wanted[first]:.2f}", "passed": counts[first], "gate_others": " ".join(said) or alone}


def photograph_words(kept: Mapping[str, Any], data: str = "celeba") -> dict[str, str]:
    """What the text quotes of a run on photographs, by name; MISSING where this protocol has not run.

    Parameters
    ----------
    kept : values of that run.
    data : set of photographs.
    """
    worst = kept.get("worst_attackers", {}).get(data, {})
    names = ("before", "op", "report_op", "reversed_op", "authors_op", "private")
    found = {
        f"photographs_{name}": attacker_text(worst[name]) if name in worst else MISSING for name in names
    }
    for name in ("op", "authors_op"):
        far = kept.get("distances", {}).get(name)
        found[f"distance_{name}"] = f"{as_estimate(far):.1f}" if far else MISSING
    return found


def beside_words(table: pd.DataFrame) -> dict[str, str]:
    """How many images of LFW stand beside the report's figure.

    Parameters
    ----------
    table : as `report_sample.samples_table` gives it.
    """
    own = table[table["data"] == "lfw"]["pictures"]
    return {"lfw_pictures": f"{int(own.max()):,}" if len(own) else MISSING}


def growth_words(growth: pd.DataFrame) -> dict[str, str]:
    """The smallest and the largest number of subjects, with their figures, and whether few are enough.

    Parameters
    ----------
    growth : subjects, estimate, low, high; rising.
    """
    found: dict[str, str] = {}
    few, many = growth.iloc[0], growth.iloc[-1]
    for name, row in {"fewest": few, "most": many}.items():
        figure = Estimate(row["estimate"], row["low"], row["high"])
        found |= {name: f"{int(row['subjects']):,}", f"{name}_auc": f"{figure:.2f}"}
    if few["low"] >= many["estimate"] - MIN_EFFECT:
        found["enough"] = f"So {found['fewest']} subjects already come within {LEAST} of this."
    else:
        found["enough"] = f"It was not shown that {found['fewest']} come within {LEAST} of this."
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
