"""What chapter 05 keeps in its results, and the sheet of faces that it shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.special import expit

from lib.evaluation.gender.attacker_readings import GenderAttacks, turned_scores
from lib.evaluation.gender.judge_readings import GenderJudged
from lib.evaluation.gender.judged_faces import GenderTest, Pictures
from lib.evaluation.gender.readings import kept_readings
from lib.evaluation.scored_faces import Scored
from lib.judges.base import Judge


def face_sheet(
    test: GenderTest,
    pictures: Pictures,
    judge: Judge,
    attacks: GenderAttacks,
    columns: Iterable[str] = ("before", "control", "op", "report_op", "private"),
) -> Scored:
    """Faces of the first data set under some treatments, and how sure two readers are that they are male.

    Parameters
    ----------
    judge : who scores logits.
    attacks : the attacker picked for each treatment is asked.
    columns : treatments; those that are not there are left out.

    Returns
    -------
    Three faces, grey, with the certainties of `classifier` and `attacker`; or the mean of all faces, without
    scores, where single ones may not be shown.
    """
    data = test.sets[0]
    rows, names = test.rows[data], [name for name in columns if name in pictures]
    if not test.faces.publishable:
        means = {name: np.rint(pictures[name][rows].mean(0)).astype(np.uint8)[None] for name in names}
        return Scored(means, {})
    male = test.male[rows]
    picked = np.array(
        [np.flatnonzero(male == truth)[at] for truth, at in ((False, 0), (True, 0), (False, -1))]
    )
    shown = {name: pictures[name][rows][picked] for name in names}
    rgb = {name: np.repeat(grey[..., None], 3, -1) for name, grey in shown.items()}
    strong = {name: turned_scores(attacks.picked(data, name)[1])[picked] for name in names}
    said = {
        "classifier": {name: expit(judge(grey).values) for name, grey in rgb.items()},
        "attacker": {name: expit(one) for name, one in strong.items()},
    }
    return Scored(shown, said)


def kept_values(judged: GenderJudged, attacks: GenderAttacks) -> dict[str, Any]:
    """What results keep of all readings: data set -> judge or attacker -> treatment -> figures.

    Also `directions`, `gate` (who passed, who failed, what was wanted; those of other sets than the first by
    name), `worst_attackers` (data set -> treatment -> name and figures of the attacker that is picked) and
    `left_out`.
    """
    wanted = judged.wanted()
    gate = {
        data: {"passed": list(one.passed), "failed": list(one.failed), "wanted": wanted[data]}
        for data, one in attacks.gates.items()
    }
    values = {
        data: kept_readings(own, ("auc", "auc_free", "eer"))
        | kept_readings(attacks.readings[data], ("auc", "auc_free", "auc_free_averaged"))
        for data, own in judged.read.items()
    }
    return values | {
        "directions": judged.directions,
        "gate": gate.pop(next(iter(judged.read))) | gate,
        "worst_attackers": {data: attacks.worst(data) for data in judged.read},
        "left_out": {data: lost for data, (lost, _) in judged.lost.items()},
    }
