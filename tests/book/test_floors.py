"""Imports go down only, and the rooms at the bottom import what they may."""

from __future__ import annotations

import sys

import pytest

from lib.book.code_hashes import read_module
from lib.book.paths import ROOT

FLOORS = [
    ["files", "registry"],
    ["arrays"],
    ["measures"],
    ["networks", "faces"],
    ["judges", "training"],
    ["deidentify"],
    ["evaluation", "figures"],
    ["book"],
    ["book/sphinx", "analyse"],
]
"""From the ground up; the extensions that lay out pages stand above what draws and what keeps results."""
MAY_IMPORT = {
    "files": set(),
    "arrays": {"numpy"},
    "measures": {"numpy", "scipy", "skimage", "sklearn"},
    "networks": {"keras"},
}
FILES = sorted((ROOT / "lib").rglob("*.py"))


def _room(parts: tuple[str, ...]) -> str:
    if parts[:2] == ("book", "sphinx"):
        return "book/sphinx"
    return parts[0].removesuffix(".py")


def _floor(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def _rooms_imported(path) -> set[str]:
    code = read_module(path)
    lazy = [place.partition(":")[0] for one in code.registries for place in one.values()]
    names = [name.split(".") for name in (*code.imports, *lazy) if name.startswith("lib.")]
    return {_room(tuple(parts[1:])) for parts in names}


def wrong_rooms(room: str, used: set[str]) -> set[str]:
    """Rooms that `room` may not import: those beside it and above."""
    return {other for other in used - {room} if _floor(other) >= _floor(room)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_down(path):
    parts = path.relative_to(ROOT / "lib").parts
    if parts == ("__init__.py",):
        return
    assert wrong_rooms(_room(parts), _rooms_imported(path)) == set()


def test_the_rule_can_fail():
    assert wrong_rooms("measures", {"faces"}) == {"faces"}
    assert wrong_rooms("figures", {"book", "measures"}) == {"book"}
    assert wrong_rooms("judges", {"training", "faces"}) == {"training"}
    assert wrong_rooms("book", {"measures", "faces", "judges", "book"}) == set()


def circles(imports: dict[str, set[str]]) -> list[set[str]]:
    """Groups of modules that import each other, directly or not."""

    def reached(start: str) -> set[str]:
        waiting, seen = [start], set()
        while waiting:
            for other in imports.get(waiting.pop(), set()) - seen:
                seen.add(other)
                waiting.append(other)
        return seen

    after = {name: reached(name) for name in imports}
    return [
        {name} | {other for other in after[name] if name in after[other]}
        for name in imports
        if name in after[name]
    ]


def _module(path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_no_file_imports_itself_in_a_circle():
    """Lazy imports of registries and functions are arrows too."""
    modules = {_module(path): path for path in FILES}
    imports = {}
    for name, path in modules.items():
        code = read_module(path)
        lazy = {place.partition(":")[0] for one in code.registries for place in one.values()}
        used = {imported for imported in {*code.imports, *lazy} if imported in modules}
        packages = {one for one in used if any(other.startswith(f"{one}.") for other in used)}
        imports[name] = used - packages - {name}  # `from package import module` names both
    assert circles(imports) == []


def _sub_package(module: str) -> str:
    return ".".join(module.split(".")[:3])


def test_no_sub_package_imports_itself_in_a_circle():
    """What a registry names is found by name: there, a room's list may stand above what it lists."""
    packages = {_module(path) for path in FILES if path.name == "__init__.py"}
    imports: dict[str, set[str]] = {}
    for path in FILES:
        own = _sub_package(_module(path))
        used = {_sub_package(name) for name in read_module(path).imports if name.startswith("lib.")}
        imports.setdefault(own, set()).update((used & packages) - {own, *_above(own)})
    assert circles(imports) == []


def _above(module: str) -> set[str]:
    parts = module.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts))}


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert {"a", "b", "c"} in circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_at_the_bottom_import_little(room):
    allowed = MAY_IMPORT[room] | {"lib"} | sys.stdlib_module_names
    for path in sorted((ROOT / "lib" / room).rglob("*.py")):
        foreign = {name.split(".")[0] for name in read_module(path).imports} - allowed
        assert foreign == set(), path.relative_to(ROOT)


def test_every_room_has_a_floor():
    rooms = {_room(path.relative_to(ROOT / "lib").parts) for path in FILES} - {"__init__"}
    assert rooms <= {room for rooms_ in FLOORS for room in rooms_}


def test_files_stay_readable():
    long = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in FILES}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}
