"""Finds Java, and runs the classes of Flink and of Beam's job server with the options that they need."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from pipeline.core.errors import UnavailableError

VERSIONS = (11, 17)
"""The versions of Java that the pinned Flink supports."""

_EXPORTS = ("java.base/sun.net.util", "java.rmi/sun.rmi.registry", "java.security.jgss/sun.security.krb5")

_OPENS = (
    *("java.lang", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.lang.reflect", "java.text", "java.time"),
    *("java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks"),
)

OPTIONS = (
    *(f"--add-exports={name}=ALL-UNNAMED" for name in _EXPORTS),
    *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENS),
)
"""What Flink reads by reflection. Its own scripts pass the same; without it, Java 17 refuses to serialize a job."""

SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
"""Options of Java that save processor time in a short life: Python does the work, and Java passes it on."""

_FIX = "install a Java runtime of version 17 (Debian: openjdk-17-jre-headless), or set JAVA_HOME to one"


def find_java() -> str:
    """The path of `java`, from JAVA_HOME or PATH. Raises UnavailableError if there is none or it is another version."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if found is None:
        where = f"JAVA_HOME={home} has no bin/java" if home else "PATH has no java"
        raise UnavailableError(f"Flink needs Java, but {where}; {_FIX}")
    try:
        shown = subprocess.run([found, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"Flink needs Java, but {found} cannot be run: {error}; {_FIX}") from error
    version = re.search(r'version "(?:1\.)?(\d+)', shown)
    if version is None or int(version[1]) not in VERSIONS:
        name = f"version {version[1]}" if version else f"not a Java runtime: {shown.strip()[:100]!r}"
        expected = " or ".join(map(str, VERSIONS))
        raise UnavailableError(f"Flink needs Java {expected}, but {found} is {name}; {_FIX}")
    return found
