"""A folder of photographs in, altered copies and a manifest out. What was not protected is never copied."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lib.deidentify.photos.discovery import (
    Kind,
    PhotosError,
    PlannedOutput,
    check_folders,
    leads_inside,
    list_folder,
)
from lib.deidentify.photos.executors import SerialExecutor, open_executor, results_in_order, tasks_ahead
from lib.deidentify.photos.manifest import (
    EARLIER,
    PROTECTED,
    FileRecord,
    Journal,
    Manifest,
    clear_temporary,
    file_sha256,
    read_previous,
    unknown_files,
)
from lib.deidentify.photos.protect_photo import LASTING, UNWRITABLE, Settings, protect_file
from lib.deidentify.photos.regions import FACE_ONLY, Paste
from lib.deidentify.protections.base import Protection
from lib.faces.detections import FaceFinder
from lib.faces.locking import InUseError, locked
from lib.judges.base import Judge

EXISTS = "already there"
MAX_PIXELS_OPENED = 89_478_485
"""Half of what Pillow opens at most; detectors see bounded pictures and tiles, so nothing need be reduced."""


class BrokenOffError(PhotosError):
    """The run ended on the way: copies may have been made, and the same call goes on behind them."""


@dataclass(frozen=True)
class FolderOptions:
    """What is wanted of the copies.

    Attributes
    ----------
    kind : of the output: `keep` (JPEG stays JPEG, all else becomes PNG), `png`, `jpeg`.
    one_face : refuse a photograph with several faces.
    overwrite : replace what is there; without it such files are listed and left alone.
    dry_run : do all but write; a record then says what would become of the file.
    max_pixels : a larger photograph is reduced by a whole factor; by default none that can be opened is.
    recogniser : compares each face before and after, for the manifest; without one nothing is compared.
    keep_metadata : names of `metadata.KEEPABLE` that the copies carry.
    paste : how much around each face is replaced, and its tint; `careful_paste` says what suits a protection.
    """

    kind: Kind = "keep"
    one_face: bool = False
    overwrite: bool = False
    dry_run: bool = False
    max_pixels: int = 2 * MAX_PIXELS_OPENED
    recogniser: Judge | None = None
    keep_metadata: tuple[str, ...] = ()
    paste: Paste = FACE_ONLY


def protect_folder(
    folder: str | Path,
    out: str | Path,
    protection: Protection,
    detector: FaceFinder,
    options: FolderOptions = FolderOptions(),
    *,
    workers: int = 1,
    client: Any = None,
    progress: bool = True,
) -> Manifest:
    """Protect every face that the detector finds in the photographs below `folder`.

    A run that was killed goes on when it is started again with the same parameters; files that are done are
    known by their hashes and kept.

    Parameters
    ----------
    folder : searched recursively; links are not followed.
    out : gets the copies under the same paths, `manifest.json` and `manifest.csv`; must not overlap `folder`.
    protection : may need no label but `points` and `subject`, for which there is a folder for each subject
        below `folder`, with photographs of one face.
    detector : finds all faces and their five points; picklable where there are several workers.
    options : what is wanted of the copies.
    workers : processes on this machine.
    client : `dask.distributed.Client` of machines that see both folders under these paths; takes the place
        of `workers`.
    progress : show a progress bar on stderr.

    Returns
    -------
    Manifest with one record a file.

    Raises
    ------
    PhotosError : nothing was done: folders that overlap or cannot be written, no file, other parameters than
        those of the copies that lie in `out`, copies of another folder there, another run that writes there,
        a protection that needs labels.
    BrokenOffError : `out` could no longer be written on the way.
    """
    folder, out = Path(folder), Path(out)
    check_folders(folder, out)
    _check_needs(protection)
    settings = Settings(
        protection,
        detector,
        options.one_face,
        options.max_pixels,
        options.recogniser,
        options.keep_metadata,
        options.paste,
    )
    entries = list_folder(folder, options.kind)
    if not entries:
        raise PhotosError(f"{folder} holds no file")
    parameters, files = settings.parameters | {"format": options.kind}, {entry.file for entry in entries}
    opened = _opened_run(folder, out, parameters, files, options)
    with opened as run, open_executor(workers, client) as executor:
        todo = run.sort_out(entries)
        work = settings if isinstance(executor, SerialExecutor) else pickle.dumps(settings)
        tasks = ((entry, (work, *run.paths(entry))) for entry in todo)
        with tqdm(total=len(entries), initial=len(entries) - len(todo), desc="protect", unit="photo",
                  disable=not progress) as bar:  # fmt: skip
            if todo:
                bar.set_postfix_str("loading detectors and networks")
            for entry, result in results_in_order(
                executor, protect_file, tasks, tasks_ahead(workers, client)
            ):
                run.take(entry, *result)
                bar.set_postfix_str("", refresh=False)
                bar.update()
        return run.finish(tuple(getattr(protection, "withstands", ())))


def _check_needs(protection: Protection) -> None:
    unknown = [name for name in protection.needs if name not in ("points", "subject")]
    if unknown:
        raise PhotosError(
            f"{protection.name} must be told {', '.join(unknown)} of each face, which a photograph does not "
            "say: wrap it so that it predicts them"
        )


def _same_folder(first: Path, second: Path) -> bool:
    """Whether two paths lead to one folder, as mounts and links do; False where one is gone."""
    try:
        return os.path.samefile(first, second)
    except OSError:
        return False


@dataclass
class _Run:
    """The output folder: what is there, what comes, and who may write.

    Attributes
    ----------
    folder, out : of the photographs and of the copies.
    parameters : of this run.
    files : paths of all photographs below `folder`.
    options : of which `overwrite` and `dry_run` count here.
    journal : None in a dry run.
    same : whether the run before had the same parameters.
    before : what it said of each photograph, by path.
    copies : records of the copies in `out` by path, with the parameters that they were made with.
    records : what this run says of each photograph, by path.
    """

    folder: Path
    out: Path
    parameters: dict[str, Any]
    files: set[str]
    options: FolderOptions
    journal: Journal | None
    same: bool
    before: dict[str, FileRecord]
    copies: dict[str, FileRecord]
    records: dict[str, FileRecord] = field(default_factory=dict)

    @classmethod
    def after_earlier(
        cls, folder: Path, out: Path, parameters: dict[str, Any], files: set[str], options: FolderOptions
    ) -> _Run:
        """The run, with what earlier runs left.

        Raises
        ------
        PhotosError : copies by other parameters, which may not be replaced, or all of other photographs.
        """
        earlier, records = read_previous(out)
        same = earlier == parameters
        done = any(record.status == PROTECTED for record in records)
        if not same and done and not options.overwrite:
            raise PhotosError(
                f"{out} holds photographs that were made with other parameters ({earlier}): "
                "choose another folder, or overwrite them"
            )
        made = {record.file for record in records if record.output_sha256}
        if made and files.isdisjoint(made) and not options.overwrite:
            raise PhotosError(f"{out} holds copies of another folder's photographs: choose another folder")
        theirs = json.dumps(earlier, sort_keys=True)
        before = {record.file: record for record in records if record.status != EARLIER}
        copies = {
            record.output: replace(record, status=PROTECTED, made_with=record.made_with or theirs)
            for record in _records_of_copies(out, records)
        }
        journal = None if options.dry_run else Journal(out)
        return cls(folder, out, parameters, files, options, journal, same, before, copies)

    @property
    def text(self) -> str:
        """The parameters as JSON, as records name them."""
        return json.dumps(self.parameters, sort_keys=True)

    def sort_out(self, entries: list[PlannedOutput]) -> list[PlannedOutput]:
        """Entries that need work; the others get their record, from before or for a reason."""
        todo = []
        for entry in entries:
            record = FileRecord(entry.file, entry.reason, entry.detail) if entry.reason else self._kept(entry)
            if record is None:
                todo.append(entry)
            else:
                self.records[entry.file] = record
        if self.journal is not None:
            self.journal.begin(self.parameters, [*self._earlier_copies(), *self.records.values()])
        return todo

    def _kept(self, entry: PlannedOutput) -> FileRecord | None:
        """The record of a file that need not, or must not, be worked on."""
        if self.options.overwrite:
            return None
        target = self.out / entry.output
        there = os.path.lexists(target)
        old = self.copies.get(entry.output) if there else self.before.get(entry.file)
        if old is not None and old.file == entry.file and self._answers(old, there):
            return replace(old, made_with="", detail="" if there else old.detail)
        detail = "not made from this photograph by this run: overwrite, or move it away"
        return FileRecord(entry.file, EXISTS, detail, entry.output) if there else None

    def _answers(self, old: FileRecord, there: bool) -> bool:
        """Whether a record is what this run would say of its photograph too."""
        if there and (old.made_with != self.text or old.output_sha256 != file_sha256(self.out / old.output)):
            return False
        if not there and not (self.same and old.status in LASTING):
            return False
        return bool(old.sha256) and old.sha256 == file_sha256(self.folder / old.file)

    def paths(self, entry: PlannedOutput) -> tuple[str, str, str, str]:
        """Arguments of `protect_file` after its settings."""
        return str(self.folder), entry.file, "" if self.options.dry_run else str(self.out), entry.output

    def take(self, entry: PlannedOutput, record: FileRecord, part: str) -> None:
        """Record what became of a file, then give its output its name."""
        target = self.out / entry.output
        if part and _same_folder(target.parent, (self.folder / entry.file).parent):
            os.unlink(part)
            detail = "the output's folder is the photograph's own (a mount)"
            record, part = FileRecord(entry.file, UNWRITABLE, detail), ""
        if part and not self.options.overwrite and os.path.lexists(target):
            os.unlink(part)
            record, part = FileRecord(entry.file, EXISTS, "it came while this run went on", entry.output), ""
        if self.journal is not None:
            self.journal.add(record)
            if part:
                record = self._named(record, part, target)
            self._withdraw(record)
        self.records[entry.file] = record

    def _named(self, record: FileRecord, part: str, target: Path) -> FileRecord:
        try:
            os.replace(part, target)
            return record
        except OSError as error:
            os.unlink(part)
            return FileRecord(record.file, UNWRITABLE, str(error), sha256=record.sha256)

    def _withdraw(self, record: FileRecord) -> None:
        """Copies by an earlier run that this one replaced, or should have, must not pass for its work."""
        if record.status == PROTECTED:
            self.copies.pop(record.output, None)
        if not self.options.overwrite:
            return
        for copy in [one for one in self.copies.values() if one.file == record.file]:
            if copy.output_sha256 == file_sha256(self.out / copy.output):
                (self.out / copy.output).unlink()
            del self.copies[copy.output]

    def _earlier_copies(self) -> list[FileRecord]:
        """Records of the copies that lie in the folder and are not this run's work."""
        current = {record.output for record in self.records.values() if record.status == PROTECTED}
        rows = []
        for copy in self.copies.values():
            if copy.output in current or copy.output_sha256 != file_sha256(self.out / copy.output):
                continue
            gone, same = copy.file not in self.files, copy.made_with == self.text
            detail = "no photograph of this name is in the folder" if gone else "made by an earlier run"
            rows.append(
                replace(
                    copy,
                    status=PROTECTED if gone and same else EARLIER,
                    detail=detail,
                    made_with="" if same else copy.made_with,
                )
            )
        return rows

    def finish(self, withstands: tuple[str, ...]) -> Manifest:
        """The manifest, with a row for every copy that lies in the folder, whoever made it when.

        Parameters
        ----------
        withstands : what the protection says of itself.
        """
        rows = sorted(
            [*self.records.values(), *self._earlier_copies()],
            key=lambda record: (record.file, record.status == EARLIER, record.output),
        )
        others = () if self.options.dry_run else unknown_files(self.out, (record.output for record in rows))
        manifest = Manifest(tuple(rows), self.parameters, others, withstands)
        if self.journal is not None:
            manifest.write(self.out)
            self.journal.remove()
        return manifest


