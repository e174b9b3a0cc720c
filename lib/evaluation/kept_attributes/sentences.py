"""Words of the page that follow its figures, whichever way they fall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lib.evaluation.kept_attributes.expressions import CLASSES, ExpressionTest, expression_f
from lib.evaluation.kept_attributes.labels import label_name
from lib.evaluation.kept_attributes.methods import ROTATION, TOLD
from lib.evaluation.kept_attributes.repainted import BEST, NEW, ORIGINAL, OURS
from lib.evaluation.kept_attributes.results import judge_title, set_title
from lib.faces.faceset import EXPRESSIONS
from lib.measures.classification import confusion
from lib.measures.estimate import Estimate, as_estimate

GOAL = 0.9
"""Part of the reconstruction's F that should be kept."""


def goal_word(part: Estimate, goal: float = GOAL) -> str:
    """Whether a part kept reaches the goal, with its whole interval."""
    if not part.defined:
        return f"cannot be held against the goal of {goal:g}"
    if part.low >= goal:
        return f"reaches the goal of {goal:g}"
    if part.high < goal:
        return f"misses the goal of {goal:g}"
    return f"may or may not reach the goal of {goal:g}, which lies in its interval"


def change_word(difference: Estimate, less: str, more: str, alike: str) -> str:
    """`less` or `more` where the whole interval of a difference says so, else `alike`."""
    if difference.high < 0:
        return less
    return more if difference.low > 0 else alike


def always_f(test: ExpressionTest) -> float:
    """F of somebody who says one expression always, the best one for them."""
    values = [
        float(expression_f(confusion(test.true, np.repeat(one, len(test.true)), CLASSES)))
        for one in EXPRESSIONS
    ]
    return max(values)


def expression_words(test: ExpressionTest, found: Mapping[str, Any], best: float) -> dict[str, str]:
    """Texts about expression: `f_<treatment>`, `part_<treatment>`, and sentences.

    Parameters
    ----------
    found : of `results.expression_results`.
    """
    own: Mapping[str, Estimate] = found["judges"][test.first]
    parts: Mapping[str, Estimate] = found["part_of_reconstruction"]
    words = {f"f_{name}": f"{figure:.2f}" for name, figure in own.items()}
    words |= {f"part_{name}": f"{figure:.2f}" for name, figure in parts.items()}
    # Without a cleaner, `ours` is the new identity and nothing else.
    words |= {f"{kind}_{NEW}": words.get(f"{kind}_{NEW}", words[f"{kind}_{OURS}"]) for kind in ("f", "part")}
    change: Mapping[str, Estimate] = found["difference"]
    turned = ("lowers it further", "raises it again", "lowers it no further, as far as can be told")
    words |= {f"kappa_{name}": f"{figure:.2f}" for name, figure in found["agreement"].items()}
    return words | {
        "judge": judge_title(test.first),
        "best": f"{best:g}",
        "always": f"{always_f(test):.2f}",
        "images": f"{len(test.true):,}",
        "subjects": f"{len(set(test.subjects.tolist())):,}",
        "goal_ours": goal_word(parts[OURS]),
        "goal_best": goal_word(parts[BEST]),
        "painting_word": change_word(change["painting"], "lowers", "raises", "hardly changes"),
        "turning_word": change_word(change["turning"], *turned),
        "painting": f"{change['painting']:+z.2f}".replace("-", "−"),
        "turning": f"{change['turning']:+z.2f}".replace("-", "−"),
        "hardest": _hardest(test),
        "judges_agree": _agreement(test, found),
    }


def _hardest(test: ExpressionTest) -> str:
    """Which expression loses most recall from the original to `ours`."""
    rates = [test.matrix(one) for one in (ORIGINAL, OURS)]
    before, after = (np.diagonal(one) / np.maximum(one.sum(axis=1), 1) for one in rates)
    at = int(np.argmax(before - after))
    if before[at] <= after[at]:
        return "No expression loses recall."
    return (
        f"The expression {EXPRESSIONS[at]} suffers most: the judge reads {before[at]:.0%} of its originals "
        f"right, and {after[at]:.0%} of those painted by ours."
    )


def _agreement(test: ExpressionTest, found: Mapping[str, Any]) -> str:
    others = [judge for judge in test.said if judge != test.first]
    if not others:
        return "There is no second judge."
    texts = [
        f"the {judge_title(judge)} reads F {found['judges'][judge][ORIGINAL]:.2f} on originals, "
        f"{found['judges'][judge]['0']:.2f} at 0 degrees, {found['judges'][judge][BEST]:.2f} at the best "
        f"angle and {found['judges'][judge][OURS]:.2f} on ours"
        for judge in others
    ]
    return f"Of the other judges, {'; '.join(texts)}."


