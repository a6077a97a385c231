# make say TEXT="Good morning."   sets up what is missing and speaks
# make test                       sets up what is missing and runs every check
# make deb                        builds the Debian package into dist/
# make test-trixie                runs every check in a Debian 13 that it makes itself (as root)
# make arm64                      checks the native code for arm64 under qemu; part of `make test`

SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check
SOURCES := pyproject.toml constraints.txt CMakeLists.txt $(wildcard speechd_neural/voice/native/*)
TEXT ?= Good morning.
# required: `make test` fails where PyTorch cannot be had, instead of leaving out what needs it.
TORCH ?= wanted

.PHONY: say setup test test-trixie check lint types pytest sanitize arm64 bench install deb test-deb clean

say: $(VENV)/run
	@$(BIN)/speechd-neural say "$$SAY_TEXT"
say: export SAY_TEXT := $(TEXT)

# Into this user's desktop: see 'speechd-neural setup --help'.
setup: $(VENV)/run
	$(BIN)/speechd-neural setup

$(VENV)/run: $(SOURCES)
	packaging/dependencies.sh run
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install -q -e '.[sound]'
	touch $@

$(VENV)/dev: export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
$(VENV)/dev: $(SOURCES)
	packaging/dependencies.sh test
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	# What a build without isolation needs; setuptools for docopt, which num2words wants: Python 3.12 and later bring none.
	$(PIP) install -q scikit-build-core nanobind cmake ninja setuptools
	$(PIP) install -q 'torch==2.13.0+cpu' 2>/dev/null || { \
		echo "There is no PyTorch without CUDA for this Python: the tests that need it (training, import) are skipped."; \
		test "$(TORCH)" != required; }
	# Its plain Python models are what ours are compared with; its own dependencies are not wanted.
	! $(BIN)/python -c 'import torch' 2>/dev/null || $(PIP) install -q --no-deps torchaudio==2.11.0
	$(PIP) install -q --no-build-isolation -e '.[dev]' $(if $(CI),--config-settings=cmake.define.STRICT=ON)
	touch $(VENV)/run $@

test: check pytest

# The training tests are not among them: where that Python has no PyTorch without CUDA, they say so and are skipped.
test-trixie:
	packaging/chroot.sh trixie make test

check: lint types

lint: $(VENV)/dev
	$(BIN)/ruff check .

types: $(VENV)/dev
	$(BIN)/mypy

pytest: $(VENV)/dev
	TORCH=$(TORCH) $(BIN)/python -m pytest -q

# The native code under the address, undefined-behaviour and thread sanitizers; part of `make test` too.
sanitize: $(VENV)/dev
	$(BIN)/python -m pytest -q tests/voice/test_sanitizers.py

arm64: $(VENV)/dev
	packaging/arm64.sh

bench: $(VENV)/dev
	$(BIN)/speechd-neural bench

# For packagers: everything below DESTDIR, with the distribution's paths.
install:
	packaging/install.sh "$(DESTDIR)"

# The Debian package for the Debian that this is, into dist/.
deb:
	packaging/deb.sh

# Installs, upgrades while it speaks, removes and purges the packages of dist/, each in its Debian (as root; see the script).
test-deb:
	for debian in 12:bookworm 13:trixie; do \
		package=$$(ls -t dist/speechd-neural_*~deb$${debian%:*}_*.deb 2>/dev/null | head -n 1); \
		test -z "$$package" || TREE=$${XDG_CACHE_HOME:-$$HOME/.cache}/speechd-neural-bare-$${debian#*:} \
			packaging/chroot.sh $${debian#*:} packaging/try-deb.sh ./"$$package" || exit 1; \
	done

clean:
	rm -rf $(VENV) build speechd_neural/voice/*.so speechd_neural/voice/native/*.so
