"""What each publisher's files must look like: a table of all adapters."""

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
    """What each adapter expects: `title`, `citation`, `terms`, `layout`, index the name."""
    return pd.DataFrame({module.__name__.rpartition(".")[2]: module.ABOUT for module in _ADAPTERS}).T
