"""Sequences: one subject turns the head and changes expression, frame by frame, in one light.

A sequence begins and ends at one side, so that it can be repeated without a jump: the head turns to the other
side and back, one expression comes and goes on the way there, another on the way back. Backdrop and noise are
those of one picture and stand still: what changes between two frames is the face.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lib.faces.faceset import EXPRESSIONS
from lib.faces.rendered.random_streams import generator
from lib.faces.rendered.scene.render import Rendering, render
from lib.faces.rendered.scene.shot import Shot, sample_shot
from lib.faces.rendered.subject.prepared_subject import Prepared
from lib.faces.rendered.subject.subject import Subject

FIRST_SHOT = 100
"""Number of the shot behind a subject's first sequence; pictures of the pack have lower ones."""
TURN, NOD, TILT = 20.0, 5.0, 3.0
"""Degrees that the head turns to either side, raises or lowers the chin, and tilts."""
FOLLOWED = 0.55
"""Part of the head's turn that the eyes take back, as in single pictures."""
_NOT_NEUTRAL = tuple(name for name in EXPRESSIONS if name != "neutral")


def sequence_shots(subject: Subject, number: int, frames: int) -> list[Shot]:
    """Shots of one sequence of a subject; the same numbers give the same shots.

    Parameters
    ----------
    number : of the sequence, 0 or more; another one has another light, camera, dress and expressions.
    frames : 2 or more; the frame after the last one would be the first again.

    Returns
    -------
    `frames` shots that differ in pose, gaze and expression only. A frame is called by an expression where
    this has at least half of its strength, else neutral. Nothing is held before the face.

    Raises
    ------
    ValueError : fewer than two frames.
    """
    if frames < 2:
        raise ValueError(f"a sequence of {frames} frames; 2 is the least")
    base = sample_shot(subject, FIRST_SHOT + number, "neutral")
    r = generator("shot", subject.world, subject.number, base.number, 1)
    names = [str(name) for name in r.permutation(_NOT_NEUTRAL)[:2]]
    side, phase = float(r.choice([-1.0, 1.0])), 2 * np.pi * np.arange(frames) / frames
    rest = base.actions | {"upper_lid": max(base.actions["upper_lid"], -0.3)}  # nobody blinks throughout
    apexes = [rest, *(sample_shot(subject, base.number, name).actions for name in names)]
    base = replace(base, blink=False, accessories=replace(base.accessories, occluder=None))
    shots = []
    for at in phase:
        weights = [max(0.0, np.sin(at)) ** 2, max(0.0, -np.sin(at)) ** 2]
        strengths = np.array([1 - sum(weights), *weights])
        turned = side * TURN * float(np.cos(at))
        shots.append(
            replace(
                base,
                expression=["neutral", *names][int(np.argmax(strengths))],
                actions=blended(apexes, strengths),
                yaw=turned,
                pitch=base.pitch / 2 + NOD * float(np.sin(2 * at)),
                roll=base.roll / 2 + TILT * float(np.sin(at)),
                gaze=(-FOLLOWED * float(np.radians(turned)), base.gaze[1]),
            )
        )
    return shots


def blended(apexes: list[dict[str, float]], strengths: np.ndarray) -> dict[str, float]:
    """Action units between several expressions.

    Parameters
    ----------
    apexes : strengths of the same action units, one mapping for each expression.
    strengths : (E,) part of each expression, of sum 1.
    """
    return {
        name: float(sum(w * one[name] for w, one in zip(strengths, apexes, strict=True)))
        for name in apexes[0]
    }


def render_sequence(prepared: Prepared, number: int, frames: int, size: int = 112) -> list[Rendering]:
    """Render the frames of one sequence; parameters as of `sequence_shots` and `render`."""
    return [render(prepared, shot, size) for shot in sequence_shots(prepared.subject, number, frames)]
