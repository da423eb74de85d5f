"""Markdown documents: the blocks that can be executed, the links, and the anchors.

A block that is indented by four spaces or fenced as `sh` holds command lines. A block fenced as `python` is a file of
the project if its first line is a comment with a path, a script if it begins with an import, else a fragment that is
not executed. A block fenced as `diff` is a change to the project. `<!-- not run: reason -->` on the line before a block
excludes it.
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from tests.support.paths import PROJECT

DOCUMENTS = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]

_BLOCK = re.compile(
    r"^```(?P<kind>\w*)\n(?P<fenced>.*?)^```$|(?P<indented>(?:^    [^\n]*\n)+)", re.DOTALL | re.MULTILINE
)
_CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+?)\s*$", re.MULTILINE)
_NOT_RUN = re.compile(r"<!-- not run: (.+?) -->\s*\Z", re.DOTALL)

PROGRAMS = ("python run_local.py", ".venv/bin/python run_local.py")


@dataclass(frozen=True)
class Block:
    kind: str
    """`sh`, `python` or `diff`."""
    text: str
    not_run: str
    """Why the block is not executed; empty if it is executed."""

    @property
    def commands(self) -> list[str]:
        """The command lines of an `sh` block, without comments. A backslash joins a line with the next line."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]


def blocks(document: Path) -> list[Block]:
    """Returns the blocks of a document, in order. A fence without a language is output, not a block."""
    text = document.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        kind = "sh" if match["indented"] or match["kind"] in ("sh", "bash", "console") else match["kind"]
        if kind not in ("sh", "python", "diff"):
            continue
        content = match["fenced"] or re.sub(r"^    ", "", match["indented"] or "", flags=re.MULTILINE)
        excused = _NOT_RUN.search(text[: match.start()])
        found.append(Block(kind, content, excused[1] if excused else ""))
    return found


def arguments(line: str) -> list[str] | None:
    """Returns the arguments of a command line of the program, or None for another program."""
    words = shlex.split(line.removesuffix("&"), comments=True)
    return words[2:] if " ".join(words[:2]) in PROGRAMS else None


def background(line: str) -> bool:
    """Whether a command line runs in the background."""
    return line.endswith(" &")


def program(line: str) -> str:
    """Returns the first word of a command line."""
    return line.split()[0]


def name_of(document: Path) -> str:
    """Returns the path of a document within the project, for messages."""
    return document.relative_to(PROJECT).as_posix()


def links(document: Path) -> list[str]:
    """Returns the relative links of a document: `<path>#<anchor>`, with one part possibly empty. Ignores code."""
    return _LINK.findall(_CODE.sub("", document.read_text(encoding="utf-8")))


def anchors(document: Path) -> set[str]:
    """Returns the anchors of the headings of a document, as GitHub generates them."""
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(text)}
