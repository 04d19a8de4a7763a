# `make bench` measures, `make test` checks. Both need Go and nothing else.
# Tests run four at a time on any machine: most of them wait for processes that wait.
GO     ?= go
BIN    := bin/pushbench
FLOOR  ?=
ARGS   ?=
FUZZTIME ?= 10s

.DEFAULT_GOAL := help
.PHONY: help build bench test race fuzz lint chromium bench-self cases clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/pushbench
	$(GO) build -o $(BIN) ./cmd/pushbench

bench: build ## measure all four transports, about a minute (ARGS="run ticker -c 5000" for another)
	$(BIN) $(or $(ARGS),run)

test: lint chromium ## vet, format, import rules and all tests, then the race detector
	$(GO) test -timeout 20m -parallel 4 ./...
	$(GO) test -timeout 20m -parallel 4 -race -short ./...

race: ## only the race detector, with all tests that its goroutine limit allows
	$(GO) test -timeout 20m -parallel 4 -race -short ./...

fuzz: ## every fuzz target for a while: FUZZTIME=1m for each
	@grep -rE '^func Fuzz' --include=*_test.go . | sed -E 's|/[^/]*:func (Fuzz[A-Za-z]*).*| \1|' | sort | while read -r package target; do \
	echo "$$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "$$package" || exit 1; done

lint: ## gofmt, vet (also for another system), go fix
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	$(GO) vet ./... && GOOS=darwin $(GO) vet ./...
	@fix="$$($(GO) fix -diff ./...)" && test -z "$$fix" || { echo "$$fix"; exit 1; }

chromium: ## the browser that some tests need: installed where that may be, else named
	@{ command -v $${CHROMIUM:-chromium} || command -v google-chrome; } >/dev/null || { test "$$(id -u)" = 0 && apt-get update -q && apt-get install -qy chromium; } || \
	 echo "no Chromium: tests in a browser are skipped (on Debian: apt-get install -y chromium)"

published: build ## render the pages of the published runs anew
	@for run in results/published/*/run.json; do $(BIN) report $$run --format html=$${run%run.json}page.html || exit 1; done

bench-self: ## measure ourselves against the physical floor: FLOOR=its folder
	$(GO) run ./cmd/bench-self -floor "$(FLOOR)" $(ARGS)

cases: ## which test holds which case, and whether it does (ARGS=-list: run none)
	@$(GO) run ./cmd/cases $(ARGS)

clean: ## remove what was built
	rm -rf bin
