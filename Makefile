# make run   sets up what is missing and serves the demo firm on http://127.0.0.1:8000
# make test  sets up what tests need and runs them all
# make setup alone: .venv, the pages' scripts and styles, nothing else; all of it stays in .venv, node_modules and var
.POSIX:
.PHONY: help run setup test check faults lock clean
.DEFAULT_GOAL := help

PYTHON = python3
BIN = .venv/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

run: setup ## set up what is missing, then serve the demo firm, accounts printed
	@$(BIN)/cauce serve --demo

setup: .venv/ready ## .venv and the pages' scripts and styles
	@$(BIN)/python -m web.build

test: setup .venv/ready-for-tests ## set up, then every test
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -n 2 --durations=15 $(PYTEST)

check: .venv/ready-for-tests ## style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --config pyproject.toml

faults: setup .venv/ready-for-tests ## the long fault tests, then the table of what they found (PYTEST="-k …" for some)
	@mkdir -p var && rm -f var/figures.jsonl
	@CAUCE_FIGURES=var/figures.jsonl $(BIN)/python -m pytest tests/faults --long --durations=20 $(PYTEST); \
	  ended=$$?; $(BIN)/python -m tests.faults.figures var/figures.jsonl; exit $$ended

lock: ## write the lock files anew from pyproject.toml (needs uv)
	@for set in "" dev node cfdi; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    $${set:+--extra $$set} $${set:+--constraint requirements.lock} -o requirements$${set:+-$$set}.lock pyproject.toml > /dev/null; \
	done

clean: ## remove what set-up made; data in var/ stays
	@rm -rf .venv node_modules web/frontend/node_modules tests/e2e/node_modules var/static

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Cauce needs Python 3.11 or newer; name it: make PYTHON=/path/to/python3.12 …")'
	@test -x $(BIN)/python || { echo "Setting up Python packages (once, about a minute) …"; $(PYTHON) -m venv .venv; }
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --editable .
	@touch $@

.venv/ready-for-tests: .venv/ready requirements-dev.lock
	@echo "Setting up what the tests need …"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m tests.browser
	@touch $@
