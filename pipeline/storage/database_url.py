"""The location of the metadata: an SQLite file in the pipeline root, or a MySQL or MariaDB database of a team."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.core.errors import ConfigError

PASSWORD, PASSWORD_FILE = "REFIT_METADATA_PASSWORD", "REFIT_METADATA_PASSWORD_FILE"
"""Environment variables: the password, or the name of a file with it. Not flags: other users can see those."""

CONNECT_SECONDS = 5.0
"""Timeout for the check whether a server answers."""

FORM = "mysql://user@host:port/database"


@dataclass(frozen=True)
class MySql:
    """A database of a MySQL or MariaDB server. It has no password field, so that no message can show the password."""

    user: str
    host: str
    port: int
    database: str

    def __str__(self) -> str:
        return f"mysql://{self.user}@{self.host}:{self.port}/{self.database}"

    def unreachable(self) -> str:
        """Returns the likely reason why the database cannot be opened. The error of ML Metadata does not contain it."""
        try:
            socket.create_connection((self.host, self.port), CONNECT_SECONDS).close()
        except OSError as error:
            return f"no server answers there ({error}); start the server, or correct the host and port"
        return (
            f"the server refuses user '{self.user}'; set the password in ${PASSWORD} or in the file that "
            f"${PASSWORD_FILE} names, and grant the user the right to create and change database '{self.database}'"
        )


Place = Path | MySql


def parse_place(url: str) -> MySql:
    """Parses the value of `--metadata`.

    Raises ConfigError if it has another form: with some wrong forms, ML Metadata would abort the process.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 3306
    except ValueError as error:
        raise ConfigError(f"--metadata={_hidden(url)} is not of the form {FORM}: {error}") from error
    if parts.scheme in ("postgres", "postgresql"):
        raise ConfigError(
            "--metadata: PostgreSQL is not supported: ML Metadata 1.17 does not quote text in its SQL, so "
            f"text from a run could change the database; use {FORM}"
        )
    if parts.password is not None:
        raise ConfigError(
            f"--metadata must not contain a password, because other users can see it; set ${PASSWORD} to it, "
            f"or ${PASSWORD_FILE} to the name of a file that contains it"
        )
    database = parts.path.strip("/")
    if parts.scheme != "mysql" or not (parts.hostname and parts.username and database) or "/" in database:
        raise ConfigError(f"--metadata={_hidden(url)} is not of the form {FORM}")
    return MySql(unquote(parts.username), parts.hostname, port, unquote(database))


def password() -> str:
    """Returns the password for the metadata database from the environment; empty if none is set.

    Raises ConfigError if the file that the environment names cannot be read.
    """
    if PASSWORD in os.environ:
        return os.environ[PASSWORD]
    file = os.environ.get(PASSWORD_FILE)
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"${PASSWORD_FILE} names {file}, which cannot be read: {error}") from error


def _hidden(url: str) -> str:
    """Returns the URL without a password."""
    scheme, mark, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    return f"{scheme}{mark}{credentials.partition(':')[0]}{at}{place}"
