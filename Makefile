# Every target that runs Python installs the locked packages into .venv first. It needs only Python 3.11.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# Run two test files at a time. Each can use a gigabyte of memory.
TWO := -n 2 --dist loadfile

.PHONY: run test test-slow coverage check format bench docs cluster cluster-down setup lock clean

run: setup
	$(BIN)/python run_local.py $(ARGS)

test: setup
	$(BIN)/python -m pytest $(TWO) -m "not slow" $(ARGS)

# A slow test may take longer than the 300 seconds that pyproject.toml allows.
test-slow: setup
	$(BIN)/python -m pytest -m slow -o timeout=1800 $(ARGS)

# Measures the fast tests, subprocesses included. pyproject.toml sets the lowest coverage that passes.
coverage: setup
	$(BIN)/python -m pytest $(TWO) -m "not slow" --cov --cov-report=term $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(TWO) -m "not slow"

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup
	$(BIN)/python -m benchmarks $(ARGS)

# Writes the generated pages of docs/ again. Run it after you change a flag or a setting.
docs: setup
	$(BIN)/python -m tests.support.generated_docs

# What a run imports.
SOURCES := run_local.py pipeline schemas components

# Compiles also if PYTHONDONTWRITEBYTECODE is set, as containers have it. Otherwise each run would compile what it imports.
COMPILING := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python

# A Flink cluster on this machine, for --cluster=flink. It needs Java 17, and Maven the first time.
cluster: setup
	$(BIN)/python run_local.py cluster up $(ARGS)

cluster-down: setup
	$(BIN)/python run_local.py cluster down $(ARGS)

setup: $(VENV)/.ready
	@$(COMPILING) -m compileall -q $(SOURCES)
	@$(COMPILING) -m pipeline.caching.parsed_source $(SOURCES)

# The lock file pins each wheel by its hash, for every platform. make installs again when the file changes.
$(VENV)/.ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
	  echo "Refit needs Python 3.11, and $(PYTHON) is $$($(PYTHON) -V 2>&1 || echo missing): ml-metadata has no wheel above 3.11 and Keras 3.15 none below. Install Python 3.11, or run make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	@$(COMPILING) -c 'import apache_beam, ml_metadata, optuna, rich.live, rich.table, sklearn.svm, tensorboard, tensorflow, tensorflow_datasets' 2>/dev/null
	@touch $@

# Run it after you change the requirements in setup.py. It needs uv, and keeps the pins that still fit.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra dev -o requirements.lock setup.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .grimp_cache .coverage .coverage.* htmlcov build dist
