"""Protections by the names that a command line knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from lib.deidentify.protections.base import Protection, ProtectionError
from lib.registry import Registry

PROTECTIONS: Mapping[str, Callable[..., Protection]] = Registry(
    {
        "blur": "lib.deidentify.protections.baselines:Blur",
        "pixelate": "lib.deidentify.protections.baselines:Pixelate",
        "cover": "lib.deidentify.protections.baselines:SolidFill",
        "san": "lib.deidentify.protections.san:SanProtection",
        "cleanir": "lib.deidentify.cleanir.stored_protection:StoredCleanir",
        "private": "lib.deidentify.private.protection:stored_private",
    }
)
"""Protections that a command line can name; each takes `strength` where it has one, and `angle`, `per` and
`key` where something is drawn.

Each is imported when it is asked for, as those made of networks bring Keras.
"""


def protection_named(name: str, strength: float | None = None, **options: Any) -> Protection:
    """The protection of this name.

    Parameters
    ----------
    strength, options : what it is made with; None is left out.

    Raises
    ------
    ProtectionError : no such name, a strength or an option where there is none to choose, or weights that are
        missing.
    """
    make = _maker(name)
    chosen = {key: one for key, one in {"strength": strength, **options}.items() if one is not None}
    for option in chosen:
        if not takes(name, option):
            raise ProtectionError(f"{name} takes no {option}")
    return make(**chosen)


def takes(name: str, option: str) -> bool:
    """Whether the protection of this name is made with such an option; ProtectionError for no such name."""
    return option in signature(_maker(name)).parameters


def _maker(name: str) -> Callable[..., Protection]:
    if name not in PROTECTIONS:
        raise ProtectionError(f"no protection {name!r}; there are {', '.join(PROTECTIONS)}")
    return PROTECTIONS[name]
