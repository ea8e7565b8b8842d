# Everything runs in a virtual environment of its own; `make` sets it up on first use.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO ?= demo-cohort
AUTHORS ?= .authors
TOOLS ?= .tools
export OMP_NUM_THREADS ?= 1

.PHONY: help demo test test-slow test-soak coverage test-authors check fix bench docs wheel dependencies licences audit sbom release-check clean

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

# Bytecode is kept even where the environment says not to: each of the many processes that tests start
# would compile all of mmfeat, and every run all the tests.
TEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(if $(CI),--randomly-seed=1) --durations=25

test: $(READY) ## the test suite, but for what takes long
	$(TEST) -m "not slow"

test-slow: $(READY) ## the tests that take long: kills, full disks, real scans, whole runs
	$(TEST) -m slow

test-soak: $(READY) ## 20 minutes of kills, damage and changes, from another seed each time; MMFEAT_SOAK_MINUTES, MMFEAT_SOAK_SEED
	MMFEAT_SOAK_MINUTES=$${MMFEAT_SOAK_MINUTES:-20} $(BIN)/python -m pytest -p no:randomly tests/soak

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

bench: $(READY) ## the benchmarks of all stages in one table, docs/performance.md; on a machine that does nothing else
	$(BIN)/python benchmarks/everything.py

docs: $(READY) ## the documentation as a website, in docs/_build/html
	$(BIN)/python docs/write_commands.py
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -c docs -d docs/_build/doctrees . docs/_build/html
	@echo "docs/_build/html/index.html"

wheel: $(READY) ## build the wheel and the source distribution; the same commit gives the same bytes
	$(BIN)/python -m release.build

dependencies: $(READY) ## docs/dependencies.md again: why, licence and size of each, and what starting takes
	$(BIN)/python -m release.page

licences: $(READY) ## refuse copyleft in what mmfeat imports
	$(BIN)/python -m release.licences

$(TOOLS)/.ready: release/requirements.txt $(READY)
	rm -rf $(TOOLS)
	$(BIN)/python -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

audit: $(READY) ## known vulnerabilities of what mmfeat needs, where the database can be reached
	@$(MAKE) --no-print-directory --silent $(TOOLS)/.ready \
	  || { echo "audit: not done, pip-audit cannot be installed here"; exit 0; }; \
	  $(BIN)/python -m release.audit $(TOOLS)/bin/pip-audit

sbom: $(READY) ## a bill of materials (CycloneDX) of what mmfeat needs, in dist/
	$(BIN)/python -m release.bill

release-check: $(READY) ## the wheel in an empty environment, and the demo outside the checkout; ten minutes
	$(BIN)/python -m release.check

clean: ## remove the environment and what was built
	rm -rf $(VENV) $(AUTHORS) $(TOOLS) build dist docs/_build *.egg-info
