"""What the page of the trade-off keeps as results, says in sentences, and shows at its top."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd

from lib.deidentify.attacks.codes import CodeAttack
from lib.deidentify.photos.regions import careful_paste
from lib.deidentify.protections.adversarial_filter import FilterRound
from lib.evaluation.codes_of_sets import code_results
from lib.evaluation.copy_attackers import WORDS
from lib.evaluation.linkability import Linked, Parts, linkability_results
from lib.evaluation.matching_protocol import BEFORE, BOTH
from lib.evaluation.matching_results import as_results
from lib.evaluation.pasted_copies import COPIES
from lib.evaluation.tradeoff import (
    ALL,
    ONE,
    Readings,
    grown_results,
    private_readings,
    retrained_attackers,
    set_in_words,
    strongest_reading,
    tradeoff_results,
)
from lib.evaluation.tradeoff_parties import matcher_words
from lib.evaluation.treatment_captions import shown_rows, treatment_captions
from lib.judges.base import Judge
from lib.measures.estimate import Estimate, as_estimate
from lib.measures.privacy import direction_free

UNMEASURED = "not measured yet"
TOP = (BEFORE, "blur", "k-Same", "filter", "op", "private")
"""Treatments at the top of the page, of those that there are; of several strengths the last."""


def readings_by_set(
    attacks: Mapping[str, Mapping[str, CodeAttack]], grown: pd.DataFrame, kept: Mapping[str, Any]
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """`private_readings` of every set; attackers grew on the first one.

    Parameters
    ----------
    attacks : of `code_attacks`. grown : of `curve_table`.
    kept : values of chapter 05, by set, and its `gate`.
    """
    first = next(iter(attacks))
    return {
        name: private_readings(
            one, grown if name == first else None, kept.get(name, {}), gate_failed(kept, name)
        )
        for name, one in attacks.items()
    }


def gate_failed(kept: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Attackers who did not pass the gate of chapter 05 on one set, by its values.

    Parameters
    ----------
    kept : its `gate` is that of the first set, and holds those of other sets by their names.
    """
    gate = kept.get("gate", {})
    return tuple(gate.get(name, gate).get("failed", ()))


def worst_readings(readings: Mapping[str, Readings]) -> dict[str, dict[str, tuple[str, Estimate]]]:
    """Set -> ONE or ALL -> the strongest attackers and their figure."""
    return {
        name: {measure: strongest_reading(by, measure) for measure in (ONE, ALL)}
        for name, by in readings.items()
    }


def page_results(
    linked: Linked,
    attacks: Mapping[str, Mapping[str, CodeAttack]],
    worst: Mapping[str, Mapping[str, tuple[str, Estimate]]],
    records: Sequence[Mapping[str, Any]],
    grown: pd.DataFrame,
) -> dict[str, dict[str, Any]]:
    """Results by set: linkability, both pictures protected, codes, and the trade-off.

    Parameters
    ----------
    attacks : of `code_attacks`. worst : of `worst_readings`.
    records : of `tradeoff_records`, of the first set. grown : of `curve_table`, of the first set.
    """
    kept: dict[str, dict[str, Any]] = {}
    for name, best in linked.best().items():
        both = {
            matcher: {BOTH: as_results(by[BOTH])}
            for (where, matcher), by in linked.verified.items()
            if where == name and BOTH in by
        }
        figures = {measure: figure for measure, (_, figure) in worst[name].items()}
        kept[name] = {
            **linkability_results(best),
            **both,
            "codes": code_results(attacks[name]),
            "tradeoff": {"private": figures},
        }
    first = next(iter(kept))
    weighed = tradeoff_results(records)
    weighed["private"] = {**weighed.get("private", {}), **kept[first]["tradeoff"]["private"]}
    kept[first] |= {"tradeoff": weighed, "growth": grown_results(grown)}
    return kept


def filter_results(
    played: Sequence[FilterRound], fresh: Mapping[str, Estimate], images: int = 0
) -> dict[str, Any]:
    """What results keep of the game; nothing where nobody played.

    Parameters
    ----------
    played : rounds. fresh : what fresh attackers read of `filter` and `before`.
    images : that both learned from.
    """
    if not played:
        return {}
    attacker = {ONE: fresh["filter"], BEFORE: fresh[BEFORE]}
    game = {"rounds": len(played), "images": images, "adversary": vars(played[-1])}
    return {"filter": game | {"fresh_attacker": attacker}}


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
        "strongest_one": f"“{set_in_words(private[ONE][0])}”",
        "strongest_all": f"“{set_in_words(private[ALL][0])}”",
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
    }
    words |= inversion_words(own["inversion"])
    back = photographs.get("celeba", {}).get("inversion")
    words["photo_numbers"] = _text(back["numbers"], ".0%") if back else UNMEASURED
    for name in ("celeba", "lfw"):
        words[f"photo_{name}"] = photograph_words(photographs.get(name, {}))
    found = own["unlinkability"]
    names = {"before": "original", "op": "op", "private": "private"}
    for kind, key in names.items():
        by = own["unlinkability_by"].get(key, {})
        words[f"d_{kind}"] = linked_words(found[key], by) if key in found else "not measured here"
    return words


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


