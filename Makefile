# The two commands of the README: `make release` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
PIP := -m pip install --quiet --disable-pip-version-check
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet --upgrade

.PHONY: release test lint audit lock clean

release: .venv/done
	$(BIN)/python -m scripts build

test: .venv/done .opinions/done
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: .venv/done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Licences and known vulnerabilities of all that is locked; asks osv.dev.
audit: .venv/done .opinions/done .invenio/done
	.opinions/bin/python -m scripts.audit requirements.lock=.venv \
		requirements-opinions.lock=.opinions requirements-invenio.lock=.invenio

# The environment, made anew whenever the lock file or the project's metadata change.
.venv/done: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python $(PIP) --require-hashes -r requirements.lock
	$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# Environments for the tests alone: other people's readers and validators (`opinions`), and the
# metadata schema that Zenodo runs (`invenio`, half a gigabyte: its test says so where it is absent).
.opinions/done .invenio/done: .%/done: requirements-%.lock
	$(PYTHON) -m venv --clear .$*
	.$*/bin/python $(PIP) --require-hashes -r $<
	@touch $@

# Renews the lock files; needs uv.
lock:
	$(LOCK) pyproject.toml --group dev --extra all --output-file requirements.lock
	$(LOCK) --group opinions --output-file requirements-opinions.lock
	$(LOCK) --group invenio --output-file requirements-invenio.lock

clean:
	rm -rf .venv .opinions .invenio dist
