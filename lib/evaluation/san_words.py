"""What chapter 04 says of its figures: words that follow the numbers, for the text to quote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lib.evaluation.san_outputs import Verdict, verdict
from lib.measures.estimate import Estimate, as_estimate
from lib.networks.san_losses import Opposite, gender_chance

UNKNOWN = "not measured yet"
PHOTOGRAPHS = "CelebA"
REPORT_MALE = 0.4148
"""Share of male labels among the report's training images."""
REPORT_CHANCE = gender_chance(REPORT_MALE, "reversed")
"""What a constant answer costs in J_G by the labels of the report's code."""
SAID: Mapping[Verdict, str] = {
    "turned round": "OP is read the wrong way round while SM is still read, which is the aim",
    "turned round, SM spoiled": "OP is read the wrong way round, but SM is also harder to read",
    "OP lowered": "OP is read less well than SM, but not the wrong way round",
    "degradation": "SM becomes as hard to read as OP, which is degradation, not adversarial success",
    "still read": "both outputs are read nearly as well as before, so nobody is fooled",
    "unread before": "nothing follows, because the classifier cannot read even the untouched faces",
}
"""Verdict -> a clause that says it."""
TRAININGS: Mapping[str, str] = {
    "report": "report, its code's label",
    "report_opposite": "report, 1 − y",
    "fool_reversed": "fooling first, the code's label",
    "fool": "fooling first, 1 − y",
    "ours": "ours, fooled and repaired",
    "original": "first paper's recipe",
}
"""Trainings by their names on the shelf -> as tables call them."""
COLUMNS: Mapping[str, str] = {
    "before": "before",
    "report": "report, code",
    "report_opposite": "report, 1 − y",
    "fool_reversed": "fool, code",
    "fool": "fool, 1 − y",
}
"""Columns of the gallery of the games -> as it calls them, short enough to stand above a face."""
TERMS: Mapping[str, str] = {
    "gender_sm": "gender, SM",
    "gender_op": "gender, OP",
    "matching_sm": "matching, SM",
    "matching_op": "matching, OP",
    "pixel_sm": "pixels, SM",
    "pixel_op": "pixels, OP",
}
"""Terms of the game -> as figures call them."""


def _text(value: Any, form: str = ".2f") -> str:
    found = as_estimate(value)
    if not isinstance(found, Estimate) or not found.defined:
        return "–"
    return f"{found.estimate:{form}} [{found.low:{form}}, {found.high:{form}}]"


def games_table(played: Mapping[str, Any], real: Mapping[str, Any], data: str) -> pd.DataFrame:
    """Trainings as texts: distance of OP, AUC on both outputs, their difference, and what to call it.

    Parameters
    ----------
    played : name of TRAININGS -> figures as `game_figures` gives them.
    real : values on photographs; those without `games` have no rows.
    data : name of the faces.
    """
    worlds = {data: played, PHOTOGRAPHS: real.get("games", {})}
    rows = [
        {
            "training": f"{TRAININGS[name]}; {world}",
            "PSNR of OP, dB": _text(games[name]["op"]["psnr"], ".1f"),
            "AUC on SM": _text(games[name]["sm"]["auc"]),
            "AUC on OP": _text(games[name]["op"]["auc"]),
            "SM − OP": _text(games[name]["apart"], "+.2f"),
            "what it is": verdict(games[name]),
        }
        for name in TRAININGS
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
            "Now the two readings differ"
            if apart[0].high < apart[1].low
            else "Here, too, the two readings cannot be told apart"
        )
    else:
        words["readings_differ"] = f"Their figures are {UNKNOWN}"
    return words


def ending_words(endings: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """Where J_G of trainings ended: `ending_report` as `1.69, above the 1.39 that a constant answer costs`.

    Parameters
    ----------
    endings : name on the shelf -> `reached` and `chance`.
    """
    words = {}
    for name, one in endings.items():
        side = "above" if one["reached"] > one["chance"] else "below"
        costs = f"the {one['chance']:.2f} that a constant answer costs"
        words[f"ending_{name}"] = f"{one['reached']:.2f}, {side} {costs}"
    return words


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


def treatments_table(own: Mapping[str, Any], real: Mapping[str, Any], data: str) -> pd.DataFrame:
    """Treatments as texts: PSNR and AUC on these faces and on photographs, SSIM on these.

    Parameters
    ----------
    own : figures as `treatment_figures` gives them.
    real : values on photographs; without those of CelebA there are no columns of it.
    data : name of the faces.
    """
    worlds = {data: own, PHOTOGRAPHS: real.get("celeba", {})}
    rows = []
    for name in own["trained_gender"]:
        row: dict[str, Any] = {"picture": name}
        for world, one in worlds.items():
            if one:
                row[f"PSNR, dB; {world}"] = _text(one["psnr"].get(name), ".1f")
                if one is own:
                    row[f"SSIM; {world}"] = _text(one["ssim"].get(name))
                row[f"AUC; {world}"] = _text(one["trained_gender"].get(name, {}).get("auc"))
        rows.append(row)
    return pd.DataFrame(rows)


def report_chances(male: float) -> dict[str, str]:
    """What a constant answer costs in J_G at a share of male labels: `chance_reversed`, `chance_opposite`."""
    readings: tuple[Opposite, ...] = ("reversed", "opposite")
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


def chapter_words(
    own: Mapping[str, Any],
    real: Mapping[str, Any],
    data: str,
    erasers: Mapping[str, pd.DataFrame],
    private: Mapping[str, Any],
) -> dict[str, str]:
    """Everything that the chapter quotes of its results, by name.

    Parameters
    ----------
    own : values of this run, as the chapter saves them; `data` is the key of its faces.
    real : values on photographs; empty where there are none.
    erasers : `here` and `celeba` -> what was tried, see `erasure_words`.
    private : parameters of that training with the limits `wanted` and `wanted_averaged`; may be empty.
    """
    words = game_words(own["games"]) | ending_words(own["endings"]) | report_chances(REPORT_MALE)
    words |= {f"celeba_{name}": text for name, text in game_words(real.get("games", {})).items()}
    lfw = own.get("lfw") or real.get("lfw", {})
    for world, one in (("here", own[data]), ("celeba", real.get("celeba", {})), ("lfw", lfw)):
        words |= treatment_words(one, world)
    wanted = (private["wanted"], private["wanted_averaged"]) if private else None
    for world, tried in erasers.items():
        words |= erasure_words(tried, world, wanted)
    neutral = own["map"]["neutral"]
    return words | {
        "label_right": _text(own["labels"]["predicted label"]["right"]),
        "op_from_sm": f"{own['map']['op_from_sm']:.1f}",
        "neutral_share": f"{neutral:.2f}",
        "neutral_rest": f"{1 - neutral:.2f}",
    }
