"""Read a publisher's files in place from a folder, zip or tar (local or remote), without unpacking.

Paths go through fsspec, so `s3://bucket/celeba.zip` works where the matching package is installed.
"""

from __future__ import annotations

import codecs
import functools
import lzma
import posixpath
import re
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Concatenate, ParamSpec, TypeVar

from fsspec.core import url_to_fs

from lib.faces.faceset import FaceSetError

Paths = str | Path | Sequence[str | Path]
"""Where a data set lies: a folder, a zip, a tar, a single list file, or several of these."""

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".pgm", ".ppm", ".gif")
_TARS = {
    ".tar": None, ".tar.gz": "gzip", ".tgz": "gzip", ".tar.bz2": "bz2", ".tbz2": "bz2", ".tar.xz": "xz",
    ".txz": "xz",
}  # fmt: skip
SHIPPED = "/data/rendered"
"""Where the rendered faces lie that ship, from the repository's root."""
_BLOCK = 512
_FOLLOWED = 40
"""Links behind each other that are followed; they may lead in a circle."""
BROKEN = (tarfile.TarError, zipfile.BadZipFile, EOFError, lzma.LZMAError, zlib.error, OSError)
"""What is raised where a file or an archive is damaged, cut off, or cannot be read."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


_More = ParamSpec("_More")
_Read = TypeVar("_Read")


class NotFoundError(FaceSetError):
    """A file that an adapter needs is missing in the given folder or archive."""


class UnreadableError(FaceSetError):
    """A file of a folder or an archive is damaged, so that its bytes cannot be read."""


def natural(name: str) -> str:
    """Sort key in numerical order: `s2` before `s10`."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(12), name)


def is_picture(name: str) -> bool:
    """Whether a file name has the extension of an image."""
    return name.lower().endswith(PICTURES)


def is_hidden(name: str) -> bool:
    """Whether a file is hidden or left by an archiver: `.DS_Store`, `__MACOSX/._1.jpg`."""
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


class Archive:
    """Files by name; `names` are in numerical order, or as stored where only that order is fast.

    Attributes
    ----------
    path : where it lies, for messages.
    names : of all files, `/` between folders, hidden ones left out.
    covered : (name, archive that is read) of files that lie under the same name in a later archive too.
    """

    covered: Sequence[tuple[str, str]] = ()

    def __init__(self, path: str, names: Iterable[str], stored_order: bool = False) -> None:
        self.path = path
        kept = [name for name in names if not is_hidden(name)]
        self.names: tuple[str, ...] = tuple(kept if stored_order else sorted(kept, key=natural))
        self._known = frozenset(self.names)
        self._lock = threading.RLock()
        self._stream: tuple[str, BinaryIO] | None = None

    def __contains__(self, name: str) -> bool:
        return name in self._known

    @property
    def where(self) -> str:
        """Path for error messages, with a hint if the files may lie in a nested archive."""
        inside = _packed(self.names)
        return f"{self.path} (it holds {inside[0]}: unpack that)" if inside else self.path

    @contextmanager
    def naming(self, name: str) -> Iterator[None]:
        """Context manager: whatever breaks while the file `name` is read becomes an UnreadableError."""
        try:
            yield
        except BROKEN as error:
            raise UnreadableError(
                f"{name} in {self.path} is damaged or cannot be read ({error}): download it again"
            ) from error

    def read(self, name: str) -> bytes:
        """Bytes of one file.

        Raises
        ------
        UnreadableError : it is damaged or cannot be read; the message names it and the archive.
        """
        with self.naming(name):
            return self._bytes(name)

    def _bytes(self, name: str) -> bytes:
        """Bytes of one file; raises one of BROKEN where it is damaged."""
        raise NotImplementedError

    def part(self, name: str, start: int, end: int) -> bytes:
        """Bytes `start` to `end` of one file; in ascending order a compressed file is read once."""
        with self._lock, self.naming(name):
            if self._stream is None or self._stream[0] != name:
                self._stream = (name, self.open(name))
            self._stream[1].seek(start)
            return self._stream[1].read(end - start)

    def open(self, name: str) -> BinaryIO:
        """One file as a binary stream."""
        raise NotImplementedError

    def text(self, name: str) -> str:
        """Content of a text file (UTF-8, UTF-16 with its mark, else Latin-1), with line ends as LF.

        Raises
        ------
        FaceSetError : it holds zero bytes, as damaged files and UTF-16 without its mark do.
        """
        data = self.read(name)
        try:
            text = data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        if "\0" in text:
            raise FaceSetError(
                f"{name} in {self.path} is no text (it holds zero bytes): save it as UTF-8, or get it again"
            )
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def find(self, *endings: str, required: bool = True) -> str:
        """Name of the file whose path ends with one of `endings`, the one in the fewest folders.

        Returns an empty string where there is none and it is not required.

        Raises
        ------
        FaceSetError : there is none; the message names the file and the archive.
        """
        for ending in endings:
            found = [n for n in self.names if n == ending or n.endswith("/" + ending)]
            if found:
                return min(found, key=lambda name: (name.count("/"), natural(name)))
        if required:
            raise NotFoundError(
                f"{' or '.join(endings)} is missing in {self.where}: the data set is not there or only "
                "partly downloaded; get the file from the publisher, or name its folder or archive as well"
            )
        return ""

    def pictures(self, below: str = "") -> list[str]:
        """Names of all image files, or of those with the folder `below` in their path."""
        return [n for n in self.names if is_picture(n) and f"/{below}/" in (f"/{n}" if below else "//")]


