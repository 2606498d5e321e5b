# SupportDesk by email: what one does in this repository, one word each.
# Python 3.11 or newer, git and make are enough; everything else goes into .venv and nothing needs root.

PYTHON ?= python3
ARGS ?=
CORPUS ?=

# Paths are relative, so a checkout may lie in a folder with spaces in its name.
BIN := .venv/bin
UV := $(BIN)/uv
# Compiled once here: where the environment forbids Python to do so itself, each start would take seconds longer.
INSTALL := $(UV) pip install --quiet --compile-bytecode --python $(BIN)/python
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

# The Python that runs make is the Python that is used; uv fetches none.
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV PYTHONHOME

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check prisma robust chaos bench scores pictures lock clean

help: ## Show this list.
	@echo 'SupportDesk by email. Say `make` and one of:'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r word text; do printf '  %-8s %s\n' "$$word" "$$text"; done
	@echo 'Another Python: make demo PYTHON=python3.12'

demo: .venv/demo.stamp ## Try the whole desk on this machine; ARGS="--help" shows what it can do.
	$(BIN)/supportdesk demo $(ARGS)

test: .venv/dev.stamp ## Run the tests; ARGS="tests/unit -k reply" runs some of them.
	$(BIN)/python -m pytest -n 3 --dist loadfile $(ARGS)

check: .venv/dev.stamp ## Run the linter, the formatter's check, the type checker and the room rules.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

prisma: .venv/prisma/stamp ## Run the tests beside the web application's own Prisma; needs Node.js.
	$(BIN)/python -m pytest -n 2 --dist loadfile $(or $(ARGS),tests/prisma)

robust: .venv/dev.stamp ## Feed a folder of mails to the whole path: make robust CORPUS=FOLDER.
	@test -n '$(CORPUS)' || { echo 'Name the folder or mbox file to read: make robust CORPUS=FOLDER' >&2; exit 2; }
	$(BIN)/python -m bench.robust '$(CORPUS)' $(ARGS)

chaos: .venv/dev.stamp ## Kill and cut everything for five minutes, then count; ARGS="--seed 7".
	$(BIN)/python -m bench.chaos $(ARGS)

bench: .venv/dev.stamp ## Measure how fast it is, beside floors; ARGS="--only latency" runs one part.
	$(BIN)/python -m bench.speed $(ARGS)

scores: .venv/dev.stamp ## Measure how well mail is read: make scores CORPUS=FOLDER; without one on generated mails.
	$(BIN)/python -m bench.scores $(if $(CORPUS),'$(CORPUS)') $(ARGS)

pictures: .venv/dev.stamp ## Take a picture of every mail into docs/, and name what reads badly; needs chromium.
	$(BIN)/python -m bench.pictures $(ARGS)

lock: .venv/uv.stamp ## Resolve requirements/*.txt again; ARGS="--upgrade" takes newer versions.
	$(COMPILE) $(ARGS) --extra demo --extra studio --group dev --output-file requirements/dev.txt pyproject.toml
	$(COMPILE) --constraints requirements/dev.txt --extra demo --output-file requirements/demo.txt pyproject.toml
	$(COMPILE) --constraints requirements/dev.txt --extra studio --output-file requirements/studio.txt pyproject.toml
	$(COMPILE) --constraints requirements/dev.txt --output-file requirements/run.txt pyproject.toml

clean: ## Remove .venv and all caches; the demo's data is not touched.
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than its lock as long as what the lock says is installed.
.venv/%.stamp: requirements/%.txt pyproject.toml .venv/uv.stamp
	$(INSTALL) --require-hashes -r $<
	$(INSTALL) --no-deps --build-constraints requirements/dev.txt --editable .
	@touch $@

# The web application's half of tests/prisma, with the packages that it names.
.venv/prisma/stamp: .venv/dev.stamp $(wildcard tests/prisma/*.json tests/prisma/*.mjs tests/prisma/*.prisma)
	@node --version >/dev/null 2>&1 && npm --version >/dev/null 2>&1 || { \
	  echo 'make prisma needs Node.js 18.18 or newer with npm; on Debian and Ubuntu install the packages nodejs and npm.' >&2; exit 1; }
	mkdir -p .venv/prisma
	cp tests/prisma/*.json tests/prisma/*.mjs tests/prisma/*.prisma .venv/prisma
	cd .venv/prisma && npm install --no-package-lock --ignore-scripts --legacy-peer-deps --no-audit --no-fund --loglevel=error
	cd .venv/prisma && DATABASE_URL=postgresql://nobody@localhost/none CHECKPOINT_DISABLE=1 PRISMA_HIDE_UPDATE_MESSAGE=1 \
	  node node_modules/prisma/build/index.js generate --config prisma.config.mjs >/dev/null
	@touch $@

# Of the lock's lines, those of uv itself: the rest is uv's to install.
.venv/uv.stamp: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'SupportDesk needs Python 3.11 or newer, and `$(PYTHON)` is not: name one, as in make PYTHON=python3.12' >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo 'This Python cannot make virtual environments; on Debian and Ubuntu the package python3-venv is missing.' >&2; exit 1; }
	@sed -n '/^uv==/,/[^\\]$$/p' requirements/dev.txt > .venv/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.txt
	@touch $@
