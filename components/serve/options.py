"""What the flags of `serve` say, checked. Light to import."""

import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from absl import flags

from components.pusher.settings import SERVING_DIR
from pipeline.cli.call import Call
from pipeline.cli.places import check_local
from pipeline.core.errors import ConfigError

MB = 2**20


@dataclass(frozen=True, kw_only=True)
class Logging:
    """What is logged of requests."""

    folder: Path
    share: float
    """The share of texts, 0..1."""
    limit: int
    """Bytes of the log of each model."""
    redact: bool
    """Whether numbers of words are logged in place of texts."""

    @classmethod
    def of(cls, values: flags.FlagValues) -> "Logging | None":
        """Reads the flags; None if nothing is logged. Raises ConfigError if the folder cannot be written."""
        if not values.log_requests:
            if given := [name for name in ("log_sample", "log_max_mb", "redact") if values[name].present]:
                raise ConfigError(f"--{given[0]} needs --log_requests=DIR, the folder of the log")
            return None
        check_local("--log_requests", values.log_requests)
        folder = Path(values.log_requests).absolute()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"--log_requests={folder} cannot be used: {error.strerror}; name another folder"
            ) from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise ConfigError(f"--log_requests={folder} cannot be written; change its permissions or name another one")
        return cls(folder=folder, share=values.log_sample, limit=int(values.log_max_mb) * MB, redact=values.redact)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Where the server listens, what it serves, and its limits."""

    host: str
    port: int
    """0: any free port."""
    token: str = ""
    """The token that clients must send; empty: none."""
    serving_dir: Path
    max_body: int
    """Bytes in the body of a request."""
    max_queue: int
    """Texts that wait, and texts in one request."""
    fixed_batch: bool = False
    """Whether each call of a model has the same number of texts."""
    logging: Logging | None = None
    """What is logged of requests; None: nothing."""
    reports: Path | None = None
    """The folder of the results of `watch`."""
    verbose: bool = False
    """Whether each request is logged."""

    @classmethod
    def of(cls, call: Call) -> "Options":
        """Reads the flags. Raises ConfigError if they cannot work."""
        values = call.values
        if call.values.token_file and values.allow_anonymous:
            raise ConfigError("--token_file and --allow_anonymous contradict each other; leave one out")
        token = read_token(Path(values.token_file)) if values.token_file else ""
        if not token and not values.allow_anonymous and not is_loopback(values.host):
            raise ConfigError(
                f"--host={values.host} is open to other machines, and no token protects it; add --token_file=FILE, or "
                "--allow_anonymous if something else protects it"
            )
        return cls(
            host=str(values.host),
            port=int(values.port),
            token=token,
            serving_dir=Path(values.serving_dir).absolute() if values.serving_dir else call.root / SERVING_DIR,
            max_body=int(values.max_body_mb) * MB,
            max_queue=int(values.max_queue),
            fixed_batch=bool(values.fixed_batch),
            logging=Logging.of(values),
            reports=call.workspace.report_file("watch").parent,
            verbose=bool(values.verbose),
        )


def read_token(path: Path) -> str:
    """Returns the token in a file. Raises ConfigError if a client could not send it."""
    try:
        token = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(f"--token_file={path} cannot be read: {error.strerror}; name another file") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"--token_file={path} has other characters than ASCII; write another token") from error
    if not token or not token.isprintable() or " " in token:
        found = "is empty" if not token else "has spaces or several lines"
        raise ConfigError(f"--token_file={path} {found}; write one token into it: openssl rand -hex 32 > {path}")
    return token


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`. Raises ConfigError if it is not a name or address."""
    return all(ipaddress.ip_address(str(address[0]).split("%")[0]).is_loopback for _, address in addresses(host))


def addresses(host: str, port: int = 0) -> list[tuple[int, tuple[Any, ...]]]:
    """Returns family and address of each place that `host` names. Raises ConfigError if it names none."""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"--host={host} is not a name or address of this machine; use 127.0.0.1") from error
    return [(family, tuple(address)) for family, _, _, _, address in found]
