"""How ML Metadata's store is opened: on a file, on a team's database, or in memory."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ml_metadata import errors
from ml_metadata import metadata_store as mlmd
from ml_metadata.proto import metadata_store_pb2 as pb

from pipeline.metadata.retry import MetadataError, failure
from pipeline.storage.database_url import MySql, Place, password


def connect(place: Place | None) -> mlmd.MetadataStore:
    """Opens it, made if it is not there. `place` None: in memory alone.

    Raises MetadataError if it cannot be opened, ConfigError if its password cannot be read.
    """
    config = _connection(place)
    for pause in (0.2, 0.4, 0.8, 1.6, 0):
        try:
            with _stderr_to_nowhere():  # it guesses aloud what may be wrong
                return mlmd.MetadataStore(config)
        except (errors.StatusError, RuntimeError) as error:
            if isinstance(place, MySql) and "mysql_real_connect" in str(error):
                raise MetadataError(f"the metadata database {place} cannot be opened: {place.unreachable()}") from error
            if not pause or not isinstance(place, MySql):
                raise failure(place, error) from error
            time.sleep(pause)  # another process is making the tables
    raise AssertionError("the last try returns or raises")


def _connection(place: Place | None) -> pb.ConnectionConfig:
    config = pb.ConnectionConfig()
    config.retry_options.max_num_retries = 1  # it would wait for seconds; Guarded tries again at once
    if place is None:
        config.fake_database.SetInParent()
    elif isinstance(place, Path):
        config.sqlite.filename_uri = str(place)
        config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    else:
        config.mysql.host, config.mysql.port, config.mysql.database = place.host, place.port, place.database
        config.mysql.user, config.mysql.password = place.user, password()
    return config


@contextmanager
def _stderr_to_nowhere() -> Iterator[None]:
    """Drops what is written to the file descriptor of stderr: that of libraries in C++ that ask nobody."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
