"""What chapter 04 says of its figures: words that follow the numbers, for the text to quote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lib.evaluation.san_outputs import Verdict, verdict
from lib.measures.estimate import Estimate, as_estimate
from lib.networks.san_losses import gender_chance

UNKNOWN = "not measured yet"
SAID: Mapping[Verdict, str] = {
    "turned round": "OP is read the wrong way round while SM is still read: the game's aim",
    "turned round, SM spoiled": "OP is read the wrong way round, and SM suffers with it",
    "OP lowered": "OP is read less well than SM, but not the wrong way round: the aim is half reached",
    "degradation": "SM falls together with OP: the picture is spoiled for every reader, which is degradation "
    "and no adversarial success",
    "still read": "both outputs are still read as before: nobody is fooled",
}
TRAININGS: Mapping[str, str] = {
    "report": "report, its code's label",
    "report_opposite": "report, 1 − y",
    "fool_reversed": "fool, the code's label",
    "fool": "fool, 1 − y",
    "original": "first paper's recipe",
}
"""Trainings by their names on the shelf -> as tables call them."""


def _text(value: Any, form: str = ".2f") -> str:
    found = as_estimate(value)
    if not isinstance(found, Estimate) or not found.defined:
        return "–"
    return f"{found.estimate:{form}} [{found.low:{form}}, {found.high:{form}}]"


def games_table(worlds: Mapping[str, Mapping[str, Any]], names: tuple[str, ...]) -> pd.DataFrame:
    """Trainings as texts: distance of OP, AUC on both outputs, their difference, and what to call it.

    Parameters
    ----------
    worlds : name of the faces -> name of TRAININGS -> figures as `game_figures` gives them or results keep
        them; what is missing has no row.
    names : of TRAININGS, in the order of the rows.
    """
    rows = [
        {
            "training": f"{TRAININGS[name]}; {world}",
            "PSNR of OP, dB": _text(games[name]["op"]["psnr"], ".1f"),
            "AUC on SM": _text(games[name]["sm"]["auc"]),
            "AUC on OP": _text(games[name]["op"]["auc"]),
            "SM − OP": _text(games[name]["apart"], "+.2f"),
            "what it is": verdict(games[name]),
        }
        for name in names
        for world, games in worlds.items()
        if name in games
    ]
    return pd.DataFrame(rows)


def game_words(games: Mapping[str, Any]) -> dict[str, str]:
    """What to say of the report's two readings and of the two that fool first, by the name to quote.

    Parameters
    ----------
    games : name of TRAININGS -> figures; what is missing is `not measured yet`.
    """
    words = {f"said_{name}": SAID[verdict(games[name])] if name in games else UNKNOWN for name in TRAININGS}
    for name in TRAININGS:
        one = games.get(name)
        for output in ("sm", "op"):
            words[f"{name}_{output}"] = _text(one[output]["auc"]) if one else UNKNOWN
            words[f"{name}_{output}_psnr"] = _text(one[output]["psnr"], ".1f") if one else UNKNOWN
    pair = [games.get(name) for name in ("fool", "fool_reversed")]
    if all(pair):
        apart = [as_estimate(one["op"]["auc"]) for one in pair if one]
        words["readings_differ"] = (
            "There the readings differ"
            if apart[0].high < apart[1].low
            else "There, too, the two readings cannot be told apart"
        )
    else:
        words["readings_differ"] = f"Their figures are {UNKNOWN}"
    return words


def ending_words(value: float, chance: float) -> str:
    """Where J_G of a training ended: `1.69, above the 1.39 of a constant answer`."""
    side = "above" if value > chance else "below"
    return f"{value:.2f}, {side} the {chance:.2f} that a constant answer costs"


def treatment_words(values: Mapping[str, Any], world: str) -> dict[str, str]:
    """AUC of the classifier of training and distance under each treatment, as `auc_op_rendered`.

    Parameters
    ----------
    values : as `treatment_figures` gives them or results keep them; empty where nothing was measured.
    world : end of the names.
    """
    read, psnr = values.get("trained_gender", {}), values.get("psnr", {})
    words = {f"auc_{name}_{world}": UNKNOWN for name in ("before", "sm", "nt", "op", "private")}
    words |= {f"psnr_{name}_{world}": UNKNOWN for name in ("reconstruction", "op", "private")}
    words |= {f"auc_{name}_{world}": _text(one["auc"]) for name, one in read.items()}
    return words | {f"psnr_{name}_{world}": _text(one, ".1f") for name, one in psnr.items()}


def report_chances(male: float) -> dict[str, str]:
    """What a constant answer costs in J_G at a share of male labels: `chance_reversed`, `chance_opposite`."""
    readings = ("reversed", "opposite")
    return {f"chance_{one}": f"{gender_chance(male, one):.3f}" for one in readings}


def erasure_words(
    tried: pd.DataFrame, world: str, wanted: tuple[float, float] | None = None
) -> dict[str, str]:
    """What was removed and what the strongest attackers still read, as `removed_rendered`.

    Parameters
    ----------
    tried : one row per number of directions: `removed`, `dimension`, `one`, `averaged`, `matched`, `chosen`.
    world : end of the names.
    wanted : AUC that `one` and `averaged` should not pass; says `met_...` whether they do.
    """
    names = ("removed", "dimension", "one", "averaged", "matched", "met")
    if tried.empty:
        return {f"{name}_{world}": UNKNOWN for name in names}
    (chosen,) = tried[tried["chosen"].astype(bool)].to_dict("records")
    met = wanted is not None and chosen["one"] <= wanted[0] and chosen["averaged"] <= wanted[1]
    words = {name: f"{chosen[name]:.2f}" for name in ("one", "averaged", "matched")}
    words |= {"removed": str(chosen["removed"]), "dimension": str(chosen["dimension"])}
    words["met"] = (
        "the fewest at which both strongest attackers stay within the limits"
        if met
        else "the best of those tried, none of which keeps both strongest attackers within the limits"
    )
    return {f"{name}_{world}": word for name, word in words.items()}
