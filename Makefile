# Everything runs in a virtual environment of its own; `make` sets it up on first use.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO ?= demo-cohort
AUTHORS ?= .authors
export OMP_NUM_THREADS ?= 1

.PHONY: help demo test test-slow coverage test-authors check fix bench wheel clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/ -/'

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "mmfeat needs Python 3.11 or later; try: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY) ## a made-up cohort on disk, then extract, train and eval; prints the results
	@test -f $(DEMO)/mmfeat.yaml || $(BIN)/mmfeat demo $(DEMO)
	@$(BIN)/mmfeat run $(DEMO)/mmfeat.yaml; code=$$?; \
	  if [ $$code -eq 3 ]; then echo "(exit code 3: two of the cohort's scans are broken on purpose)"; else exit $$code; fi

TEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(if $(CI),--randomly-seed=1) --durations=25

test: $(READY) ## the test suite, but for what takes long
	$(TEST) -m "not slow"

test-slow: $(READY) ## the tests that take long: kills, full disks, real scans, whole runs
	$(TEST) -m slow

coverage: $(READY) ## the whole test suite, and which lines and branches it runs; takes a third longer
	$(TEST) --cov --cov-report=term:skip-covered

$(AUTHORS)/.ready: tests/authors/requirements.txt $(READY)
	rm -rf $(AUTHORS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(AUTHORS) --requirement $<
	@touch $@

test-authors: $(AUTHORS)/.ready ## the encoders against the authors' own packages
	MMFEAT_AUTHORS=$(AUTHORS) $(BIN)/python -m pytest --numprocesses 2 $(if $(CI),--randomly-seed=1) tests/authors

check: $(READY) ## formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

fix: $(READY) ## format, and mend what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) ## the benchmarks, one after the other
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

wheel: $(READY) ## build the wheel and the source distribution
	$(BIN)/python -m build

clean: ## remove the environment and what was built
	rm -rf $(VENV) $(AUTHORS) build dist *.egg-info
