# Shorthands; README.md's two commands need none of this.
PYTHON ?= python
CORPUS ?= ../shared/data/human_cds/human_cds_permissive_orf.fa.gz

.PHONY: app test check format bench models

app:
	streamlit run dashboard/app.py

test:
	$(PYTHON) -m pytest

check:
	ruff check . && ruff format --check . && mypy

format:
	ruff check --fix . && ruff format .

bench:
	$(PYTHON) -m benchmarks.speed $(CORPUS)

# The models that ship, with their maps and clusters; see models/README.md.
models:
	$(PYTHON) -m bioskipgram train $(CORPUS) --k 6 --dim 100 --window 5 --steps 300 --out models/human-cds-k6.safetensors
	$(PYTHON) -m bioskipgram train $(CORPUS) --k 3 --stride 3 --dim 16 --window 5 --steps 300 --remove-components 1 --out models/human-cds-codon.safetensors
	for model in human-cds-k6 human-cds-codon; do for method in pca tsne umap; do for n in 2 3; do \
	  $(PYTHON) -m bioskipgram project models/$$model.safetensors --method $$method --dimensions $$n --cluster kmeans || exit 1; \
	done; done; done
