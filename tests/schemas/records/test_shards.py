"""Shards: the same bytes for any order and bundles of the records, and unique ids."""

import gzip
import hashlib
import random
from pathlib import Path

import apache_beam as beam
import pytest

from pipeline.core.errors import DataError
from pipeline.execution.data_parallel import beam_pipeline
from schemas.artifacts.examples import Examples
from schemas.records.shards import SHARDS, Record, Spill, WriteShards, shard_of
from schemas.records.spills import read_spill
from schemas.records.tfrecord import read_records

TEXTS = {f"t/{split}/{number:08d}": f"text {number % 37}" for split in ("train", "test") for number in range(200)}


def records() -> list[Record]:
    return [Record(id_.split("/")[1], shard_of(text.encode()), id_, text.encode()) for id_, text in TEXTS.items()]


def write(directory: Path, given: list[Record], *beam_args: str, bundles: int = 1) -> Examples:
    scratch = directory / "scratch"
    scratch.mkdir(parents=True)
    target = Examples(directory / "examples")
    with beam_pipeline(beam_args) as pipeline:
        pieces = [
            pipeline | f"{n}" >> beam.Create([given[n::bundles][:50], given[n::bundles][50:]], reshuffle=False)
            for n in range(bundles)
        ]
        pieces | beam.Flatten() | WriteShards(target, ["train", "validation", "test"], scratch)
    return target


def files(target: Examples) -> dict[str, bytes]:
    return {p.relative_to(target.path).as_posix(): p.read_bytes() for p in target.path.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    return write(tmp_path_factory.mktemp("written"), records())


def test_every_split_has_all_shards_sorted_and_chosen_by_content(written: Examples) -> None:
    assert set(files(written)) == {
        f"Split-{split}/data_tfrecord-{shard:05d}-of-{SHARDS:05d}.gz"
        for split in ("train", "validation", "test") for shard in range(SHARDS)}  # fmt: skip
    for split in ("train", "test"):
        for shard, path in enumerate(written.files(split)):
            expected = [text.encode() for id_, text in sorted(TEXTS.items())
                        if id_.split("/")[1] == split
                        and int(hashlib.sha256(text.encode()).hexdigest()[:16], 16) % SHARDS == shard]  # fmt: skip
            assert list(read_records(path)) == expected
            assert len(expected) > 20
    assert all(list(read_records(path)) == [] for path in written.files("validation"))


@pytest.mark.parametrize("order", ["reversed", "shuffled"])
@pytest.mark.parametrize("bundles", [1, 5])
def test_the_same_bytes_in_any_order_and_bundles(tmp_path: Path, written: Examples, order: str, bundles: int) -> None:
    given = records()
    given.reverse() if order == "reversed" else random.Random(0).shuffle(given)
    assert files(write(tmp_path, given, bundles=bundles)) == files(written)


def test_the_same_bytes_from_several_workers(tmp_path: Path, written: Examples) -> None:
    workers = ("--direct_num_workers=2", "--direct_running_mode=multi_threading")
    assert files(write(tmp_path, records(), *workers, bundles=3)) == files(written)


def test_a_bundle_that_spills_often_loses_nothing(tmp_path: Path) -> None:
    spill = Spill(tmp_path, limit=50)
    spill.start_bundle()
    runs = [run for start in range(0, 40, 2) for run in spill.process(records()[start : start + 2])]
    runs += [windowed.value for windowed in spill.finish_bundle()]  # type: ignore[attr-defined]
    assert len(runs) > 5
    found = [record for _, path in runs for record in read_spill(Path(path))]
    assert sorted(found) == sorted((record.id.encode(), record.data) for record in records()[:40])


def test_an_id_that_is_used_twice(tmp_path: Path) -> None:
    twice = Record("train", 1, "t/train/00000005", b"other")
    with pytest.raises(DataError, match=r"Split-train: id 't/train/00000005' is used twice; give every document a uni"):
        write(tmp_path, [*records(), twice, Record("train", 1, "t/train/00000005", b"text")])


def test_the_digest_covers_the_records_not_their_compression(written: Examples, tmp_path: Path) -> None:
    path = written.files("train")[0]
    recompressed = Examples(tmp_path)
    target = tmp_path / path.name
    target.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), compresslevel=9))
    assert target.read_bytes() != path.read_bytes()
    assert recompressed.digest_file(path.name) == Examples(path.parent).digest_file(path.name)
