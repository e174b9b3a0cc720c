"""Worker processes that end with the process that started them, which may be killed and cannot tell them."""

from __future__ import annotations

import os
import threading
import time
from functools import cache

_WAIT = 0.5  # seconds between two looks at the parent


@cache
def end_with_parent(parent: int) -> None:
    """End this process soon after its parent has ended; a second call does nothing.

    Parameters
    ----------
    parent : number of the process that must go on.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WAIT)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
