# Everything sets itself up: Python 3.11+ and make are all a machine needs (and apt, for the browser tests).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help run test check demo bench chaos fresh

help:  ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cần Python 3.11 trở lên (PYTHON=...) / Python 3.11 or newer is needed"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Đang cài đặt, khoảng một phút / installing, about a minute …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

run: $(STAMP)  ## everything on this machine, seeded with the demonstration province
	@$(BIN)/lienthong up

test: $(STAMP)  ## all checks
	@sh tests/browser.sh
	@$(MAKE) --no-print-directory check
	@$(BIN)/python tests/side_by_side.py

check: $(STAMP)  ## style, types, import contracts; no services needed
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

demo: $(STAMP)  ## a working day played without a browser, then verified
	@$(BIN)/lienthong demo

bench: $(STAMP)  ## speed as ratios, in one run; FULL=1: legal time with a million dossiers
	@$(BIN)/python -m bench

chaos: $(STAMP)  ## kill every part in turn under load, longer than the tests do
	@$(BIN)/python -m pytest tests/chaos --chaos=long

fresh:  ## forget the installation (not the data)
	rm -rf $(VENV)
