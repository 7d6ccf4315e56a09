# Every target sets up what it needs. The second run of anything installs nothing and embeds nothing.
PYTHON    ?= python3.11
DOCUMENTS ?= documents
INDEX     ?= .index
HOST      ?= 127.0.0.1
PORT      ?= 7860
DATA      ?= ../shared/data
SAMPLE    ?= 200
BENCH     ?=
SECONDS   ?= 60
EMBEDDER  ?= $(or $(WENDA_EMBEDDER),models/embedder)
# The CPU build of PyTorch: a few hundred MB instead of several GB of CUDA libraries.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

BENCH_all = --sizes 1000 10000 100000 1000000 --builds 1000 10000 200000 --runs 2 \
	--articles $(DATA)/news/news_2023.jsonl.xz --out benchmarks

PY  := .venv/bin/python
SETS := eval/sets/documents-dev.jsonl eval/sets/documents-test.jsonl eval/sets/followups-dev.jsonl
# Sets about DOCUMENTS, by name: a changed index of that folder goes live only if it answers them as well as before.
GATE_SETS = $(wildcard eval/sets/$(notdir $(DOCUMENTS:/=))-dev.jsonl)

.DEFAULT_GOAL := help
.PHONY: help install chat index watch eval eval-update eval-public eval-models test test-milvus check format bench load fuzz \
        screenshots lock clean

help: ## print this help
	@echo "make TARGET [DOCUMENTS=dir] [INDEX=dir] [PORT=7860] [HOST=127.0.0.1] [EMBEDDER=name]"; echo
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: .venv/installed ## make .venv with the pinned dependencies (nothing to do the second time)

.venv/installed: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) is not installed: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --retries 1 --no-deps --constraint constraints.txt --extra-index-url $(TORCH_INDEX) torch
	$(PY) -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

chat: index ## build the index of DOCUMENTS and open the web chat on HOST:PORT
	$(PY) app.py --documents $(DOCUMENTS) --index $(INDEX) --host $(HOST) --port $(PORT)

index: install ## build the index of DOCUMENTS, or bring it up to date
	$(if $(GATE_SETS),$(PY) -m eval gate --tolerance 0.02 $(GATE_SETS) $(DOCUMENTS),$(PY) -m index build $(DOCUMENTS)) --out $(INDEX) --embedder $(EMBEDDER)

watch: install ## rebuild the index whenever DOCUMENTS change
	$(PY) -m index watch $(DOCUMENTS) --out $(INDEX) --embedder $(EMBEDDER)

eval: install ## ask the evaluation sets of documents/, compare with eval/baselines
	$(PY) -m index build documents --out .index-eval --embedder models/embedder
	$(PY) -m eval run $(SETS) --index .index-eval --baseline eval/baselines

eval-update: install ## accept the present figures as the baseline
	$(PY) -m index build documents --out .index-eval --embedder models/embedder
	$(PY) -m eval run $(SETS) --index .index-eval --baseline eval/baselines --update-baseline

eval-public: install ## ask the public benchmarks in DATA, print one table
	$(PY) -m eval public --data $(DATA)

eval-models: install ## what the models reach on public benchmarks in DATA, in models/RESULTS.md (SAMPLE=200 of each)
	$(PY) -m training.evaluate --data $(DATA) --sample $(SAMPLE) --out models/RESULTS.md

test: install ## run every test
	$(PY) -m pytest

test-milvus: install ## an index on a real Milvus 2.3.5 and on Ray (minutes; the server gets a .venv of its own)
	.venv-milvus/bin/milvus-server --help >/dev/null 2>&1 || { rm -rf .venv-milvus && $(PYTHON) -m venv .venv-milvus && .venv-milvus/bin/pip install --quiet milvus==2.3.5; }
	$(PY) -m pip install --quiet --constraint constraints.txt --editable '.[dev,ray]'
	MILVUS_SERVER=$(CURDIR)/.venv-milvus/bin/milvus-server $(PY) -m pytest -s tests/index/test_milvus.py tests/index/test_milvus_parts.py tests/index/test_milvus_real.py
	$(PY) -m benchmarks.milvus --n-articles 300 --questions 1000 --modes hybrid

check: install ## lint, formatting, types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

format: install ## format the code
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: install ## speed and size, each beside a peer (BENCH=all: up to 1,000,000 chunks, the news of DATA; a quarter of an hour)
	OMP_NUM_THREADS=1 $(PY) -m benchmarks $(BENCH_$(BENCH))

fuzz: install ## fuzz everything that reads something foreign, SECONDS for each target
	$(PY) -m pip install --quiet --constraint constraints.txt --editable '.[fuzz]'
	$(PY) -m fuzz --seconds $(SECONDS)

load: install ## the running app under load: 1, 10, 50 and 200 people at once (about 8 minutes)
	$(PY) -m benchmarks.load --out benchmarks/LOAD.md

screenshots: install ## take the pictures of the README from the running app (needs chromium)
	$(PY) docs/screenshots.py

lock: ## write constraints.txt from the versions that are installed in .venv
	$(PY) -m pip freeze --exclude-editable | sed -E 's/^(torch==[0-9.]+).*/\1/' | grep -v ' @ ' > constraints.txt

clean: ## remove what was built here (documents and models stay)
	rm -rf .venv .index .index-eval .eval-public build *.egg-info .pytest_cache .mypy_cache .ruff_cache
