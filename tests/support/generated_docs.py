"""All generated pages of the documentation. `.venv/bin/python -m tests.support.generated_docs` writes them."""

from collections.abc import Callable

from tests.support import architecture_picture, flags_reference, json_schemas
from tests.support.paths import PROJECT

GENERATED: dict[str, Callable[[], str]] = {
    "docs/images/architecture.svg": architecture_picture.picture,
    "docs/reference/flags.md": flags_reference.reference,
}
"""The function that returns the text of each file, by path."""


def main() -> None:
    """Writes every generated file."""
    for path, text in GENERATED.items():
        (PROJECT / path).write_text(text(), encoding="utf-8")
    json_schemas.main()


if __name__ == "__main__":
    main()
