# Shorthands; README.md's two commands need none of this.
PYTHON ?= python
NAMED ?= ../shared/data/human_cds/named_human_cds.fa.gz
CORPUS ?= ../shared/data/human_cds/human_cds_permissive_orf.fa.gz
YEAST ?= ../shared/data/yeast/yeast_cds.fa.gz
ECOLI ?= ../shared/data/ecoli/ecoli_cds.fna.gz
BOUND ?= ../shared/data/tf_bound/human_tf_bound.fa.gz
TRAIN = $(PYTHON) -m bioskipgram train
CODONS = --k 3 --stride 3 --dim 16 --window 5 --steps 1000 --threads 1

.PHONY: app test check format docs figures wheel-check bench gpu fuzz models maps genes quality verify

app:
	streamlit run dashboard/app.py

test:
	$(PYTHON) -m pytest -n 2

check:
	ruff check . && ruff format --check . && mypy

format:
	ruff check --fix . && ruff format .

docs: figures
	mkdocs build --strict

# The pictures of docs/ and README.md; tests/test_docs.py compares them.
figures:
	$(PYTHON) -m bioskipgram figure human-cds-codon --columns 2 --out docs/figures/codons.svg
	$(PYTHON) -m bioskipgram figure human-cds-k6 --columns 2 --out docs/figures/frames.png

# The wheel in empty environments of each Python at hand.
PYTHONS ?= $(PYTHON)
wheel-check:
	$(PYTHON) -m benchmarks.install $(PYTHONS)

bench:
	$(PYTHON) -m benchmarks.speed $(CORPUS)

# On a machine with a CUDA device, under 8 minutes: its tests, times, limits and nccl.
gpu:
	$(PYTHON) -m benchmarks.gpu $(CORPUS)

# Every reader for so many seconds each, led by coverage; needs: pip install atheris
SECONDS ?= 300
fuzz:
	$(PYTHON) -c "from tests.fuzz.targets import TARGETS; print(*TARGETS, sep='\n')" | \
	  while read -r reader; do $(PYTHON) -m tests.fuzz.drive "$$reader" --seconds $(SECONDS) --keep || exit 1; done

# The models that ship, with their maps and clusters; see models/README.md.
models:
	$(TRAIN) $(CORPUS) --k 6 --dim 16 --window 5 --contexts frame-apart --steps 300 --threads 1 --out models/human-cds-k6.safetensors
	$(TRAIN) $(CORPUS) --k 6 --dim 100 --window 5 --steps 300 --threads 1 --out models/human-cds-k6-word2vec.safetensors
	$(TRAIN) $(BOUND) --k 6 --dim 32 --window 5 --contexts non-overlapping --both-strands --steps 300 --threads 1 --out models/human-tf-k6.safetensors
	$(TRAIN) $(CORPUS) $(CODONS) --remove-components 1 --out models/human-cds-codon.safetensors
	$(TRAIN) $(YEAST) $(CODONS) --out models/yeast-cds-codon.safetensors
	$(TRAIN) $(ECOLI) $(CODONS) --remove-components 1 --out models/ecoli-cds-codon.safetensors
	$(MAKE) maps
	$(PYTHON) -m bioskipgram stability models/human-cds-k6.safetensors $(CORPUS)

# Maps and clusters; where variants are scored, the null of the scores too.
NAMES = human-cds-k6 human-cds-codon human-tf-k6 human-cds-k6-word2vec yeast-cds-codon ecoli-cds-codon
maps:
	for model in $(NAMES); do for map in "pca 2" "pca 3" "tsne 2" "umap 2" "umap 3" "tsne 3"; do \
	  set -- $$map; \
	  $(PYTHON) -m bioskipgram project models/$$model.safetensors --method $$1 --dimensions $$2 --cluster kmeans || exit 1; \
	done; done
	for model in human-cds-k6 human-cds-codon; do \
	  $(PYTHON) -m bioskipgram variants models/$$model.safetensors "HBB:c.20A>T" || exit 1; \
	done

# The named genes beside each model: of the file, only the sources with a stated licence.
genes:
	$(PYTHON) -m benchmarks.shippable $(NAMED) | gzip > named.fa.gz
	for model in human-cds-k6 human-cds-codon; do \
	  $(PYTHON) -m bioskipgram reference models/$$model.safetensors named.fa.gz || exit 1; \
	done; rm named.fa.gz

# Five seeds and five shuffles of each kind for every model, kept beside it; then the tables of models/README.md.
QUALITY = $(PYTHON) -m bioskipgram quality --keep
quality:
	for model in human-cds-k6 human-cds-codon human-cds-k6-word2vec; do $(QUALITY) models/$$model.safetensors $(CORPUS) || exit 1; done
	$(QUALITY) models/yeast-cds-codon.safetensors $(YEAST)
	$(QUALITY) models/ecoli-cds-codon.safetensors $(ECOLI)
	$(QUALITY) models/human-tf-k6.safetensors $(BOUND)
	$(PYTHON) -m bioskipgram verify models --text models/README.md --write

# Every printed number again, from the corpora.
verify:
	$(PYTHON) -m bioskipgram verify models $(CORPUS) $(YEAST) $(ECOLI) $(BOUND) --text models/README.md
