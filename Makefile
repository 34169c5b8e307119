# make tour: install into .venv and run the tour.   make test: the same, with the test tools, and run the tests.
# Every path here is relative, so that a clone may lie in a folder with a space in its name.

PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet

.PHONY: help tour test test-slow check clean frontend frontend-checked frontend-fresh

help:
	@echo "make tour       install neurarium into .venv and run the tour: leaves tour/tour.html"
	@echo "make test       install with the test tools and run the test suite"
	@echo "make test-slow  run the founding results that take minutes"
	@echo "make check      format, lint, types and the house's rules of who may import whom"
	@echo "make frontend   check, test and build the page's script and style; needs Node, which nothing else does"
	@echo "make clean      remove .venv and what was built"

tour: .venv/installed
	@echo "==> running the tour; the page will be tour/tour.html"
	$(PY) -m neurarium tour

test: .venv/installed-for-tests
	@echo "==> running the tests"
	$(PY) -m pytest -q -n 2 --dist worksteal

test-slow: .venv/installed-for-tests
	@echo "==> running the founding results that take minutes"
	$(PY) -m pytest -q -m slow

check: .venv/installed-for-tests
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -c "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"

# The page's script is built from frontend/ and committed, so that who uses or changes Python alone needs no Node.
NPM := npm --prefix frontend --no-update-notifier --loglevel=error
STATIC := src/neurarium/page/static

frontend: frontend-checked
	@echo "==> building $(STATIC)/page.js, page.css and chart.js"
	$(NPM) run build -- --logLevel warn
	$(NPM) run build:chart -- --logLevel warn

frontend-checked: frontend/node_modules/installed
	@echo "==> types and tests of the page's script"
	@! grep -n '"resolved"' frontend/package-lock.json || { echo "frontend/package-lock.json names a host; frontend/.npmrc says how it is written without"; false; }
	$(NPM) run check
	$(NPM) test

# What is committed must be what the sources give, byte for byte.
frontend-fresh: frontend-checked
	@echo "==> whether the committed page.js, page.css and chart.js are those of frontend/"
	@built=$$(mktemp -d) && trap 'rm -rf "$$built"' EXIT && \
	$(NPM) run build -- --outDir "$$built" --logLevel warn && \
	$(NPM) run build:chart -- --outDir "$$built" --logLevel warn && \
	for file in page.js page.css chart.js; do \
		cmp "$$built/$$file" "$(STATIC)/$$file" || \
			{ echo "$(STATIC)/$$file is not what frontend/ gives: run make frontend, and commit it"; exit 1; }; \
	done

frontend/node_modules/installed: frontend/package.json frontend/package-lock.json frontend/.npmrc
	@echo "==> installing the page's tools"
	$(NPM) ci
	@touch $@

.venv/made:
	@echo "==> making the environment .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "neurarium needs Python 3.11 or newer; name one: make tour PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	@touch $@

# torch comes first and alone: where a CPU build is on offer under this version, it is the one taken.
.venv/locked: .venv/made requirements.lock
	@echo "==> installing the locked set; torch is large, the rest is small"
	$(PIP) install "$$(grep '^torch==' requirements.lock)"
	$(PIP) install -r requirements.lock
	@touch $@

.venv/installed: .venv/locked pyproject.toml hatch_build.py
	@echo "==> installing neurarium"
	$(PIP) install --no-deps --editable .
	@touch $@

.venv/installed-for-tests: .venv/installed requirements-dev.lock
	@echo "==> installing the test tools"
	$(PIP) install -r requirements-dev.lock
	@touch $@

clean:
	rm -rf .venv build dist tour src/neurarium/__init__.pyi
