"""What chapter 04 says of its figures: words that follow the numbers, for the text to quote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lib.evaluation.san.outputs import MOST_FITTED, Verdict, apart, verdict
from lib.faces.titles import TITLES
from lib.measures.estimate import Estimate, as_estimate
from lib.networks.san_losses import Opposite, gender_chance

UNKNOWN = "not measured yet"
PHOTOGRAPHS = TITLES["celeba"]
REPORT_MALE = 0.4148
"""Share of male labels among the report's training images."""
REPORT_CHANCE = gender_chance(REPORT_MALE, "reversed")
"""What a constant answer costs in J_G by the labels of the report's code."""
SAID: Mapping[Verdict, str] = {
    "turned round": "OP is read the wrong way round, which is the aim, and SM was not shown to lose 0.10 or "
    "more",
    "turned round, SM spoiled": "OP is read the wrong way round, but SM is also read less well than before",
    "OP lowered": "OP is read less well than SM, but was not shown to be read the wrong way round",
    "OP lowered, SM spoiled": "OP is read less well than SM, but was not shown to be read the wrong way "
    "round, and SM is read less well than before",
    "OP below SM": "OP is read less well than SM, but was not shown to be read less well than before",
    "degradation": "both outputs are read less well than before, and OP was not shown to be read less well "
    "than SM, which is degradation, not adversarial success",
    "SM spoiled": "SM is read less well than before but OP was not shown to be, which is no adversarial "
    "success",
    "OP lowered, cause open": "OP is read less well than before, but was not shown to be read less well "
    "than SM, so that it remains open whether the classifier was fooled or the picture spoiled",
    "still read": "both outputs lose less than 0.10 of AUC, so the classifier is not fooled",
    "nothing shown": "no difference of 0.10 or more was shown, and the intervals do not rule one out",
    "unread before": "nothing follows, because the classifier cannot read even the untouched faces",
}
"""Verdict -> a clause that says it."""
PAIRS: Mapping[str, tuple[str, str]] = {
    "report": ("report", "report_opposite"),
    "fool": ("fool_reversed", "fool"),
}
"""Two trainings that differ in their reading of the opposite label alone: that of the code, then 1 - y."""
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


def _whole(games: Mapping[str, Any]) -> dict[str, Any]:
    """Those of TRAININGS with all figures of `game_figures`; results of earlier forms lack some."""
    return {name: games[name] for name in TRAININGS if {"before", "fell"} <= set(games.get(name, {}))}


def games_table(played: Mapping[str, Any], real: Mapping[str, Any], data: str) -> pd.DataFrame:
    """Trainings as texts: distance of OP, AUC on both outputs, their difference, and what to call it.

    Parameters
    ----------
    played : name of TRAININGS -> figures as `game_figures` gives them.
    real : values on photographs; those without `games` have no rows.
    data : name of the faces.
    """
    worlds = {data: _whole(played), PHOTOGRAPHS: _whole(real.get("games", {}))}
    rows = [
        {
            "training": f"{TRAININGS[name]}; {world}",
            "PSNR of OP, dB": _text(games[name]["op"]["psnr"], ".1f"),
            "AUC on SM": _text(games[name]["sm"]["auc"]),
            "AUC on OP": _text(games[name]["op"]["auc"]),
            "SM − OP": _text(games[name]["apart"], "+.3f"),
            "what it is": verdict(games[name]),
        }
        for name in TRAININGS
        for world, games in worlds.items()
        if name in games
    ]
    return pd.DataFrame(rows)


def told_together(cases: Mapping[str, Any]) -> str:
    """Sentences that say what trainings came to; those with one verdict share a sentence.

    Parameters
    ----------
    cases : start of a clause, as `under the code's reading` -> figures of `game_figures`; those of earlier
        forms, or none, are not told.
    """
    shared: dict[Verdict, list[str]] = {}
    for words, one in cases.items():
        if {"before", "fell"} <= set(one):
            shared.setdefault(verdict(one), []).append(words)
    told = [f"{' and '.join(some)}, {SAID[kind]}." for kind, some in shared.items()]
    return " ".join(text[0].upper() + text[1:] for text in told) or f"What they came to is {UNKNOWN}."


