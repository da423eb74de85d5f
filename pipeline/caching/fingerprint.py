"""The cache key of a component, computed from named fields.

Executions with equal fields have equal outputs. The fields are stored by name, to show how two keys differ.
"""

import dataclasses
import enum
import hashlib
import platform
from collections.abc import Mapping
from pathlib import Path

from pipeline.caching.source_closure import import_closure
from pipeline.core.artifact import Artifact, sha256_file
from pipeline.core.component import Component
from pipeline.core.errors import ConfigError, shown_name

ABSENT = "absent"

_VALUE_CHARACTERS = 100
"""The length of a value in a message: a list of labels may be long."""

_KINDS = ("parameter", "input", "earlier", "external", "source", "library", "python", "component")


def key_fields(component: Component, inputs: Mapping[str, Artifact], external: Mapping[str, str]) -> dict[str, str]:
    """Returns the named fields of the cache key: everything that determines the outputs of `component`.

    `inputs`: its input artifacts; `external`: the digests of its input files that no component created.
    """
    files, libraries = import_closure(type(component).__module__)
    fields = {"component": type(component).__qualname__, "python": platform.python_version()}
    fields |= {f"parameter:{name}": canonical(value) for name, value in component.parameters.items()}
    fields |= {f"input:{name}": artifact.digest for name, artifact in inputs.items() if name not in component.gates}
    fields |= {f"external:{name}": digest for name, digest in external.items()}
    fields |= {f"source:{name}": digest for name, digest in files.items()}
    fields |= {f"library:{name}": version for name, version in libraries.items()}
    return dict(sorted(fields.items()))


def digest_external(component: Component) -> dict[str, str]:
    """Returns the SHA-256 in hex of each file in `external_inputs`; `absent` for a missing file."""
    return {name: sha256_file(path) if path.is_file() else ABSENT for name, path in component.external_inputs().items()}


def cache_key(fields: Mapping[str, str]) -> str:
    """Returns the SHA-256 of the fields in hex. The length of each part comes first, so that parts cannot merge."""
    digest = hashlib.sha256()
    for part in (part for item in sorted(fields.items()) for part in item):
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def content_digest(artifact: Artifact) -> str:
    """Returns the SHA-256 in hex of an artifact's content: path and content of each file that is content."""
    contents = {}
    for path in sorted(artifact.path.rglob("*")):
        relative = path.relative_to(artifact.path).as_posix()
        if path.is_file() and (digest := artifact.digest_file(relative)) is not None:
            contents[relative] = digest
    return cache_key(contents)


def canonical(value: object) -> str:
    """Returns a unique text for a value: 1, 1.0, True and "1" differ. Raises ConfigError for unsupported types."""
    if isinstance(value, enum.Enum):
        return canonical(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = [f"{f.name}={canonical(getattr(value, f.name))}" for f in dataclasses.fields(value)]
        return f"{type(value).__qualname__}({', '.join(parts)})"
    if isinstance(value, tuple):
        return f"({', '.join(map(canonical, value))})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{canonical(k)}: {canonical(v)}' for k, v in sorted(value.items()))}}}"
    hint = "; declare it with location()" if isinstance(value, Path) else ""
    raise ConfigError(f"a parameter cannot be {value!r}: use scalars, tuples, mappings or frozen dataclasses{hint}")


def changed_fields(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Returns the names of the fields that differ between two keys, parameters first.

    Within a kind, changed fields come first, then added ones, then removed ones. Files are added and removed often; a
    file that changed is the more interesting reason.
    """
    names = (name for name in {*old, *new} if old.get(name) != new.get(name))
    return sorted(
        names, key=lambda name: (_KINDS.index(name.partition(":")[0]), name not in new, name not in old, name)
    )


def field_phrase(name: str, old: str | None, new: str | None) -> str:
    """Describes the change of a field for the user: with values for parameters and versions, else by name."""
    kind, _, what = name.partition(":")
    if kind in ("input", "earlier", "external", "source"):
        verb = "added" if old in (None, ABSENT) else "removed" if new in (None, ABSENT) else "changed"
        return f"{what} {verb}"
    return f"{what or kind} {_shown(old)} → {_shown(new)}"


def _shown(value: str | None) -> str:
    return shown_name(value, _VALUE_CHARACTERS) if value else "unset"
