"""Table of all data set adapters: title, citation, terms, expected file layout."""

from __future__ import annotations

from importlib import import_module

import pandas as pd

from lib.faces.loading.adapters.registry import READERS, SCENES


def publishers() -> pd.DataFrame:
    """Table of all adapters (`title`, `citation`, `terms`, `layout`), indexed by name."""
    readers = {**READERS, **SCENES}
    return pd.DataFrame({name: import_module(read.__module__).ABOUT for name, read in readers.items()}).T
