# Every target only calls what you could type yourself.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: sandbox demo test check bench soak lock

sandbox: .venv/ready
	$(BIN)/liaison sandbox

demo: .venv/ready
	$(BIN)/liaison sandbox --demo

test: .venv/ready
	$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder

bench: .venv/ready
	$(BIN)/python -m tests.benchmarks

soak: .venv/ready
	$(BIN)/python -m tests.soak

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links --all-extras \
		--group test --group check --group build pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links --extra postgresql \
		-c requirements.lock pyproject.toml -o requirements-run.lock

.venv/ready: requirements.lock pyproject.toml
	@echo "setup: making the environment in .venv"
	$(PYTHON) -m venv .venv
	@echo "setup: installing the locked packages (about a minute, once)"
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "setup: installing Liaison itself"
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
