# Each target does all of its own set-up. FILTER narrows the tests: make test FILTER=SiteTests
.DEFAULT_GOAL := help
.PHONY: help build test test-browsers corpus fuzz fuzz-parsers bench-claims demo clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## The programs, optimised: .build/release/transcoder and transcoder-media
	scripts/install-packages.sh
	swift build -c release --static-swift-stdlib --product transcoder
	swift build -c release --static-swift-stdlib --product transcoder-media

test: ## Packages, build, all tests
	scripts/test.sh $(if $(FILTER),--filter $(FILTER))

test-browsers: ## Play what comes out in Debian's Chromium and Firefox
	scripts/test-browsers.sh

corpus: ## Convert a folder of files, write docs/corpus.md: make corpus CORPUS=DIR
	scripts/corpus-report.sh "$(CORPUS)"

fuzz: ## Damaged files through a daemon: make fuzz CASES=5000 SEED=1 CORPUS=DIR
	scripts/fuzz.sh $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED)) $(if $(CORPUS),--corpus "$(CORPUS)")

fuzz-parsers: ## libFuzzer on our own parsers: make fuzz-parsers SECONDS=60
	scripts/fuzz-parsers.sh $(SECONDS)

bench-claims: ## Claims by many processes, and looks that find nothing: the tables of docs/performance.md
	scripts/bench-claims.sh

demo: ## A site with posts, transcoded before your eyes; then what became of each file: make demo DB=mariadb
	scripts/demo.sh $(DB)

clean: ## Remove what was built, the demo, and what fuzzing made
	rm -rf .build .build-fuzz demo fuzz
