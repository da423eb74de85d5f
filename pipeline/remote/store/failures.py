"""Turns errors of the object store's library into one line: what, where, and the fix. No credential is shown."""

import os
import re

from pipeline.core.errors import PipelineError
from pipeline.remote.store.place import RemotePlace


class StoreError(PipelineError):
    """The object store did not do what was asked: it does not answer, or it refuses."""


class MissingError(StoreError):
    """An object that a manifest names does not exist any more: another host has published since."""


_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_SECRET = re.compile(r"SECRET|TOKEN|_KEY$|PASSWORD|CREDENTIAL")

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"}
_UNKNOWN = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "InvalidSecurity", "401",
            "AuthorizationHeaderMalformed", "AuthenticationRequired"}  # fmt: skip
_REFUSED = {"AccessDenied", "AllAccessDisabled", "Forbidden", "403", "AccountProblem", "UserProjectAccountProblem"}

_NETWORK = {
    "dns error": "its name is not known",
    "ConnectionRefused": "connection refused",
    "Connection refused": "connection refused",
    "TimedOut": "it does not answer in time",
    "timed out": "it does not answer in time",
    "Timeout": "it does not answer in time",
    "certificate": "its certificate is not accepted",
}

_NO_CREDENTIALS = ("169.254.169.254", "metadata.google.internal", "TokenRequest", "MissingCredentials", "NoCredentials")


def describe(place: RemotePlace, error: Exception) -> str:
    """Returns the message for an error of the library."""
    text = str(error)
    found, status = _CODE.search(text), _STATUS.search(text)
    code = found[1] if found else status[1] if status else ""
    at = f" at {place.endpoint}" if place.endpoint else ""
    if any(word in text for word in _NO_CREDENTIALS):
        return f"{place}: there are no credentials for it; {_credentials(place)}"
    if code in _EXPIRED:
        return f"{place}: the credentials have expired ({code}); renew them, and run again"
    if code in _UNKNOWN:
        return f"{place}: the credentials are not accepted ({code}); correct them: {_credentials(place)}"
    if code in _REFUSED:
        return (
            f"{place}: no permission ({code}); allow these credentials to list, read, write and delete objects in "
            f"{place}, or choose another --pipeline_root"
        )
    if code == "NoSuchBucket":
        return f"{place}: the bucket {place.bucket} does not exist{at}; create it, or correct --pipeline_root"
    if code == "RequestTimeTooSkewed":
        return f"{place}: the clock of this machine is wrong ({code}); correct it"
    if code in ("PermanentRedirect", "301", "307") or "redirect" in text[:500]:
        return f"{place}: the bucket is in another region; set AWS_REGION to it"
    if code.startswith("5") or code in ("SlowDown", "InternalError", "ServiceUnavailable"):
        return f"{place}: the store{at} refuses for the moment ({code}); run again later"
    if code:
        return f"{place}: the server{at} answers {code}, which is not how {place.scheme}:// works; {_address(place)}"
    cause = next((words for sign, words in _NETWORK.items() if sign in text), "") or _first_line(text)
    return f"{place}: no server answers{at or ' at the address of the provider'} ({cause}); {_address(place)}"


def _address(place: RemotePlace) -> str:
    return f"check the network, or correct ${place.endpoint_variable}"


def _credentials(place: RemotePlace) -> str:
    if place.scheme == "gs":
        return "set GOOGLE_APPLICATION_CREDENTIALS, or run gcloud auth application-default login"
    return "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile of ~/.aws in AWS_PROFILE"


def _first_line(text: str) -> str:
    """The first line of an error, without the value of any secret of the environment."""
    line = next(iter(text.splitlines()), "")[:200]
    for name, value in os.environ.items():
        if len(value) > 3 and _SECRET.search(name):
            line = line.replace(value, "…")
    return line
