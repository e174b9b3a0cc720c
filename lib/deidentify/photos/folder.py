"""A folder of photographs in, altered copies and a manifest out. What was not protected is never copied."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lib.deidentify.photos.discovery import Kind, PhotosError, PlannedOutput, check_folders, list_folder
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
from lib.deidentify.photos.photo import LASTING, UNWRITABLE, Settings, protect_file
from lib.deidentify.photos.recognition import Recogniser
from lib.deidentify.protections.base import Protection
from lib.faces.detections import FaceFinder
from lib.faces.locking import InUseError, locked

EXISTS = "already there"
MAX_PIXELS_OPENED = 89_478_485
"""Half of what Pillow opens at most; detectors see bounded pictures and tiles, so nothing need be reduced."""


def protect_folder(
    folder: str | Path,
    out: str | Path,
    protection: Protection,
    detector: FaceFinder,
    *,
    kind: Kind = "keep",
    one_face: bool = False,
    overwrite: bool = False,
    dry_run: bool = False,
    max_pixels: int = 2 * MAX_PIXELS_OPENED,
    recogniser: Recogniser | None = None,
    keep_metadata: Sequence[str] = (),
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
    protection : may need no label but `points`.
    detector : finds all faces and their five points; picklable where there are several workers.
    kind : of the output: `keep` (JPEG stays JPEG, all else becomes PNG), `png`, `jpeg`.
    one_face : refuse a photograph with several faces.
    overwrite : replace what is there; without it such files are listed and left alone.
    dry_run : do all but write; a record then says what would become of the file.
    max_pixels : a larger photograph is reduced by a whole factor; by default none that can be opened is.
    recogniser : compares each face before and after, for the manifest; without one nothing is compared.
    keep_metadata : names of `metadata.KEEPABLE` that the copies carry.
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
        those of the copies that lie in `out`, another run that writes there, a protection that needs labels.
    """
    folder, out = Path(folder), Path(out)
    check_folders(folder, out)
    _check_needs(protection)
    settings = Settings(protection, detector, one_face, max_pixels, recogniser, tuple(keep_metadata))
    run = _Run(folder, out, settings.parameters | {"format": kind}, overwrite, dry_run)
    entries = list_folder(folder, kind)
    if not entries:
        raise PhotosError(f"{folder} holds no file")
    with run.opened(), open_executor(workers, client) as executor:
        todo = run.sort_out(entries)
        work = settings if isinstance(executor, SerialExecutor) else pickle.dumps(settings)
        tasks = ((entry, (work, *run.paths(entry))) for entry in todo)
        with tqdm(total=len(entries), initial=len(entries) - len(todo), desc="protect", unit="photo",
                  disable=not progress) as bar:  # fmt: skip
            for entry, result in results_in_order(
                executor, protect_file, tasks, tasks_ahead(workers, client)
            ):
                run.take(entry, *result)
                bar.update()
        return run.finish(entries)


def _check_needs(protection: Protection) -> None:
    unknown = [name for name in protection.needs if name != "points"]
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
    """The output folder: what is there, what comes, and who may write."""

    folder: Path
    out: Path
    parameters: dict[str, Any]
    overwrite: bool
    dry: bool

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The folder made and locked, what a kill left cleared away; nothing of it in a dry run."""
        self.journal: Journal | None = None
        self.records: dict[str, FileRecord] = {}
        if self.dry:
            self._read_earlier()
            yield
            return
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            with locked(self.out, wait=False):
                self._read_earlier()
                clear_temporary(self.out)
                try:
                    yield
                finally:
                    clear_temporary(self.out)
        except InUseError as error:
            raise PhotosError(
                f"another run writes into {self.out}: wait for it, or choose another folder"
            ) from error
        except OSError as error:
            raise PhotosError(f"{self.out}: cannot be written ({error}): choose another folder") from error

    def _read_earlier(self) -> None:
        """What earlier runs left: the answers for each photograph, and the copies by their paths."""
        parameters, records = read_previous(self.out)
        self.text = json.dumps(self.parameters, sort_keys=True)
        self.same = parameters == self.parameters
        done = any(record.status == PROTECTED for record in records)
        if not self.same and done and not self.overwrite:
            raise PhotosError(
                f"{self.out} holds photographs that were made with other parameters ({parameters}): "
                "choose another folder, or overwrite them"
            )
        theirs = json.dumps(parameters, sort_keys=True)
        self.before = {record.file: record for record in records if record.status != EARLIER}
        self.copies = {
            record.output: replace(record, status=PROTECTED, made_with=record.made_with or theirs)
            for record in records
            if record.output_sha256
        }

    def sort_out(self, entries: list[PlannedOutput]) -> list[PlannedOutput]:
        """Entries that need work; the others get their record, from before or for a reason."""
        todo, self.files = [], {entry.file for entry in entries}
        for entry in entries:
            record = FileRecord(entry.file, entry.reason, entry.detail) if entry.reason else self._kept(entry)
            if record is None:
                todo.append(entry)
            else:
                self.records[entry.file] = record
        if not self.dry:
            self.journal = Journal(
                self.out, self.parameters, [*self._earlier_copies(), *self.records.values()]
            )
        return todo

    def _kept(self, entry: PlannedOutput) -> FileRecord | None:
        """The record of a file that need not, or must not, be worked on."""
        if self.overwrite:
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
        return str(self.folder), entry.file, "" if self.dry else str(self.out), entry.output

    def take(self, entry: PlannedOutput, record: FileRecord, part: str) -> None:
        """Record what became of a file, then give its output its name."""
        target = self.out / entry.output
        if part and _same_folder(target.parent, (self.folder / entry.file).parent):
            os.unlink(part)
            detail = "the output's folder is the photograph's own (a mount)"
            record, part = FileRecord(entry.file, UNWRITABLE, detail), ""
        if part and not self.overwrite and os.path.lexists(target):
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
        if not self.overwrite:
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
            detail = "the photograph is gone" if gone else "made by an earlier run"
            rows.append(
                replace(
                    copy,
                    status=PROTECTED if gone and same else EARLIER,
                    detail=detail,
                    made_with="" if same else copy.made_with,
                )
            )
        return rows

    def finish(self, entries: list[PlannedOutput]) -> Manifest:
        """The manifest, with a row for every copy that lies in the folder, whoever made it when."""
        rows = sorted(
            [*self.records.values(), *self._earlier_copies()],
            key=lambda record: (record.file, record.status == EARLIER, record.output),
        )
        others = () if self.dry else unknown_files(self.out, (record.output for record in rows))
        manifest = Manifest(tuple(rows), self.parameters, others)
        if not self.dry:
            manifest.write(self.out)
            assert self.journal is not None
            self.journal.remove()
        return manifest
