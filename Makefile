# What a person types. No uv, Node.js, Docker, PostgreSQL or Redis is needed: Python 3.11 or newer and make are enough.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install assets demo run test check lint types graph messages lock bench clean check-deploy

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

bootstrap-%:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed."; exit 1; }
	@$(PYTHON) -m crm.bootstrap $*

install: bootstrap-dev ## the virtual environment with everything for development, assets, translations
assets: bootstrap-demo ## fetch and build the assets

demo: bootstrap-demo ## the demo firm in your browser: one command, Ctrl-C stops all of it
	@exec $(BIN)/python -m crm.supervisor demo

run: bootstrap-demo ## the same without demo data; asks for the first administrator
	@exec $(BIN)/python -m crm.supervisor run

test: bootstrap-dev ## the suite
	@$(BIN)/pytest -n 2 --dist worksteal -m "not slow and not deploy"

check: bootstrap-dev ## everything else: lint, types, contracts, migrations, translations, longer tests, deployment
	@$(BIN)/python -m tests.check

check-deploy: bootstrap-dev ## every service of docker-compose.yml as a process, behind Caddy, and a journey through it
	@$(BIN)/pytest tests/deploy -m deploy

lint: bootstrap-dev ## ruff, import contracts, templates
	@$(BIN)/python -m tests.check lint

types: bootstrap-dev ## mypy
	@$(BIN)/python -m tests.check types

graph: bootstrap-demo ## draw where a lead can be, from the code, into docs/
	@$(MANAGE) graph

messages: bootstrap-demo ## collect the strings to translate (needs gettext)
	@$(MANAGE) makemessages --all --no-location --no-wrap --ignore node_modules --ignore build --ignore .venv --ignore tests
	@$(MANAGE) build

bench: bootstrap-dev ## measure: how fast, beside a baseline of the same run (docs/measurements.md)
	@$(BIN)/python -m bench

lock: bootstrap-dev ## lock the versions of pyproject.toml with hashes
	@$(BIN)/python -m crm.lock

clean: ## throw away environment, assets and data
	@test ! -x $(BIN)/python || $(BIN)/python -m crm.embedded clean
	@rm -rf .venv node_modules build var .bootstrap.lock
