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
	# A file of tests stays in one process, which has one core for itself. Files begin in the order of their names:
	# xdist's own begins with those of many tests, and ends with long ones of few while the other cores have nothing.
	OMP_NUM_THREADS=1 $(BIN)/pytest --ignore-glob='*/test_browser*' -n auto --dist loadfile --no-loadscope-reorder
	# Browsers, each with servers, come after, two at once: while one waits for its page, the other has its core.
	OMP_NUM_THREADS=1 $(BIN)/pytest tests/test_browser*.py -n 2 --dist loadfile --no-loadscope-reorder

bench: $(VENV)/installed-dev
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	$(BIN)/python bench/run.py
	$(BIN)/python bench/peers/run.py

# pip is upgraded first: the version that Python 3.11 brings fails on some of the dependencies.
$(VENV)/pip:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade pip
	touch $@

# Installing compiles the loops of a search, where there is a C compiler.
LOOPS := setup.py $(wildcard index/store/*.pyx)

$(VENV)/installed: $(VENV)/pip pyproject.toml constraints.txt $(LOOPS)
	$(PIP) install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/pip pyproject.toml constraints.txt $(LOOPS)
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) $(KB) build dist *.egg-info index/store/loops.c index/store/loops.*.so index/store/loops.*.pyd
