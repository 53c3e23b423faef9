# Borealis: `make run` for the main job, `make test` for the tests, `make nightly` for more of them.
# Each installs what is missing.

SCENARIO ?= Scenarios/failover/az-outage.yaml
SEED ?= 7
# Not in git; the report that is, `make sample` writes.
OUT ?= Reports/latest/az-outage
SAMPLE := Reports/az-outage
PACKAGES := libgsl-dev libpg-query-dev libprotobuf-c-dev libdeflate-dev libjemalloc-dev \
  libsqlite3-dev pkg-config
BINARY := .build/release/borealis
# The same sources in an ordinary release build: with Swift's runtime as a library, references counted for any number
# of threads, and overlapping accesses looked for. What the program may not differ from.
PLAIN_FOLDER := .build/plain
PLAIN := $(PLAIN_FOLDER)/release/borealis
# And the one that ships, but for how tasks are suspended.
SUPPORTED_FOLDER := .build/supported
SUPPORTED := $(SUPPORTED_FOLDER)/release/borealis
DEBUG := .build/debug/borealis
# One file that runs anywhere, and calls into the runtime that cost less.
STATIC := --static-swift-stdlib
CHECKED := --explicit-target-dependency-import-check error

# Which of the mistakes planted in a copy of the sources the shipped scenarios find: see Tests/Mutation/README.md.
# SEARCH takes options, such as '--jobs 2' or '--only election.highest-tier-first --again'.
MUTATION := swift run --package-path Tests/Mutation --scratch-path .build/mutation/tool mutation

.PHONY: run sample test nightly build plain supported packages defects mutants benchmark benchmark-kernel benchmark-speed \
  benchmark-tpcb peers format clean

# What the benchmarks' peers need.
PEER_PACKAGES := libns3-dev libsimgrid-dev g++ python3-venv
PEERS := .build/peers

run: build
	$(BINARY) run $(SCENARIO) --seed $(SEED) --out $(OUT)

# The kept report, of this build.
sample: build
	$(BINARY) run Scenarios/failover/az-outage.yaml --seed 7 --out $(SAMPLE)

build: packages
	swift build -c release --product borealis $(STATIC) $(CHECKED)

plain: packages
	BOREALIS_PLAIN=1 swift build -c release --product borealis --scratch-path $(PLAIN_FOLDER) $(CHECKED)

supported: packages
	swift build -c release --product borealis $(STATIC) $(CHECKED) --traits SupportedExecutor \
	  --scratch-path $(SUPPORTED_FOLDER)

# What ships is what is tested: first that the program does what the debug build does, on which all other tests are run.
test: build plain
	swift build --build-tests $(CHECKED)
	Tests/Builds/compare small 1..5 $(DEBUG) $(PLAIN) $(BINARY)
	swift test --skip-build

# The debug build is too slow for so many.
nightly: build plain supported
	Tests/Builds/compare swarm 1..100 $(PLAIN) $(SUPPORTED) $(BINARY)

benchmark: benchmark-kernel benchmark-speed benchmark-tpcb

# Beside SimPy, SimGrid, ns-3, C++20's coroutines and plain C: a table, and the same as CSV.
benchmark-kernel: packages peers
	swift build -c release --product Benchmarks $(STATIC)
	.build/release/Benchmarks kernel $(PEERS)

benchmark-speed benchmark-tpcb: packages
	swift build -c release --product Benchmarks $(STATIC)
	.build/release/Benchmarks $(@:benchmark-%=%)

benchmark benchmark-kernel peers: PACKAGES += $(PEER_PACKAGES)
peers: packages $(PEERS)/callbacks $(PEERS)/coroutines $(PEERS)/ns3 $(PEERS)/simgrid_peer $(PEERS)/venv

PEER_SOURCES := Tests/Benchmarks/Peers
$(PEERS)/callbacks: $(wildcard $(PEER_SOURCES)/*) | $(PEERS)
	gcc -O2 $(PEER_SOURCES)/callbacks.c -o $@ -lm

$(PEERS)/coroutines: $(wildcard $(PEER_SOURCES)/*) | $(PEERS)
	g++ -O2 -std=c++20 $(PEER_SOURCES)/coroutines.cpp -o $@

$(PEERS)/ns3: $(wildcard $(PEER_SOURCES)/*) | $(PEERS)
	g++ -O2 -std=c++17 $(PEER_SOURCES)/ns3.cpp -o $@ -lns3-core

$(PEERS)/simgrid_peer: $(wildcard $(PEER_SOURCES)/*) | $(PEERS)
	g++ -O2 -std=c++17 $(PEER_SOURCES)/simgrid_peer.cpp -o $@ -lsimgrid

$(PEERS)/venv: | $(PEERS)
	python3 -m venv $@ && $@/bin/pip install --quiet simpy

$(PEERS):
	mkdir -p $@

defects mutants: build
	$(MUTATION) $@ $(SEARCH)

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
