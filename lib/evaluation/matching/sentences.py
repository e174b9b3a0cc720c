"""Sentences and figures of the page of matching: they follow the results, whichever way these fall."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from lib.evaluation.matching.lfw_folds import TOLERANCE, gate_words
from lib.evaluation.matching.results import as_points
from lib.evaluation.parties import private_party, recogniser_of_private
from lib.evaluation.protections import CONTROLS
from lib.evaluation.targets import SET_ANEW, Target, outcome
from lib.faces.titles import title
from lib.judges.names import name_in_sentence
from lib.judges.result_keys import DLIB, TRAINED_MATCHER
from lib.measures.estimate import Estimate, as_estimate, estimates_in
from lib.measures.scored_pairs import ScoredPairs
from lib.measures.significance import holm

UNMEASURED = "not measured yet"
NOT_YET = "not been measured yet"
LEVEL = 0.05
"""Of p values after Holm."""
OURS = {"sm_nt": "SM minus NT", "sm_op": "SM minus OP", "nt_op": "NT minus OP"}
REPORT = {f"report_{pair}": f"{words}, report, 1 − y" for pair, words in OURS.items()} | {
    f"reversed_{pair}": f"{words}, report, its code" for pair, words in OURS.items()
}
APART = OURS | REPORT
"""Pairs of perturbed pictures, whose true match rates are compared -> words."""
THRESHOLDS = {"apart": "at one threshold", "apart_equal_fmr": "at equal FMR"}
"""Part of the results -> at which thresholds it compares, in words."""
By = Mapping[str, Any]


def loss_words(kept: By, treatment: str, helpers: Collection[str] = ()) -> str:
    """TMR lost to a treatment with each held-out matcher, at both thresholds, in points; of the first set.

    Parameters
    ----------
    helpers : matchers that took part in making the treatment: named only where no other is left.
    """
    own: By = next(iter(kept.values()), {})
    told = {name: text for name in own.get("tmr_loss", {}) if (text := _loss(own, name, treatment))}
    held_out = [text for name, text in told.items() if name not in {TRAINED_MATCHER, *helpers}]
    if held_out or not told:
        return " and ".join(held_out) or UNMEASURED
    met = [text for name, text in told.items() if name in helpers and name != TRAINED_MATCHER]
    if not met:
        return f"{UNMEASURED} with any held-out matcher"
    which = "this matcher is" if len(met) == 1 else "these matchers are"
    return f"{' and '.join(met)}; {which} not held out for it, and on this page's faces no other is"


def _loss(own: By, matcher: str, treatment: str) -> str:
    """`8.0 [4.0, 12.0] points with dlib's matcher (FMR reached 1.3 %), 7.0 [..] at equal FMR (1.1 %)`."""
    at_one = own.get("tmr_loss", {}).get(matcher, {}).get(treatment)
    if at_one is None:
        return ""
    text = f"{as_points(at_one):.1f} points with {name_in_sentence(matcher)}"
    text += _reached(own.get(matcher, {}).get(treatment, {}).get("reached_fmr_1"), "FMR reached ")
    equal = own.get("tmr_loss_equal_fmr", {}).get(matcher, {}).get(treatment)
    if equal is None:
        return text
    reached = own.get("equal_fmr_reached", {}).get(matcher, {}).get(treatment)
    return f"{text}, {as_points(equal):.1f} at equal FMR{_reached(reached)}"


def _reached(figure: Any, before: str = "", equal: Any = None) -> str:
    one = as_estimate(figure)
    if not (isinstance(one, Estimate) and one.defined):
        return ""
    at_equal = "" if equal is None else f"; {as_points(equal):.1f} at equal FMR"
    return f" ({before}{100 * one.estimate:.1f} %{at_equal})"


def prototype_losses(kept: By, name: str, matcher: str, part: str = "tmr_loss") -> str:
    """Points lost with SM, NT and OP, each with interval and FMR: `11.6 [..] with SM (FMR 1.1 %; ...), ...`.

    The loss at equal FMR stands beside that from the untouched photo.

    Parameters
    ----------
    part : of the results: `tmr_loss` from the untouched photo, `tmr_loss_painted` from the reconstruction.
    """
    own = kept.get(name, {})
    by = own.get(part, {}).get(matcher, {})
    equal = own.get("tmr_loss_equal_fmr", {}).get(matcher, {}) if part == "tmr_loss" else {}
    told = [
        f"{as_points(by[kind]):.1f} with {kind.upper()}"
        + _reached(own.get(matcher, {}).get(kind, {}).get("reached_fmr_1"), "FMR ", equal.get(kind))
        for kind in ("sm", "nt", "op")
        if kind in by
    ]
    return ", ".join(told) or UNMEASURED


def short_loss(own: By, treatment: str, matcher: str = DLIB) -> str:
    """`44.5 [38.4, 50.0] (45.7 [40.5, 51.0] at equal FMR)`: points of TMR lost, of results of one set."""
    found = [own.get(part, {}).get(matcher, {}).get(treatment) for part in ("tmr_loss", "tmr_loss_equal_fmr")]
    if None in found:
        return UNMEASURED
    one, equal = map(as_points, found)
    return f"{one:.1f} ({equal:.1f} at equal FMR)"


def subjects_words(own: By) -> str:
    """How many test subjects results of one set have."""
    figure = own.get(DLIB, {}).get("original", {}).get("tmr_at_fmr_1")
    return UNMEASURED if figure is None else f"{as_estimate(figure).n:,}"


def beyond_words(kept: By) -> str:
    """What OP costs more than the blur with each held-out matcher, at equal FMR; of the first set."""
    own: By = next(iter(kept.values()), {})
    told = [
        f"{as_points(by[CONTROLS['op']]):+.1f} points with {name_in_sentence(matcher)}"
        for matcher, by in own.get("beyond_control", {}).items()
        if matcher != TRAINED_MATCHER and CONTROLS["op"] in by
    ]
    return " and ".join(told) or UNMEASURED


def _told_apart(kept: By) -> dict[str, dict[str, tuple[Any, float]]]:
    """At which thresholds -> what was compared, in words -> difference in TMR, p after Holm over all."""
    found = [
        (
            whose,
            f"{APART[pair]} with {name_in_sentence(matcher)} on {title(name)}",
            as_estimate(figure),
            own[f"{part}_p"][matcher][pair],
        )
        for part, whose in THRESHOLDS.items()
        for name, own in kept.items()
        for matcher, by in own.get(part, {}).items()
        for pair, figure in by.items()
        if pair in APART and as_estimate(figure).defined
    ]
    adjusted = holm([p for *_, p in found])
    told: dict[str, dict[str, tuple[Any, float]]] = {}
    for (whose, words, figure, _), p in zip(found, adjusted, strict=True):
        told.setdefault(whose, {})[words] = (figure, float(p))
    return told


def _how_many(found: Mapping[str, Mapping[str, tuple[Any, float]]]) -> str:
    """`80 of 90 at one threshold and 70 of 90 at equal FMR`."""
    return " and ".join(
        f"{sum(p < LEVEL for _, p in by.values())} of {len(by)} {whose}" for whose, by in found.items()
    )


def apart_words(kept: By) -> str:
    """In how many comparisons of SM, NT and OP with each other a difference remains after Holm.

    Parameters
    ----------
    kept : set -> results with `apart` and `apart_p`; without them it says that nothing was measured.
    """
    found = _told_apart(kept)
    if not found:
        return f"the paired differences have {NOT_YET}."
    all_of = [(words, whose, *one) for whose, by in found.items() for words, one in by.items()]
    said = f"after Holm's correction for {len(all_of)} comparisons, {_how_many(found)} show a difference"
    remaining = [one for one in all_of if one[3] < LEVEL]
    if not remaining:
        return f"{said}, which does not show that there is none."
    words, whose, figure, p = max(remaining, key=lambda one: abs(one[2].estimate))
    which = "It is" if len(remaining) == 1 else "The largest of these is"
    return f"{said}. {which} {as_points(figure):.1f} points, {words}, {whose} (p after Holm {p:.2g})."


def apart_short(kept: By) -> str:
    """In how many comparisons of SM, NT and OP a difference remains: `80 of 90 at one threshold and ...`."""
    return _how_many(_told_apart(kept)) or UNMEASURED


def refuted_words(kept: By) -> str:
    """Whether dlib's matcher tells the SM, NT and OP of the report's recipe apart on LFW, in words."""
    ends = tuple(f"{words} with {name_in_sentence(DLIB)} on {title('lfw')}" for words in REPORT.values())
    asked = [
        (f"{words.partition(' with ')[0]}, {whose}", p)
        for whose, by in _told_apart(kept).items()  # p values of all comparisons together
        for words, (_, p) in by.items()
        if words in ends
    ]
    if not asked:
        return "has not compared them yet"
    clear = [words for words, p in asked if p < LEVEL]
    rest = [words for words, p in asked if p >= LEVEL]
    if not clear:
        return f"shows no difference in {len(asked)} comparisons, which does not show that there is none"
    if not rest:
        return f"shows a difference in all {len(asked)} comparisons"
    return f"shows a difference in {len(clear)} of {len(asked)} comparisons, but not for {'; '.join(rest)}"


def aim_words(kept: By, target: Target) -> str:
    """Whether results reach a target of this page, in words: the verdict of `targets.outcome`.

    Parameters
    ----------
    kept : set -> results. Where it lacks a set that the target demands, the target is asked of all sets that
        there are, and of the figures that they have.
    """
    found = outcome(_asked_of(target, kept), kept) if kept else None
    if found is None or not (found.judged or found.left_out):
        return f"has {NOT_YET}"
    left = sorted({_whose(name) for name in found.left_out})
    out = f"; left out, because they find fewer than half of the untouched photos: {', '.join(left)}"
    if not found.judged:
        return "cannot be judged, because every matcher finds fewer than half of the untouched photos"
    worst: dict[str, float] = {}
    for name, figure in found.judged.items():
        worst[_whose(name)] = max(worst.get(_whose(name), -1.0), figure.estimate)
    missed = sum(not target.reached(value) for value in worst.values())
    many = f"all {missed}" if missed == len(worst) else f"{missed} of {len(worst)}"
    told = f"is missed in {many} combinations of matcher and data set"
    if len(worst) == 1:
        told = f"is missed with {next(iter(worst))}"
    if found.reached is None:
        told = "cannot be called reached, because some of its figures are missing"
    elif found.reached:
        whole = all(target.reached(figure.high) for figure in found.judged.values())
        told = "is reached" if whole else "is reached, though not across the whole of every interval"
    return told + (out if left else "")


def _asked_of(target: Target, kept: By) -> Target:
    if set(target.data_sets) <= set(kept):
        return target
    kinds = {pattern.partition(".")[2] for pattern in target.patterns}
    known = estimates_in(kept)
    asked = [f"{name}.{kind}" for name in kept for kind in sorted(kinds)]
    there = [one for one in asked if any(fnmatchcase(name, one) for name in known)]
    return replace(target, figures=tuple(there or asked))


def _whose(name: str) -> str:
    """`celeba.tmr_loss.unseen_dlib.op` as `dlib's matcher on CelebA`."""
    first, _, matcher, *_ = name.split(".")
    return f"{name_in_sentence(matcher)} on {title(first)}"


def separable_words(pairs: ScoredPairs) -> str:
    """Whether a threshold keeps all mated pairs and no impostor, in a sentence."""
    apart = pairs.genuine_scores.min() > pairs.impostor_scores.max()
    if apart:
        return "Here there is a threshold that accepts every mated pair and rejects every impostor."
    return "Here no threshold accepts every mated pair and rejects every impostor."


def set_anew_words(target: Target) -> str:
    """When a bound was set, in a sentence; for a target whose bound never changed, that."""
    if not target.was:
        return "The bound was set before the networks were trained."
    before = (
        "there was none before"
        if target.was == "none"
        else f"before, it was {100 * float(target.was):g} points"
    )
    return f"This is a {SET_ANEW}; {before}."


def part_words(recipe: Mapping[str, Any]) -> str:
    """What part dlib's matcher had in `private`, in words."""
    if recogniser_of_private(recipe["embedder"]) == DLIB:
        return "whose embedding is the code of “private”"
    if DLIB in private_party(recipe).helpers:
        return "which took part in the training of “private”"
    return "which took part in the training of none of these pictures"


