"""Chooses the texts of files that are to be labeled, and writes the table. Imports TensorFlow."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import UNSET

from components.label.asked import record, recorded
from components.label.choose import MARGIN, RANDOM, Choice, Embed, choose
from components.label.origin import Origin
from components.label.pool import Pool
from components.label.table import Line, write_table
from components.predict.request import Request
from components.predict.staging import stored
from components.serving.choose import VersionDir
from components.serving.served_model import ServedModel
from components.shared import determinism
from pipeline.cli.call import Call
from pipeline.core.errors import DataError, near_match
from schemas.contracts.labeling import Asked, AskedText


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was chosen, for people and for JSON."""

    output: str
    model: str
    version: int
    rows: int
    margin: int
    random: int
    equal_texts: int
    known_texts: int
    embedding: bool
    """Whether the texts are compared by the embedding of the model. Otherwise: by its probabilities."""


def ask(call: Call, request: Request, version: VersionDir, folder: Path) -> Result:
    """Writes the table and its record. `folder`: for temporary files. Raises DataError if no text can be chosen."""
    assert request.output is not None  # checked with the flags
    determinism.configure()
    origin = Origin(call, version.about)
    asked = [other for _, other in recorded(call.root) if other.file != str(request.output)]
    leave_out = origin.keys() | {bytes.fromhex(text.key) for other in asked for text in other.texts}
    pool = Pool(folder / "rows", ServedModel.load(version))
    known = pool.add(request, stored(request.files, folder), leave_out)
    if not pool.keys:
        raise DataError(f"none of the {pool.read:,} rows can be chosen: {known:,} are in the training data or were "
                        "asked for before, the others have no words; name files with other texts")  # fmt: skip
    embed = _embed(origin, pool)
    chosen = choose(pool.uncertain, pool.keys, embed or pool.probabilities, count=call.values.count,
                    random_share=call.values.random_share, seed=call.values.seed)  # fmt: skip
    names = (str(call.values.id_column) or "id", request.text_column, request.label_column)
    texts = request.reading.texts
    lines = [_line(pool, choice, str(call.values.id_column), names, bool(texts)) for choice in chosen]
    write_table(request.output, names, lines)
    record(call.root, _asked(request.output, version, pool, (*names, *texts), chosen, lines))
    counts = Counter(choice.how for choice in chosen)
    return Result(
        output=str(request.output),
        model=version.about.model,
        version=version.about.version,
        rows=pool.read,
        margin=counts[MARGIN],
        random=counts[RANDOM],
        equal_texts=len(pool.keys) - len(set(pool.keys)),
        known_texts=known,
        embedding=embed is not None,
    )


def _embed(origin: Origin, pool: Pool) -> Embed | None:
    """Returns the embedding by the model; None if its Model artifact does not exist any more."""
    model = origin.model()
    if model is None:
        return None
    from components.label.embed import Embedder

    embedder = Embedder(model)
    return lambda rows: embedder(pool.texts(rows))


def _line(pool: Pool, choice: Choice, id_column: str, names: Sequence[str], several: bool) -> Line:
    """`several`: whether the text is joined from several columns. The table then has these columns."""
    entry = pool.entry(choice.row)
    if id_column and id_column not in entry.columns:
        raise DataError(f"{entry.place} has no column '{id_column}'{near_match(id_column, entry.columns)}; "
                        "choose the column of the ids with --id_column")  # fmt: skip
    label, share = pool.suggested(choice.row)
    own = (id_column, names[1]) + (() if entry.columns.get(names[2], "").strip() else (names[2],))
    return Line(
        id=entry.columns[id_column] if id_column else entry.place,
        text=entry.columns[names[1]] if several else entry.text,
        suggested_label=label,
        probability=share,
        chosen=choice.how,
        others={name: value for name, value in entry.columns.items() if name not in own},
    )


def _asked(
    output: Path, version: VersionDir, pool: Pool, names: Sequence[str], chosen: Sequence[Choice], lines: Sequence[Line]
) -> Asked:
    return Asked(
        file=str(output),
        model=version.about.model,
        version=version.about.version,
        labels=version.about.labels,
        id_column=names[0],
        text_column=names[1],
        label_column=names[2],
        more_text_columns=tuple(names[3:]) or UNSET,
        texts=tuple(
            AskedText(id=line.id, key=pool.keys[choice.row].hex(), suggested_label=line.suggested_label,
                      probability=line.probability, chosen=choice.how)
            for choice, line in zip(chosen, lines, strict=True)
        ),
    )  # fmt: skip
