# Shorthands; README.md's two commands need none of this.
PYTHON ?= python
NAMED ?= ../shared/data/human_cds/named_human_cds.fa.gz
CORPUS ?= ../shared/data/human_cds/human_cds_permissive_orf.fa.gz
YEAST ?= ../shared/data/yeast/yeast_cds.fa.gz
ECOLI ?= ../shared/data/ecoli/ecoli_cds.fna.gz
BOUND ?= ../shared/data/tf_bound/human_tf_bound.fa.gz
TRAIN = $(PYTHON) -m bioskipgram train
CODONS = --k 3 --stride 3 --dim 16 --window 5 --steps 1000 --threads 1

.PHONY: app test check format bench models maps genes

app:
	streamlit run dashboard/app.py

test:
	$(PYTHON) -m pytest -n 2

check:
	ruff check . && ruff format --check . && mypy

format:
	ruff check --fix . && ruff format .

bench:
	$(PYTHON) -m benchmarks.speed $(CORPUS)

# The models that ship, with their maps and clusters; see models/README.md.
models:
	$(TRAIN) $(CORPUS) --k 6 --dim 16 --window 5 --contexts frame-apart --steps 300 --threads 1 --out models/human-cds-k6.safetensors
	$(TRAIN) $(CORPUS) --k 6 --dim 100 --window 5 --steps 300 --threads 1 --out models/human-cds-k6-word2vec.safetensors
	$(TRAIN) $(BOUND) --k 6 --dim 32 --window 5 --contexts non-overlapping --both-strands --steps 300 --threads 1 --out models/human-tf-k6.safetensors
	$(TRAIN) $(CORPUS) $(CODONS) --remove-components 1 --out models/human-cds-codon.safetensors
	$(TRAIN) $(YEAST) $(CODONS) --out models/yeast-cds-codon.safetensors
	$(TRAIN) $(ECOLI) $(CODONS) --remove-components 1 --out models/ecoli-cds-codon.safetensors
	$(MAKE) maps

# Without t-SNE of 65,523 k-mers in space, which takes many minutes.
maps:
	for model in human-cds-k6 human-cds-codon human-cds-k8; do for map in "pca 2" "pca 3" "tsne 2" "umap 2" "umap 3" "tsne 3"; do \
	  set -- $$map; [ "$$model $$map" = "human-cds-k8 tsne 3" ] || \
	  $(PYTHON) -m bioskipgram project models/$$model.safetensors --method $$1 --dimensions $$2 --cluster kmeans || exit 1; \
	done; done

# The named genes beside each model: of the file, only the sources with a stated licence.
genes:
	$(PYTHON) -m benchmarks.shippable $(NAMED) | gzip > named.fa.gz
	for model in human-cds-k6 human-cds-codon; do \
	  $(PYTHON) -m bioskipgram reference models/$$model.safetensors named.fa.gz || exit 1; \
	done; rm named.fa.gz
