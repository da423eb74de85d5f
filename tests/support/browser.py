"""Opens a page from disk in Debian's Chromium, driven by playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ABSENT = "Chromium is not installed (Debian's package chromium)"
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass
class Opened:
    """A page, and its complaints: network requests and console messages."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def style(self, selector: str, name: str) -> str:
        return str(self.page.eval_on_selector(selector, "(element, name) => getComputedStyle(element)[name]", name))

    def column(self, table: str, number: int) -> list[str]:
        """Returns the texts of a column of a table, from the top."""
        return self.page.eval_on_selector_all(
            f"{table} tbody tr", f"rows => rows.map(row => row.cells[{number}].textContent.trim())"
        )


@dataclass
class Browser:
    chromium: Any

    @contextmanager
    def open(self, path: Path, width: int = 1280, scheme: str = "light") -> Iterator[Opened]:
        """Opens a new page. Every network request and console message is a complaint."""
        page = self.chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.set_default_timeout(10_000)
        opened = Opened(page)
        page.on("console", lambda message: opened.complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: opened.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: opened.complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: _only_files(request.url, opened))
        page.goto(path.as_uri())
        page.wait_for_function("() => [...document.querySelectorAll('.chart')].every(c => c.querySelector('svg'))")
        try:
            yield opened
        finally:
            page.close()


def _only_files(url: str, opened: Opened) -> None:
    if not url.startswith(("file:", "data:", "blob:")):
        opened.complaints.append(f"request: {url}")


@contextmanager
def launch() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        try:
            yield Browser(chromium)
        finally:
            chromium.close()
