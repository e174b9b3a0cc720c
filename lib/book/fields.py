"""Rule for parameters that become a dataclass: its fields, with bounds that stand in their metadata."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from lib.book.allowed import COUNT_OR_NONE, FLAG, WEIGHT, Allowed, Fields, Named, Rule

_KINDS: Mapping[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
_PLAIN: Mapping[str, Rule] = {"int": COUNT_OR_NONE, "float": WEIGHT, "bool": FLAG}


def fields_of(
    kind: type,
    needed: Mapping[str, Rule] | None = None,
    more: Mapping[str, Rule] | None = None,
    *,
    without: Collection[str] = (),
    several: bool = False,
    empty: bool = False,
) -> Fields:
    """Rule for a mapping of a dataclass' fields; those without default must be there.

    A field's metadata are arguments of `Allowed`, such as `least` or `words`; without any, whole numbers and
    numbers are 0 or more. A tuple stands for a list. A mapping of names to weights has in its metadata `of`,
    the dataclass whose fields are the names.

    Parameters
    ----------
    kind : the dataclass; its annotations are texts (`from __future__ import annotations`).
    needed, more : rules of further fields, that must and that may be there.
    without : fields that are no parameters.
    several, empty : see `Fields`.

    Raises
    ------
    ValueError : a field for whose type there is no rule.
    """
    must, may = dict(needed or {}), dict(more or {})
    for one in fields(kind):
        if one.name not in without:
            given = one.default is MISSING and one.default_factory is MISSING
            (must if given else may)[one.name] = _rule(one)
    return Fields(must, may, several=several, empty=empty)


def _rule(field: Field[Any]) -> Rule:
    told, name = dict(field.metadata), str(field.type)
    if "of" in told:
        return Named(tuple(one.name for one in fields(told["of"])), WEIGHT, empty=False)
    if name in _PLAIN and not told:
        return _PLAIN[name]
    listed = name.startswith("tuple[") and name.endswith(", ...]")
    inner = name.removeprefix("tuple[").removesuffix(", ...]") if listed else name
    if inner not in _KINDS:
        raise ValueError(f"no rule for the field {field.name} of type {name}")
    return Allowed(_KINDS[inner], several="yes" if listed else "no", **told)
