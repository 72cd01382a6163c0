# Every habit of the project by one word each; CI calls these too. Use them in a virtual environment.
.DEFAULT_GOAL := help
# Threads of small networks only wait for one another.
export OMP_NUM_THREADS ?= 1
export NO_MKDOCS_2_WARNING = 1

.PHONY: help install test coverage format check docs serve figures pictures pages bench sound

help:  ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install:  ## the package from this checkout, with what tests, linters and documents need
	python -m pip install -e '.[test,lint,docs]'

test:  ## all tests; those of the training pipeline are skipped where torch is missing
	python -m pytest

coverage:  ## all tests, and which lines they did not run
	python -m pytest --cov=music21_kdic --cov=export --cov-report=term:skip-covered

format:  ## format the code and mend what the linter can mend
	python -m ruff format .
	python -m ruff check --fix .

check:  ## format, lint and types, nothing is changed
	python -m ruff format --check .
	python -m ruff check .
	python -m mypy

docs:  ## build the site into build/site; a broken link is an error
	python -m mkdocs build --strict --site-dir build/site

serve:  ## show the site while pages are written
	python -m mkdocs serve

figures:  ## write the generated pages and figures of the results from the stored answers
	python -m export report

pictures:  ## draw the pictures of answers in the documents
	python docs/tools/draw_answers.py
	python docs/tools/draw_tables.py

pages:  ## draw the pictures of docs/pages.md in a browser
	python docs/tools/draw_pages.py

bench:  ## what labelling costs; `make bench BENCH=FOLDER`, a folder of MIDI files
	python -m export benchmark $(or $(BENCH),$(error BENCH: wanted a folder of MIDI files))

# Stopped, it goes on where it was. The figures of the other rows of docs/results/separation.md: the same with their names.
sound:  ## make the sound model again; `make sound DATA=FOLDER MANIFEST=FILE WORK=FOLDER`, on a GPU half an hour
	python -m export mixes --work $(WORK) --data $(DATA) --manifest $(MANIFEST)
	python -m export train-sound --work $(WORK) --epochs 90 small
	python -m export train-sound --work $(WORK) --epochs 20 listener-small listener-mixture
	python -m export train-sound --work $(WORK) --epochs 4 --mixtures 1024 --batch-size 16 --begin-with small shipped
	python -m export train-sound --work $(WORK) --epochs 8 --mixtures 1024 --batch-size 16 --begin-with listener-small listener
	python -m export sound-onnx --work $(WORK)