def _records_of_copies(out: Path, records: Iterable[FileRecord]) -> list[FileRecord]:
    """Of each output the last record whose hash is that of the file: a kill may have kept the later ones'
    copies from getting their name. Where none is, the last."""
    found: dict[str, list[FileRecord]] = {}
    for record in records:
        if record.output_sha256 and leads_inside(out, record.output):
            found.setdefault(record.output, []).append(record)
    copies = []
    for output, rows in found.items():
        there = file_sha256(out / output) if len(rows) > 1 else ""
        copies.append(next((row for row in reversed(rows) if row.output_sha256 == there), rows[-1]))
    return copies


@contextmanager
def _opened_run(
    folder: Path, out: Path, parameters: dict[str, Any], files: set[str], options: FolderOptions
) -> Iterator[_Run]:
    """The run in a folder made and locked, what a kill left cleared away; nothing of it in a dry run."""
    if options.dry_run:
        yield _Run.after_earlier(folder, out, parameters, files, options)
        return
    begun = False
    try:
        out.mkdir(parents=True, exist_ok=True)
        with locked(out, wait=False):
            run = _Run.after_earlier(folder, out, parameters, files, options)
            clear_temporary(out)
            begun = True
            try:
                yield run
            finally:
                clear_temporary(out)
    except InUseError as error:
        raise PhotosError(f"another run writes into {out}: wait for it, or choose another folder") from error
    except OSError as error:
        if begun:
            raise BrokenOffError(f"{out}: can no longer be written ({error}): mend it, then go on") from error
        raise PhotosError(f"{out}: cannot be written ({error}): choose another folder") from error
