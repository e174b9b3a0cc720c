"""What is wanted of the copy of a clip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lib.deidentify.photos.regions import FACE_ONLY, Paste
from lib.judges.base import Judge

Lost = Literal["black", "drop"]
"""What becomes of a frame that cannot be shown: a black one, or none."""
BRIDGE = 12
"""Frames between two sightings of a person over which the face is altered where it must have been: half a
second at 25 frames a second, as long as a head takes to turn away and back."""


@dataclass(frozen=True)
class VideoOptions:
    """What is wanted of the copy.

    Attributes
    ----------
    lost : what becomes of a frame in which no face was found, or one stays clear.
    bridge : longest gap between two sightings of a person that is bridged, in frames.
    sound : `drop`, or `keep` the sound as it is, for which the program ffmpeg is needed.
    overwrite : replace a clip that is there.
    recogniser : tells persons apart and compares each face before and after; None: persons are followed by
        place alone.
    paste : how much around each face is replaced, and its tint.
    progress : show progress bars on stderr.
    """

    lost: Lost = "black"
    bridge: int = BRIDGE
    sound: Literal["drop", "keep"] = "drop"
    overwrite: bool = False
    recogniser: Judge | None = None
    paste: Paste = FACE_ONLY
    progress: bool = True


PLAIN = VideoOptions()
"""A black frame for one that is lost, no sound, persons followed by place."""