def page_words(
    kept: By, photographs: By, target: Target, source: str, recipe: Mapping[str, Any]
) -> dict[str, str]:
    """Figures and phrases that the text quotes.

    Parameters
    ----------
    kept : of `Matched.results`. photographs : results of the same page on photographs; empty: not made yet.
    target : what OP may cost. source : the page's own set.
    recipe : of `private`, as for `parties.private_party`: its helpers are not held out for it.
    """
    seen = photographs or {name: own for name, own in kept.items() if name != "rendered"}
    gate = seen.get("lfw", {}).get("gate", {})
    own = kept[source]
    words = {
        "loss_op": loss_words(kept, "op"),
        "loss_control": loss_words(kept, "control"),
        "loss_report": loss_words(kept, "report_op"),
        "loss_private": loss_words(kept, "private", private_party(recipe).helpers),
        "loss_painted": prototype_losses(kept, source, DLIB, "tmr_loss_painted"),
        "op_beyond": beyond_words(kept),
        "aim_points": f"{100 * target.bound:.0f}",
        "aim_anew": set_anew_words(target),
        "aim": aim_words(kept, target),
        "photo_aim": aim_words(seen, target),
        "apart": apart_words(kept),
        "apart_short": apart_short(kept),
        "photo_apart_short": apart_short(seen),
        "tmr_before": f"{own[DLIB]['original']['tmr_at_fmr_1']:.2f}",
        "photo_apart": apart_words(seen),
        "op_short": short_loss(own, "op"),
        "op_short_lfw": short_loss(seen.get("lfw", {}), "op"),
        "photo_beyond": "; on LFW, ".join(
            beyond_words({name: seen[name]}) for name in ("celeba", "lfw") if name in seen
        )
        or UNMEASURED,
        "subjects_here": f"{as_estimate(own[DLIB]['original']['tmr_at_fmr_1']).n:,}",
        **{f"{name}_subjects": subjects_words(seen.get(name, {})) for name in ("celeba", "lfw")},
        "photo_refuted": refuted_words(seen),
        "dlib_part": part_words(recipe),
        "fold_gate": gate_words(gate),
        "fold_tolerance": f"{TOLERANCE:.3f}",
        "same_auc": f"{own[DLIB]['op']['auc'].estimate:.3f}",
    }
    for name, key in (("", "original"), ("_op", "op")):
        words[f"eer_any{name}"] = f"{own[DLIB][key]['eer']:.3f}"
        words[f"eer_same{name}"] = f"{own['same_gender'][DLIB][key]['eer']:.3f}"
        words[f"eer_rise{name}"] = f"{own['same_gender_rise'][DLIB][key]:+.3f}"
    return words
