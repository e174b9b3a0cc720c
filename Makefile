# make help lists the verbs. Each says what it will do, shows progress, and ends with where to look.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:

VENV ?= .venv
UV_VERSION := 0.13.9
PYTHON ?= $(firstword $(foreach p,python3.12 python3.11 python3 python,$(shell $(p) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null && echo $(p))))
GPU ?=
LOCK := requirements$(if $(GPU),-gpu).lock
# As a target a path with blanks needs backslashes, and `abspath` would split it.
BLANK := $(subst ,, )
READY := $(subst $(BLANK),\$(BLANK),$(VENV))/.ready$(if $(GPU),-gpu)

# DVC and the kernels run `python`: without this line they would find the system's.
export PATH := $(if $(filter /%,$(firstword $(VENV))),,$(CURDIR)/)$(VENV)/bin:$(PATH)
export PYTHONPATH := $(CURDIR)$(if $(PYTHONPATH),:$(PYTHONPATH))
export DVC_NO_ANALYTICS := 1
# Where the home cannot be written, caches and settings of uv, Jupyter and matplotlib go below build/.
ifneq ($(shell mkdir -p "$$HOME" 2>/dev/null; test -w "$$HOME" && echo yes),yes)
export HOME := $(CURDIR)/build/home
$(shell mkdir -p build/home)
endif
# Python keeps bytecode even where the shell forbids it: else each of many starts of TensorFlow takes 8 s longer.
unexport PYTHONDONTWRITEBYTECODE
export JUPYTER_PREFER_ENV_PATH := 1
export TF_CPP_MIN_LOG_LEVEL ?= 3

# Pages by name: who only reads needs neither data nor networks.
PAGES := $(patsubst notebooks/%.md,pages/%.ipynb,$(wildcard notebooks/[0-9]*.md))

define weights
if [ -f weights.dvc ]; then echo "== weights: the trained networks that ship, from storage/"; dvc pull weights.dvc; fi
endef

# What the training stages leave, where the lock knows it; else `dvc repro` trains.
define trained
for stage in $$(grep -o '^  train_[a-z0-9_]*' dvc.yaml); do
	  grep -q "^  $$stage:" dvc.lock || continue
	  echo "== $$stage: from storage/"
	  dvc pull --quiet $$stage || echo "storage/ lacks what $$stage trained: it will be trained here"
	done
endef

# Not a target that calls make again: `make -n` would run it.
define render
echo "== HTML: every warning is an error"
	python -m lib.book build
	python -m lib.book check-html _build/html
	python -m lib.book check-browser _build/html
	echo "Read the book: $(CURDIR)/_build/html/index.html"
endef

define export
uv export --quiet --frozen --all-groups --no-emit-project --no-annotate --no-header -o requirements.lock
	uv export --quiet --frozen --all-groups --extra gpu --no-emit-package tensorflow-cpu \
	  --no-emit-project --no-annotate --no-header -o requirements-gpu.lock
endef

help: ## list the verbs
	@echo "Face Value: a book that runs. Two commands to begin with: make book, make test"
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  GPU=1 before or after a verb installs TensorFlow with CUDA instead of the one for CPUs."

$(READY): $(LOCK)
	@echo "== environment: the locked versions into $(VENV) (about 3 GB, once)"
	if [ ! -x "$(VENV)/bin/python" ]; then
	  if [ -z "$(PYTHON)" ] && ! command -v uv >/dev/null; then
	    echo "Python 3.11 or 3.12 is needed; name it: make PYTHON=/path/to/python3.12" >&2; exit 1
	  fi
	  if command -v uv >/dev/null; then uv venv --quiet --python "$(or $(PYTHON),>=3.11,<3.13)" "$(VENV)"
	  else "$(PYTHON)" -m venv "$(VENV)"; fi
	fi
	uv=$$(PATH="$${PATH#*:}" command -v uv || true)
	if [ -z "$$uv" ] && "$(VENV)/bin/python" -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); then
	  uv="$(VENV)/bin/uv"
	fi
	$(if $(GPU),[ -z "$$uv" ] || "$$uv" pip uninstall --quiet --python "$(VENV)/bin/python" tensorflow-cpu 2>/dev/null || true)
	if [ -n "$$uv" ]; then
	  "$$uv" pip install --python "$(VENV)/bin/python" --require-hashes -r $(LOCK)
	else
	  echo "== no uv to be had: pip, which takes minutes"
	  "$(VENV)/bin/python" -m pip install --disable-pip-version-check --require-hashes -r $(LOCK)
	fi
	"$(VENV)/bin/python" -c "import pathlib, sysconfig; pathlib.Path(sysconfig.get_path('purelib'), 'face_value.pth').write_text('$(CURDIR)\n')"
	touch "$@"

setup: $(READY) ## the environment alone

data: setup ## the rendered faces and the trained networks that ship, from storage/
	@if [ -f data.dvc ]; then echo "== data: the rendered faces that ship, from storage/"; dvc pull data.dvc; fi
	$(weights)

book: data ## environment, faces, every chapter that is out of date, the pages; a second time runs nothing
	@$(trained)
	echo "== pages: what changed runs, several at a time"
	python -m lib.book pages
	$(render)
	python -m lib.book compare

