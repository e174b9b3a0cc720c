"""Decorators that compile the renderer's inner loops with Numba, with a cache on disk."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba import njit

_HERE = Path(__file__).parent
_DAY = 86400.0
_OPTIONS: dict[str, Any] = {"fastmath": True, "nogil": True, "error_model": "numpy"}


@functools.cache
def cache_folder(parent: Path) -> Path:
    """Folder below `parent` for compiled kernels, named by a hash of the sources.

    Numba looks at a function's own file only; a kernel that calls a kernel of another file would go stale.
    """
    sources = [path.read_bytes() for path in sorted(_HERE.rglob("*.py"))]
    digest = hashlib.sha256(b"".join(text for text in sources if b"@kernel" in text)).hexdigest()
    folder = parent / f"kernels-{digest[:12]}"
    if not folder.exists():
        _prune(parent)
    return folder


def _prune(parent: Path) -> None:
    """Remove kernels of older sources, unless from the last day (another process may use them)."""
    for folder in parent.glob("kernels-*"):
        with contextlib.suppress(FileNotFoundError):  # another process prunes as well
            if folder.stat().st_mtime < time.time() - _DAY:
                shutil.rmtree(folder, ignore_errors=True)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: compile `function` with Numba, cached on disk if a folder is writable."""
    return _compiled(function, forceinline=False)


def kernel_part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: compile a function that only kernels call, inlined into each of them."""
    return _compiled(function, forceinline=True)


def _compiled(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(cache_folder(Path(before or _HERE / "__pycache__")))
    try:
        return njit(cache=True, **_OPTIONS, **options)(function)
    except RuntimeError:  # no folder can be written, not even the user's own
        return njit(**_OPTIONS, **options)(function)
    finally:
        config.CACHE_DIR = before
