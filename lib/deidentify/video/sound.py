"""Sound taken over from the original by the program ffmpeg: OpenCV writes none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from lib.deidentify.photos.discovery import PhotosError

PROGRAM = "ffmpeg"


def check_sound(lost: str) -> None:
    """Raise PhotosError where sound cannot be kept."""
    if lost == "drop":
        raise PhotosError(
            "with --lost drop the sound would run ahead of the picture: --lost black, or no sound"
        )
    if shutil.which(PROGRAM) is None:
        raise PhotosError(
            f"sound is kept by the program {PROGRAM}, which is not here: install it, or drop sound"
        )


def add_sound(copy: Path, original: Path) -> str:
    """Add the original's sound to a copy, as it is and without metadata.

    Returns
    -------
    A note where that did not go, as there is none or the format does not take it; the copy is silent then.
    """
    made = copy.with_name(f"sound{copy.suffix}")
    words = [
        shutil.which(PROGRAM) or PROGRAM, "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file",
        "-i", str(copy.resolve()), "-protocol_whitelist", "file", "-i", str(original.resolve()),
        "-map", "0:v:0", "-map", "1:a:0", "-c", "copy",
        "-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1", str(made.resolve()),
    ]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, errors="replace")
    if done.returncode == 0 and made.is_file():
        os.replace(made, copy)
        return ""
    made.unlink(missing_ok=True)
    reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return f"no sound could be taken over: {reason}"
