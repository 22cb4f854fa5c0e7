# Every command for a checkout. Missing tools are installed without asking.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

export CARGO_TARGET_DIR ?= $(HOME)/.cache/understudy/target
# Debian installs nginx in a folder that is only in root's PATH.
export PATH := $(PATH):/usr/sbin
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

STAMPS := $(CARGO_TARGET_DIR)/stamps
SITE := $(CARGO_TARGET_DIR)/site
UNDERSTUDY := $(CARGO_TARGET_DIR)/release/understudy
WASM := wasm32-unknown-unknown
NODE_MODULES := end2end/node_modules/.package-lock.json
VENV := end2end/sdk/.venv

.NOTPARALLEL:
.PHONY: help run build test test-rust test-sdk test-browser builders soak bench check clean

help: ## Lists these commands.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

run: build ## Builds a release and serves it on http://127.0.0.1:3000, with the emulator in place of Azure (ARGS are passed on).
	@UNDERSTUDY_SITE="$(SITE)" exec "$(UNDERSTUDY)" serve $(ARGS)

build: $(STAMPS)/wasm ## Builds the release: the bundle for the browser and the server.
	@cargo bundle --release
	@cargo build --quiet --release --package server --bin understudy

test: test-rust test-sdk test-browser ## Runs every test: Rust, the Azure SDK for Python, and browsers.

# One build for the whole workspace, so that app is compiled with the features that the server needs. More threads than
# cores, because half of the time of most tests is waiting.
test-rust: export RUST_TEST_THREADS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 3 / 2 )))
test-rust: $(STAMPS)/postgresql
	@cargo test --quiet --workspace --no-fail-fast

test-sdk: build $(VENV)/installed
	@cd end2end/sdk && UNDERSTUDY_BIN="$(UNDERSTUDY)" .venv/bin/python -m pytest

test-browser: build $(STAMPS)/chromium $(NODE_MODULES)
	@cd end2end && UNDERSTUDY="$(UNDERSTUDY)" UNDERSTUDY_SITE="$(SITE)" npx playwright test

# Tests that need these packages are skipped without them.
builders: $(STAMPS)/builders ## Installs buildah, busybox-static and skopeo, so that the tests of container images are not skipped.

soak: $(STAMPS)/postgresql ## Kills, pauses and cuts off consoles and fills their disks for about twenty minutes, and prints how often they survived; SOAK_ROUNDS changes its length.
	@cargo test --quiet --workspace --test it -- --ignored --nocapture soak_

bench: build $(STAMPS)/chromium $(STAMPS)/bench-tools $(NODE_MODULES) ## Prints one table of measurements, compared with nginx; then runs the criterion benchmarks.
	@cargo build --quiet --release --package dataplane --bins
	@UNDERSTUDY="$(UNDERSTUDY)" UNDERSTUDY_SITE="$(SITE)" node end2end/bench/main.mjs $(ARGS)
	@cargo run --quiet --release --package load --example bench_load
	@cargo bench --quiet --workspace --bench '*'

check: $(STAMPS)/wasm ## Checks format and lints, for the server and for the browser.
	@cargo fmt --all --check
	@cargo test --quiet --package house
	@cargo clippy --quiet --workspace --all-targets -- -D warnings
	@cargo clippy --quiet -p app --lib --features hydrate --target $(WASM) -- -D warnings

clean: ## Removes everything that was built and installed here, but not the console's data.
	@cargo clean --quiet
	@rm -rf end2end/node_modules end2end/test-results end2end/playwright-report $(VENV)

# Prerequisites of the commands above.

APT := $(if $(filter 0,$(shell id -u)),,sudo )env DEBIAN_FRONTEND=noninteractive apt-get

# apt(packages): installs Debian packages, or prints the command to run as root.
define apt
	echo "installing $(1)"; \
	log=$$(mktemp); \
	if ! { $(APT) update -qq && $(APT) install -qq -y --no-install-recommends $(1); } > "$$log" 2>&1; then \
		tail -n 20 "$$log" >&2; \
		echo "make: cannot install it; as root, run: apt-get install $(1)" >&2; exit 1; \
	fi; \
	rm -f "$$log"
endef

$(STAMPS)/wasm:
	@if ! ls "$$(rustc --print sysroot)/lib/rustlib/$(WASM)/lib/"libstd-* > /dev/null 2>&1; then \
		echo "adding the compiler's target $(WASM)"; \
		rustup --quiet target add $(WASM) || { \
			echo "make: install the Rust target $(WASM): rustup target add $(WASM)" >&2; exit 1; }; \
	fi
	@mkdir -p $(@D) && touch $@

$(STAMPS)/chromium:
	@if ! test -x /usr/bin/chromium; then $(call apt,chromium); fi
	@mkdir -p $(@D) && touch $@

$(STAMPS)/postgresql:
	@if ! ls /usr/lib/postgresql/*/bin/postgres > /dev/null 2>&1; then $(call apt,postgresql); fi
	@mkdir -p $(@D) && touch $@

$(STAMPS)/builders:
	@if ! { command -v buildah && command -v skopeo && test -x /bin/busybox; } > /dev/null; then \
		$(call apt,buildah busybox-static skopeo); fi
	@mkdir -p $(@D) && touch $@

$(STAMPS)/bench-tools:
	@if ! { command -v wrk && command -v nginx; } > /dev/null; then $(call apt,wrk nginx-light); fi
	@mkdir -p $(@D) && touch $@

$(NODE_MODULES): end2end/package.json end2end/package-lock.json
	@command -v npm > /dev/null || { echo "make: install Node.js 20 or newer with npm" >&2; exit 1; }
	@echo "installing npm packages"
	@cd end2end && npm ci --silent --no-audit --no-fund
	@touch $@

$(VENV)/installed: end2end/sdk/requirements.txt
	@if ! python3 -c 'import ensurepip, venv' 2> /dev/null; then $(call apt,python3-venv); fi
	@echo "installing Python packages"
	@rm -rf $(VENV)
	@python3 -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
