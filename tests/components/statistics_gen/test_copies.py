"""StatisticsGen finds copies: equal and nearly equal texts within and between splits, and conflicting labels."""

import pickle
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from msgspec import to_builtins

from components.statistics_gen import counts, near
from components.statistics_gen.first_pairs import FirstPairs
from components.statistics_gen.minhash import PERMUTATIONS, SHINGLE, Signatures, signatures
from components.statistics_gen.near_texts import Numbers, Record, Texts
from components.statistics_gen.read import count_files
from components.statistics_gen.sketches import Batch, Writer
from schemas.artifacts.data import ExampleStatistics
from schemas.artifacts.statistics import read_near_repeated, read_repeated, read_text
from schemas.contracts.statistics import Conflict
from tests.support.toy_texts import Rows, statistics_of, write_rows

WORDS = [f"word{number}" for number in range(300)]


def text(seed: int, length: int = 60) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def changed(of: str, position: int = 30) -> str:
    """A text with another word at `position`: its similarity is 55 / 61 for 60 words."""
    words = of.split()
    return " ".join([*words[:position], "changed", *words[position + 1 :]])


ROWS: Rows = {
    "train": [(text(n), n % 2) for n in range(20)] + [(changed(text(3)), 0), (text(5).upper(), 0)],
    "validation": [(text(50), 1), (text(1).title(), 1)],
    "test": [
        (text(2).replace(" ", ",  "), 0),  # equal to one of train, with its label
        (text(7), 0),  # equal, with another label
        (text(50) + "!", 1),  # equal to one of validation
        (changed(text(9)), 1),  # nearly equal to one of train
        (changed(text(50), 10), 1),  # nearly equal to one of validation
        (text(100), 1), (text(101), 0), (changed(text(101), 3), 0),  # nearly equal to each other
        ("too short", 1), ("too", 0),
    ],
}  # fmt: skip


def ids(*numbers: int) -> frozenset[str]:
    return frozenset(f"toy/test/{number:05d}" for number in numbers)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> ExampleStatistics:
    out = tmp_path_factory.mktemp("copies")
    return statistics_of(write_rows(out / "examples", ROWS), out)


def test_numbers_of_copies(found: ExampleStatistics) -> None:
    names = ("duplicates", "in_train", "near_duplicates", "near_in_train", "conflicting_labels")
    splits = to_builtins(read_text(found).splits)
    assert {split: {name: of[name]["count"] for name in names} for split, of in splits.items()} == {
        "train": dict(zip(names, (1, 22, 2, 2, 2), strict=True)),
        "validation": dict(zip(names, (0, 1, 0, 0, 0), strict=True)),
        "test": dict(zip(names, (0, 2, 4, 1, 1), strict=True)),
    }


def test_ids_of_repeated_texts(found: ExampleStatistics) -> None:
    assert read_repeated(found, "test") == ids(0, 1, 2)
    assert read_near_repeated(found, "test") == ids(3, 4)
    assert read_repeated(found, "validation") == {"toy/validation/00001"}
    assert read_near_repeated(found, "validation") == read_repeated(found, "train") == frozenset()


def test_pairs_that_are_nearly_equal(found: ExampleStatistics) -> None:
    pairs = read_text(found).near_pairs
    listed = [(pair.ids, pair.splits, round(pair.similarity, 6)) for pair in pairs]
    assert listed == [
        (("toy/train/00009", "toy/test/00003"), ("train", "test"), round(55 / 61, 6)),
        (("toy/validation/00000", "toy/test/00004"), ("validation", "test"), round(55 / 61, 6)),
        (("toy/test/00006", "toy/test/00007"), ("test", "test"), round(55 / 61, 6)),
        (("toy/train/00003", "toy/train/00020"), ("train", "train"), round(55 / 61, 6)),
    ]
    assert pairs[0].texts == (text(9)[:200], changed(text(9))[:200])


