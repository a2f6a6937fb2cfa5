# Two commands: `make demo` and `make test`. Everything lives in .venv and in the data home.
PYTHON ?= python3
HOME_DIR := $(or $(MEDIA_ASSETS_HOME),$(CURDIR)/data)
BIN := .venv/bin
UV := $(BIN)/uv pip
INSTALL := $(UV) install --quiet --compile-bytecode --require-hashes --no-deps
SELF := $(UV) install --quiet --no-deps --editable .

.PHONY: demo test lint ui bench lock show clean

demo: .venv/core  ## run the main job on the mini show
	$(BIN)/media-assets --home $(HOME_DIR) add media_assets/demo/show --show media_assets/demo/show/knowledge
	$(BIN)/media-assets --home $(HOME_DIR) run

test: .venv/all  ## everything, with all extras
	$(BIN)/python -m pytest

lint: .venv/dev  ## style, banned imports, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

ui: .venv/core  ## Dagster on localhost:3000
	MEDIA_ASSETS_HOME=$(HOME_DIR) MEDIA_ASSETS_DAGSTER=$(HOME_DIR)/dagster DAGSTER_HOME=$(CURDIR) \
		sh -c 'mkdir -p "$$MEDIA_ASSETS_DAGSTER" && exec $(BIN)/dagster dev -w workspace.yaml --host 127.0.0.1'

bench: .venv/all  ## the figures the README quotes
	$(BIN)/python -m benchmarks

lock: .venv/bin/uv  ## pin everything again, hashed, without index addresses
	$(UV) compile --quiet pyproject.toml --all-extras --universal --generate-hashes --no-emit-index-url \
		--no-strip-extras --no-header -p 3.11 -o requirements.lock
	cp requirements.lock requirements-core.lock
	$(UV) compile --quiet pyproject.toml --universal --generate-hashes --no-emit-index-url \
		--no-strip-extras --no-header -p 3.11 -o requirements-core.lock
	cp requirements.lock requirements-dev.lock
	$(UV) compile --quiet pyproject.toml --extra dev --universal --generate-hashes --no-emit-index-url \
		--no-strip-extras --no-header -p 3.11 -o requirements-dev.lock

clean:
	rm -rf .venv data

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

.venv/core: .venv/bin/uv requirements-core.lock
	$(INSTALL) -r requirements-core.lock
	$(SELF)
	touch $@

.venv/dev: .venv/core requirements-dev.lock
	$(INSTALL) -r requirements-dev.lock
	touch $@

.venv/all: .venv/dev requirements.lock
	$(INSTALL) -r requirements.lock
	touch $@
