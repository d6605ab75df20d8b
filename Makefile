# `make run` and `make test` need Python 3.11 or newer, make and git: they build
# .venv from the hashed requirement files and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WITHOUT_COMPILER := $(addprefix tests/test_,tiny_worlds.py equations.py twin_equations.py twin.py)
SCENARIO ?= scenarios/historical.yaml
# The tests start hundreds of processes; without bytecode each would compile the sources anew.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help run test check mutate coverage format calibration answers verify verify-quick methods bench bench-quick browser docs lock clean

help:  ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

run: $(VENV)/run.stamp  ## Simulate history 1:1 and print it beside the reported figures
	$(BIN)/bordersim run $(SCENARIO)

test: $(VENV)/test.stamp  ## Run the tests
	$(PYTEST)

docs: $(VENV)/docs.stamp  ## Build the documentation into build/site, every link checked; it needs no network
	$(BIN)/python docs/links.py
	rm -rf build/site
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -c docs/site -d build/doctrees . build/site
	$(BIN)/python docs/links.py build/site
	@echo 'open build/site/index.html'

browser:  ## Install Chromium and its driver, for the tests that look at reports
	sh tools/install_chromium.sh

check: $(VENV)/dev.stamp  ## Format, lint, types, import floors, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST)

mutate: $(VENV)/test.stamp  ## Plant faults in the kernels and see which tests notice
	$(BIN)/python -m verification.mutation

# Kernels are measured without the compiler, everything else with it.
coverage: $(VENV)/dev.stamp  ## Lines of the package that the tests run
	rm -rf build/coverage && mkdir -p build/coverage
	$(PYTEST) -q --cov --cov-report=
	NUMBA_DISABLE_JIT=1 $(PYTEST) -q --cov --cov-append \
	  --cov-report=term:skip-covered $(WITHOUT_COMPILER)

format: $(VENV)/dev.stamp  ## Rewrite the sources in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Hours at the first call; what is done stays in results/ and is not done again.
calibration: $(VENV)/test.stamp  ## Fit the model, keep draws and tables in calibration/, judge them
	$(BIN)/bordersim calibrate calibration/historical.yaml --alternatives --ship calibration
	$(BIN)/bordersim validate -o calibration/scorecard || test $$? = 1
	$(BIN)/python docs/notebooks/execute.py docs/notebooks/6-calibration.ipynb

# What is stored in results/ is not simulated again; all of it takes an hour and a half.
answers: $(VENV)/test.stamp  ## Attribute the fall, answer the questions, value further reports, into docs/
	$(BIN)/bordersim attribute scenarios/attribution/fall-2009-2015.yaml --figure docs/figures/fall-2009-2015.png
	$(BIN)/bordersim answers --page docs/answers.md
	$(BIN)/bordersim next-facts --page docs/next-facts.md

verify: $(VENV)/test.stamp  ## Ask whether the engine does what the model says, into verification/README.md
	$(BIN)/python -m verification

verify-quick: $(VENV)/test.stamp  ## The same in small samples, into build/verification
	$(BIN)/python -m verification --quick

methods: $(VENV)/test.stamp  ## Judge the methods of inference where the posterior is known
	$(BIN)/python -m verification.inference

bench: $(VENV)/run.stamp $(PEERS)/bench.stamp  ## Measure the engine beside its peers, into benchmarks/README.md
	$(BIN)/python -m benchmarks

bench-quick: $(VENV)/run.stamp $(PEERS)/bench.stamp  ## The same, small and once, into build/bench
	$(BIN)/python -m benchmarks --quick

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'bordersim needs Python 3.11 or newer; set PYTHON=...' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test.stamp: requirements/test.txt $(VENV)/run.stamp
	$(INSTALL) --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/test.stamp
	$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/docs.stamp: requirements/docs.txt $(VENV)/run.stamp
	$(INSTALL) --require-hashes -r requirements/docs.txt
	@touch $@

# The peers' pins must not disturb ours, nor ours theirs.
$(PEERS)/bench.stamp: requirements/bench.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

# Hashes pin what is installed; where it comes from is each machine's own affair,
# so lines that name a location are dropped.
lock: $(VENV)/dev.stamp  ## Resolve the requirement files anew
	for set in run test dev docs bench; do \
	  $(BIN)/pip-compile --quiet --strip-extras --generate-hashes --no-header --allow-unsafe \
	    --annotation-style=line --output-file requirements/$$set.txt requirements/$$set.in \
	  && sed -i.bak -e '/^--/d' requirements/$$set.txt && rm requirements/$$set.txt.bak || exit 1; \
	done

clean:  ## Remove the environment and everything built; results stay
	rm -rf $(VENV) $(PEERS) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests benchmarks verification -name __pycache__ -type d -prune -exec rm -rf {} +
