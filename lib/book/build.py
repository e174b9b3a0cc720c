"""Build the HTML of the executed chapters: `python -m lib.book build [--profile smoke]`; warnings are errors.

The default profile is rendered in place (`_build/html`). Another profile's pages are first put beside the
same front pages in `build/<profile>/book`; chapters that this profile does not run are left out.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from lib.book import paths, real_results, stages
from lib.book.parameters import profiles
from lib.book.results import quoted


def toc_files(toc: dict[str, Any]) -> list[str]:
    """All pages of a table of contents except its root."""
    groups = toc.get("parts", [toc])
    return [entry["file"] for group in groups for entry in group["chapters"]]


def without(toc: dict[str, Any], missing: set[str]) -> dict[str, Any]:
    """Table of contents without the pages `missing`, and without parts left empty."""
    parts = [
        {**part, "chapters": [entry for entry in part["chapters"] if entry["file"] not in missing]}
        for part in toc.get("parts", [{"chapters": toc.get("chapters", [])}])
    ]
    return {
        "format": toc["format"],
        "root": toc["root"],
        "parts": [part for part in parts if part["chapters"]],
    }


def stage(profile: str, out: Path) -> tuple[Path, set[str]]:
    """Copy the sources of another profile's book to `<out>/book`; returns it and the missing chapters."""
    book = out / "book"
    for name in ("front", "pages"):
        shutil.rmtree(book / name, ignore_errors=True)
    shutil.copytree(paths.ROOT / "front", book / "front")
    shutil.copytree(out / "pages", book / "pages")
    config = yaml.safe_load((paths.ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["title"] += f" ({profile})"
    toc = yaml.safe_load((paths.ROOT / "_toc.yml").read_text(encoding="utf-8"))
    wanted = {page for page in toc_files(toc) if page.startswith("pages/")}
    missing = {page for page in wanted if not (book / f"{page}.ipynb").exists()}
    (book / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (book / "_toc.yml").write_text(yaml.safe_dump(without(toc, missing), sort_keys=False), encoding="utf-8")
    return book, missing


def render(source: Path, environment: dict[str, str], strict: bool = True) -> int:
    """Run jupyter-book on a folder; returns its exit status; `strict` makes warnings errors."""
    code = "from jupyter_book.cli.main import main; main()"
    strictness = ["-W", "-n", "--keep-going"] if strict else ["--keep-going"]
    command = [sys.executable, "-c", code, "build", str(source), *strictness, "--quiet"]
    return subprocess.run(command, env={**os.environ, **environment}).returncode


def absent_pages(root: Path) -> list[str]:
    """Pages of the table of contents that have not been executed yet."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return [
        page for page in toc_files(toc) if page.startswith("pages/") and not (root / f"{page}.ipynb").exists()
    ]


def quoted_on_photographs(root: Path) -> set[str]:
    """Chapters whose results on photographs are quoted by a page or by the thesis figure."""
    start = f"results/{real_results.PROFILE}/"
    deps = [
        stages.path_in(dep)
        for stage in stages.load(paths.DEFAULT_PROFILE, root).values()
        for dep in stage.get("deps", [])
    ]
    claims = root / "front" / "claims.yml"
    listed = yaml.safe_load(claims.read_text(encoding="utf-8")) if claims.exists() else []
    found = {dep.removeprefix(start).partition(".")[0] for dep in deps if dep.startswith(start)}
    return found | {one.chapter for one in quoted(listed) if one.profile == real_results.PROFILE}


def build(profile: str, out: Path | None = None) -> int:
    """Build one profile's book; returns the exit status, 0 if nothing is wrong."""
    out = out or paths.out_of(profile)
    source, missing = (paths.ROOT, set()) if profile == paths.DEFAULT_PROFILE else stage(profile, out)
    if source == paths.ROOT and (absent := absent_pages(paths.ROOT)):
        print(f"no executed page for {', '.join(absent)}: `make book` runs it, `make read` fetches it")
        return 1
    if profile == paths.DEFAULT_PROFILE and (
        wrong := real_results.stale_quotes(quoted_on_photographs(paths.ROOT))
    ):
        print("\n".join(wrong))
        return 1
    environment = {"PYTHONPATH": str(paths.ROOT), "FACEVALUE_PROFILE": profile, "FACEVALUE_OUT": str(out)}
    status = render(source, environment, strict=not missing)
    print(f"pages: {source / '_build' / 'html' / 'index.html'}")
    return status


def main(arguments: list[str] | None = None) -> int:
    """Command line: build one profile's book."""
    parser = argparse.ArgumentParser(prog="python -m lib.book build", description=__doc__.splitlines()[0])
    parser.add_argument("--profile", default=paths.DEFAULT_PROFILE, choices=profiles())
    parser.add_argument("--out", type=Path, help="folder with the profile's pages, instead of its own")
    given = parser.parse_args(arguments)
    return build(given.profile, given.out and given.out.resolve())
