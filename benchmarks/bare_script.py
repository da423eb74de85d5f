"""The experiment of the pipeline as a bare script: `python -m benchmarks.bare_script ARCHIVE FOLDER EPOCHS`.

It parses Reuters, counts words, pads, fits, evaluates, saves and exports, and uses no code of this project. It checks,
records and compares nothing.
"""

import re
import sys
import tarfile
from collections import Counter
from pathlib import Path

import keras
import numpy as np
import numpy.typing

MAX_LEN, BATCH = 300, 32


def read(archive: Path) -> tuple[list[list[str]], np.typing.NDArray[np.int32]]:
    """Returns the words and the topic of each newswire with one of the 46 frequent topics."""
    wires: list[tuple[str, str]] = []
    with tarfile.open(archive) as tar:
        for name in sorted(name for name in tar.getnames() if name.endswith(".sgm")):
            member = tar.extractfile(name)
            assert member
            sgml = member.read().decode("latin-1")
            for topic in re.finditer(r"<TOPICS><D>(.*?)</D>", sgml):
                body = sgml.find("<BODY>", topic.end())
                wires.append((topic[1], sgml[body + 6 : sgml.find("</", body)]))
    counts = Counter(topic for topic, _ in wires)
    kept = [(topic, text) for topic, text in wires if counts[topic] >= 15]
    topics = list(dict.fromkeys(topic for topic, _ in kept))
    words = [re.sub(r"[^\w\s]", " ", text.lower()).split() for _, text in kept]
    order = np.random.RandomState(113).permutation(len(kept))
    return [words[i] for i in order], np.array([topics.index(kept[i][0]) for i in order], "int32")


def main(archive: Path, folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(1)
    words, labels = read(archive)
    cut = int(len(words) * 0.8)
    fitted = int(cut * 0.9)
    vocabulary = {word: i + 3 for i, (word, _) in enumerate(Counter(w for ws in words[:cut] for w in ws).most_common())}
    ids = [[1, *(vocabulary.get(word, 2) for word in ws)] for ws in words]
    tokens = keras.utils.pad_sequences(ids, maxlen=MAX_LEN)
    model = keras.Sequential([
        keras.Input([MAX_LEN], dtype="int32"),
        keras.layers.Embedding(len(vocabulary) + 3, 7),
        keras.layers.Conv1D(64, 5, activation="relu"),
        keras.layers.MaxPooling1D(2),
        keras.layers.Conv1D(32, 3, activation="relu"),
        keras.layers.MaxPooling1D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(int(labels.max()) + 1, activation="softmax"),
    ])  # fmt: skip
    top_5 = keras.metrics.SparseTopKCategoricalAccuracy(5)
    model.compile(keras.optimizers.Nadam(0.001), "sparse_categorical_crossentropy", metrics=["accuracy", top_5])
    model.fit(tokens[:fitted], labels[:fitted], BATCH, epochs, verbose=0,
              validation_data=(tokens[fitted:cut], labels[fitted:cut]))  # fmt: skip
    print(model.evaluate(tokens[cut:], labels[cut:], BATCH, verbose=0))
    model.save(folder / "model.keras")
    model.export(folder / "serving", verbose=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
