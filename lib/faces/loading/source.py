"""Source: images and labels as an adapter returns them, before packing; helpers for adapters."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from lib.faces.faceset import FaceSetError
from lib.faces.loading.archive import BROKEN, Archive, NotFoundError, UnreadableError, natural
from lib.faces.loading.open_photograph import UNREADABLE, Photograph, open_photograph
from lib.faces.splits import hash_order

_Key = TypeVar("_Key")

Window = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels, half-open."""

NO_PICTURE = "label without a picture"
NO_LABEL = "picture without a label"
SAME_NAME = "another picture of this name was kept, from {}"
"""Reason for leaving out all but one of the pictures with one name."""


@dataclass(frozen=True)
class Source:
    """A publisher's images and labels, before anything is packed.

    Attributes
    ----------
    name : as in result keys: `celeba`, `lfw`, ...
    labels : one row a picture, columns as FaceSet documents; points and boxes in pixels of `frame`.
    read : the encoded bytes of row i; called in order, from one thread.
    decode : from those bytes to a Photograph; called from several threads.
    skipped : what the adapter left out: columns `image`, `reason`.
    about : facts for the datasheet; `title`, `citation`, `terms`, `layout`, and counted oddities.
    window : the publisher's usual face window in pixels of `frame` (height, width given), or None.
    frame : height and width that coordinates refer to where stored pictures may be scaled copies, or None.
    choose : which of several detected faces is meant, `largest` or `central`.
    publishable : whether single pictures may be shown on a page.
    """

    name: str
    labels: pd.DataFrame
    read: Callable[[int], bytes]
    decode: Callable[[bytes], Photograph] = open_photograph
    skipped: pd.DataFrame = field(default_factory=lambda: skips([]))
    about: dict[str, Any] = field(default_factory=dict)
    window: Callable[[int, int], Window] | None = None
    frame: tuple[int, int] | None = None
    choose: str = "largest"
    publishable: bool = False

    def __post_init__(self) -> None:
        missing = {"image", "subject", "split"} - set(self.labels.columns)
        if missing:
            raise FaceSetError(f"{self.name}: labels lack the columns {sorted(missing)}")
        if not len(self.labels):
            raise FaceSetError(
                f"{self.name}: no usable picture ({self.skipped_by_reason or 'nothing found'})"
            )
        twice = self.labels["image"][self.labels["image"].duplicated()]
        if len(twice):
            raise FaceSetError(
                f"{self.name}: {len(twice)} image names occur twice, the first is {twice.iloc[0]}: "
                "give each picture a name of its own"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def photograph(self, i: int) -> Photograph:
        """Image `i` as a Photograph, or the reason why it cannot be opened."""
        return self.decode_safely(self.read_safely(i))

    def open(self, i: int) -> np.ndarray:
        """Image `i` as uint8 (H, W, 3) RGB.

        Raises
        ------
        FaceSetError : it cannot be decoded.
        """
        photo = self.photograph(i)
        if photo.image is None:
            name = self.labels["image"].iloc[i]
            raise FaceSetError(f"{self.name}: {name}: {photo.reason} {photo.detail}".rstrip())
        return photo.image

    def read_safely(self, i: int) -> bytes | Photograph:
        """Encoded bytes of image `i`, or a Photograph with the reason why they cannot be read."""
        return bytes_or_reason(self.read, i)

    def decode_safely(self, data: bytes | Photograph) -> Photograph:
        """Decode what `read_safely` returned into a Photograph."""
        return data if isinstance(data, Photograph) else self.decode(data)

    @property
    def skipped_by_reason(self) -> dict[str, int]:
        """Number of skipped items by reason."""
        return {str(k): int(v) for k, v in self.skipped["reason"].value_counts().sort_index().items()}

    def take(self, rows: Sequence[int] | np.ndarray) -> Source:
        """Source of the images at `rows`, in that order."""
        index = np.asarray(rows, dtype=int)
        labels = self.labels.iloc[index].reset_index(drop=True)
        return dataclasses.replace(self, labels=labels, read=_Reindexed(self.read, index))

    def limited(self, limit: int | None) -> Source:
        """Source of at most `limit` images: whole subjects in a fixed order, the last one cut."""
        if limit is None or limit >= len(self):
            return self
        rank = {name: i for i, name in enumerate(hash_order(self.labels["subject"].unique()))}
        order = np.argsort(self.labels["subject"].map(rank).to_numpy(), kind="stable")
        return self.take(np.sort(order[: max(limit, 1)]))


def bytes_or_reason(read: Callable[[_Key], bytes], key: _Key) -> bytes | Photograph:
    """Bytes that `read` finds under `key`, or a Photograph with the reason why they cannot be read."""
    try:
        return read(key)
    except (UnreadableError, *BROKEN) as error:
        return Photograph(None, UNREADABLE, str(error))


@dataclass(frozen=True)
class Members:
    """Reader of encoded bytes from archives, the usual `Source.read`."""

    archives: Sequence[Archive]
    owners: np.ndarray
    names: Sequence[str]

    def __call__(self, i: int) -> bytes:
        """Encoded bytes of row i."""
        return self.archives[self.owners[i]].read(self.names[i])

    @classmethod
    def of(cls, archive: Archive, names: Sequence[str]) -> Members:
        """Reader of rows that all lie in one archive."""
        return cls([archive], np.zeros(len(names), int), names)


@dataclass(frozen=True)
class _Reindexed:
    read: Callable[[int], bytes]
    index: np.ndarray

    def __call__(self, i: int) -> bytes:
        return self.read(int(self.index[i]))


def whole(height: int, width: int) -> Window:
    """Window of the whole image, for sets that are already cropped to the face."""
    return (0.0, 0.0, float(width), float(height))


def one_face_each(
    name: str,
    labels: pd.DataFrame,
    read: Callable[[int], bytes],
    left: Iterable[tuple[str, str]],
    about: Mapping[str, Any],
    *,
    counts: Mapping[str, int] | None = None,
    window: Callable[[int, int], Window] = whole,
    **more: Any,
) -> Source:
    """Make a Source of images of one person each, in which the central face is meant.

    Parameters
    ----------
    name, labels, read, window : as in Source; the window is the whole picture unless another is given.
    left : (image, reason) of what the adapter left out.
    about : facts for the datasheet.
    counts : oddities of the labels, for the datasheet too; those that do not occur are dropped.
    more : other fields of Source.
    """
    facts = dict(about)
    if counts is not None:
        facts["counts"] = {oddity: count for oddity, count in counts.items() if count}
    return Source(
        name, labels, read, skipped=skips(left), about=facts, window=window, choose="central", **more
    )


def named(
    archive: Archive, form: re.Pattern[str], reason: str
) -> tuple[list[str], list[re.Match[str]], list[tuple[str, str]]]:
    """Images of an archive whose file name (without folders) matches `form`.

    Returns
    -------
    Their members and matches in reading order, each name once (see `once`), and (file, reason) of the others.
    """
    names = {member: member.rpartition("/")[2] for member in archive.pictures()}
    matches = {member: form.match(name) for member, name in names.items()}
    odd = [(name, reason) for member, name in names.items() if not matches[member]]
    members, left = once(archive, ((names[member], member) for member, match in matches.items() if match))
    kept = list(members.values())
    return kept, [match for match in map(matches.get, kept) if match], odd + left


def once(archive: Archive, found: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Keep one of several members with the same key (copies): the one in the fewest folders.

    Parameters
    ----------
    archive : the files.
    found : (key, member), in reading order; members with the same key are taken for the same picture.

    Returns
    -------
    From the key to the member that is kept, in reading order, and (member, reason) of all others.
    """
    pairs = list(found)
    best: dict[str, str] = {}
    for key, member in pairs:
        best[key] = min(best.get(key, member), member, key=_place)
    left = [(member, _kept_from(best[key], member)) for key, member in pairs if best[key] != member]
    members = {member for _, member in pairs}
    left += [(name, SAME_NAME.format(owner)) for name, owner in archive.covered if name in members]
    return {key: member for key, member in pairs if best[key] == member}, left


def _place(member: str) -> tuple[int, str]:
    """Sort key: fewer folders first, then numerical order, a folder `a` before `a-more`."""
    return member.count("/"), natural(member.replace("/", "\0"))


def _kept_from(kept: str, other: str) -> str:
    """Reason for skipping `other`: names the folder of the copy that is kept."""
    first, second = kept.split("/"), other.split("/")
    while len(first) > 1 and len(second) > 0 and first[-1:] == second[-1:]:
        first, second = first[:-1], second[:-1]
    if first[-1:] == second[-1:]:
        first = []  # it is in the top folder
    return SAME_NAME.format("/".join(first) or "the top folder")


def expect(found: Sequence[Any], archive: Archive, layout: str, odd: Sequence[tuple[str, str]] = ()) -> None:
    """Raise FaceSetError with the archive and its expected layout if nothing was found."""
    if not found:
        named = f"; {len(odd)} pictures are there, the first is {odd[0][0]}" if odd else ""
        raise NotFoundError(
            f"no picture of the layout {layout} in {archive.where}{named}: name the right folder"
        )


def skips(items: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Table of skipped items with columns `image`, `reason`."""
    return pd.DataFrame(list(items), columns=["image", "reason"], dtype=str)


def require_pictures(listed: Iterable[Any], pictures: Iterable[str], the_list: str, where: str) -> None:
    """Raise NotFoundError if a list has rows and not one of them names a picture that is there.

    Parameters
    ----------
    listed : what the list's rows call their pictures.
    pictures : what the pictures are called.
    the_list : name of the list, for the message; `where` likewise of the archive.
    """
    rows, there = list(listed), list(pictures)
    if rows and set(rows).isdisjoint(there):
        other = f", as {there[0]}" if there else ""
        raise NotFoundError(
            f"{the_list}: none of the {len(rows)} labelled pictures is in {where} ({len(there)} others are"
            f"{other}; the list begins with {rows[0]}): name the folder or archive that holds the pictures "
            "as well, or mend the list's names"
        )


def join_pictures(
    labels: pd.DataFrame, pictures: Mapping[str, str], the_list: str, where: str
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Rows of labels that have an image, in the images' order, and the others as skipped items.

    Parameters
    ----------
    labels : index is the picture's key, unique.
    pictures : from the key to the member's name, in reading order.
    the_list, where : names of the list and of the archive, for the message.

    Returns
    -------
    The rows of `labels` with a picture (index kept), and (item, reason) for both kinds of orphans.

    Raises
    ------
    FaceSetError : not one label has its picture.
    """
    require_pictures(labels.index, pictures, the_list, where)
    kept = [key for key in pictures if key in labels.index]
    left = [(str(key), NO_PICTURE) for key in labels.index.difference(kept)]
    left += [(str(key), NO_LABEL) for key in pictures if key not in labels.index]
    return labels.loc[kept], left
