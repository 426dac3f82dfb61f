.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format run bench bench-micro profile generate pictures lock clean vendors browser peers chaos security fuzz audit

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PEERS := bench/peers

help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## Make .venv with everything the other commands use.

$(INSTALLED): requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## Take some calls through the whole of Callspan on this machine and show what happens.
	@$(BIN)/python -m architect.demo

# Tests of the running service, some of which measure it.
UNDISTURBED := tests/system tests/security tests/chaos

test: lint browser $(if $(COMPLETE),vendors) ## Check the code, then run every test; with COMPLETE=1 none may be skipped.
	CALLSPAN_COMPLETE=$(COMPLETE) $(BIN)/pytest $(UNDISTURBED:%=--ignore=%) --numprocesses auto --dist loadfile --benchmark-disable
	CALLSPAN_COMPLETE=$(COMPLETE) $(BIN)/pytest $(UNDISTURBED)

# The clients of Genesys and Datadog, some 270 MB, which tests hold our documents against.
vendors: setup
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-vendors.txt

# Chromium for the tests of pages; where it cannot be installed they are skipped.
browser:
	@command -v chromium >/dev/null || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && \
	  apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
	  echo "chromium is not installed: tests of pages are skipped"

# What looks for weaknesses, and needs packages of its own.
security: setup
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-security.txt

fuzz: security ## Try ever new input on all that takes any, for FUZZ_SECONDS (600).
	@$(BIN)/python -m tests.fuzz

VULNERABILITIES := https://api.osv.dev

audit: security ## Ask OSV for known vulnerabilities of the locked dependencies; needs the network.
	@$(BIN)/python -c "import requests; requests.head('$(VULNERABILITIES)', timeout=10)" 2>/dev/null || \
	  { echo "make audit: $(VULNERABILITIES) cannot be reached, so nothing was audited"; exit 1; }
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --vulnerability-service osv \
	  --requirement requirements.txt --requirement requirements-dev.txt

lint: setup ## Check style and types, and the Dockerfile.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile

format: setup ## Format the code and mend what ruff can mend.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

run: setup ## Run the service on port 8000 of this machine; CALLSPAN_CLIENTS and CALLSPAN_JWT_KEYS must be set.
	GUNICORN_CMD_ARGS="--bind 127.0.0.1:$${PORT:-8000}" $(BIN)/$$(sed -n 's/^web: //p' Procfile)

bench: setup peers ## Measure what starting a call costs, beside other stacks, and how fast actions are linted.
	@$(BIN)/python -m bench --json bench/results.json --svg docs/images/bench.svg
	@$(BIN)/python -m bench.lint

bench-micro: setup ## Measure what the parts of a start cost by themselves.
	@$(BIN)/pytest bench/micro -q --benchmark-columns=min,median,iqr,ops --benchmark-disable-gc

profile: setup ## Show where the processor time of a start goes, by package and by function.
	@$(BIN)/python -m bench.self_time

# What Callspan is compared with; what cannot be installed is skipped.
peers:
	@test -e $(PEERS)/.venv/.installed -a ! $(PEERS)/requirements.txt -nt $(PEERS)/.venv/.installed || { \
	  $(PYTHON) -m venv $(PEERS)/.venv && \
	  $(PEERS)/.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $(PEERS)/requirements.txt && \
	  touch $(PEERS)/.venv/.installed; } || echo "FastAPI could not be installed: it is skipped"
	@test -e $(PEERS)/node_modules -a ! $(PEERS)/package-lock.json -nt $(PEERS)/node_modules || { \
	  command -v npm >/dev/null && npm ci --prefix $(PEERS) --silent --no-audit --no-fund && touch $(PEERS)/node_modules; \
	  } || echo "Fastify could not be installed: it is skipped"

chaos: setup ## Take calls while processes are killed, the agent is away and disks are full, and count what was lost.
	@$(BIN)/python -m tests.chaos

generate: setup ## Write again what is generated from the contracts and the settings.
	@$(BIN)/python -m schemas.openapi
	@$(BIN)/callspan export --base-url https://callspan.example.com --out architect/actions
	@$(BIN)/python -m app.docs README.md docs/contracts.md docs/metrics.md docs/attributes.md
	@$(BIN)/python -m architect.linter.documentation docs/data-actions.md
	@$(BIN)/python -m architect.runner.lint.documentation docs/flows.md
	@$(BIN)/callspan flow draw architect/flows/inbound-call.yaml --out docs/images/inbound-call.svg \
	  --substitute callspan_integration=Callspan --substitute queue_name=Sales
	@$(BIN)/python -m tests.terraform.documentation architect/terraform monitoring/terraform
	@$(BIN)/python -m architect.emulator.platform.documentation docs/platform.md
	@$(BIN)/python -m tests.chaos.report

pictures: setup browser ## Take the pictures in docs/images again, with Chromium.
	@$(BIN)/python -m tests.browser

COMPILE := $(BIN)/uv pip compile pyproject.toml --upgrade --quiet --universal --python-version 3.11 \
  --generate-hashes --no-annotate --custom-compile-command 'make lock'

lock: setup ## Write every requirements file again, with the newest versions that pyproject.toml allows.
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --extra emulator --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(COMPILE) --extra emulator --group dev --group vendors --constraint requirements-dev.txt --output-file requirements-vendors.txt
	$(COMPILE) --extra emulator --group dev --group security --constraint requirements-dev.txt --output-file requirements-security.txt
	$(subst pyproject.toml,,$(COMPILE)) --group pyproject.toml:bench --constraint requirements.txt --output-file $(PEERS)/requirements.txt
	command -v npm >/dev/null && cd $(PEERS) && npm update --package-lock-only --no-audit --no-fund

clean: ## Remove .venv and every cache.
	rm -rf $(VENV) $(PEERS)/.venv $(PEERS)/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis
