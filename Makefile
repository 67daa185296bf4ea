# The two commands of this project, and a few besides. `make` alone tells what there is.
.DEFAULT_GOAL := help
.PHONY: help start stop test test-all mutate bench record record-labs ledger bump-check clean environment

WORKBOOK = .venv/bin/workbook

help:  ## this list
	@awk -F ':.*## +' '/^[a-z-]+:.*##/ { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

start: environment  ## install what is missing, start the cluster and JupyterLab, print the address
	@$(WORKBOOK) start

stop: environment  ## stop JupyterLab and the cluster; what was built stays
	@$(WORKBOOK) stop

test: environment  ## all checks: style, types, layers, units, cluster, notebooks, browser
	@.venv/bin/python -m tests.run

test-all: environment  ## the same, and the tests that take minutes
	@.venv/bin/python -m tests.run --all

mutate: environment  ## weaken each lab's check: the share of weakened ones that a recorded case catches
	@.venv/bin/python -m tests.labs.mutate

bench: environment  ## measure: prints JSON
	@.venv/bin/python -m tests.bench

NOTEBOOK ?= $$(find notebooks -path '*/ch*/[0-9]*.ipynb' -not -path '*/.*' | sort)

record: environment  ## keep in recordings/ what the notebooks do on the cluster; NOTEBOOK=path: one
	@$(WORKBOOK) up
	@WORKBOOK_AUTOPLAY=1 WORKBOOK_RECORD=1 .venv/bin/pytest --nbval-lax --nbval-current-env \
	  --nbval-cell-timeout=300 $(NOTEBOOK)

record-labs: environment  ## keep what each case of the labs gets on the cluster; LAB=01: of one
	@$(WORKBOOK) up
	@.venv/bin/python -m tests.labs $(LAB) --record

ledger: environment  ## how many of the book's claims are confirmed, changed, or still planned
	@.venv/bin/python -m helpers.model.ledger

bump-check: environment  ## what is newer than the pinned versions; changes nothing
	@.venv/bin/python -m helpers.cluster.bump

clean:  ## remove everything that was built
	@if [ -x $(WORKBOOK) ]; then $(WORKBOOK) clean; fi
	@rm -rf .venv build

environment:
	@python3 -m helpers.cluster.environment
