"""Publishers' text lists: what is not in their form raises a FaceSetError with path, line and remedy."""

from __future__ import annotations

import io
import warnings
from typing import Any

import pandas as pd

from lib.faces.faceset import FaceSetError

REMEDY = "download it again"


def read_table(text: str, where: str, remedy: str = REMEDY, **options: Any) -> pd.DataFrame:
    """Read a table by `pandas.read_csv`; its first column is never taken for an index.

    Parameters
    ----------
    text : of the list.
    where : the list and its archive, for the message.
    remedy : what to do about a damaged list.
    options : of `pandas.read_csv`.

    Raises
    ------
    FaceSetError : it is empty, a quote is not closed, a row has more values than there are columns, or a
        value does not fit the type of its column.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            options.setdefault("index_col", False)
            return pd.read_csv(io.StringIO(text), **options)
    except pd.errors.ParserWarning as error:
        raise FaceSetError(
            f"{where}: a row has more values than there are columns (a comma at its end?); {remedy}"
        ) from error
    except (ValueError, IndexError) as error:
        raise FaceSetError(f"{where} cannot be read as a table ({str(error).strip()}); {remedy}") from error


def whole_number(word: str, where: str, least: int = 0) -> int:
    """Whole number of at least `least`, from a word of plain digits.

    Parameters
    ----------
    where : the list and its line, for the message.

    Raises
    ------
    FaceSetError : it is none.
    """
    if not (word.isascii() and word.isdigit() and int(word) >= least):
        raise FaceSetError(f"{where}: {word!r} is no whole number of {least} or more; {REMEDY}")
    return int(word)
