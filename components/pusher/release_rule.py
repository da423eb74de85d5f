"""The rule that decides whether a blessed model replaces the version in use. Light to import.

A better model goes out. A model that is not worse goes out only if it was trained with the same settings on newer data.
A model with other labels goes out only if that is allowed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from components.pusher.settings import ALWAYS, PusherSettings
from pipeline.core.errors import listed
from schemas.contracts.blessing import Blessing
from schemas.contracts.push import Version

SHOWN = 3
"""A message names at most this many labels or settings."""

FORCE = f"--push={ALWAYS} pushes it"


@dataclass(frozen=True)
class ReleaseRule:
    """The rule for one candidate."""

    settings: PusherSettings
    about: Version
    """The candidate."""
    blessing: Blessing
    """Its comparison with the baseline."""

    def hold(self, current: Version | None) -> str:
        """Returns why the candidate does not replace `current`, the version in use; empty if it does.

        `current`: None if no version can be used.
        """
        reason = self._labels(current)
        if reason or current is None or self.settings.push == ALWAYS:
            return reason
        return self._quality(current)

    def _labels(self, current: Version | None) -> str:
        """Why the labels of the candidate prevent the push."""
        counts, ours = self.blessing.label_examples, self.about.labels
        known = current.labels if current else ()
        added = [name for name in ours if name not in known] if known else []
        lost = [name for name in known if name not in ours or not counts.get(name, 0)]
        single = [name for name in ours if counts.get(name, 0) == 1 and name not in known]
        version = f"version {current.version}, which is in use" if current else ""
        if lost and not self.settings.allow_lost_labels:
            return f"{_labels_of(lost)} of {version}, vanished; --allow_lost_labels pushes it"
        if self.settings.allow_new_labels:
            return ""
        if single:
            return f"{_labels_of(single)} has one example, which may be a mistyped label; --allow_new_labels pushes it"
        if added:
            return f"{_labels_of(added)} is new: {version}, does not have it; --allow_new_labels pushes it"
        if [name for name in ours if name in known] != [name for name in known if name in ours]:
            return f"the labels have another order than in {version}; --allow_new_labels pushes it"
        return ""

    def _quality(self, current: Version) -> str:
        baseline, version = self.blessing.baseline, f"version {current.version}, which is in use"
        known = (current.model_digest, current.weights_sha256)
        if baseline is None or (baseline.digest != known[0] and baseline.weights_sha256 != known[1]):
            return f"it was not compared with {version}; --force=Evaluator compares it, {FORCE}"
        if self.blessing.verdict == "better":
            return ""
        unproven = f"it is not shown to be better than {version}"
        if self.about.source != current.source:
            return f"{unproven}, and its data have another source; {FORCE}"
        if changed := _changed(current.settings, self.about.settings):
            return f"{unproven}, and its settings differ ({changed}); {FORCE}"
        if not self._newer(current):
            return f"{unproven}, and its data are not newer; {FORCE}"
        return ""

    def _newer(self, current: Version) -> bool:
        """Whether the candidate has other data than `current`, and not of an earlier span."""
        spans = (self.about.span, current.span)
        earlier = spans[0] is not None and spans[1] is not None and spans[0] < spans[1]
        return self.about.data_sha256 != current.data_sha256 and not earlier


def _labels_of(names: list[str]) -> str:
    return f"label{'s' if names[1:] else ''} {listed(names, SHOWN)}"


def _changed(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """The settings that differ, with their values; empty if none do. A setting that only one Refit knows is ignored."""
    names = [name for name, value in new.items() if old.get(name, value) != value]
    return listed([f"{name} {old[name]} → {new[name]}" for name in names], SHOWN, characters=100)
