"""The jars of Flink and of Beam's job server: finds them or fetches them with Maven, and checks each by its SHA-256."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from pipeline.core.errors import DataError, UnavailableError, listed

FLINK, BEAM = "1.19.0", "2.62.0"
"""The versions of Flink and of Beam's job server in `pom.xml`."""

POM, PINS = Path(__file__).with_name("pom.xml"), Path(__file__).with_name("jars.sha256")

VARIABLE = "REFIT_FLINK_JARS"

PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
"""With its version, because Maven would look for the newest one, and without a network say only that it found none."""

FETCH_SECONDS = 1800
"""The longest time for all jars."""

PATIENCE = {
    "maven.wagon.rto": 30_000,
    "aether.connector.connectTimeout": 10_000,
    "aether.connector.requestTimeout": 30_000,
    "maven.wagon.http.retryHandler.count": 1,
}
"""Milliseconds that Maven 3.8 and later ones wait for an answer, by default half an hour, and how often they retry."""

Say = Callable[[str], None]
"""Shows a line to the user."""


def cache_folder() -> Path:
    """The folder of this user for what Refit downloads and starts: `refit` in XDG's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "refit" / "flink"


def pins() -> dict[str, str]:
    """The SHA-256 of each jar, by file name."""
    lines = (line.split() for line in PINS.read_text(encoding="utf-8").splitlines())
    return {name: digest for digest, name in lines}


def find_jars(given: str, say: Say) -> Path:
    """The folder of the jars: the one that the user named, else the cache, which Maven fills the first time.

    `given`: `--flink_jars`, or empty. Raises DataError if a jar is missing or differs from its pin, and
    UnavailableError if Maven cannot fetch them.
    """
    named = given or os.environ.get(VARIABLE, "")
    if named:
        folder = Path(named).expanduser().absolute()
        check(folder, f"--flink_jars={named}" if given else f"${VARIABLE}={named}")
        return folder
    folder = cache_folder() / f"flink-{FLINK}-beam-{BEAM}"
    if not folder.is_dir():
        say(f"fetching Flink {FLINK} and Beam's job server {BEAM} with Maven, 150 MB, into {folder}")
        _fetch(folder)
    check(folder, str(folder))
    return folder


def check(folder: Path, name: str) -> None:
    """Raises DataError if the folder does not have exactly the pinned jars."""
    wanted, found = pins(), {path.name for path in folder.glob("*.jar")}
    fix = f"delete the folder, so that they are fetched again, or copy them from a machine that has them; see {PINS}"
    for word, names in (("does not have", wanted.keys() - found), ("has unknown jars:", found - wanted.keys())):
        if names:
            raise DataError(f"{name} {word} {listed(sorted(names), 3)}; {fix}")
    for jar, digest in wanted.items():
        with (folder / jar).open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
        if actual != digest:
            raise DataError(f"{name}: {jar} has the sha256 {actual[:12]}…, expected {digest[:12]}…; {fix}")


def _fetch(folder: Path) -> None:
    """Resolves `pom.xml` with Maven, as it is set up on this machine."""
    maven = shutil.which("mvn")
    fix = f"or copy the jars from a machine that has them, and name their folder: --flink_jars or ${VARIABLE}"
    if maven is None:
        raise UnavailableError(f"the jars of Flink are fetched with Maven, but PATH has no mvn; install Maven 3, {fix}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        target = Path(scratch) / "jars"
        shutil.copy(POM, scratch)
        goal = [f"{PLUGIN}:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={target}"]
        waits = [f"-D{name}={value}" for name, value in PATIENCE.items()]
        reason = _run([maven, "-B", "-q", *waits, *goal], Path(scratch))
        if reason:
            raise UnavailableError(f"Maven cannot fetch the jars of Flink: {reason}; connect to a network, {fix}")
        check(target, "what Maven fetched")
        target.rename(folder)


def _run(command: list[str], folder: Path) -> str:
    """Runs Maven in `folder`. Returns why it failed; empty if it did not."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"it is not ready after {FETCH_SECONDS:,} seconds"
    if not done.returncode:
        return ""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).splitlines()
    reason = next((line for line in lines if "ERROR" in line), "no reason is given")
    return reason.partition(" -> [Help")[0][:800]  # the reason itself is at the end
