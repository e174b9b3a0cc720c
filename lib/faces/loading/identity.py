"""Fingerprint of a data set's files, by which a packed set of faces is known again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from fsspec.implementations.local import LocalFileSystem

from lib.faces.loading.archive import Paths, as_paths, is_hidden, locate

_CHANGED = ("ETag", "etag", "mtime", "LastModified", "last_modified", "updated")
"""What remote file systems call the mark of a file's content or the time of its last change."""


def identity(path: Paths) -> list[str]:
    """Fingerprint of files without reading them: where they lie, size and time of last change of each.

    Of a folder all its files count, but for hidden ones. A picture that was replaced in place by one of the
    same size makes another identity, and so does the same set elsewhere: names, sizes and times of two sets
    may be equal (grey pictures of one size that were unpacked from archives without times).
    """
    facts = []
    for one in as_paths(path):
        fs, root = locate(one)
        place = str(Path(root).resolve()) if isinstance(fs, LocalFileSystem) else fs.unstrip_protocol(root)
        if fs.isfile(root):
            facts.append(f"{place} {_stamp(fs, root, fs.info(root))}")
            continue
        digest = hashlib.sha256()
        for entry, detail in sorted(fs.find(root, detail=True).items()):
            inside = entry[len(root) :].lstrip("/")
            if not is_hidden(inside):
                digest.update(f"{inside} {_stamp(fs, entry, detail)}\n".encode())
        facts.append(f"{place} {digest.hexdigest()[:16]}")
    return facts


def _stamp(fs: Any, name: str, detail: dict[str, Any]) -> str:
    """Size and time of last change of a file (of a link's target); `gone` for a dead link."""
    if isinstance(fs, LocalFileSystem):
        try:
            found = os.stat(name)
        except OSError:  # a dead link
            return "gone"
        return f"{found.st_size} {found.st_mtime_ns}"
    return f"{detail['size']} {next((detail[key] for key in _CHANGED if detail.get(key)), '')}"
