# Two commands set everything up on a fresh machine: `make run` and `make check`.
PYTHON ?= python3
VENV ?= .venv
KB ?= kb
PORT ?= 8501
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run check bench clean

run: $(VENV)/installed
	$(BIN)/policykb rebuild corpus/pages --kb $(KB)
	$(BIN)/policykb serve --kb $(KB) --port $(PORT) --open

check: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	# A file of tests stays in one process; browsers, each with a server, come after, one at a time.
	$(BIN)/pytest -m 'not browser' -n auto --dist loadfile
	$(BIN)/pytest -m browser

bench: $(VENV)/installed-dev
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	$(BIN)/python bench/run.py
	$(BIN)/python bench/peers/run.py

# pip is upgraded first: the version that Python 3.11 brings fails on some of the dependencies.
$(VENV)/pip:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade pip
	touch $@

$(VENV)/installed: $(VENV)/pip pyproject.toml constraints.txt
	$(PIP) install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/pip pyproject.toml constraints.txt
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) $(KB) build dist *.egg-info
