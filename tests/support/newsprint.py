"""Made-up figures and texts of a newsroom, as contracts.

They are computed from sizes and a hash, so that they are plausible and the same on every run. Topic 0 and every text
contain HTML that a page must show as text.
"""

import hashlib
from collections.abc import Sequence

from msgspec import structs

from schemas.contracts.blessing import Baseline, Blessing, Check, Churn, Difference, Regression
from schemas.contracts.confidence import CalibrationBin
from schemas.contracts.encode import given
from schemas.contracts.evaluation import (
    ClassMetrics,
    Confusion,
    Details,
    Intervals,
    Metrics,
    SliceMetrics,
    Unseen,
)
from schemas.contracts.examples import SplitCounts
from schemas.contracts.shown_examples import ConfusedPair, FlippedExample, ShownExample, ShownExamples
from schemas.contracts.statistics import Conflict, Length, Rate, SplitText

HOSTILE = "<script>document.title='owned'</script></script><img src=x onerror=alert(1)> & \"quoted\" \u2028"
TEXT = "grain exports rose as the harvest came in, the ministry said, while shipping rates fell for a third week. "


def topics(classes: int) -> list[str]:
    """Names of topics; the first one contains HTML."""
    return [HOSTILE[:24], *(f"topic {number:02d}" for number in range(1, classes))]


def chance(*parts: object) -> float:
    """A number in 0..1 that depends on the arguments only."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:6], "big") / 2**48


def confusion(sizes: Sequence[int], rate: float) -> list[list[int]]:
    """Most of each class on the diagonal, the rest in a few other classes, mostly large ones."""
    matrix = [[0] * len(sizes) for _ in sizes]
    for true, size in enumerate(sizes):
        right = int(size * (0.55 + 0.4 * chance("right", true, rate)))
        matrix[true][true] = right
        for _ in range(size - right):
            predicted = int(len(sizes) * chance("predicted", true, _) ** 3)
            matrix[true][predicted if predicted != true else (true + 1) % len(sizes)] += 1
    return matrix


def metrics_of(matrix: list[list[int]]) -> Metrics:
    examples = sum(map(sum, matrix))
    accuracy = sum(row[i] for i, row in enumerate(matrix)) / examples
    return Metrics(loss=1.31, accuracy=accuracy, top_5_accuracy=0.914, macro_f1=0.547, micro_f1=accuracy, ece=0.061,
                   examples=examples)  # fmt: skip


def details(names: list[str], matrix: list[list[int]], metrics: Metrics) -> Details:
    classes = []
    for label, name in enumerate(names):
        right, true, predicted = matrix[label][label], sum(matrix[label]), sum(row[label] for row in matrix)
        f1 = 2 * right / max(1, predicted + true)
        classes.append(ClassMetrics(label=label, name=name, precision=right / max(1, predicted),
                                    recall=right / max(1, true), f1=f1, support=true, predicted=predicted))  # fmt: skip
    bins = [CalibrationBin(low=i / 15, high=(i + 1) / 15, examples=i * i, confidence=(i + 0.5) / 15 if i else None,
                           accuracy=(i + 0.5) / 15 * 0.93 if i else None) for i in range(15)]  # fmt: skip
    floats = {name: value for name, value in metrics.by_name().items() if isinstance(value, float)}
    measured = {name: (value - 0.02, value + 0.02) for name, value in floats.items()}
    slices = [SliceMetrics(value=value, **{**floats, "accuracy": 0.6 + n / 5000}, examples=n)
              for value, n in (("1–49", 312), ("50–99", 905), ("100–199", 604))]  # fmt: skip
    return Details(
        per_class=tuple(classes), confusion=Confusion(labels=tuple(names), matrix=tuple(map(tuple, matrix))),
        thresholds=None, calibration=tuple(bins),
        slices={"length": (*slices, SliceMetrics(value="200–499", examples=0))},
        intervals=Intervals(level=0.95, method="percentile bootstrap", resamples=1000, metrics=measured),
        unseen=Unseen(repeated=0, metrics=None),
    )  # fmt: skip


def examples(names: list[str], matrix: list[list[int]]) -> ShownExamples:
    pairs = sorted(((matrix[t][p], t, p) for t in range(len(names)) for p in range(len(names)) if t != p), reverse=True)
    shown = [ShownExample(id=f"newsroom/test/{number:05d}", label=names[t], predicted=names[p],
                          probability_of_label=0.11, probability_of_predicted=0.72, text=HOSTILE + " " + TEXT * 3)
             for number, (_, t, p) in enumerate(pairs[:10])]  # fmt: skip
    confused = [ConfusedPair(label=names[t], predicted=names[p], count=n, examples=tuple(shown[:2]))
                for n, t, p in pairs[:10]]  # fmt: skip
    return ShownExamples(worst=tuple(shown), confused=tuple(confused))


def blessing(metrics: Metrics, names: list[str]) -> Blessing:
    before, accuracy = 0.78, metrics.accuracy
    good, gap = accuracy >= 0.72, accuracy - before
    between = (gap - 0.011, gap + 0.011)
    words = (f"accuracy {accuracy:.3f} against {before:.3f}, difference {gap:+.3f}, "
             f"95 % {between[0]:+.3f}..{between[1]:+.3f}: {'not worse' if good else 'worse'}")  # fmt: skip
    tested = Difference(value=accuracy, against=before, difference=gap, interval=between, margin=0.022, test="McNemar",
                        p_value=0.2 if good else 0.01, significant=not good)  # fmt: skip
    fallen = Regression(label=2, name=names[2], support=31, f1=0.41, f1_before=0.55, difference=-0.14, gained=1, lost=7,
                        p_value=0.07, q_value=0.2, change="not significant")  # fmt: skip
    flipped = FlippedExample(id="newsroom/test/00007", label=names[2], predicted=names[1], probability_of_label=0.2,
                             probability_of_predicted=0.6, text=TEXT, predicted_before=names[2])  # fmt: skip
    return Blessing(
        blessed=good, reason=f"{words}, {'blessed' if good else 'not blessed'}",
        checks=(Check(demand="accuracy>=baseline", passed=good, words=words, **given(tested)),),
        verdict="not worse" if good else "worse", warnings=(), best=None, best_so_far=False, label_examples={},
        baseline=Baseline(digest="2" * 64, weights_sha256="3" * 64, compared=True, examples=2246,
                          metrics=structs.replace(metrics, accuracy=before), differences={"accuracy": tested},
                          new_labels=(), lost_labels=()),
        per_class_regressions=(fallen,),
        churn=Churn(flipped=190, rate=0.085, lost=60, gained=75, wrong_in_another_way=55, examples=(flipped,)),
    )  # fmt: skip


def text_of(counts: SplitCounts) -> SplitText:
    rate = Rate(count=12, rate=0.0015)
    return SplitText(
        examples=counts.examples, words=1_200_345, unique_words=28_137, labels=counts.labels,
        length=Length(min=1, max=694, mean=93.1, quantiles={"0.5": 88}), empty=rate,
        truncated=Rate(count=801, rate=0.1), duplicates=rate, in_train=rate,
        near_duplicates=rate, near_in_train=rate, conflicting_labels=rate,
        conflicts=(Conflict(text=TEXT, labels={"train": {"<b>": 2}, "test": {"c": 1}}),),
        out_of_vocabulary=Rate(count=40_000, rate=0.033), repeated_ids={},
    )  # fmt: skip
