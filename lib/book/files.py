"""Text files that are whole or not there: written under a temporary name, then renamed."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> Path:
    """Write `text` to `path`, whose folder is made where it is missing; returns `path`.

    A run that is killed while it writes leaves what was there before, and a `.part` file beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
    return path
