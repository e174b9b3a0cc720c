"""Where the secret key of random draws comes from: the command line, a file, the environment, or drawn once.

Whoever knows the key and has a candidate's photograph can make the copy again and compare. So nobody's key is
empty or short, and without one there is a random key of this user's own, kept where only they can read it.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from lib.deidentify.protections.base import ProtectionError
from lib.files import write_text

VARIABLE = "FACEVALUE_KEY"
"""Environment variable with the key."""
SHORTEST = 12
"""Characters of a key; shorter ones are guessed."""


def secret_key(text: str | None = None, file: str | Path | None = None) -> str:
    """The key: `text`, else the content of `file`, else of VARIABLE, else this user's own.

    Raises
    ------
    ProtectionError : a key that is too short, two keys, or a file that cannot be read or written.
    """
    if text is not None and file is not None:
        raise ProtectionError("name one key: --key or --key-file")
    if text is not None:
        return _checked(text, "--key")
    if file is not None:
        return _checked(_read(Path(file)), str(file))
    if os.environ.get(VARIABLE):
        return _checked(os.environ[VARIABLE], VARIABLE)
    return _own()


def own_key_file() -> Path:
    """Where this user's own key lies."""
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "face-value" / "key"


def _own() -> str:
    """This user's own key; drawn and kept where there is none."""
    path = own_key_file()
    if path.is_file():
        return _checked(_read(path), str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        before = os.umask(0o077)
        try:
            write_text(path, f"{secrets.token_hex(32)}\n")
        finally:
            os.umask(before)
    except OSError as error:
        raise ProtectionError(
            f"{path}: the key of this user's draws cannot be kept ({error}): name one by --key-file or "
            f"{VARIABLE}"
        ) from error
    return _read(path)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ProtectionError(f"{path}: no key can be read from it ({error})") from error


def _checked(key: str, where: str) -> str:
    if len(key) < SHORTEST:
        raise ProtectionError(
            f"{where}: a key of fewer than {SHORTEST} characters is guessed: take a longer one"
        )
    return key
