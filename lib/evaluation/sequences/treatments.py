"""What chapter 10 does to frames: the identity turned or drawn anew, once for what shares a draw."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lib.deidentify.cleanir.codec import CleanirCodec
from lib.deidentify.cleanir.protection import NewIdentity, Per, RotatedIdentity
from lib.deidentify.protections.base import protect
from lib.evaluation.sequences.frames import Frames

Repainter = RotatedIdentity | NewIdentity
"""What repaints a frame."""
BEFORE, RECONSTRUCTION, OPPOSITE = "before", "reconstruction", "opposite"
PER: Mapping[str, Per] = {"image": "image", "sequence": "subject", "subject": "subject", "all": "all"}
"""What shares one draw -> how the protection is told. One draw per sequence is one per subject whose name
says which of its sequences is meant."""
AXES = tuple(PER)


def treatments() -> tuple[str, ...]:
    """Names of all treatments: untouched, 0 and 180 degrees, turned and new identities by their draws."""
    drawn = [f"{kind}_{axis}" for kind in ("turned", "new") for axis in AXES]
    return (BEFORE, RECONSTRUCTION, OPPOSITE, *drawn)


def protections(codec: CleanirCodec, angle: float, key: str) -> dict[str, Repainter]:
    """Protection of each treatment but BEFORE.

    Parameters
    ----------
    angle : of the turned identities, degrees.
    key : secret, of all draws.
    """
    told: dict[str, Repainter] = {
        RECONSTRUCTION: RotatedIdentity(codec, angle=0),
        OPPOSITE: RotatedIdentity(codec, angle=180),
    }
    told |= {f"turned_{name}": RotatedIdentity(codec, per, key, angle=angle) for name, per in PER.items()}
    return told | {f"new_{name}": NewIdentity(codec, per, key) for name, per in PER.items()}


def sharers(frames: Frames, axis: str) -> np.ndarray:
    """Whose name is told to a protection for each frame, (N,) str: frames of one name share a draw.

    The first sequence of a subject goes by the subject's own name, whether draws are per subject or per
    sequence: within it both are one and the same treatment.
    """
    if axis != "sequence":
        return frames.faces.subjects
    later = frames.sequence > 0
    return np.where(later, np.char.add(frames.faces.subjects, np.char.add("/", frames.sequence.astype(str))),
                    frames.faces.subjects)  # fmt: skip


def treated(frames: Frames, codec: CleanirCodec, angle: float, key: str) -> dict[str, np.ndarray]:
    """Crops under every treatment, uint8 (N, size, size, 3) each; parameters as of `protections`."""
    crops = np.asarray(frames.faces.images)
    found = {BEFORE: crops}
    for name, protection in protections(codec, angle, key).items():
        found[name] = _protected(frames, crops, found, name, protection)
    return found


def _protected(
    frames: Frames, crops: np.ndarray, found: Mapping[str, np.ndarray], name: str, protection: Repainter
) -> np.ndarray:
    """One treatment; what a draw per sequence has painted already is copied for the draw per subject."""
    kind, _, axis = name.partition("_")
    names, out = sharers(frames, axis), np.empty_like(crops)
    todo = np.ones(len(crops), bool)
    if axis == "subject":
        todo = frames.sequence > 0
        out[~todo] = found[f"{kind}_sequence"][~todo]
    if todo.any():
        out[todo] = protect(protection, crops[todo], subject=names[todo])
    return out
