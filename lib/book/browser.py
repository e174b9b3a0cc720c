"""A headless Chromium, driven over its debugging port; it reaches nothing outside this machine."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_HIGHEST = 8000  # pixels of one picture


def find() -> str | None:
    """Path of a Chromium: the one that CHROMIUM names, or the first on the PATH; None without any."""
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


class Tab:
    """One tab: navigate, ask, take a picture; keeps what the browser reported."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=60, suppress_origin=True)
        self._numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the DevTools protocol; returns its result."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") != number:
                self.events.append(message)
            elif "error" in message:
                raise RuntimeError(f"{method}: {message['error']}")
            else:
                return message["result"]

    def ask(self, script: str) -> Any:
        """Value of a piece of JavaScript."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    def wait_for(self, script: str, seconds: float = 20.0) -> bool:
        """Wait until `script` is true; says whether it became true in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.ask(f"Boolean({script})"):
                return True
            time.sleep(0.1)
        return False

    def open(self, address: str, width: int, height: int) -> bool:
        """Show a page in a window of that many pixels; says whether it finished loading."""
        self.events.clear()
        self._resize(width, height)
        self.call("Page.navigate", url=address)
        script = json.dumps(address.partition("#")[0])
        return self.wait_for(f"location.href.startsWith({script}) && document.readyState == 'complete'", 40)

    def picture(self, folder: Path, name: str) -> None:
        """Save the whole page as PNGs, one below the other: a browser tears a picture of more pixels.

        The window grows and scrolls, as what lies outside a window is laid out otherwise.
        """
        width, high = self.ask("[innerWidth, document.documentElement.scrollHeight]")
        folder.mkdir(parents=True, exist_ok=True)
        for number, top in enumerate(range(0, high, _HIGHEST), 1):
            self._resize(width, min(_HIGHEST, high - top))
            self.ask(f"scrollTo({{top: {top}, behavior: 'instant'}})")
            path = folder / (f"{name}-{number}.png" if number > 1 else f"{name}.png")
            path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def _resize(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def serve(root: Path) -> Iterator[str]:
    """Serve a folder on this machine; gives its address, which ends with a slash."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _port(home: Path, process: subprocess.Popen[bytes]) -> str:
    file, end = home / "DevToolsActivePort", time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if file.exists() and (lines := file.read_text().split()):
            return lines[0]
        time.sleep(0.1)
    raise RuntimeError("Chromium did not start")


@contextmanager
def launch(program: str) -> Iterator[Tab]:
    """Start a Chromium with a fresh profile; gives one tab that reaches this machine only."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    options += ["--remote-debugging-port=0", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        process = subprocess.Popen(
            [program, *options, f"--user-data-dir={home}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port = _port(Path(home), process)
            request = urllib.request.Request(f"http://127.0.0.1:{port}/json/new?about:blank", method="PUT")
            with urllib.request.urlopen(request, timeout=30) as answer:
                tab = Tab(json.load(answer)["webSocketDebuggerUrl"])
            yield tab
            tab.close()
        finally:
            process.terminate()
            process.wait(timeout=30)