def test_texts_with_conflicting_labels(found: ExampleStatistics) -> None:
    splits = read_text(found).splits
    assert splits["train"].conflicts == (Conflict(text=text(5).upper()[:200], labels={"train": {"bad": 1, "good": 1}}),)
    labels = {"train": {"good": 1}, "test": {"bad": 1}}
    assert splits["test"].conflicts == (Conflict(text=text(7)[:200], labels=labels),)
    assert splits["validation"].conflicts == ()


@pytest.mark.parametrize("shards", [1, 3, 7])
def test_the_same_for_any_number_of_shards(shards: int, found: ExampleStatistics, tmp_path: Path) -> None:
    again = statistics_of(write_rows(tmp_path / "examples", ROWS, shards=shards), tmp_path)
    for path in ("text.json", "Split-test/repeated.json", "Split-validation/repeated.json"):
        assert (again.path / path).read_bytes() == (found.path / path).read_bytes()


def test_a_split_that_is_too_large_is_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MOST_COMPARED", 21)
    statistics = statistics_of(write_rows(tmp_path / "examples", ROWS), tmp_path)
    text = read_text(statistics)
    assert (text.splits["test"].near_duplicates, text.splits["test"].near_in_train, text.near_pairs) == (None, None, ())
    assert read_repeated(statistics, "test") == ids(0, 1, 2)
    assert read_near_repeated(statistics, "test") == frozenset()


def test_a_further_text_adds_nothing_to_what_beam_moves(tmp_path: Path) -> None:
    """Beam holds several copies of the counts of a bundle. A sketch of 144 bytes a text is not in them."""
    sizes = []
    for number in (500, 2_000):
        rows: Rows = {"train": [(text(n), 0) for n in range(number)]}
        examples = write_rows(tmp_path / f"examples-{number}", rows, shards=1)
        scratch = tmp_path / f"scratch-{number}"
        scratch.mkdir()
        [path] = examples.files("train")
        found = count_files([("train", str(path))], (0, 1), "keras", scratch)
        assert (found["train"].unique_texts, [of.texts for of in found["train"].sketches or ()]) == (number, [number])
        assert sum(file.stat().st_size for file in scratch.iterdir()) == number * (144 + 8)  # and the digest of an id
        sizes.append(len(pickle.dumps(found)))
    assert sizes[1] - sizes[0] < 200  # bytes, for 1,500 texts


def test_signatures_estimate_the_similarity() -> None:
    for kept in (0.5, 0.8, 0.95, 1.0):
        one = np.arange(20_000, dtype=np.uint32)
        other = np.concatenate([one[: int(20_000 * kept)], one[: int(20_000 * (1 - kept))] + np.uint32(10**6)])
        both = signatures(np.concatenate([one, other]), np.array([len(one), len(other)]))
        assert both.shape == (2, PERMUTATIONS)
        assert abs((both[0] == both[1]).mean() - kept / (2 - kept)) < 0.15


def test_short_texts_have_no_signature() -> None:
    words = np.arange(10, dtype=np.uint32)
    assert signatures(words, np.array([SHINGLE - 1, 0, SHINGLE, 10 - 2 * SHINGLE + 1])).shape == (2, PERMUTATIONS)
    assert signatures(words[:0], np.array([], np.int64)).shape == (0, PERMUTATIONS)


def every_pair(one: Numbers, other: Numbers) -> npt.NDArray[np.bool_]:
    return np.ones(len(one), bool)


def bands(of: Signatures) -> npt.NDArray[np.uint64]:
    """The bands of signatures, as rows."""
    return of.view(np.uint64).T


def similar(of: Signatures) -> npt.NDArray[np.int64]:
    """All pairs that are found, each once."""
    return np.unique(
        np.concatenate([np.empty((0, 2), np.int64), *(pairs for pairs, _ in near._similar(bands(of), every_pair))]),
        axis=0,
    )


