"""Packaging: the ranges that Refit works in. `requirements.lock` pins the set that it is tested with."""

from pathlib import Path

from setuptools import find_packages, setup

NOTEBOOK = ["ipykernel>=6", "pandas>=2.2"]
"""What docs/notebook.ipynb needs beyond a run: a kernel, and tables to look at artifacts in."""

setup(
    name="refit",
    version="0.1.0",
    description="Trains and retrains text classifiers in batches, and can explain and reproduce every result",
    long_description=(Path(__file__).parent / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    packages=find_packages(include=["pipeline*", "schemas*", "components*"]),
    package_data={
        "schemas": ["*.pbtxt"],
        "components.report": ["templates/*.jinja", "templates/*.css", "templates/*.js", "templates/sections/*.jinja"],
    },
    py_modules=["run_local"],
    # ml-metadata has no wheel above 3.11, Keras 3.15 none below.
    python_requires=">=3.11,<3.12",
    install_requires=[
        "absl-py>=1.4",
        "apache-beam>=2.77,<2.78",
        "google-crc32c>=1.5",  # TFRecord checksums
        "h5py>=3.11",  # weights are digested from the .keras file
        "importlib_resources>=6",  # TFDS needs it and does not say so
        "jinja2>=3.1",  # the report's template, which escapes what documents say
        "keras==3.15.1",  # exactly: train_on_batch's metrics changed meaning at 3.15.0
        "ml-metadata>=1.17,<1.18",
        "msgspec>=0.19",  # the JSON contracts, declared once and checked on reading
        "numpy>=1.26,<2.2",
        "packaging>=24",
        "plotly>=6",  # the report's charts, its script inside the file
        "psutil>=5.9",
        "pyarrow>=14",  # counts words; Beam brings it
        "rich>=13",
        "scikit-learn>=1.5",  # metrics by class, and SciPy with it for tests of significance
        "setuptools<82",  # TensorBoard 2.19 imports pkg_resources, which 82 dropped
        "tensorflow>=2.19,<2.20",  # the newest that takes protobuf 4, which ml-metadata holds
        "tensorflow-datasets>=4.9.7",
        "tensorflow-metadata>=1.17,<1.21",  # 1.21 needs protobuf 5
    ],
    extras_require={
        "notebook": NOTEBOOK,
        "dev": [
            *NOTEBOOK,
            "grimp>=3",  # the import graph; import-linter brings it
            "hypothesis>=6",
            "import-linter>=2",
            "mypy>=1.15",
            "nbclient>=0.10",
            "pexpect>=4.9",  # a terminal to look at in tests
            "playwright>=1.50",  # drives Debian's Chromium; downloads no browser of its own
            "pytest>=8",
            "pytest-cov>=5",
            "pytest-timeout>=2",
            "pytest-xdist>=3",
            "ruff>=0.9",
            "types-psutil",
            "types-protobuf<5",
        ],
    },
)
