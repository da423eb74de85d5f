"""Opens an ML Metadata store: an SQLite file, the database of a team, or a store in memory."""

import time
from pathlib import Path

from ml_metadata import errors
from ml_metadata import metadata_store as mlmd
from ml_metadata.proto import metadata_store_pb2 as pb

from pipeline.metadata.retry import MetadataError, failure
from pipeline.native_stderr import native_stderr_hidden
from pipeline.storage.database_url import MySql, Place, password


def connect(place: Place | None, *, unchanging: bool = False) -> mlmd.MetadataStore:
    """Opens the store, and creates it if it does not exist. `place` None: a store in memory.

    `unchanging`: only reads the file, without its log and without locks, which is right while the file does not change.
    Raises MetadataError if it cannot be opened, ConfigError if its password cannot be read.
    """
    config = _connection(place, unchanging)
    for pause in (0.2, 0.4, 0.8, 1.6, 0):
        try:
            with native_stderr_hidden():  # it prints guesses about the cause
                return mlmd.MetadataStore(config)
        except (errors.StatusError, RuntimeError) as error:
            if isinstance(place, MySql) and "mysql_real_connect" in str(error):
                raise MetadataError(f"the metadata database {place} cannot be opened: {place.unreachable()}") from error
            if not pause or not isinstance(place, MySql):
                raise failure(place, error) from error
            time.sleep(pause)  # another process may be creating the tables
    raise AssertionError("the last try returns or raises")


def _connection(place: Place | None, unchanging: bool) -> pb.ConnectionConfig:
    config = pb.ConnectionConfig()
    config.retry_options.max_num_retries = 1  # its own retries wait for seconds; Guarded retries sooner
    if place is None:
        config.fake_database.SetInParent()
    elif isinstance(place, Path) and unchanging:
        config.sqlite.filename_uri = f"{place.absolute().as_uri()}?immutable=1"
        config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READONLY
    elif isinstance(place, Path):
        config.sqlite.filename_uri = str(place)
        config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    else:
        config.mysql.host, config.mysql.port, config.mysql.database = place.host, place.port, place.database
        config.mysql.user, config.mysql.password = place.user, password()
    return config