def label_words(
    records: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]], unread: Iterable[str]
) -> dict[str, str]:
    """Texts about the other labels: shares of the reconstruction's gain that `ours` keeps."""
    kept = {one["label"]: one["of_reconstruction"] for one in records if one["treatment"] == OURS}
    words = {
        f"kept_{key}": f"{kept[label]:.2f}" if label in kept else "not readable"
        for key, label in (("gender", "Male"), ("age", "age"), ("yaw", "yaw"), ("smile", "Smiling"))
    }
    for one in groups:
        if one["treatment"] == OURS:
            words[f"group_{one['group'].replace(' ', '_')}"] = f"{one['of_reconstruction']:.2f}"
    for group in ("of_the_moment", "worn", "hair", "of_the_person"):
        words.setdefault(f"group_{group}", "not readable")
    defined = {label: one for label, one in kept.items() if one.defined}
    most = sorted(defined, key=lambda label: -defined[label].estimate)
    missing = [label_name(one) for one in unread]
    return words | {
        "readable": f"{len(kept)}",
        "kept_most": _listed([label_name(one) for one in most[:3]]),
        "kept_least": _listed([label_name(one) for one in most[-3:][::-1]]),
        "unread": f"Left out, as the reader cannot read them on originals: {', '.join(missing)}."
        if missing
        else "The reader can read all of them on originals.",
    }


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "none"


def photograph_words(values: Mapping[str, Any]) -> dict[str, str]:
    """What was found on photographs, from the results of the profile `real`; what is missing says so.

    Returns
    -------
    `photographs`, on expression, and `photographs_kept`, on the other labels.
    """
    sets = [_photographs_f(name, own) for name, own in values.items() if _has(own, "judges")]
    kept = [_photographs_kept(name, own) for name, own in values.items() if _has(own, "kept")]
    return {
        "photographs": f"On photographs {'; '.join(sets)}."
        if sets
        else "On photographs this has not been measured yet.",
        "photographs_kept": f"On photographs {'; '.join(kept)}."
        if kept
        else "On photographs the other labels have not been measured yet.",
    }


def _has(own: Any, what: str) -> bool:
    return isinstance(own, Mapping) and bool(own.get(what))


def _photographs_f(name: str, own: Mapping[str, Any]) -> str:
    places = {
        ORIGINAL: "on originals",
        "0": "painted again",
        BEST: "turned by the best angle",
        OURS: "on ours",
    }
    said = [f"{as_estimate(own['expression_f'][one]):.2f} {words}" for one, words in places.items()]
    judge = judge_title(own["judge"])
    return f"of {set_title(name)}, F (judge: {judge}) is {_listed(said)}"


def _photographs_kept(name: str, own: Mapping[str, Any]) -> str:
    kept, groups = own["kept"], own.get("kept_groups", {})
    some = {f"of {label_name(one)}": kept[one] for one in ("Male", "Young", "Smiling") if one in kept}
    some |= {f"of all labels {one.replace('_', ' ')}": by for one, by in groups.items()}
    said = [f"{as_estimate(by[OURS]):.2f} {words}" for words, by in some.items()]
    return f"of {set_title(name)}, ours keeps {_listed(said)}"


def method_words(records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the chart of all methods may say: whether attackers were measured, and who lies in the corner."""
    known = [one for one in records if one["tmr"] is not None and not one["open"]]
    if not known:
        return {
            "chart": "How well each method hides who it is has not been measured yet (the chapter on "
            "rotation does it), so only what is kept of the expression is drawn.",
            "corner": "",
            "price": "",
        }
    tried = [one for one in known if one["treatment"] not in (ORIGINAL, *TOLD)]
    good = [one["treatment"] for one in tried if one["kept"].low >= GOAL]
    least = min(good, key=lambda name: _tmr(known, name), default="")
    return {
        "chart": "Attackers were measured in the chapter on rotation.",
        "corner": f"Of the methods that surely keep {GOAL:g} of the expression, {least} leaves least to the "
        f"strongest attacker: a TMR of {_tmr_text(known, least)}."
        if least
        else f"No method that is not told the expression surely keeps {GOAL:g} of it.",
        "price": _price(tried),
    }


def _price(records: Sequence[Mapping[str, Any]]) -> str:
    """What blurs and turns keep of the expression, and leave to the strongest attacker."""
    some = [one for one in records if one["method"] == "blur" or one["treatment"] in ("90", "180")]
    told = [
        f"{'a turn by ' if one['method'] == ROTATION else ''}{one['treatment']}"
        f"{'°' if one['method'] == ROTATION else ''} keeps {one['kept']:.2f} and leaves {one['tmr']:.2f}"
        for one in some
    ]
    return f"At what price: {'; '.join(told)}." if told else ""


def _tmr(records: Sequence[Mapping[str, Any]], treatment: str) -> float:
    return next(float(one["tmr"].estimate) for one in records if one["treatment"] == treatment)


def _tmr_text(records: Sequence[Mapping[str, Any]], treatment: str) -> str:
    return next(f"{one['tmr']:.2f}" for one in records if one["treatment"] == treatment)


def paper_words(printed: Mapping[str, float]) -> dict[str, str]:
    """The figures that the paper prints: `paper_<treatment>`, and the part that painting alone loses."""
    words = {f"paper_{name}": f"{value:.3f}".lstrip("0") for name, value in printed.items()}
    return words | {"paper_lost": f"{1 - printed['0'] / printed[ORIGINAL]:.0%}"}
