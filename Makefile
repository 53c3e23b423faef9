# Borealis: `make run` for the main job, `make test` for the tests. Both install what is missing.

SCENARIO ?= Scenarios/failover/az-outage.yaml
SEED ?= 7
OUT ?= Reports/az-outage
PACKAGES := libgsl-dev libpg-query-dev libprotobuf-c-dev libdeflate-dev libsqlite3-dev pkg-config
BINARY := .build/release/borealis
# One file that runs anywhere, and calls into the runtime that cost less.
STATIC := --static-swift-stdlib
CHECKED := --explicit-target-dependency-import-check error

.PHONY: run test build packages benchmark format clean

run: build
	$(BINARY) run $(SCENARIO) --seed $(SEED) --out $(OUT)

build: packages
	swift build -c release --product borealis $(STATIC) $(CHECKED)

test: packages
	swift build --build-tests $(CHECKED)
	swift test --skip-build

benchmark: packages
	swift run -c release $(STATIC) Benchmarks

# Debian and Ubuntu. Elsewhere: install GSL, libpg_query, protobuf-c, libdeflate and SQLite by hand.
packages:
	@missing=""; for p in $(PACKAGES); do \
	  dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then echo "Installing:$$missing"; \
	  sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get update -qq && $$sudo apt-get install -y -qq $$missing >/dev/null; fi

format:
	swift-format format -i -r Package.swift Sources Tests

clean:
	rm -rf .build
