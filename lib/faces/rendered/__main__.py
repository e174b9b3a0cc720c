"""Command line: draw shards of rendered faces, `python -m lib.faces.rendered --subjects 1500 --out faces/`.

Shards stream into the folder. A run that was broken off goes on when it is started again; finished shards
are kept, nothing is overwritten. `lib.faces.loading.adapters.rendered` reads them.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from lib.faces.faceset import FaceSetError
from lib.faces.rendered.output.shards import Settings, draw_shards
from lib.faces.shard_map import ShardError


def main(arguments: list[str] | None = None) -> int:
    """Command line: draw shards; returns the exit status."""
    given = vars(_parser().parse_args(arguments))
    folder, workers, cluster = (given.pop(name) for name in ("out", "workers", "cluster"))
    try:
        settings = Settings(**given)
        shards = draw_shards(settings, folder, workers=workers, client=_client(cluster))
    except (ValueError, FaceSetError, ShardError) as error:
        print(error, file=sys.stderr)
        return 1
    pictures = settings.subjects * settings.images
    print(f"{pictures} pictures of {settings.subjects} subjects in {len(shards)} shards: {folder}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lib.faces.rendered", description=(__doc__ or "").split("\n")[0]
    )
    add = parser.add_argument
    add("--subjects", type=int, required=True, help="how many subjects")
    add("--images", type=int, default=7, help="pictures of each subject")
    add("--size", type=int, default=112, help="pixels of the square pictures")
    add("--out", required=True, help="folder of the shards, also s3://... and the like")
    add("--first", type=int, default=0, help="number of the first subject")
    add("--shard-subjects", type=int, default=50, help="subjects of a shard")
    add("--quality", type=int, default=80, help="of WebP")
    add("--workers", type=int, help="processes; all cores if not given")
    add("--cluster", help="address of a Dask scheduler whose workers draw, tcp://host:8786")
    return parser


def _client(address: str | None) -> Any:
    if address is None:
        return None
    from distributed import Client

    return Client(address)


if __name__ == "__main__":
    sys.exit(main())
