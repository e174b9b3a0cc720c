"""Table of the publishers' adapters by name; a new adapter is entered here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lib.faces.loading.archive import Paths
from lib.faces.loading.source import Source
from lib.registry import Registry

READERS: Mapping[str, Callable[[Paths], Source]] = Registry(
    {
        "att": "lib.faces.loading.adapters.att:read",
        "celeba": "lib.faces.loading.adapters.celeba:read",
        "fairface": "lib.faces.loading.adapters.fairface:read",
        "fer2013": "lib.faces.loading.adapters.fer2013:read",
        "folder": "lib.faces.loading.adapters.folder:read",
        "jaffe": "lib.faces.loading.adapters.jaffe:read",
        "lfw": "lib.faces.loading.adapters.lfw:read",
        "rendered": "lib.faces.loading.adapters.rendered:read",
        "utkface": "lib.faces.loading.adapters.utkface:read",
    }
)
"""From a publisher's name to its adapter."""

SCENES: Mapping[str, Callable[..., Any]] = Registry({"wider": "lib.faces.loading.adapters.wider:read"})
"""Likewise, of pictures with many faces each, which are read as Scenes and not as a FaceSet."""