def photograph_words(kept: Mapping[str, Any]) -> str:
    """The two figures of `private` on one set of photographs, and what was read where nothing was erased."""
    told = kept.get("tradeoff", {}).get("private", {})
    if not {ONE, ALL} <= set(told):
        return UNMEASURED
    said = f"{_text(told[ONE])} and {_text(told[ALL])}"
    before = kept.get("unerased")
    if not before:
        return said
    unerased = f"{_text(before[ONE])} and {_text(before[ALL])}"
    return f"{said} ({pictures_words(kept)}; where nothing was erased {unerased})"


def pictures_words(kept: Mapping[str, Any]) -> str:
    """How many pictures a subject has, in words."""
    counted = kept["pictures_of_a_subject"]
    return f"all {counted['median']:g} pictures in the median, {counted['subjects']:,} subjects"


def gate_words(gate: Mapping[str, Sequence[str]]) -> str:
    """Who of the readers of codes counts."""
    passed, failed = ([one.replace("_", " ") for one in gate[key]] for key in ("passed", "failed"))
    out = f", without {' and '.join(failed)}" if failed else ""
    return f"{len(passed)} of {len(passed) + len(failed)}{out}"


def linked_words(figure: Any, by: Mapping[str, Any]) -> str:
    """D beside what it would be without any link, and with certainty."""
    ends = f" (none: {by['zero']:.2f}, certain: {by['ceiling']:.2f})" if by else ""
    return _text(figure) + ends


def _matched(weighed: Mapping[str, Any], method: str) -> str:
    """True match rate of a method in the trade-off, in words."""
    figure = weighed.get(method, {}).get("tmr_at_fmr_1")
    return UNMEASURED if figure is None else _text(figure)


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
        f"{row[limit]:g})"
        for read, limit, words in (
            ("one", "wanted", "one code"),
            ("averaged", "wanted_averaged", "all codes of a subject"),
        )
    ]
    return f"With the {row['removed']} directions chosen, attackers read {' and '.join(told)}."


def goals_words(goals: pd.DataFrame) -> pd.DataFrame:
    """Goals for a page: names of judges and of data sets as sentences call them."""
    sets = {"celeba": "CelebA", "lfw": "LFW", "rendered": "rendered faces"}

    def whose(text: str) -> str:
        who, comma, where = text.rpartition(", ")
        return f"{matcher_words(who.replace(' ', '_'))}{comma}{sets.get(where, where)}" if comma else text

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
            f"filter's pictures have a TMR of {_text(own['tmr_at_fmr_1'])}; untouched ones have",
            f"{_text(before['tmr_at_fmr_1'])}.",
        ]
    return " ".join(said)


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
    rank = "the least of all kinds of copies"
    if least != usual:
        rank = f"not the least: “{WORDS[least]}” leaves {_text(told[least])}"
    return f"{default}from such copies attackers read {_text(told[usual])} ({rank}){more}."


def top_gallery(
    pictures: Mapping[str, np.ndarray], parts: Parts, matcher: Judge, classifier: keras.Model, count: int = 3
) -> tuple[list[list[np.ndarray]], list[str], list[list[str]]]:
    """Cells, names and captions of the top picture.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W) of the probes.
    parts : whose gallery has another photo of each subject.
    matcher : compares with that photo. classifier : from a grey picture to the logit of male.
    count : subjects at most.
    """
    probes, gallery, _ = parts
    last = {name: key for name in TOP for key in pictures if key.partition(" ")[0] == name}
    rows = shown_rows(probes.faces.subjects, probes.faces.binary("Male"), count)
    theirs = gallery.faces.subjects
    waiting = [int(np.flatnonzero(theirs == probes.faces.subjects[row])[0]) for row in rows]
    shown = {name: pictures[key][rows] for name, key in last.items()}
    points, others = probes.faces.points, gallery.faces.points
    captions = treatment_captions(
        shown,
        None if points is None else points[rows],
        gallery.pictures[BEFORE][waiting],
        None if others is None else others[waiting],
        matcher,
        classifier,
    )
    return [[one[at] for one in shown.values()] for at in range(len(rows))], list(shown), captions


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
        f"{_text(by['tmr_at_fmr_1'])} with {matcher_words(name)} "
        f"(FMR reached {_text(by['reached_fmr_1'], '.3f')})"
        for name, by in apart.items()
    )


def yardstick_words(name: str, helpers: Collection[str]) -> str:
    """The matcher by which methods are compared; if it took part in `private`, what follows from that."""
    note = " (which took part in the training of “private”: for “private” an upper end)"
    return matcher_words(name) + (note if name in helpers else "")


def _text(figure: Any, form: str = ".2f") -> str:
    one = as_estimate(figure)
    return format(one, form) if isinstance(one, Estimate) else f"{one:{form}}"


def readings_of(
    method: str, grown: pd.DataFrame, kept: Mapping[str, Any], name: str, fresh: Mapping[str, Estimate]
) -> list[Estimate]:
    """What attackers read of a method: those who grew, those of chapter 05, and fresh ones.

    Parameters
    ----------
    grown : of `curve_table`. kept : values of chapter 05. name : of the set.
    fresh : of attackers of the filter's pictures and of as many originals.
    """
    grew = grown_results(grown).get(method, {})
    found = [grew[ONE]] if ONE in grew else []
    found += [fresh[method]] if method in fresh else []
    return found + retrained_attackers(kept.get(name, {}), method, failed=gate_failed(kept, name))
