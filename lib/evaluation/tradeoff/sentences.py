"""What the page of the trade-off says of its results in sentences."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from lib.deidentify.photos.regions import careful_paste
from lib.evaluation.matching.results import as_points
from lib.evaluation.matching.treated_faces import BEFORE
from lib.evaluation.matching.verifications import BOTH
from lib.evaluation.tradeoff.copy_readings import WORDS
from lib.evaluation.tradeoff.pasted_copies import COPIES
from lib.evaluation.tradeoff.readings import ALL, ONE
from lib.evaluation.tradeoff.words_of_parties import held_out_yardstick
from lib.faces.titles import title, with_titles
from lib.judges.names import name_in_sentence
from lib.judges.result_keys import DLIB
from lib.measures.estimate import Estimate, as_estimate
from lib.measures.privacy import direction_free

UNMEASURED = "not measured yet"


def page_words(
    kept: Mapping[str, Any],
    photographs: Mapping[str, Any],
    worst: Mapping[str, Mapping[str, tuple[str, Estimate]]],
) -> dict[str, str]:
    """Figures and phrases that the text quotes.

    Parameters
    ----------
    kept : of `page_results`, of `CodeReadings.results`, `inversion` and `helpers`, and `filter` where it was
        measured; the first set counts.
    photographs : results of the same page on photographs; empty: not made yet.
    worst : of `worst_readings`.
    """
    first = next(iter(kept))
    own, private = kept[first], worst[first]
    words = {
        "private_one": _text(private[ONE][1]),
        "private_all": _text(private[ALL][1]),
        "strongest_one": f"“{with_titles(private[ONE][0])}”",
        "strongest_all": f"“{with_titles(private[ALL][0])}”",
        "unerased_one": _text(own["unerased"][ONE]),
        "unerased_all": _text(own["unerased"][ALL]),
        "pictures_all": pictures_words(own),
        "readers_passed": gate_words(own["code_readers"]),
        "filter": filter_words(own.get("filter"), own.get("tradeoff")),
        "tmr_private": _matched(own.get("tradeoff", {}), "private"),
        "tmr_before": _matched(own.get("tradeoff", {}), "before"),
        "pp": held_out_words(own),
        "pp_photographs": held_out_words(photographs["celeba"]) if "celeba" in photographs else UNMEASURED,
        "copies": copies_words(photographs or kept),
        "photo_tmr": _matched(photographs.get("celeba", {}).get("tradeoff", {}), "private"),
        "photo_tmr_before": _matched(photographs.get("celeba", {}).get("tradeoff", {}), "before"),
    }
    words |= inversion_words(own["inversion"])
    back = photographs.get("celeba", {}).get("inversion")
    words["photo_numbers"] = _text(back["numbers"], ".0%") if back else UNMEASURED
    for name in ("celeba", "lfw"):
        words[f"photo_{name}"] = photograph_words(photographs.get(name, {}))
        words[f"details_{name}"] = photograph_words(photographs.get(name, {}), details=True)
    found = own["unlinkability"]
    names = {"before": "original", "op": "op", "private": "private"}
    for kind, key in names.items():
        by = own["unlinkability_by"].get(key, {})
        words[f"d_{kind}"] = linked_words(found[key], by) if key in found else "not measured here"
    return words


def protocol_words(parameters: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, str]:
    """Who reads and who matches in the trade-off on photographs, in words.

    Parameters
    ----------
    parameters : of that run; empty: not made yet. kept : its results of CelebA.
    """
    if not parameters:
        return dict.fromkeys(("photo_witnesses", "photo_readers", "photo_yardstick"), UNMEASURED)
    witnesses = dict.fromkeys([parameters["witness"], DLIB])
    return {
        "photo_witnesses": " and ".join(map(name_in_sentence, witnesses)),
        "photo_readers": f"{parameters['readers']:,}",
        "photo_yardstick": name_in_sentence(
            held_out_yardstick(parameters["yardstick"], kept.get("helpers", ()))
        ),
    }


def threshold_words(weighed: Mapping[str, Any], matching: Mapping[str, Any]) -> dict[str, str]:
    """What one threshold does to the comparison: FMRs reached, and what `private` loses at equal FMR.

    Parameters
    ----------
    weighed : the trade-off of the page's faces, method -> figures.
    matching : results on photographs of the page of matching; empty: not made yet.
    """
    fmr = {
        method.replace("_", " "): 100 * as_estimate(own["reached_fmr_1"]).estimate
        for method, own in weighed.items()
        if "reached_fmr_1" in own
    }
    least, most = (choose(fmr, key=lambda method: fmr[method]) for choose in (min, max))
    key = "published_mobilefacenet_casia"
    lost = {
        title(name): own.get("tmr_loss_equal_fmr", {}).get(key, {}).get("private")
        for name, own in matching.items()
    }
    told = [f"{as_points(one):.1f} points on {name}" for name, one in lost.items() if one is not None]
    return {
        "fmr_range": f"it runs from {fmr[least]:.1f} % ({least}) to {fmr[most]:.1f} % ({most})",
        "private_equal_fmr": f"{' and '.join(told)} with {name_in_sentence(key)}" if told else UNMEASURED,
    }


def inversion_words(back: Mapping[str, Any]) -> dict[str, str]:
    """What of codes is recovered, and what attackers read from recovered and from true codes."""
    read = back["read"]
    return {
        "numbers_back": f"{back['numbers']:.0%}",
        "nuisance_back": f"{back['nuisance']:.0%}",
        "directions_back": f"{back['directions']:.0%}",
        "median_error": f"{back['median_error']:.2g}",
        "inverted": f"{back['pictures']:,}",
        "read_found": _text(read["found"]),
        "read_true": _text(read["true"]),
        "read_difference": _text(read["difference"], "+.3f"),
    }


def photograph_words(kept: Mapping[str, Any], *, details: bool = False) -> str:
    """The two figures of `private` on one set of photographs.

    Parameters
    ----------
    details : also of how many subjects, and what was read where nothing was erased.
    """
    told = kept.get("tradeoff", {}).get("private", {})
    if not {ONE, ALL} <= set(told):
        return UNMEASURED
    said = f"{_text(told[ONE])} and {_text(told[ALL])}"
    before = kept.get("unerased")
    if not before or not details:
        return said
    unerased = f"{_text(before[ONE])} and {_text(before[ALL])}"
    one = f"one picture of {as_estimate(told[ONE]).n:,} subjects; all pictures of {pictures_words(kept)}"
    return f"{said} ({one}; where nothing was erased {unerased})"


def pictures_words(kept: Mapping[str, Any]) -> str:
    """How many pictures a subject has, in words."""
    counted = kept["pictures_of_a_subject"]
    return f"{counted['subjects']:,} subjects with a median of {counted['median']:g} pictures each"


def gate_words(gate: Mapping[str, Sequence[str]]) -> str:
    """Who of the readers of codes counts."""
    passed, failed = ([one.replace("_", " ") for one in gate[key]] for key in ("passed", "failed"))
    if not failed:
        return f"All {len(passed)} pass."
    many = f"{len(passed)} of {len(passed) + len(failed)}"
    return f"{many} pass, and only they count (not {' and '.join(failed)})."


def linked_words(figure: Any, by: Mapping[str, Any]) -> str:
    """D beside what it would be without any link, and with certainty."""
    ends = f" (none: {by['zero']:.2f}, certain: {by['ceiling']:.2f})" if by else ""
    return _text(figure) + ends


def _matched(weighed: Mapping[str, Any], method: str) -> str:
    """True match rate of a method in the trade-off and the FMR that it reaches, in words."""
    own = weighed.get(method, {})
    return _matched_and_reached(own) if {"tmr_at_fmr_1", "reached_fmr_1"} <= set(own) else UNMEASURED


def limits_words(erasers: pd.DataFrame) -> str:
    """Which limits the chosen number of removed directions keeps, in a sentence.

    Parameters
    ----------
    erasers : columns removed, one, averaged, wanted, wanted_averaged, chosen.
    """
    mine = erasers[erasers["chosen"].astype(bool)]
    if not len(mine):
        return "No number was chosen."
    row = mine.iloc[0]
    told = [
        f"{row[read]:.2f} from {words} ({'within' if row[read] <= row[limit] else 'above'} the limit of "
        f"{row[limit]:.2f})"
        for read, limit, words in (
            ("one", "wanted", "one code"),
            ("averaged", "wanted_averaged", "all codes of a subject"),
        )
    ]
    return f"With the {row['removed']} directions chosen, attackers read {' and '.join(told)}."


def goals_words(goals: pd.DataFrame) -> pd.DataFrame:
    """Goals for a page: names of judges and of data sets as sentences call them."""

    def whose(text: str) -> str:
        who, comma, where = text.rpartition(", ")
        return f"{name_in_sentence(who.replace(' ', '_'))}{comma}{title(where)}" if comma else text

    return goals.assign(whose=goals["whose"].map(whose))


def filter_words(game: Mapping[str, Any] | None, weighed: Mapping[str, Any] | None = None) -> str:
    """What the game with the filter came to, in sentences.

    Parameters
    ----------
    weighed : the trade-off, method -> figures: what the strongest attackers read of the filter's pictures,
        and how many are matched.
    """
    if not game:
        return "In this run nobody played the game."
    adversary, fresh = game["adversary"], game["fresh_attacker"]
    rounds = f"{game['rounds']} round{'s' if game['rounds'] > 1 else ''} of {game['images']:,} pictures"
    fooled, caught = (_text(adversary[key]) for key in ("fooled", "caught_up"))
    free, free_caught = (_text(_turned(adversary[key])) for key in ("fooled", "caught_up"))
    turned = "" if free == fooled else f" If the answer may be reversed there, it is {free}."
    turned_caught = "" if free_caught == caught else f" (reversed, {free_caught})"
    said = [
        f"After {rounds}, the filter leaves its own adversary with an AUC of {fooled} on validation",
        f"subjects.{turned}",
        f"After one more lesson the same adversary reads {caught}{turned_caught}.",
        f"Fresh classifiers, by their direction-free AUC, read {_text(fresh[ONE])} from the test subjects'",
        f"filtered pictures and {_text(fresh[BEFORE])} from their originals, having learned from as many",
        "pictures of either kind.",
    ]
    own, before = (weighed or {}).get("filter", {}), (weighed or {}).get("before", {})
    if "tmr_at_fmr_1" in own and "tmr_at_fmr_1" in before:
        said += [
            f"The strongest attackers, readers of embeddings among them, read {_text(own[ONE])}, and the",
            f"filter's pictures have a TMR of {_matched_and_reached(own)}; untouched ones have",
            f"{_matched_and_reached(before)}.",
        ]
    return " ".join(said)


def _matched_and_reached(weighed: Mapping[str, Any]) -> str:
    """TMR with the FMR reached: `0.12 [0.07, 0.17] at an FMR of 0.7 %`."""
    reached = 100 * as_estimate(weighed["reached_fmr_1"]).estimate
    return f"{_text(weighed['tmr_at_fmr_1'])} at an FMR of {reached:.1f} %"


def _turned(figure: Any) -> Estimate:
    """The AUC of whoever may turn an answer round after the test: never below one half."""
    one = as_estimate(figure)
    return direction_free(one, one.estimate).auc if one.defined else one


def copies_words(kept: Mapping[str, Any]) -> str:
    """What copies leave readable, and what the tool does unless it is told otherwise, in sentences."""
    usual = next(name for name, paste in COPIES.items() if paste == careful_paste("private"))
    default = f"The tool's default for “private” is “{WORDS[usual]}”; "
    copies: Mapping[str, Any] = next((by["copies"] for by in kept.values() if by.get("copies")), {})
    told = {name: as_estimate(copies[name][ONE]) for name in COPIES if ONE in copies.get(name, {})}
    if usual not in told or len(told) < 2:
        return f"{default}how much can be read from each kind of copy has not been measured yet."
    least = min(told, key=lambda name: told[name].estimate)
    several = copies[usual].get(ALL)
    more = f", and {_text(several)} from all copies of a person" if several is not None else ""
    rank = "no kind of copy with a new face leaves less"
    if least != usual:
        rank = f"not the least: “{WORDS[least]}” leaves {_text(told[least])}"
    said = f"{default}from such copies attackers read {_text(told[usual])} ({rank}){more}."
    codes: Mapping[str, Any] = next(
        (by["tradeoff"]["private"] for by in kept.values() if by.get("copies") and "tradeoff" in by), {}
    )
    if {ONE, ALL} <= set(codes):
        said += (
            " These attackers learned from pictures alone. Readers of the code behind the new face read "
            f"{_text(codes[ONE])} and {_text(codes[ALL])}; whether its code can be recovered from a copy was "
            "not tried, so assume theirs."
        )
    return said


def held_out_words(kept: Mapping[str, Any]) -> str:
    """TMR of protected pictures with protected ones, by each matcher that took no part in `private`.

    Parameters
    ----------
    kept : results of one set: by matcher, and `helpers`, those that took part.
    """
    found = {name: by[BOTH] for name, by in kept.items() if isinstance(by, Mapping) and BOTH in by}
    apart = {name: by for name, by in found.items() if name not in kept.get("helpers", ())}
    if not apart:
        return "not measured: every matcher here took part in the training" if found else "not measured here"
    return "; ".join(
        f"{_text(by['tmr_at_fmr_1'])} with {name_in_sentence(name)} "
        f"(FMR reached {_text(by['reached_fmr_1'], '.3f')})"
        for name, by in apart.items()
    )


def yardstick_words(name: str, helpers: Collection[str]) -> str:
    """The matcher by which methods are compared; if it took part in `private`, what follows from that."""
    note = " (which took part in the training of “private”: for “private” an upper end)"
    return name_in_sentence(name) + (note if name in helpers else "")


def _text(figure: Any, form: str = ".2f") -> str:
    one = as_estimate(figure)
    if not isinstance(one, Estimate):
        return f"{one:{form}}"
    if form == ".2f" and one.defined and f"{one.low:.2f}" == "1.00":
        form = ".3f"  # 1.00 [1.00, 1.00] would hide that it is below 1
    return format(one, form)
