"""Where metadata are kept: a sqlite file in the pipeline root, or a team's MySQL or MariaDB."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.core.errors import ConfigError

PASSWORD, PASSWORD_FILE = "REFIT_METADATA_PASSWORD", "REFIT_METADATA_PASSWORD_FILE"
"""Environment variables: the password itself, or the file that holds it. Never a flag: others see those."""

CONNECT_SECONDS = 5.0

FORM = "mysql://user@host:port/database"


@dataclass(frozen=True)
class MySql:
    """A database of a MySQL or MariaDB server. The password is no part of it, and so in no message."""

    user: str
    host: str
    port: int
    database: str

    def __str__(self) -> str:
        return f"mysql://{self.user}@{self.host}:{self.port}/{self.database}"

    def unreachable(self) -> str:
        """Why the server does not let us in, as far as can be told from here: ML Metadata does not say."""
        try:
            socket.create_connection((self.host, self.port), CONNECT_SECONDS).close()
        except OSError as error:
            return f"no server answers there ({error}); start it, or correct host and port"
        return (
            f"the server refuses user '{self.user}'; give the password in ${PASSWORD} or in the file that "
            f"${PASSWORD_FILE} names, and the user the right to make and change database '{self.database}'"
        )


Place = Path | MySql


def parse_place(url: str) -> MySql:
    """Reads `--metadata`. Raises ConfigError if it is of another form, which would end the process further down."""
    try:
        parts = urlsplit(url)
        port = parts.port or 3306
    except ValueError as error:
        raise ConfigError(f"--metadata={_hidden(url)} is not of the form {FORM}: {error}") from error
    if parts.scheme in ("postgres", "postgresql"):
        raise ConfigError(
            "--metadata: PostgreSQL is not supported: ML Metadata 1.17 does not quote what it writes there, so that "
            f"a text can change the database; use {FORM}"
        )
    if parts.password is not None:
        raise ConfigError(
            f"--metadata must not hold a password, which others could see; put it into ${PASSWORD}, or its file's name "
            f"into ${PASSWORD_FILE}"
        )
    database = parts.path.strip("/")
    if parts.scheme != "mysql" or not (parts.hostname and parts.username and database) or "/" in database:
        raise ConfigError(f"--metadata={_hidden(url)} is not of the form {FORM}")
    return MySql(unquote(parts.username), parts.hostname, port, unquote(database))


def password() -> str:
    """The password for the metadata database, from the environment; empty if there is none.

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
    """The URL without anything that may be a password."""
    scheme, mark, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    return f"{scheme}{mark}{credentials.partition(':')[0]}{at}{place}"
