"""Cuts Reuters-21578 into a folder of JSONL a month, as data that come in batches do.

    python -m docs.examples.reuters_months ARCHIVE DIRECTORY

writes DIRECTORY/month-<number>/wires.jsonl, a line {"text": …, "label": topic} for each wire, and DIRECTORY/topics.txt,
the 46 topics of the collection, one a line, in the order of their ids.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

from components.ingestion.reuters_sgml import Wire, read_wires, verify
from schemas.artifacts.datasets import label_names, schema_path


def main(archive: Path, directory: Path) -> None:
    """Writes the files, and prints how many wires each month has."""
    months: dict[str, list[Wire]] = defaultdict(list)
    for wire in verify(read_wires(archive), archive):
        months[wire.month].append(wire)
    for month, wires in sorted(months.items()):
        path = directory / f"month-{int(month[-2:])}" / "wires.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            for wire in wires:
                file.write(json.dumps({"text": wire.text, "label": wire.topic}) + "\n")
        topics = len({wire.topic for wire in wires})
        print(f"{month}: {len(wires):5,} wires of {topics} topics in {path}")
    (directory / "topics.txt").write_text("\n".join(label_names(schema_path("reuters"))) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m docs.examples.reuters_months ARCHIVE DIRECTORY")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
