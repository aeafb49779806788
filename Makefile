# make demo    install what is missing, render the first example, print where the video is
# make test    install what is missing, then every check and every test
# make check   format, lint, types and the fast tests: for every day
# make bench   time the demo's scenes, the stock manim command against ours, and the sandbox, cold against warm
# make bench-agent  what the checks and the loop make of scripted mistakes: rates, calls, seconds
# make bench-memory  how fast the graph memory is, on a generated graph, and how well it finds what is asked for
# make lock    choose the newest versions that fit pyproject.toml and write them down with their hashes
# make setup   install what is missing, for rendering and for the tests

python := .venv/bin/python
demo := build/demo/pythagoras.mp4
compile := uv pip compile --python $(python) --universal --generate-hashes --no-emit-index-url --no-header --upgrade --quiet

.DEFAULT_GOAL := help
.NOTPARALLEL: # what is checked is what the set-up has installed
.PHONY: help setup demo test check bench bench-agent bench-memory lock static

help:
	@sed -n 's/^# //p' Makefile

setup:
	@scripts/setup.sh tests

demo:
	@scripts/setup.sh
	@mkdir -p $(dir $(demo))
	@.venv/bin/qs render examples/pythagoras.txt -o $(demo)

test: setup static
	@echo "tests: all of them"
	@$(python) -m pytest -q -n 2

check: setup static
	@echo "tests: the fast ones"
	@$(python) -m pytest -q -n 2 -m "not slow"

static:
	@echo "format, lint, types"
	@.venv/bin/ruff format --check --quiet
	@.venv/bin/ruff check --quiet
	@.venv/bin/mypy --no-error-summary

bench: setup
	@$(python) -m benchmarks.render
	@echo
	@$(python) -m benchmarks.sandbox

bench-agent: setup
	@$(python) -m benchmarks.agent

bench-memory: setup
	@$(python) -m benchmarks.memory

lock:
	@$(compile) pyproject.toml --output-file requirements.lock
	@$(compile) pyproject.toml --extra dev --output-file requirements-dev.lock
	@$(compile) requirements-build.in --output-file requirements-build.lock
	@echo uv | $(compile) - --output-file requirements-uv.lock
