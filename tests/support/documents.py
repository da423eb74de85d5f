"""The blocks of a Markdown document that can be executed.

Indented by four spaces, or fenced as `sh`: command lines. Fenced as `python`: a file of the project if its first line
is a comment that names one, a script if it begins with an import, else a piece that cannot stand alone. Fenced as
`diff`: a change to the project. `<!-- not run: reason -->` on the line before leaves a block out.
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from tests.support.paths import PROJECT

DOCUMENTS = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]

_BLOCK = re.compile(
    r"^```(?P<kind>\w*)\n(?P<fenced>.*?)^```$|(?P<indented>(?:^    [^\n]*\n)+)", re.DOTALL | re.MULTILINE
)
_NOT_RUN = re.compile(r"<!-- not run: (.+?) -->\s*\Z", re.DOTALL)

PROGRAMS = ("python run_local.py", ".venv/bin/python run_local.py")


@dataclass(frozen=True)
class Block:
    kind: str
    """`sh`, `python` or `diff`."""
    text: str
    not_run: str
    """Why it is not; empty if it is."""

    @property
    def commands(self) -> list[str]:
        """The command lines of an `sh` block, without comments; a line that ends in a backslash goes on."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]


def blocks(document: Path) -> list[Block]:
    """The blocks of a document, in order; output that is shown, fenced without a name, is none."""
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
    """The arguments of a command line of the program, None for another program's."""
    words = shlex.split(line, comments=True)
    return words[2:] if " ".join(words[:2]) in PROGRAMS else None
