# Caravan. `make demo` and `make test` share one release build in .build.
#
#   make demo     run the German-Swiss border crossing on real processes
#   make test     run every test; a summary comes last
#   make build    build the library, the tools and the tests
#   make bench    measure against plain SQLite, in a build of its own; JSON=1 prints JSON
#   make format   rewrite the Swift sources in the project's style
#   make lint     report where the style is broken, and change nothing
#   make clean    delete what was built, keep the fetched packages
#   make setup    check Swift, install the missing system libraries

SWIFT := swift
SWIFT_PATHS := Sources Tests Package.swift Benchmarks/Sources Benchmarks/Package.swift

.DEFAULT_GOAL := build
.PHONY: demo test build bench format lint clean setup
.NOTPARALLEL:

demo: build
	.build/release/caravan-sim live Simulations/rail-de-ch.yaml

# All tests use Swift Testing: without the runner for XCTest there is one summary, and it is last.
test: build
	CARAVAN_RUNTIME_DIR="$(CURDIR)/.build/marks/boot" CARAVAN_STATE_DIR="$(CURDIR)/.build/marks/device" \
	    $(SWIFT) test -c release --skip-build --disable-xctest

build: setup
	$(SWIFT) build -c release --build-tests

# Only the findings go to standard output.
bench: setup
	@$(SWIFT) build -c release --package-path Benchmarks >&2
	@Benchmarks/.build/release/caravan-bench $(if $(JSON),--json)

format:
	$(SWIFT) format --in-place --parallel --recursive $(SWIFT_PATHS)

lint:
	$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_PATHS)

clean:
	$(SWIFT) package clean

setup:
	@sh .ci/setup "$(SWIFT)"