train: data ## every training anew from the faces, then the pages; says before how long
	@python -m lib.book train

read: setup ## the pages from the executed chapters that ship; no training, no data, no networks
	@echo "== pages: the executed chapters from storage/"
	dvc pull $(PAGES) || { echo "storage/ lacks a page of this version: make book runs the chapters" >&2; exit 1; }
	$(render)

pages: setup
	@$(render)

test: data ## style, types and all tests, the smoke profile of every chapter among them
	@echo "== style"
	ruff check .
	ruff format --check .
	echo "== types and tests (about 14 minutes on 2 cores)"
	pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 30

# Names of folders reach the shell by the environment alone, as they were typed: expanded they could be commands.
unexport IN OUT PROTECTION ANGLE PER KEY
protect: export FACES_IN := $(value IN)
protect: export FACES_OUT := $(value OUT)
protect: export FACES_PROTECTION := $(value PROTECTION)
protect: export FACES_ANGLE := $(value ANGLE)
protect: export FACES_PER := $(value PER)
protect: export FACES_OPTIONS := $(value OPTIONS)
protect: export FACEVALUE_KEY := $(or $(value KEY),$(value FACEVALUE_KEY))
protect: setup ## copies of photographs or of a clip with altered faces: make protect IN=folder OUT=folder PROTECTION=blur
	@if [ -z "$$FACES_IN" ] || [ -z "$$FACES_OUT" ] || [ -z "$$FACES_PROTECTION" ]; then
	  echo "name them: make protect IN=folder OUT=folder PROTECTION=blur, or IN=clip.mp4 OUT=copy.mp4" >&2; exit 2
	fi
	$(weights)
	kind=photos
	[ ! -f "$$FACES_IN" ] || kind=video
	printf '== %s: faces in %q altered, into %q\n' "$$kind" "$$FACES_IN" "$$FACES_OUT"
	options=("--protection=$$FACES_PROTECTION")
	[ -z "$$FACES_ANGLE" ] || options+=("--angle=$$FACES_ANGLE")
	[ -z "$$FACES_PER" ] || options+=("--per=$$FACES_PER")
	read -ra further <<< "$$FACES_OPTIONS"; options+=("$${further[@]}")
	python -m lib.deidentify "$$kind" "$${options[@]}" -- "$$FACES_IN" "$$FACES_OUT"

numeric: setup ## the numeric tests with 1 and 4 threads, and with the instructions of an older processor
	@run() { echo "== numeric tests: $$*"; env "$$@" pytest -m "$$which" -n 2 --dist loadfile; }
	which=numeric
	for threads in 1 4; do
	  run OMP_NUM_THREADS=$$threads OPENBLAS_NUM_THREADS=$$threads TF_NUM_INTRAOP_THREADS=$$threads
	done
	which="numeric and not bfloat16" # TensorFlow asks the processor for bfloat16, not the limit: it would crash
	run TF_ENABLE_ONEDNN_OPTS=1 ONEDNN_MAX_CPU_ISA=AVX2 OPENBLAS_CORETYPE=Haswell

lab: data ## JupyterLab on the chapters; results go below build/by_hand, a saved chapter changes notebooks/
	@python -m lib.book pairing
	echo "== JupyterLab: open notebooks/, change a parameter, run; results go below build/by_hand"
	echo "A chapter that you save is an edit of notebooks/; git checkout notebooks takes all such edits back."
	jupyter lab --notebook-dir=. $$([ "$$(id -u)" != 0 ] || echo --allow-root)

real: data ## the figures on photographs, and the weights: FACEVALUE_PHOTOGRAPHS, FACEVALUE_PUBLISHED name their folders
	@echo "== real: dvc repro profiles/real/dvc.yaml, below build/real"
	python -m lib.book inventory real
	dvc repro profiles/real/dvc.yaml
	python -m lib.book publish real
	python -m lib.training.store.release profiles/real/weights.yaml --networks build/real/trained --results results/real
	if [ -d weights ]; then dvc add --quiet weights; fi
	python -m lib.book build --profile real
	echo "Look at results/real and weights.dvc (git diff shows what is new); make book shows it beside the rendered faces."

restore: setup ## undo experiments: params.yaml, results/rendered, pages as git has them; edits of these are lost
	@git checkout HEAD -- params.yaml code_hashes.yaml dvc.lock results/rendered
	dvc fetch --quiet $(PAGES) || true # a page that was only ever run here is in storage/ and not in the cache
	dvc checkout --quiet --allow-missing dvc.yaml
	echo "Restored: params.yaml, results, and of pages and networks what was there before."

bench: data ## benchmarks, as ratios measured in one run
	@python -m benchmarks

lock: ## resolve the versions anew (the only verb that changes them); needs uv
	uv lock --upgrade
	$(export)

export:
	@$(export)

clean: ## remove what can be made again (not .venv, not DVC's cache)
	rm -rf _build build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@echo "Gone: _build, build and the caches of tools."

.PHONY: help setup data book train read pages test numeric protect lab restore real bench lock export clean
