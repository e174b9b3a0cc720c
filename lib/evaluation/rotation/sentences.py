"""Phrases and figures that the page of the rotation tables quotes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.evaluation.rotation import page
from lib.evaluation.rotation.attackers import WORDS
from lib.evaluation.rotation.cleaning import Told
from lib.evaluation.rotation.judged import Choice, Found, best_of, strongest_attack
from lib.evaluation.rotation.painter import NEW, OURS
from lib.evaluation.rotation.rivals import ANOTHER
from lib.judges.names import name_in_sentence
from lib.measures.privacy import OverSeparation

CODEC_WORDS = {
    "codec_identity": "the codec's own identity half",
    "codec_attributes": "the codec's attributes' half",
}


def reader_words(reader: str) -> str:
    """What a sentence calls a reader."""
    return CODEC_WORDS.get(reader, name_in_sentence(reader))


def strongest_words(found: Found, condition: str) -> str:
    """TMR of the strongest attacker and who that is, in words."""
    attack = strongest_attack(found[condition])
    who = WORDS[attack[0]].removeprefix("inverter, ")
    return f"{found[condition][attack].tmr:.2f} ({who}, with {reader_words(attack[1])})"


def farther_words(separate: Mapping[str, OverSeparation]) -> str:
    """Angles of table 2 at which mated pairs lie clearly farther apart than strangers: interval above .5."""
    far = [int(name) for name, one in separate.items() if name.isdigit() and one.auc.low > 0.5]
    if not far:
        return "at none of the angles"
    return f"at {', '.join(f'{angle}°' for angle in sorted(far))}"


def nearest_words(separate: Mapping[str, OverSeparation]) -> str:
    """The angle of table 2 at which mated distances are most like strangers', with the AUC."""
    angles = {name: one.auc for name, one in separate.items() if name.isdigit()}
    best = min(angles, key=lambda name: abs(angles[name].estimate - 0.5))
    return f"{best}° ({angles[best]:.2f})"


def page_words(
    found: Found,
    choice: Choice,
    before: Told,
    after: Told,
    cleaner_removed: int,
    separate: Mapping[str, Mapping[str, OverSeparation]],
    etas: Mapping[str, Mapping[str, float]],
) -> dict[str, Any]:
    """Everything that the text quotes, by name.

    Parameters
    ----------
    found : of `judged.told_together`. choice : of the angle.
    before, after : what attributes' halves tell, untouched and cleaned.
    separate : matcher -> column -> of `table2.separations`. etas : matcher -> `page.marks_of`.
    """
    dlib, held_out = page.MATCHERS
    stranger = found[ANOTHER][strongest_attack(found[ANOTHER])].tmr
    best = choice.angle
    ours = found[OURS][strongest_attack(found[OURS])].tmr
    at_best = found[best][strongest_attack(found[best])].tmr
    naive = {angle: found[angle][best_of(found[angle], "naive")].tmr for angle in ("0", best, "180")}
    return {
        "best_angle": f"{best}°",
        "chosen_tmr": f"{choice.tmr[best]:.2f}",
        "strongest_best": strongest_words(found, best),
        "strongest_180": strongest_words(found, "180"),
        "strongest_0": strongest_words(found, "0"),
        "strongest_new": strongest_words(found, NEW),
        "strongest_ours": strongest_words(found, OURS),
        "naive_180": f"{naive['180']:.2f}",
        "naive_0": f"{naive['0']:.2f}",
        "naive_best": f"{naive[best]:.2f}",
        "stranger": f"{stranger:.2f}",
        "ours_within": page.within_words(ours, stranger),
        "best_within": page.within_words(at_best, stranger),
        "linker_best": f"{_tmr(found, best, 'linker'):.2f}",
        "linker_ours": f"{_tmr(found, OURS, 'linker'):.2f}",
        "key_best": f"{_tmr(found, best, 'key_known'):.2f}",
        "restorer_best": f"{_tmr(found, best, 'restorer'):.2f}",
        "regression_180": f"{_tmr(found, '180', 'regression'):.2f}",
        "inverter_180": f"{_tmr(found, '180', 'inverter'):.2f}",
        "halves_before": f"{before.auc:.2f}",
        "halves_after": f"{after.auc:.2f}",
        "halves_tmr_before": f"{before.tmr:.2f}",
        "halves_tmr_after": f"{after.tmr:.2f}",
        "expression_before": f"{before.expression:.2f}",
        "expression_after": f"{after.expression:.2f}",
        "removed": str(cleaner_removed),
        "eta_1": f"{etas[dlib]['FMR 1 %']:.2f}",
        "eta_1_held_out": f"{etas[held_out]['FMR 1 %']:.2f}",
        "median_dlib": f"{etas[dlib][MEDIAN]:.2f}",
        "median_held_out": f"{etas[held_out][MEDIAN]:.2f}",
        "farther_dlib": farther_words(separate[dlib]),
        "farther_held_out": farther_words(separate[held_out]),
        "nearest_dlib": nearest_words(separate[dlib]),
        "nearest_held_out": nearest_words(separate[held_out]),
    }


MEDIAN = "strangers' median"


def _tmr(found: Found, condition: str, attacker: str) -> Any:
    return found[condition][best_of(found[condition], attacker)].tmr
