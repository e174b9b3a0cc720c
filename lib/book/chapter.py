"""Chapter: what a notebook uses to read parameters, and to save results, tables and networks."""

from __future__ import annotations

import ast
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.book import paths, results
from lib.book.allowed import SHARED, Rule
from lib.book.parameters import ProfileError, parameters, section, unknown_names

if TYPE_CHECKING:
    import pandas as pd


class Chapter:
    """A running chapter: its parameters, and where its results, tables and networks go.

    Parameters
    ----------
    name : as `01_faces`.
    namespace : `globals()` of the notebook, below the cell tagged `parameters`.
    allowed : parameter -> what it may be, beside the rules of `allowed.SHARED`; others are not checked.
    protocol : raised by hand when an evaluation or an attacker changes meaning: a page then refuses figures
        on photographs that another protocol made.

    Attributes
    ----------
    name, profile : of this run.
    protocol : number of the protocol that the page describes.
    parameters : name -> value, those of the chapter's section of params.yaml.

    Raises
    ------
    ProfileError : the notebook lacks a parameter of params.yaml, or calls itself by another chapter's name;
        papermill was given a name that is no parameter; a parameter has a value that is not allowed.

    Examples
    --------
    >>> chapter = Chapter("01_faces", globals())  # doctest: +SKIP
    >>> chapter.table("frequencies", frame)  # doctest: +SKIP
    >>> chapter.save({"reality": reality}, inputs=[paths.DATA])  # doctest: +SKIP
    """

    def __init__(
        self,
        name: str,
        namespace: Mapping[str, Any],
        allowed: Mapping[str, Rule] | None = None,
        *,
        protocol: int = 1,
    ) -> None:
        running = os.environ.get("FACEVALUE_CHAPTER", name)
        if running != name:
            raise ProfileError(f"notebooks/{running}.md says Chapter({name!r}, ...); it is {running!r}")
        names = list(parameters(name))
        missing = [key for key in names if key not in namespace]
        if missing:
            raise ProfileError(
                f"{name}: the cell tagged `parameters` lacks {', '.join(missing)} of params.yaml"
            )
        wrong = unknown_names(injected(namespace), names)
        if wrong:
            raise ProfileError(f"{name}: {wrong}")
        self.name = name
        self.protocol = protocol
        self.profile = paths.profile()
        self.parameters = {key: namespace[key] for key in names}
        rules = {**SHARED, **(allowed or {})}
        for key, value in self.parameters.items():
            fault = rules[key].fault(f"{section(name)}.{key}", value) if key in rules else ""
            if fault:
                raise ProfileError(f"params.yaml, {fault}")

    def save(self, values: Mapping[str, Any], inputs: Iterable[Path] | Mapping[str, Path | str] = ()) -> None:
        """Save the chapter's values with their provenance, and remove the checkpoints of its trainings.

        See `lib.book.results.write`.
        """
        results.write(self.name, values, parameters=self.parameters, inputs=inputs, protocol=self.protocol)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def table(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        """Save the numbers behind one figure as CSV; returns the table unchanged."""
        results.write_table(self.name, name, table)
        return table

    def read(self, chapter: str, profile: str | None = None) -> results.Record:
        """Read an earlier chapter's result, of this profile unless another is named."""
        return results.read(profile or self.profile, chapter)

    @property
    def scratch(self) -> Path:
        """Folder for checkpoints that a later run may resume from; no out of any stage."""
        return paths.out() / "build" / "scratch" / self.profile / self.name

    def trained(self, chapter: str = "") -> Path:
        """Folder of the networks and histories that this chapter trains, or that `chapter` trained.

        Where the parameter `train` is true, a chapter writes into its own folder. Else it reads what the
        runner left; by hand, what an earlier run by hand trained comes first.

        Raises
        ------
        ResultError : nothing was trained; the message says which command fetches it, and which trains.
        """
        name = chapter or self.name
        if name == self.name and self.parameters.get("train"):
            return paths.writing() / "trained" / name
        places = [root / "trained" / name for root in (paths.out(), paths.out_of(self.profile))]
        for place in places:
            if place.is_dir():
                return place
        raise results.ResultError(
            f"trained/{name} is missing: `dvc pull train_{section(name)}` fetches it, "
            f"`dvc repro train_{section(name)}` trains it, and so does the parameter `train`"
        )

    @staticmethod
    def glue(name: str, value: Any, form: str = "") -> None:
        """Make `value` quotable on this page as {glue:text}`name`; an Estimate comes with its interval."""
        from myst_nb import glue

        glue(name, format(value, form), display=False)


def injected(namespace: Mapping[str, Any]) -> list[str]:
    """Names of parameters that papermill injected into a notebook, given its `globals()`.

    Papermill only warns of a name that is no parameter. It writes the values into a cell of their own, below
    the comment `# Parameters`; IPython keeps the text of every cell that ran in `In`.
    """
    cells = [cell for cell in namespace.get("In", []) if cell.startswith("# Parameters\n")]
    nodes = ast.parse(cells[-1]).body if cells else []
    names = [
        node.targets[0].id
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]
    return [name for name in names if not name.startswith("PAPERMILL_")]  # set by its --inject-paths
