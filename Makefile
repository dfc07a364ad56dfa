# Caravan. Everything shares one release build in .build.
#
#   make demo     run the German-Swiss border crossing on real processes
#   make test     run every test; what failed is said again last
#   make build    build the library, the tools and the tests
#   make sweep    run random worlds for MINUTES=10, from the same seeds each time
#   make mutants  plant mistakes in the product, and see that each is found
#   make bench    measure against plain SQLite; JSON=1 prints JSON
#   make fuzz     look for bytes that do harm, each target for SECONDS=60
#   make compare  compare what syncing costs with other engines; needs the network once
#   make conformance  let a peer in Python and caravan meet; needs the network once
#   make report-check  open reports of runs in a browser without a screen; installs one if missing
#   make examples build and run the examples
#   make docs     make the library's documentation, and check its links
#   make format   rewrite the Swift sources in the project's style
#   make lint     report where the style is broken, and change nothing
#   make clean    delete what was built, keep the fetched packages
#   make setup    check Swift, install the missing system libraries

SWIFT := swift
SWIFT_PATHS := Sources Tests Package.swift \
	Benchmarks/Sources Benchmarks/Package.swift Fuzz/Sources Fuzz/Package.swift \
	Examples/Sources Examples/Tests Examples/Package.swift

# Three packages share a folder of what was built, so none may take the plan of another for its own.
BUILD := $(SWIFT) build -c release --scratch-path .build --disable-build-manifest-caching

# Where replicas that tests make keep what stands outside of them.
MARKS := $(CURDIR)/.build/marks

.DEFAULT_GOAL := build
.PHONY: demo test build sweep mutants bench fuzz compare conformance report-check examples docs
.PHONY: format lint clean setup
.NOTPARALLEL:

demo: build
	.build/release/caravan-sim live Simulations/rail-de-ch.yaml

test: build
	CARAVAN_RUNTIME_DIR="$(MARKS)/boot" CARAVAN_STATE_DIR="$(MARKS)/device" \
	    .ci/test $(SWIFT) .build/test.log

build: setup
	$(BUILD) --build-tests

# The seeds always begin at 0, so that a run can be repeated. A class of faults that hardly ever
# takes effect proves nothing; shorter runs can ask for less of each.
sweep: build
	.build/release/caravan-sim sweep --swarm --seeds '0..<1000000' --minutes $(or $(MINUTES),10) \
	    --injections-min $(or $(INJECTIONS),1000) --json

mutants: build
	.build/release/caravan-sim mutants --seeds-max 1000 --json

# Benchmarks and examples are packages of their own, but what they have in common with this one is
# built once. Of the benchmarks only the findings go to standard output.
bench: setup
	@$(BUILD) --package-path Benchmarks >&2
	@.build/release/caravan-bench $(if $(JSON),--json)

# Everything is built anew for it, with coverage and AddressSanitizer, in a folder of its own.
fuzz: setup
	Fuzz/run $(or $(SECONDS),60)

# The other engines are Python packages, in an environment of their own beside what was built.
compare: setup
	@$(BUILD) --product caravan-sim >&2
	@sh .ci/python .build/compare Benchmarks/peers/requirements.txt >&2
	@PYTHONDONTWRITEBYTECODE=1 .build/compare/bin/python Benchmarks/peers/compare.py \
	    --caravan-sim .build/release/caravan-sim --seed $(or $(SEED),0)

# Needs Python 3.10 or later, and once a package from PyPI.
conformance: build
	Protocol/conformance/check.sh .build/release

# Chromium is installed if there is none; pages and pictures stay in .build/report-check.
report-check: setup
	@$(BUILD) --product caravan-sim >&2
	@sh .ci/report-check

examples: setup
	$(BUILD) --package-path Examples --build-tests
	CARAVAN_RUNTIME_DIR="$(MARKS)/boot" CARAVAN_STATE_DIR="$(MARKS)/device" .build/release/trip-notes
	$(SWIFT) test --package-path Examples -c release --scratch-path .build --skip-build \
	    --disable-build-manifest-caching --disable-xctest

docs: build
	sh .ci/docs

format:
	$(SWIFT) format --in-place --parallel --recursive $(SWIFT_PATHS)

lint:
	$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_PATHS)

clean:
	$(SWIFT) package clean

setup:
	@sh .ci/setup "$(SWIFT)"
