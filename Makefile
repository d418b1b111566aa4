# make run | test | check | fix | soak | kills | bench      (docs/architecture.md says what each part is)
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help run test check fix soak kills bench lock vendor clean browser promtool server

help:
	@echo "make run     set up and start Amana on http://127.0.0.1:8000"
	@echo "make test    all tests, as CI runs them"
	@echo "make check   style, types, rooms, and the flows themselves"
	@echo "make fix     format the code and mend what can be mended"
	@echo "make soak    the fault tests at full size (hours)"
	@echo "make kills   kill services of both stores 5,000 times, and print one table (half an hour)"
	@echo "make bench   measure the parts, the whole and the rivals (20 minutes), and print the tables"
	@echo "make vendor  build anew what pages take from others (needs node), and its sums"
	@echo "make lock    renew the locks from pyproject.toml"

# ── setting up: Python 3.11 and pip are enough, with or without ensurepip ──
$(VENV)/bin/python:
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Amana needs Python 3.11 or newer; $(PY) is older. Try: make run PY=python3.11"; exit 1; }
	@$(PY) -m venv $(VENV) 2>/dev/null || $(PY) -m venv --without-pip $(VENV) || { echo "Python cannot make a virtual environment. On Debian: apt-get install python3-venv"; exit 1; }

define install
	@echo "Setting up ($(1)) …"
	@if [ -x $(BIN)/pip ]; then $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(1); \
	else $(PY) -m pip --python $(BIN)/python install -q --disable-pip-version-check --require-hashes -r $(1); fi
	@if [ -x $(BIN)/pip ]; then $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	else $(PY) -m pip --python $(BIN)/python install -q --disable-pip-version-check --no-deps --no-build-isolation -e .; fi
endef

$(VENV)/.ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(call install,requirements.lock)
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(call install,requirements-dev.lock)
	@touch $@ $(VENV)/.ready

run: $(VENV)/.ready
	@$(BIN)/amana run

# ── proving ──
browser:
	@if ! command -v chromium >/dev/null 2>&1 && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "Installing Chromium for the browser tests …"; \
	  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-core) >/dev/null 2>&1 || true; fi
	@command -v chromium >/dev/null 2>&1 || echo "No Chromium here and no way to install it: the browser tests are skipped."

promtool:
	@if ! command -v promtool >/dev/null 2>&1 && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "Installing promtool for the tests of alerts …"; \
	  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus) >/dev/null 2>&1 || true; fi
	@command -v promtool >/dev/null 2>&1 || echo "No promtool here and no way to install it: the tests of alerts are skipped."

server:
	@if ! command -v redis-server >/dev/null 2>&1 && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "Installing Redis for the tests of the store …"; \
	  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server) >/dev/null 2>&1 || true; fi
	@command -v redis-server >/dev/null 2>&1 || echo "No Redis here and no way to install it: the tests use the Valkey of the development tools."

check: $(VENV)/.ready-dev
	@$(BIN)/ruff check bot tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/amana check --on 2026-11-23

test: check browser promtool server
	@$(BIN)/amana test
	@$(BIN)/python -m pytest -n 2 -m "not soak" || { code=$$?; [ $$code = 1 ] || exit $$code; \
	  if grep -qE '"tests/faults/test_(kills|keys|stop|routing|notices|canary|erase|answers)' .pytest_cache/v/cache/lastfailed; then echo "A test of faults failed: a loss that is seen once is a loss."; exit 1; fi; \
	  echo "── once more, one at a time: what fails again is broken; what passes now was hurried, and wants mending too ──"; \
	  $(BIN)/python -m pytest -v --last-failed --last-failed-no-failures none -m "not soak"; }

fix: $(VENV)/.ready-dev
	@$(BIN)/ruff check --fix -q bot tests || true
	@$(BIN)/ruff format -q bot tests

soak: $(VENV)/.ready-dev
	@AMANA_SOAK=1 $(BIN)/python -m pytest -m "soak or kill" --timeout 36000

KILLS ?= 5000
kills: $(VENV)/.ready-dev
	@$(BIN)/python -m tests.faults.kills $(KILLS)

bench: $(VENV)/.ready-dev
	@$(BIN)/python -m tests.bench.all

lock: $(VENV)/.ready-dev
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --group build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --group build --group dev pyproject.toml -o requirements-dev.lock

VENDOR := bot/web/static/vendor
vendor:
	@rm -rf var/vendor && mkdir -p var/vendor && cp $(VENDOR)/*.mjs $(VENDOR)/package.json $(VENDOR)/package-lock.json $(VENDOR)/.npmrc var/vendor
	@cd var/vendor && npm ci --ignore-scripts --no-audit --no-fund --silent && node build.mjs
	@cd var/vendor && cp codemirror.js dagre.js LICENCES.txt SHA256SUMS $(CURDIR)/$(VENDOR)

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
