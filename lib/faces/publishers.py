"""Table of all data set adapters: title, citation, terms, expected file layout."""

from __future__ import annotations

import pandas as pd

from lib.faces.loading.adapters import (
    att,
    celeba,
    fairface,
    fer2013,
    folder,
    jaffe,
    lfw,
    rendered,
    utkface,
    wider,
)

_ADAPTERS = (att, celeba, fairface, fer2013, folder, jaffe, lfw, rendered, utkface, wider)


def publishers() -> pd.DataFrame:
    """Table of all adapters (`title`, `citation`, `terms`, `layout`), indexed by name."""
    return pd.DataFrame({module.__name__.rpartition(".")[2]: module.ABOUT for module in _ADAPTERS}).T
