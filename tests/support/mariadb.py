"""A MariaDB server on loopback, for one test session."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER, SECRET = "refit", "open-sesame-4711"

PROGRAMS = ("mariadbd", "mariadb-install-db", "my_print_defaults")


def missing() -> list[str]:
    """Returns the missing programs. Without them the tests cannot start a server."""
    return [name for name in PROGRAMS if _find(name) is None]


def _find(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin")


@dataclass
class Server:
    """A server that can be stopped and started again on the same port, with its data."""

    directory: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        return f"mysql://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        init = self.directory / "init.sql"
        init.write_text(
            f"CREATE USER IF NOT EXISTS '{USER}'@'127.0.0.1' IDENTIFIED BY '{SECRET}';\n"
            f"GRANT ALL ON *.* TO '{USER}'@'127.0.0.1';\n"
        )
        settings = {"datadir": self.directory / "data", "socket": self.directory / "socket", "init-file": init,
                    "port": self.port, "bind-address": "127.0.0.1", "user": "root"}  # fmt: skip
        named = [f"--{name}={value}" for name, value in settings.items()]
        command = [str(_find("mariadbd")), "--no-defaults", *named, "--skip-name-resolve"]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError((self.directory / "log").read_text())

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(60)


@contextmanager
def serve(directory: Path) -> Iterator[Server]:
    """Creates the database files and starts the server."""
    install = [str(_find("mariadb-install-db")), "--no-defaults", f"--datadir={directory / 'data'}", "--user=root",
               "--skip-test-db", "--auth-root-authentication-method=normal"]  # fmt: skip
    subprocess.run(install, check=True, capture_output=True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    server = Server(directory, port)
    server.start()
    try:
        yield server
    finally:
        server.stop()
