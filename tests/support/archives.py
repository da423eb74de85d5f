"""Small archives of newswires, built for a test."""

import gzip
import io
import tarfile
from pathlib import Path

ENTRY = "<REUTERS {more}><DATE>26-FEB-1987</DATE><TOPICS>{topics}</TOPICS><TEXT>{body}</TEXT></REUTERS>\n"


def wire(body: str | None, *topics: str) -> str:
    """Returns a newswire in SGML. `body` None: without a body."""
    tagged = "".join(f"<D>{topic}</D>" for topic in topics)
    text = "" if body is None else f"<TITLE>A TITLE</TITLE><BODY>{body}</BODY>"
    return ENTRY.format(more='LEWISSPLIT="TRAIN"', topics=tagged, body=text)


def tar_gz(path: Path, members: dict[str, str], links: dict[str, str] | None = None) -> Path:
    """Writes a `.tar.gz` of text files and symbolic links (name → target)."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, text in members.items():
            data = text.encode("latin-1")
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(raw.getvalue(), mtime=0))
    return path
