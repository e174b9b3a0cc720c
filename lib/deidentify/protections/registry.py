"""Protections by the names that a command line knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature

from lib.deidentify.protections.base import Protection, ProtectionError
from lib.registry import Registry

PROTECTIONS: Mapping[str, Callable[..., Protection]] = Registry(
    {
        "blur": "lib.deidentify.protections.baselines:Blur",
        "pixelate": "lib.deidentify.protections.baselines:Pixelate",
        "cover": "lib.deidentify.protections.baselines:SolidFill",
        "san": "lib.deidentify.protections.san:SanProtection",
        "private": "lib.deidentify.private.protection:stored_private",
    }
)
"""Protections that a command line can name; each takes `strength` where it has one.

Each is imported when it is asked for, as those made of networks bring Keras.
"""


def protection_named(name: str, strength: float | None = None) -> Protection:
    """The protection of this name.

    Raises
    ------
    ProtectionError : no such name, a strength where there is none to choose, or weights that are missing.
    """
    if name not in PROTECTIONS:
        raise ProtectionError(f"no protection {name!r}; there are {', '.join(PROTECTIONS)}")
    make = PROTECTIONS[name]
    if strength is None:
        return make()
    if "strength" not in signature(make).parameters:
        raise ProtectionError(f"{name} takes no strength")
    return make(strength=strength)
