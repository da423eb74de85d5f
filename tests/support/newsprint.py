"""Made-up figures and texts of a newsroom.

Everything is derived from sizes and a hash, so that it is plausible and the same on every run. Topic 0, and every text,
hold what must never become HTML.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

HOSTILE = "<script>document.title='owned'</script></script><img src=x onerror=alert(1)> & \"quoted\" \u2028"
TEXT = "grain exports rose as the harvest came in, the ministry said, while shipping rates fell for a third week. "


def topics(classes: int) -> list[str]:
    """Names of topics; the first one is hostile."""
    return [HOSTILE[:24], *(f"topic {number:02d}" for number in range(1, classes))]


def chance(*parts: object) -> float:
    """A number in 0..1 that only its arguments decide."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:6], "big") / 2**48


def confusion(sizes: Sequence[int], rate: float) -> list[list[int]]:
    """Most of each class on the diagonal, the rest spread over a few others, mostly the large ones."""
    matrix = [[0] * len(sizes) for _ in sizes]
    for true, size in enumerate(sizes):
        right = int(size * (0.55 + 0.4 * chance("right", true, rate)))
        matrix[true][true] = right
        for _ in range(size - right):
            taken = int(len(sizes) * chance("taken", true, _) ** 3)
            matrix[true][taken if taken != true else (true + 1) % len(sizes)] += 1
    return matrix


def details(names: list[str], matrix: list[list[int]], metrics: dict[str, Any]) -> dict[str, Any]:
    classes = []
    for label, name in enumerate(names):
        right, true, taken = matrix[label][label], sum(matrix[label]), sum(row[label] for row in matrix)
        precision, recall = right / max(1, taken), right / max(1, true)
        f1 = 2 * right / max(1, taken + true)
        classes.append({"label": label, "name": name, "precision": precision, "recall": recall, "f1": f1,
                        "support": true, "predicted": taken})  # fmt: skip
    bins = [{"low": i / 15, "high": (i + 1) / 15, "examples": i * i, "confidence": (i + 0.5) / 15 if i else None,
             "accuracy": (i + 0.5) / 15 * 0.93 if i else None} for i in range(15)]  # fmt: skip
    measured = {name: [value - 0.02, value + 0.02] for name, value in metrics.items() if isinstance(value, float)}
    slices = [{"value": value, "examples": n, **metrics, "accuracy": 0.6 + n / 5000} | {"examples": n}
              for value, n in (("1–49", 312), ("50–99", 905), ("100–199", 604), ("200–499", 0))]  # fmt: skip
    return {"per_class": classes, "confusion": {"labels": names, "matrix": matrix}, "thresholds": None,
            "calibration": bins, "slices": {"length": slices},
            "intervals": {"level": 0.95, "resamples": 1000, "metrics": measured}}  # fmt: skip


def examples(names: list[str], matrix: list[list[int]]) -> dict[str, Any]:
    pairs = sorted(((matrix[t][p], t, p) for t in range(len(names)) for p in range(len(names)) if t != p), reverse=True)
    told = [{"id": f"newsroom/test/{number:05d}", "label": names[t], "predicted": names[p],
             "probability_of_label": 0.11, "probability_of_predicted": 0.72, "text": (HOSTILE + " " + TEXT * 3)}
            for number, (_, t, p) in enumerate(pairs[:10])]  # fmt: skip
    confused = [{"label": names[t], "predicted": names[p], "count": n, "examples": told[:2]} for n, t, p in pairs[:10]]
    return {"worst": told, "confused": confused}


def blessing(accuracy: float, names: list[str]) -> dict[str, Any]:
    before, good = 0.78, accuracy >= 0.72
    gap = accuracy - before
    between = [gap - 0.011, gap + 0.011]
    words = (f"accuracy {accuracy:.3f} against {before:.3f}, difference {gap:+.3f}, "
             f"95 % {between[0]:+.3f}..{between[1]:+.3f}: {'not worse' if good else 'worse'}")  # fmt: skip
    tested = {"value": accuracy, "against": before, "difference": gap, "interval": between, "significant": not good}
    fallen = {"label": 2, "name": names[2], "support": 31, "f1": 0.41, "f1_before": 0.55, "difference": -0.14,
              "gained": 1, "lost": 7, "p_value": 0.07, "significant": False}  # fmt: skip
    return {
        "blessed": good, "reason": f"{words}, {'blessed' if good else 'not blessed'}",
        "checks": [{"demand": "accuracy>=baseline", "passed": good, "words": words, **tested}],
        "baseline": {"digest": "2" * 64, "weights_sha256": "3" * 64, "compared": True, "metrics": {"accuracy": before}},
        "differences": {"accuracy": tested}, "per_class_regressions": [fallen],
        "churn": {"flipped": 190, "rate": 0.085, "lost": 60, "gained": 75, "wrong_in_another_way": 55, "examples": []},
    }  # fmt: skip