class Folder(Archive):
    """A folder, or a single file as a folder that holds only that file."""

    def __init__(self, fs: Any, root: str, path: str) -> None:
        self._fs, self._root = fs, root.rstrip("/")
        if not fs.isdir(root):
            self._root = root.rpartition("/")[0]
        found = fs.find(root)
        super().__init__(path, (name[len(self._root) + 1 :] for name in found))

    @property
    def where(self) -> str:
        """Path for error messages; archives in a folder are opened by `also_inside`."""
        return self.path

    def _bytes(self, name: str) -> bytes:
        return self._fs.cat_file(f"{self._root}/{name}")

    def open(self, name: str) -> BinaryIO:
        """One file as a binary stream."""
        return self._fs.open(f"{self._root}/{name}", "rb")


class Zip(Archive):
    """A zip file; reads are serialised, as zipfile shares one handle."""

    def __init__(self, fs: Any, root: str, path: str) -> None:
        self._zip = zipfile.ZipFile(fs.open(root, "rb"))
        entries = self._zip.infolist()
        if any(entry.flag_bits & 1 for entry in entries):
            raise FaceSetError(f"{path} is encrypted: unpack it with its password and name the folder")
        for entry in entries:
            if entry.compress_type not in _METHODS:
                raise FaceSetError(
                    f"{entry.filename} in {path} is packed by a method that is not read (number "
                    f"{entry.compress_type}): repack it by the usual method, or unpack it and name the folder"
                )
        names = [entry.filename for entry in entries]
        if not any("/" in name for name in names):  # some Windows programs write `\\` against the standard
            names = [name.replace("\\", "/") for name in names]
        self._entries = dict(zip(names, entries, strict=True))
        super().__init__(path, (name for name in names if not name.endswith("/")))

    def _bytes(self, name: str) -> bytes:
        with self._lock:
            return self._zip.read(self._entries[name])

    def open(self, name: str) -> BinaryIO:
        """One file as a binary stream; not while another thread calls `read`."""
        return self._zip.open(self._entries[name])  # type: ignore[return-value]


