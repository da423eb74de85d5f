"""Asks a Flink job manager over its REST interface. Light to import."""

import http.client
import json
from dataclasses import dataclass
from typing import Any

from pipeline.core.errors import ConfigError

SECONDS = 5
"""The time in which a job manager must answer."""

ENDED = ("FINISHED", "CANCELED", "FAILED")
"""The states of a job that has ended."""


@dataclass(frozen=True)
class JobManager:
    """The address of the REST interface."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"flink://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def version(self) -> str:
        """The version of Flink."""
        return str(self._get("/config")["flink-version"])

    def settings(self) -> dict[str, str]:
        """The configuration of the job manager."""
        return {entry["key"]: str(entry["value"]) for entry in self._get("/jobmanager/config")}

    def slots(self) -> tuple[int, int]:
        """The number of slots, and of those that are free."""
        found = self._get("/overview")
        return int(found["slots-total"]), int(found["slots-available"])

    def cancel(self, name: str) -> None:
        """Cancels the running job of that name, if the job manager answers and has it."""
        try:
            for job in self._get("/jobs/overview")["jobs"]:
                if job["name"] == name and job["state"] not in ENDED:
                    self._get(f"/jobs/{job['jid']}?mode=cancel", "PATCH")
        except ConfigError:
            return

    def _get(self, path: str, method: str = "GET") -> Any:
        """Raises ConfigError if nothing answers, or something else than Flink does."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=SECONDS)
        fix = "start a cluster with `make cluster`, or correct the address"
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            content = (
                json.loads(answer.read()) if answer.status in (http.HTTPStatus.OK, http.HTTPStatus.ACCEPTED) else None
            )
        except (http.client.HTTPException, ValueError):
            content = None
        except OSError as error:
            reason = f"no answer in {SECONDS} seconds" if isinstance(error, TimeoutError) else error.strerror or error
            raise ConfigError(f"--cluster={self}: no Flink job manager answers there ({reason}); {fix}") from error
        finally:
            connection.close()
        if content is None:
            raise ConfigError(f"--cluster={self}: what answers there is not a Flink job manager; {fix}")
        return content
