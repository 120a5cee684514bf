# Each target does all of its own set-up. FILTER narrows the tests: make test FILTER=SiteTests
.DEFAULT_GOAL := help
.PHONY: help build test test-browsers test-dashboard test-release corpus fuzz fuzz-parsers bench bench-quality bench-claims demo install uninstall deb test-package clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## The programs, optimised: .build/release/transcoder and transcoder-media
	scripts/install-packages.sh
	swift build -c release --static-swift-stdlib --product transcoder
	swift build -c release --static-swift-stdlib --product transcoder-media
	swift build -c release --product generate-manual

# Built by whoever may fetch what is needed, installed by whoever may write there: make build && sudo make install
PREFIX = /usr/local
install: ## What was built, below PREFIX=/usr/local; DESTDIR= for packagers
	scripts/install.sh install PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)"

uninstall: ## Take it away again; configurations stay
	scripts/install.sh uninstall PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)"

deb: ## A package for this Debian: dist/transcoder_VERSION_ARCH.deb
	scripts/package.sh

test-package: ## Install, use, hang, upgrade and purge the package in a fresh Debian (as root): make test-package RELEASE=trixie DEB=FILE
	scripts/test-package.sh $(RELEASE) $(DEB)

test: ## Packages, build, all tests
	scripts/test.sh $(if $(FILTER),--filter $(FILTER))

test-release: ## The media module and the sandbox with another Debian's FFmpeg and C library (as root): make test-release RELEASE=trixie
	scripts/test-release.sh $(RELEASE)

test-browsers: ## Play what comes out in Debian's Chromium and Firefox
	scripts/test-browsers.sh

test-dashboard: ## The dashboard in Chromium with axe-core; metrics, alerts and plots with promtool
	scripts/test-dashboard.sh

corpus: ## Convert a folder of files, write docs/corpus.md: make corpus CORPUS=DIR
	scripts/corpus-report.sh "$(CORPUS)"

fuzz: ## Damaged files through a daemon: make fuzz CASES=5000 SEED=1 CORPUS=DIR
	scripts/fuzz.sh $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED)) $(if $(CORPUS),--corpus "$(CORPUS)")

fuzz-parsers: ## libFuzzer on our own parsers: make fuzz-parsers SECONDS=60
	scripts/fuzz-parsers.sh $(SECONDS)

bench: ## Ours beside the ffmpeg command line, into docs/performance.md: make bench ONLY=convert ROUNDS=7 QUICK=1 CLIPS=DIR
	ONLY="$(ONLY)" ROUNDS="$(ROUNDS)" QUICK="$(QUICK)" CLIPS="$(CLIPS)" scripts/bench.sh

bench-quality: ## Presets and settings of x264 by bytes at equal quality: make bench-quality CORPUS=DIR QUICK=1
	CORPUS="$(CORPUS)" QUICK="$(QUICK)" CLIPS="$(CLIPS)" scripts/bench.sh quality

bench-claims: ## Claims by many processes, and looks that find nothing: the tables of docs/performance.md
	scripts/bench-claims.sh

demo: ## A site with posts, transcoded before your eyes; then what became of each file: make demo DB=mariadb STORE=s3
	STORE="$(or $(STORE),disk)" scripts/demo.sh $(DB)

clean: ## Remove what was built, packages, the demo, and what fuzzing made
	rm -rf .build .build-fuzz demo dist fuzz
