"""Data sets as sentences call them."""

from __future__ import annotations

import re
from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "rendered": "rendered faces",
    "celeba": "CelebA",
    "lfw": "LFW",
    "vggface": "VGGFace",
    "facescrub": "FaceScrub",
    "web": "pictures from the web",
}
"""Name of a set in results and on model cards -> what a sentence calls it."""


def title(name: str) -> str:
    """What a sentence calls a data set: `lfw` as LFW, those without a title unchanged."""
    return TITLES.get(name, name)


def with_titles(text: str) -> str:
    """A text in which every data set has its title: `own part of celeba` as `own part of CelebA`."""
    for name, words in TITLES.items():
        text = re.sub(rf"\b{name}\b(?! faces)", words, text)
    return text
