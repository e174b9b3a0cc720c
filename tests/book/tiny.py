"""A tiny project of two chapters: the whole pipeline in seconds, without faces and without TensorFlow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from lib.book import stages

ROOT = Path(__file__).resolve().parents[2]

HEADER = """---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""


def cell(code: str, tags: str = "") -> str:
    """A cell of code as a chapter's text has it."""
    tagged = f":tags: [{tags}]\n\n" if tags else ""
    return f"```{{code-cell}} ipython3\n{tagged}{code.strip()}\n```"


def chapter(title: str, parameters: str, *parts: str) -> str:
    """A chapter's text: title, the cell with its parameters, then `parts`: cells and prose."""
    return "\n\n".join([f"{HEADER}# {title}", cell(parameters, "parameters"), *parts]) + "\n"


ALPHA = chapter(
    "Alpha",
    "people = 4\nseed = 1",
    "A sentence with {res}`01_alpha.mean:.2f`.",
    cell("""
import logging
import os
import sys

import numpy as np
import pandas as pd

from lib.book import Chapter, paths
from lib.measures.estimate import Estimate

chapter = Chapter("01_alpha", globals())
heights = np.random.default_rng(seed).normal(170, 10, people)
print("to the terminal", file=sys.stderr)
by_hand = "FACEVALUE_CHAPTER" not in os.environ
assert by_hand or logging.getLogger().hasHandlers(), "TensorFlow would log into the page"
print(f"{people} people")
"""),
    "## The second part",
    cell("""
table = chapter.table("heights", pd.DataFrame({"person": range(people), "height": heights}))
chapter.save({"mean": Estimate(heights.mean(), heights.min(), heights.max(), people), "people": people},
             inputs=[paths.ROOT / "data.txt"])
chapter.glue("people", people)
table
"""),
    "There are {glue:text}`people` people. {csv}`01_alpha.heights`",
    """:::{exercise} Count
:label: alpha-count
How many?
:::

:::{solution} alpha-count
:class: dropdown
All of them.
:::

:::{exercise} Measure
:label: alpha-measure
How high?
:::

:::{solution} alpha-measure
:class: dropdown
With a {ref}`ruler <alpha-count>`.
:::""",
)

BETA = chapter(
    "Beta",
    "factor = 2.0\nseed = 1",
    cell("""
from lib.book import Chapter

chapter = Chapter("02_beta", globals())
before = chapter.read("01_alpha")
chapter.save({"product": factor * before["mean"].estimate, "people": before["people"]})
"""),
)

PARAMS = """alpha:
  people: 4 # heads
  seed: 1
beta:
  factor: 2.0
  seed: 1
"""

TOC = """format: jb-book
root: front/index
chapters:
  - file: pages/01_alpha
  - file: pages/02_beta
"""

INDEX = """# A tiny book

Mean {res}`rendered/01_alpha.mean:.1f`, alone {res}`rendered/01_alpha.mean.estimate:.1f`, $a^2$.

```{book-versions}
```

```{book-times}
```

```{book-pipeline}
```
"""


STAGES = """stages:
  alpha:
    cmd:
    deps: [data.txt]
    plots:
      - results/rendered/01_alpha.heights.csv: {cache: false, x: person, y: height}
  beta:
    cmd:
    deps: [results/rendered/01_alpha.json]
"""


class Project:
    """A folder with a tiny book, and how to run things in it."""

    repro: subprocess.CompletedProcess[str]

    def __init__(self, root: Path) -> None:
        self.root = root

    def environment(self, **more: str) -> dict[str, str]:
        """Variables under which a command runs as the project's Makefile would run it."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith("FACEVALUE_")}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return {**clean, "PATH": path, "PYTHONPATH": str(self.root), **more}

    def run(self, *command: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the project as its Makefile would."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
        )
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def python(self, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
        """Run Python in the project."""
        return self.run(sys.executable, *arguments, **options)

    def write(self, name: str, text: str) -> Path:
        """Write one file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def read(self, name: str) -> str:
        """Read one file."""
        return (self.root / name).read_text(encoding="utf-8")

    def begin(self) -> None:
        """Make it a repository with git and DVC, whose stages follow from its chapters."""
        for name in (".dvc/config", ".dvc/.gitignore", ".dvcignore"):
            self.write(name, (ROOT / name).read_text(encoding="utf-8"))
        for profile in stages.pipelines(self.root):
            stages.write(profile, self.root)
        self.run("git", "init", "--quiet")

    def commit(self) -> None:
        """Commit all files that git does not ignore."""
        self.run("git", "add", "--all")
        self.run("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "state")

    def state(self) -> dict[Path, bytes]:
        """All files but those of git, of DVC's cache and of earlier runs, for `restore`."""
        aside = {".git", ".dvc", "__pycache__", "build"}
        return {
            path: path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and not aside & set(path.relative_to(self.root).parts)
        }

    def restore(self, state: dict[Path, bytes]) -> None:
        """Put all files back as they were; what was added goes. Faster than `git` and `dvc checkout`."""
        now = self.state()
        for path in now.keys() - state.keys():
            path.unlink()
        for path, content in state.items():
            if now.get(path) != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)  # DVC's links are not written through
                path.write_bytes(content)

    def files(self) -> dict[str, bytes]:
        """Results and pages by name, times left out."""
        found = [path for folder in ("results", "pages") for path in (self.root / folder).rglob("*")]
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in found
            if path.is_file() and path.name not in ("times.json", ".gitignore")
        }


def copy_room(room: str, root: Path) -> None:
    """Copy a package of lib with its bytecode, which saves a project's first start."""
    ignored = shutil.ignore_patterns("*.pyc.*")  # half written, by another process
    shutil.copytree(ROOT / "lib" / room, root / "lib" / room, ignore=ignored, dirs_exist_ok=True)


def ran(done: subprocess.CompletedProcess[str]) -> set[str]:
    """Stages that `dvc repro` ran."""
    return {line.split("'")[1] for line in done.stdout.splitlines() if line.startswith("Running stage")}


def lay_out(root: Path) -> Project:
    """Write a tiny book into a new folder."""
    project = Project(root)
    copy_room("book", root)
    for name in (
        "lib/__init__.py",
        "lib/files.py",
        "lib/measures/__init__.py",
        "lib/measures/estimate.py",
        "lib/registry.py",
        "_config.yml",
    ):
        project.write(name, (ROOT / name).read_text(encoding="utf-8"))
    config = project.read("_config.yml").replace("    - lib.book.sphinx.thesis\n", "")
    project.write("_config.yml", config)
    shutil.copytree(ROOT / "front" / "_static", root / "front" / "_static")
    project.write("front/references.bib", "")
    project.write("front/index.md", INDEX)
    project.write("_toc.yml", TOC)
    project.write("data.txt", "data\n")
    project.write("notebooks/01_alpha.md", ALPHA)
    project.write("notebooks/02_beta.md", BETA)
    project.write("params.yaml", PARAMS)
    project.write("profiles/smoke/params.yaml", "alpha:\n  people: 3\n")
    project.write("dvc.yaml", "stages: {}\n")
    return project
