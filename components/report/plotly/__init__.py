"""The script that draws the charts: plotly.js, unchanged, in the bundle `plotly.js-cartesian-dist-min` of npm."""

import base64
from pathlib import Path

VERSION = "4.1.1"

SHA256 = "79542150855a52c567260e3137095dbe2b744e6d702a5cabe67da246942fba7a"
"""Of `plotly-cartesian.min.js` in the package of this version."""

SCRIPT = Path(__file__).with_name(f"plotly-cartesian-{VERSION}.min.js.gz")
"""The script, compressed by gzip: 0.5 MB. The complete plotly.js would be 1.5 MB, most of it for maps and 3D."""


def packed_script() -> str:
    """The compressed script in base64. The page unpacks it."""
    return base64.b64encode(SCRIPT.read_bytes()).decode("ascii")
