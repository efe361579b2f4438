# Two commands do everything on a fresh machine: make run, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKSPACE ?= demo-workspace
# One more than there are cores: tests that drive a browser wait much.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(1 + (os.cpu_count() or 1))")

.PHONY: run test bench clean screenshots

$(VENV)/.runtime: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Liftgate needs (once)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.tests: requirements-test.txt $(VENV)/.runtime
	@echo "Installing what the tests need (once)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	@$(BIN)/python -m tests.e2e.browser
	@touch $@

run: $(VENV)/.runtime
	@test -f $(WORKSPACE)/workspace.yaml || $(BIN)/python -m jobs demo $(WORKSPACE) --history
	@$(BIN)/python -m jobs refresh $(WORKSPACE)
	@$(BIN)/python -m jobs export $(WORKSPACE) --out $(WORKSPACE)/export
	@echo "Opening the app (stop it with Ctrl-C)…"
	@LIFTGATE_WORKSPACE=$(WORKSPACE) $(BIN)/streamlit run app.py

test: $(VENV)/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

screenshots: $(VENV)/.tests
	@test -f $(WORKSPACE)/workspace.yaml || $(BIN)/python -m jobs demo $(WORKSPACE) --history
	@$(BIN)/python -m jobs refresh $(WORKSPACE) >/dev/null
	$(BIN)/python -m tests.e2e.screenshots $(WORKSPACE)

bench: $(VENV)/.tests
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) demo-workspace .mypy_cache .ruff_cache .pytest_cache
