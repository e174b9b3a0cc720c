"""Registry: a mapping from names to objects whose modules are imported at first use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any


class Registry(Mapping[str, Any]):
    """Mapping of names to objects, each imported when it is first looked up.

    A stage depends on the modules of those names only that its chapter uses (`lib.book.code_hashes`), so an
    entry more makes nothing stale. Write the entries as a dict of literals.

    Parameters
    ----------
    entries : name -> `package.module:attribute`.

    Examples
    --------
    >>> Registry({"root": "math:sqrt"})["root"](4.0)
    2.0
    """

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> Any:
        """Import and return the object of that name; KeyError for an unknown one."""
        module, _, attribute = self._entries[name].partition(":")
        return getattr(import_module(module), attribute)

    def __contains__(self, name: object) -> bool:
        """Whether the name is registered; imports nothing."""
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
