"""How the renderer's inner loops are compiled: Numba, cached on disk, safe on a read-only copy."""

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
    """Folder of the compiled kernels below `parent`, named after all their sources.

    Numba looks at a function's own file only; a kernel that calls a kernel of another file would go stale.
    """
    sources = [path.read_bytes() for path in sorted(_HERE.glob("*.py"))]
    digest = hashlib.sha256(b"".join(text for text in sources if b"@kernel" in text)).hexdigest()
    folder = parent / f"kernels-{digest[:12]}"
    if not folder.exists():
        _prune(parent)
    return folder


def _prune(parent: Path) -> None:
    """Remove kernels of earlier sources; those of the last day may belong to a process that still runs."""
    for folder in parent.glob("kernels-*"):
        with contextlib.suppress(FileNotFoundError):  # another process prunes as well
            if folder.stat().st_mtime < time.time() - _DAY:
                shutil.rmtree(folder, ignore_errors=True)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` with Numba, kept on disk where some folder can be written, else per process."""
    return _compiled(function, forceinline=False)


def kernel_part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that only kernels call; its code is copied into each of them."""
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
