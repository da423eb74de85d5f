"""Packaging. `setup.py` states version ranges; `requirements.lock` pins the versions that the tests run with."""

import re
from pathlib import Path

from setuptools import find_packages, setup

PROJECT = Path(__file__).parent
NOTEBOOK = ["ipykernel>=6", "pandas>=2.2"]
"""docs/tutorials/notebook.ipynb needs a kernel and pandas; a run needs neither."""
GCS = ["obstore>=0.11"]
"""For pipeline roots at gs://. It has no dependency on protobuf, unlike Google's own libraries and gcsfs."""
S3 = [*GCS, "boto3>=1.35"]
"""For pipeline roots at s3://. boto3 finds credentials in profiles and single sign-on."""


def read_version() -> str:
    """Reads `__version__` from the text of pipeline/version.py: a build environment lacks what the package imports.

    Raises RuntimeError if the file has no such line.
    """
    path = PROJECT / "pipeline" / "version.py"
    found = re.search(r'^__version__ = "([^"]+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise RuntimeError(f'{path} has no line `__version__ = "X.Y.Z"`; add it')
    return found[1]


setup(
    name="refit",
    version=read_version(),
    description="Trains and retrains text classifiers in batches, and can explain and reproduce every result",
    long_description=(PROJECT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    packages=find_packages(include=["pipeline*", "schemas*", "components*"]),
    package_data={
        "pipeline": ["py.typed", "flink/local/pom.xml", "flink/local/jars.sha256"],
        "schemas": ["py.typed", "*.pbtxt", "artifacts/*.pbtxt"],
        "components": ["py.typed"],
        "components.report": [
            "templates/*.jinja",
            "templates/*.css",
            "templates/*.js",
            "templates/sections/*.jinja",
            "plotly/*.gz",
            "plotly/LICENSE",
        ],
    },
    py_modules=["run_local"],
    entry_points={"console_scripts": ["refit=run_local:console"]},
    # ml-metadata has no wheel for Python above 3.11; Keras 3.15 has none below 3.11.
    python_requires=">=3.11,<3.12",
    install_requires=[
        "absl-py>=1.4",
        "apache-beam>=2.77,<2.78",
        "charset-normalizer>=3.4",  # names the likely encoding of a file that is not UTF-8
        "google-crc32c>=1.5",  # TFRecord checksums
        "h5py>=3.11",  # reads weights from the .keras file to digest them
        "importlib_resources>=6",  # TFDS needs it but does not declare it
        "jinja2>=3.1",  # the report's templates; it escapes the text of documents
        "keras==3.15.1",  # exact: 3.15.0 changed what train_on_batch's metrics mean
        "ml-metadata>=1.17,<1.18",
        "msgspec>=0.19",  # the JSON contracts, declared once and checked on reading
        "numpy>=1.26,<2.2",
        "optuna>=5,<6",  # `tune` searches settings with it
        "packaging>=24",
        "prometheus-client>=0.21",  # `serve` publishes its measurements at /metrics
        "psutil>=5.9",
        "pyarrow>=14",  # counts words; Beam also needs it
        "rich>=13",
        "scikit-learn>=1.5",  # metrics per class; brings SciPy for significance tests
        "setuptools<82",  # TensorBoard 2.19 imports pkg_resources; setuptools 82 removed it
        "starlette>=0.45",  # the HTTP server of `serve`, with uvicorn
        "tensorflow>=2.19,<2.20",  # 2.19 is the newest that accepts protobuf 4; ml-metadata needs 4
        "tensorflow-datasets>=4.9.7",
        "tensorflow-metadata>=1.17,<1.21",  # 1.21 needs protobuf 5
        "uvicorn>=0.34",
    ],
    extras_require={
        "notebook": NOTEBOOK,
        "s3": S3,
        "gcs": GCS,
        "dev": [
            *NOTEBOOK,
            *S3,
            "flask-cors>=5",  # moto's server needs it, with Flask; its extra for the server needs 20 packages more
            "grimp>=3",  # the import graph; import-linter also needs it
            "hypothesis>=6",
            "import-linter>=2",
            "moto>=5.1",  # tests keep pipeline roots on its S3 server
            "mypy>=1.15",
            "nbclient>=0.10",
            "pexpect>=4.9",  # tests run the program in a terminal
            "plotly>=6",  # tests check every figure; the page has its own script
            "playwright>=1.50",  # tests open the report in an installed Chromium; no browser is downloaded
            "pytest>=8",
            "pytest-cov>=5",
            "pytest-timeout>=2",
            "pytest-xdist>=3",
            "regex>=2024.11.6",  # knows Unicode's scripts: tests compare the tokenizer with it
            "ruff>=0.9",
            "types-psutil",
            "types-protobuf<5",
        ],
    },
)
