# make run    what it is: a demonstration on this machine (ARGS="--seconds 20 --json")
# make test   all there is to check; installs what that needs
# make bench  intercomd beside Chromium, baresip and Mumble (ARGS="--quick --json FILE")
# make test-boot  the services in a booted Debian (as root; a container, half a minute)
# make check  lint, types and floors only: seconds
# make format let ruff rewrite what it can

SHELL := /bin/bash
BIN := .venv/bin
# How long each step took, told when it is done.
export TIMEFORMAT = -- %1R s

.NOTPARALLEL:
.PHONY: run test test-boot bench check format lint types floors tests setup-run setup-test setup-boot setup-bench

run: setup-run
	@exec $(BIN)/intercomd demo $(ARGS)

test: setup-test check tests

test-boot: setup-boot
	@exec $(BIN)/python -m tests.boot.boot

bench: setup-bench
	@exec $(BIN)/python -m tests.benchmarks.bench $(ARGS)

check: setup-test lint types floors

format: setup-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint:
	time $(BIN)/ruff format --check .
	time $(BIN)/ruff check .
	time shellcheck .ci/run .ci/setup

types:
	time $(BIN)/mypy

floors:
	time $(BIN)/lint-imports --no-logo

# pytest tells its own time, in the closing line.
tests:
	$(BIN)/pytest $(ARGS)

setup-run:
	@.ci/setup run

setup-test:
	@.ci/setup test

setup-boot:
	@.ci/setup boot

setup-bench:
	@.ci/setup bench
