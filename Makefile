# The commands of this repository. `make` alone lists them.
#
# Everything that is needed beside Rust and Python 3 is installed by the target that needs it, pinned, under .tools/.

PROFILE ?= dev
TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
BINARIES := $(abspath $(TARGET))/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
TOOLS := $(abspath $(if $(SECRETLINT_TOOLS),$(SECRETLINT_TOOLS),.tools))

.PHONY: help demo test lint docs plans bench build

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

demo: build ## the whole story on your machine: a bad plan refused, a good one applied, read, rotated, destroyed
	@tests/tools/install demo
	@TERRAFORM="$(TOOLS)/bin/terraform" BINARIES="$(BINARIES)" demo/run

build:
	@cargo build --locked --profile $(PROFILE) -p terraform-provider-secret -p secretlint --bins

test: ## everything that CI runs: format, clippy, all tests, the policies' own tests
	@tests/tools/test

lint: ## format, clippy, and licences and bans where cargo-deny is installed
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	@if command -v cargo-deny >/dev/null; then cargo deny --locked check; \
	else echo "cargo-deny is not installed: deny.toml was not checked (cargo install cargo-deny)"; fi

docs: ## write docs/ again, from the provider's schema and the rules' METADATA
	@tests/tools/docs

plans: ## record examples/rules/**/plan.json again, with real Terraform
	@tests/tools/install tests
	@cargo build --locked -p terraform-provider-secret -p secretlint -p secretlint-tests --bins
	@cargo run --locked --quiet -p secretlint-tests --bin record-plans

bench: ## the figures: start, sizes, memory, time of 1,000 secrets, the linter on small and huge plans
	@tests/tools/install tests
	@benches/run