def test_a_template_of_thousands_of_texts_takes_little_memory() -> None:
    """All texts agree in all bands. All pairs would be 50 million; those that are found, with bands, 5 million."""
    size = 10_000
    same = np.tile(np.arange(PERMUTATIONS, dtype=np.uint16), (size, 1))
    listed = FirstPairs(np.zeros(size, np.int64), 40)
    tracemalloc.start()
    for pairs, similarity in near._similar(bands(same), every_pair):
        assert (similarity == 1).all()
        listed.add(pairs, similarity)
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()
    assert listed.pairs.tolist() == [[0, n] for n in range(1, 33)] + [[1, n] for n in range(2, 10)]
    found = similar(same)
    assert len(found) < size * near.NEIGHBORS
    assert set(found.ravel().tolist()) == set(range(size))


@pytest.mark.parametrize("changed", [0, 0.01, 0.03, 0.06])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_pairs_that_are_not_compared_change_nothing(
    seed: int, changed: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Templates with many texts. `changed`: the share of the parts of each signature that differ from its template."""
    random = np.random.RandomState(seed)
    parts = np.repeat(random.randint(0, 2**16, (40, PERMUTATIONS)), random.randint(1, 60, 40), axis=0)
    parts = np.where(random.rand(*parts.shape) < changed, random.randint(0, 2**16, parts.shape), parts)
    order = random.permutation(len(parts))
    keys = random.randint(0, len(parts), len(parts)).astype(np.uint64)  # some texts are equal
    cuts = np.split(order, [len(order) // 2, len(order) * 2 // 3])
    sketches = {}
    for split, rows in zip(("train", "validation", "test"), cuts, strict=True):
        writer = Writer(split, tmp_path)
        for some in np.array_split(np.arange(len(rows), dtype=np.uint32), 3):  # several blocks
            writer.add(Batch(some, keys[rows[some]], parts[rows[some]].astype(np.uint16)))
        sketches[split] = [writer.written()]

    def read(texts: Texts, chosen: Numbers) -> Iterator[Record]:
        places = zip(chosen.tolist(), texts.split[chosen].tolist(), strict=True)
        return (Record(number, f"{texts.splits[split]}/{number}", b"a b c") for number, split in places)

    monkeypatch.setattr(Texts, "read", read)
    found, compare = near.find_near(sketches), near._similar
    monkeypatch.setattr(near, "_similar", lambda bands, _: compare(bands, every_pair))
    assert found == near.find_near(sketches)
    assert found is not None
    assert found.ids["test"]


def test_the_first_pairs_are_those_of_all_sorted() -> None:
    some = np.random.RandomState(0)
    split = some.randint(0, 3, 60)
    pairs = np.sort(np.stack([some.randint(0, 30, 3_000), some.randint(30, 60, 3_000)], axis=1), axis=1)
    similarity = 0.8 + 0.01 * ((pairs[:, 0] + pairs[:, 1]) % 15)  # equal for equal pairs, with many ties
    every = {(split[a] == split[b], -s, a, b) for (a, b), s in zip(pairs.tolist(), similarity, strict=True)}
    for most, chunk in ((40, 7), (40, 3_000), (2_000, 100)):
        listed = FirstPairs(split, most)
        for start in range(0, len(pairs), chunk):
            listed.add(pairs[start : start + chunk], similarity[start : start + chunk])
        assert listed.pairs.tolist() == [[a, b] for *_, a, b in sorted(every)[:most]]


def test_nearly_equal_pairs_are_found_and_others_are_not() -> None:
    texts = [text(seed) for seed in range(100)]
    every = [
        *texts,
        *(changed(of) for of in texts[:50]),
        *(of[: len(of) // 2] for of in texts[50:]),
    ]
    words = np.array([WORDS.index(word) if word in WORDS else 999 for of in every for word in of.split()], np.uint32)
    pairs = similar(signatures(words, np.array([len(of.split()) for of in every])))
    exact = [[i, j] for i in range(200) for j in range(i) if near.jaccard(every[i].encode(), every[j].encode()) >= 0.8]
    assert len(exact) == 50
    assert sum([min(pair), max(pair)] in pairs.tolist() for pair in exact) >= 49
    assert len(pairs) <= 51
