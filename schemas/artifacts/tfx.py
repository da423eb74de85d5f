"""What TFX's own tools need to read our artifacts: the properties that its types declare, and the layout's version."""

from pipeline.core.artifact import Artifact, Scalar

SPAN: dict[str, type[int] | type[str]] = {"span": int}
VERSION: dict[str, type[int] | type[str]] = {"version": int}
SPLIT_NAMES: dict[str, type[int] | type[str]] = {"split_names": str}
"""The properties that types of TFX 1.16 declare in ML Metadata. Refit does not set `version`."""

LAYOUT = "1.16.0"
"""The version of TFX whose file layout the artifacts have. Without it, TFX looks for the folders of 2020."""


class TfxArtifact(Artifact):
    """An artifact with TFX's type name and file layout. Also has the property `tfx_version`, the layout's version."""

    def described(self) -> dict[str, Scalar]:
        """Adds `tfx_version`."""
        return {**super().described(), "tfx_version": LAYOUT}