class Tar(Archive):
    """A tar file; plain ones have random access by offsets, compressed ones are read in stored order.

    A link to a file of the same tar is read as that file; another link is a file that cannot be read.
    """

    def __init__(self, fs: Any, root: str, path: str) -> None:
        self._fs, self._root = fs, root
        self._plain = self._ending(root) == ".tar"
        self._file = fs.open(root, "rb", compression=_TARS[self._ending(root)])
        self._tar = tarfile.TarFile(fileobj=self._file)
        self._spans: dict[str, tuple[int, int]] = {}
        self._links: dict[str, str] = {}
        for member in self._tar:
            name = re.sub(r"^(\./)+", "", member.name)
            if member.isfile():
                self._spans[name] = (member.offset_data, member.size)
            elif member.islnk() or member.issym():
                beside = posixpath.dirname(name) if member.issym() else ""
                self._links[name] = posixpath.normpath(posixpath.join(beside, member.linkname))
            self._tar.members.clear()  # type: ignore[attr-defined]  # tarfile keeps 1 kB for each otherwise
        if self._plain:
            self._check_end(path)
        super().__init__(path, dict.fromkeys([*self._spans, *self._links]), stored_order=not self._plain)

    @staticmethod
    def _ending(root: str) -> str:
        return next(ending for ending in _TARS if root.lower().endswith(ending))

    def _check_end(self, path: str) -> None:
        """Raise ReadError if the tar lacks its final block of zeros, so it was cut off."""
        last = max((offset + size for offset, size in self._spans.values()), default=0)
        end = -(-last // _BLOCK) * _BLOCK
        if self._fs.size(self._root) < end + _BLOCK:
            raise tarfile.ReadError(f"{path} ends early")

    def _bytes(self, name: str) -> bytes:
        offset, size = self._span(name)
        if self._plain:
            return self._fs.cat_file(self._root, start=offset, end=offset + size)
        with self._lock:
            return self.open(name).read()

    def open(self, name: str) -> BinaryIO:
        """One file as a binary stream; not while another thread calls `read`."""
        member = tarfile.TarInfo(name)
        member.offset_data, member.size = self._span(name)
        return self._tar.extractfile(member)  # type: ignore[return-value]

    def _span(self, name: str) -> tuple[int, int]:
        """Offset and size of a file, or of the one that a link leads to; else FileNotFoundError."""
        for _ in range(_FOLLOWED):
            if name in self._spans:
                return self._spans[name]
            name = self._links.get(name, "")
        raise FileNotFoundError("a link to no file of this tar")


class Merged(Archive):
    """Several archives as one; of files with the same name the first archive's counts."""

    def __init__(self, parts: Sequence[Archive]) -> None:
        self._owner = {name: part for part in reversed(parts) for name in part.names}
        names = dict.fromkeys(name for part in parts for name in part.names)
        super().__init__(", ".join(part.path for part in parts), names, stored_order=True)
        self.covered = [
            (name, self._owner[name].path.rstrip("/").rpartition("/")[2])
            for part in parts
            for name in part.names
            if self._owner[name] is not part
        ]

    @property
    def where(self) -> str:
        """Paths of the archives, for error messages."""
        return self.path

    def _bytes(self, name: str) -> bytes:
        return self._owner[name].read(name)

    def open(self, name: str) -> BinaryIO:
        """One file as a binary stream."""
        return self._owner[name].open(name)

    def part(self, name: str, start: int, end: int) -> bytes:
        """Bytes `start` to `end` of one file."""
        return self._owner[name].part(name, start, end)


def as_paths(path: Paths) -> list[str]:
    """One path or several, as a list of strings."""
    return [str(path)] if isinstance(path, str | Path) else [str(one) for one in path]


def open_archives(path: Paths) -> list[Archive]:
    """Open each of `path` as an Archive.

    Raises
    ------
    FaceSetError : one does not exist, or is cut off; the message names it.
    """
    return [_open(one) for one in as_paths(path)]


def open_archive(path: Paths) -> Archive:
    """Open `path` as one Archive; several paths are merged."""
    parts = open_archives(path)
    return parts[0] if len(parts) == 1 else Merged(parts)


def _packed(names: Iterable[str]) -> list[str]:
    return [name for name in names if name.lower().endswith((".zip", *_TARS))]


def also_inside(
    read: Callable[Concatenate[Paths, _More], _Read],
) -> Callable[Concatenate[Paths, _More], _Read]:
    """Decorator of an adapter's `read`: also search the archives inside a given folder.

    So one folder is enough that holds a publisher's downloads as they come, as a zip with lists beside it.
    """

    @functools.wraps(read)
    def reading(path: Paths, *arguments: _More.args, **named: _More.kwargs) -> _Read:
        """Call `read` on the paths; if a file is missing, also on the archives inside them."""
        try:
            return read(path, *arguments, **named)
        except NotFoundError:
            inside = _archives_inside(path)
            if not inside:
                raise
        return read([*as_paths(path), *inside], *arguments, **named)

    return reading


def _archives_inside(path: Paths) -> list[str]:
    """Paths of archives in those of `path` that are folders, in numerical order."""
    folders = [archive for archive in open_archives(path) if isinstance(archive, Folder)]
    named = set(as_paths(path))
    found = [f"{one.path.rstrip('/')}/{name}" for one in folders for name in _packed(one.names)]
    return [one for one in found if one not in named]


def _open(path: str) -> Archive:
    fs, root = locate(path)
    name = root.lower()
    kind = Zip if name.endswith(".zip") else Tar if name.endswith(tuple(_TARS)) else Folder
    try:
        return kind(fs, root, path)
    except BROKEN as error:
        raise FaceSetError(
            f"{path} is cut off or damaged ({error}): it looks half downloaded; download it again"
        ) from error


def locate(path: str) -> tuple[Any, str]:
    """File system of a path and the path in it; FaceSetError if nothing is there."""
    fs, root = url_to_fs(str(Path(path).expanduser()) if "://" not in path else path)
    if not fs.exists(root):
        ships = root.rstrip("/").endswith(SHIPPED)
        remedy = "`make data` fetches it" if ships else "name the folder, zip or tar that holds the data set"
        raise FaceSetError(f"{path} does not exist: {remedy}")
    return fs, root
