# `make run` and `make test` set up what they need first; nothing but Python 3.11 has to be there.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# Two files of tests at a time: one may take a gigabyte.
TWO := -n 2 --dist loadfile

.PHONY: run test test-slow check format bench setup lock clean

run: setup
	$(BIN)/python run_local.py $(ARGS)

test: setup
	$(BIN)/python -m pytest $(TWO) -m "not slow" $(ARGS)

test-slow: setup
	$(BIN)/python -m pytest -m slow $(ARGS)

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

setup: $(VENV)/.ready

# Wheels are the same everywhere for a given hash, so one lock file serves every machine.
$(VENV)/.ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
	  echo "Refit needs Python 3.11, and $(PYTHON) is $$($(PYTHON) -V 2>&1 || echo missing): ml-metadata has no wheel above 3.11 and Keras 3.15 none below; install it, or name it with make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	@touch $@

# Needs uv; only for those who change setup.py.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra dev -o requirements.lock setup.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