def _pairs_told(games: Mapping[str, Any], real: Mapping[str, Any]) -> dict[str, str]:
    """`told_together` of each of PAIRS under both readings, here and on photographs, as `told_report`."""
    worlds = {"on this page's faces": games, f"on photographs of {PHOTOGRAPHS}": real}
    return {
        f"told_{pair}": " ".join(
            f"Under the {reading} reading, {text[0].lower()}{text[1:]}"
            for reading, name in zip(("code's", "text's"), names, strict=True)
            for text in [told_together({where: by.get(name, {}) for where, by in worlds.items()})]
        )
        for pair, names in PAIRS.items()
    }


def game_words(games: Mapping[str, Any]) -> dict[str, str]:
    """What to say of each training: its verdict, AUC and PSNR by the name to quote.

    Parameters
    ----------
    games : name of TRAININGS -> figures; what is missing is `not measured yet`.
    """
    words, known = {}, _whole(games)
    for name in TRAININGS:
        one = known.get(name)
        words[f"said_{name}"] = SAID[verdict(one)] if one else UNKNOWN
        op = f" (AUC on OP {as_estimate(one['op']['auc']).estimate:.2f})" if one else ""
        words[f"verdict_{name}"] = f"{verdict(one)}{op}" if one else UNKNOWN
        words[f"{name}_before"] = _text(one["before"]["auc"]) if one else UNKNOWN
        for output in ("sm", "op"):
            words[f"{name}_{output}"] = _text(one[output]["auc"]) if one else UNKNOWN
            words[f"{name}_{output}_psnr"] = _text(one[output]["psnr"], ".1f") if one else UNKNOWN
    return words


def remaining_words(*worlds: Mapping[str, Any]) -> str:
    """What a reader of our verdict must not conclude from it.

    Parameters
    ----------
    worlds : games on rendered faces and on photographs; one may be empty.
    """
    ours = [verdict(one["ours"]) for one in map(_whole, worlds) if "ours" in one]
    if any(one.startswith("turned round") for one in ours):
        return "An answer that is turned round still gives gender away to anyone who turns it back"
    return "These figures are of one classifier, against which our network was trained"


def reading_words(readings: Mapping[str, Any]) -> dict[str, str]:
    """Whether the two readings of each of PAIRS differ on OP, as `readings_fool`: clauses.

    Parameters
    ----------
    readings : name of PAIRS -> AUC on OP by the code's label minus that by 1 - y; may be empty.
    """
    words = {}
    for name in PAIRS:
        found = as_estimate(readings.get(name))
        if not isinstance(found, Estimate) or not found.defined:
            words[f"readings_{name}"] = f"how far the two readings lie apart is {UNKNOWN}"
            continue
        words[f"readings_{name}"] = {
            "differ": "the two readings differ",
            "alike": "the two readings lie less than 0.10 apart",
            "cannot be told": "whether the two readings differ by 0.10 cannot be told",
        }[apart(found)] + f" (AUC on OP, code minus text: {_text(found, '+.2f')})"
    return words


