"""The cache key of a component's work, as fields: equal fields, equal work. Kept by name, so that two keys compare."""

import dataclasses
import enum
import hashlib
import platform
from collections.abc import Mapping
from pathlib import Path

from pipeline.caching.source_closure import import_closure
from pipeline.core.artifact import Artifact, sha256_file
from pipeline.core.component import Component
from pipeline.core.errors import ConfigError

ABSENT = "absent"
_KINDS = ("parameter", "input", "earlier", "external", "source", "library", "python", "component")


def key_fields(component: Component, inputs: Mapping[str, Artifact], external: Mapping[str, str]) -> dict[str, str]:
    """Everything that decides what `component` makes, by name.

    `inputs`: the artifacts that it reads; `external`: digests of the files that it reads and no component made.
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
    """The sha256 hex of each file that the component reads and no component made; `absent` for one not there."""
    return {name: sha256_file(path) if path.is_file() else ABSENT for name, path in component.external_inputs().items()}


def cache_key(fields: Mapping[str, str]) -> str:
    """The sha256 hex over the fields, each part with its length before it, so that no two keys run together."""
    digest = hashlib.sha256()
    for part in (part for item in sorted(fields.items()) for part in item):
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def content_digest(artifact: Artifact) -> str:
    """The sha256 hex of an artifact's content: the path and content of each of its files, without clock times."""
    contents = {}
    for path in sorted(artifact.path.rglob("*")):
        relative = path.relative_to(artifact.path).as_posix()
        if path.is_file() and (digest := artifact.digest_file(relative)) is not None:
            contents[relative] = digest
    return cache_key(contents)


def canonical(value: object) -> str:
    """One text for one value: 1, 1.0, True and "1" all differ. Raises ConfigError for what has no such text."""
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
    """The names of the fields in which two keys differ, parameters first.

    Of a kind what changed comes first, then what appeared, then what is gone: of files that come and go every day, the
    one to be told of is that which changed although it was there before.
    """
    names = (name for name in {*old, *new} if old.get(name) != new.get(name))
    return sorted(
        names, key=lambda name: (_KINDS.index(name.partition(":")[0]), name not in new, name not in old, name)
    )


def field_phrase(name: str, old: str | None, new: str | None) -> str:
    """What became of a field, for people: parameters and versions by value, the rest by name."""
    kind, _, what = name.partition(":")
    if kind in ("input", "earlier", "external", "source"):
        verb = "appeared" if old in (None, ABSENT) else "is gone" if new in (None, ABSENT) else "changed"
        return f"{what} {verb}"
    return f"{what or kind} {old or 'unset'} → {new or 'unset'}"
