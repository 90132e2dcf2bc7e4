# The two commands of the README: `make release` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: release test lint lock clean

release: .venv/done
	$(BIN)/python -m scripts build

test: .venv/done
	$(BIN)/python -m pytest

lint: .venv/done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The environment, made anew whenever the lock file or the project's metadata change.
.venv/done: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Renews the lock file; needs uv.
lock:
	uv pip compile pyproject.toml --group dev --extra all --universal --python-version 3.11 --generate-hashes --no-header --quiet --upgrade --output-file requirements.lock

clean:
	rm -rf .venv dist