def recipe_words(name: str, phases: Sequence[Mapping[str, Any]], images: int, batch: int) -> dict[str, str]:
    """Size of a training and weights of its first phase, as `report_steps`.

    Parameters
    ----------
    name : start of the names to quote.
    phases : as parameters give them; a phase may have a `batch` of its own, else it has `batch`.
    images : to train with.
    """
    steps = sum(one["epochs"] * -(-images // one.get("batch", batch)) for one in phases)
    numbers = {"steps": steps, "images": images, "epochs": sum(one["epochs"] for one in phases)}
    first = phases[0]
    told = {"batch": first.get("batch", batch), "learning_rate": first["learning_rate"]}
    told |= {term: first.get(term, 0) for term in ("gender_op", "pixel_sm", "pixel_op")}
    return {f"{name}_{key}": f"{one:,}" for key, one in (numbers | told).items()}


def photograph_steps(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Steps of the sources' recipes on photographs, as `photo_report_steps`.

    Parameters
    ----------
    parameters : of that run; empty: there is none.
    """
    images = {"report": "report_images", "original": "brief"}
    if not parameters:
        return {f"photo_{name}_steps": UNKNOWN for name in images}
    found = {
        name: recipe_words(name, parameters[name], parameters[count], parameters["batch"])
        for name, count in images.items()
    }
    return {f"photo_{name}_steps": one[f"{name}_steps"] for name, one in found.items()}


def ending_words(endings: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """Where J_G of trainings ended: `ending_report` as `1.69, above the 1.39 that a constant answer costs`.

    Parameters
    ----------
    endings : name on the shelf -> `reached` and `chance`.
    """
    words = {}
    for name, one in endings.items():
        reached, chance = (f"{one[key]:.2f}" for key in ("reached", "chance"))
        side = "above" if one["reached"] > one["chance"] else "below"
        side = "which is also" if reached == chance else side
        words[f"ending_{name}"] = f"{reached}, {side} the {chance} that a constant answer costs"
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
    wanted : AUC that `one` and `averaged` should not pass; `met_...` says whether they do.
    """
    names = ("removed", "dimension", "one", "averaged", "matched", "met")
    if tried.empty:
        return {f"{name}_{world}": UNKNOWN for name in names}
    (chosen,) = tried[tried["chosen"].astype(bool)].to_dict("records")
    words = {name: f"{chosen[name]:.2f}" for name in ("one", "averaged", "matched")}
    words |= {"removed": str(chosen["removed"]), "dimension": str(chosen["dimension"])}
    one, averaged = wanted or (0, 0)
    within = tried[(tried["one"] <= one) & (tried["averaged"] <= averaged)]
    if within.empty:
        words["met"] = (
            "the number with the lowest sum of the two AUCs, as none of those tried keeps both strongest "
            "attackers within the limits"
        )
    elif within["removed"].min() == chosen["removed"]:
        words["met"] = "the fewest of those tried with which both strongest attackers stay within the limits"
    else:
        words["met"] = "chosen by other limits than these"
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
    words = ending_words(own["endings"]) | report_chances(REPORT_MALE)
    for start, one in (("", own), ("celeba_", real)):
        found = game_words(one.get("games", {})) | reading_words(one.get("readings", {}))
        words |= {f"{start}{name}": text for name, text in found.items()}
    words["ours_on_photographs"] = (
        f"on photographs of CelebA, the AUC falls from {words['celeba_ours_before']} on originals to "
        f"{words['celeba_ours_op']} on OP, at {words['celeba_ours_op_psnr']} dB, and on SM it is "
        f"{words['celeba_ours_sm']}"
        if "ours" in real.get("games", {})
        else "on photographs this is not measured yet"
    )
    words["ours_remains"] = remaining_words(own["games"], real.get("games", {}))
    words |= _pairs_told(own["games"], real.get("games", {}))
    lfw = own.get("lfw") or real.get("lfw", {})
    for world, one in (("here", own[data]), ("celeba", real.get("celeba", {})), ("lfw", lfw)):
        words |= treatment_words(one, world)
    wanted = (private["wanted"], private["wanted_averaged"]) if private else None
    words |= {name: f"{private[name]:.2f}" if private else "–" for name in ("wanted", "wanted_averaged")}
    for world, tried in erasers.items():
        words |= erasure_words(tried, world, wanted)
    neutral = own["map"]["neutral"]
    return words | {
        "fitted_most": f"{MOST_FITTED:,}",
        "fitted_subjects": f"{as_estimate(own['fitted']['as they are']['AUC on OP']).n:,}",
        "label_right": _text(own["labels"]["predicted label"]["right"]),
        "op_from_sm": f"{own['map']['op_from_sm']:.1f}",
        "neutral_share": f"{neutral:.2f}",
        "neutral_rest": f"{1 - neutral:.2f}",
    }
