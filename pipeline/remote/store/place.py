"""The URL of a pipeline root in object storage, and the folder of its local copy. Light to import."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import ConfigError

CACHE = "REFIT_CACHE"
"""The environment variable with the folder of local copies. On a cluster, every worker must be able to access it."""

ENDPOINTS = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": ("GOOGLE_BASE_URL",),
}
"""The supported schemes, each with the environment variables that name another server than that of the provider."""

EXTRAS = {"s3": "s3", "gs": "gcs"}
"""The extra of the package `refit` that installs the libraries for a scheme."""

_URL = re.compile(r"(?P<scheme>[A-Za-z0-9+.-]+)://(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]{1,253})(?P<prefix>/[^?#]*)?")
_SCHEME = re.compile(rf"({'|'.join(ENDPOINTS)})://", re.IGNORECASE)


@dataclass(frozen=True)
class RemotePlace:
    """A pipeline root in a bucket."""

    scheme: str
    bucket: str
    prefix: str
    """The beginning of the names of its objects, without slashes at its ends; empty: the complete bucket."""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}{f'/{self.prefix}' if self.prefix else ''}"

    @property
    def endpoint_variable(self) -> str:
        """The environment variable that names the server; the first possible one if none does."""
        names = ENDPOINTS[self.scheme]
        return next((name for name in names if os.environ.get(name)), names[0])

    @property
    def endpoint(self) -> str:
        """The address of the server, if the environment names one; else empty."""
        return os.environ.get(self.endpoint_variable, "")

    @property
    def folder(self) -> Path:
        """The folder of the local copy. Equal names of buckets on two servers have two folders."""
        digest = hashlib.sha256(f"{self}\n{self.endpoint}".encode()).hexdigest()
        return cache_folder() / "roots" / f"{self.bucket[:60]}-{digest[:12]}"

    @property
    def root(self) -> Path:
        """The local copy of the pipeline root."""
        return self.folder / "root"


def cache_folder() -> Path:
    """The folder of the local copies of this user."""
    if named := os.environ.get(CACHE):
        return Path(named).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "refit"


def is_remote(place: str) -> bool:
    """Whether a pipeline root is in object storage."""
    return _SCHEME.match(place) is not None


def parse_remote(place: str) -> RemotePlace:
    """Parses a URL. Raises ConfigError, which does not show a password in the URL, if it has another form."""
    found = _URL.fullmatch(place)
    prefix = (found["prefix"] or "").strip("/") if found else ""
    if found is None or any(part in ("", ".", "..") for part in (prefix.split("/") if prefix else [])):
        scheme, _, rest = place.partition("://")
        shown = rest.rpartition("@")[2]
        raise ConfigError(
            f"--pipeline_root={scheme}://{shown} is not of the form {scheme.lower()}://BUCKET/FOLDER; credentials "
            "belong in the environment or in the provider's configuration files"
        )
    return RemotePlace(found["scheme"].lower(), found["bucket"], prefix)
