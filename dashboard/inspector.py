"""The inspector beside the map: the card of a k-mer, a cluster or a selection."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from bioskipgram import clusters as clustering
from bioskipgram.arrays import Doubles, Floats, Offsets, Tokens
from bioskipgram.embedding import KmerEmbedding
from bioskipgram.kmers import translate
from bioskipgram.vocabulary import Vocabulary
from dashboard import cache, figures, state
from dashboard.cache import ModelFile
from dashboard.state import Focus

if TYPE_CHECKING:
    import pandas as pd

NEIGHBORS = 40
METHODS = {"kmeans": "k-means", "hdbscan": "HDBSCAN"}


def describe(model: ModelFile) -> str:
    """Return one line of markdown that says what a model is."""
    embedding = cache.embedding(model)
    info, config = embedding.info, embedding.info.config
    stride = "" if config.stride == 1 else f" in steps of {config.stride}"
    n = embedding.remove_components
    removed = f", {n} leading component{'s' * (n > 1)} removed" if n else ""
    tokenizer = embedding.vocabulary.tokenizer
    unit = "Mb" if tokenizer.alphabet.complement else "million residues"
    return (
        f"{len(embedding):,} {tokenizer.word}s{stride}, {config.dim} dimensions{removed}, window "
        f"{config.window} · learnt from {info.records:,} sequences, {info.bases / 1e6:.2f} {unit} "
        f"({_plain(info.source)}) by the {info.trainer} trainer"
    )


def show(model: ModelFile, tokens: Tokens) -> None:
    """Draw the card of what the page is looking at.

    Parameters
    ----------
    model
        The model.
    tokens
        int32[n] k-mers in focus: one for a k-mer's card, several for a group's.
    """
    focus = state.focus()
    if focus.kind == "kmer":
        _kmer_card(model, int(tokens[0]))
    elif focus.kind:
        _group_card(model, tokens, _title(model, focus, len(tokens)))
    else:
        _overview(model)


def _title(model: ModelFile, focus: Focus, size: int) -> str:
    titles = {
        "cluster": lambda: f"Cluster {focus.number} · {cache.cluster_names(model)[focus.number]}",
        "pattern": lambda: f"k-mers with {focus.text}",
        "selection": lambda: f"{size:,} selected k-mers",
    }
    return titles[focus.kind]()


def _trait(model: ModelFile) -> tuple[str, str, Floats]:
    """Return the number that sums a k-mer up: its name, how to print it, and its values.

    GC in percent; of protein, the mean hydropathy.
    """
    if cache.embedding(model).vocabulary.tokenizer.alphabet.complement:
        return "GC", "{:.0f}%", 100 * cache.property_of(model, "GC content").values
    return "Hydropathy", "{:.1f}", cache.property_of(model, "hydropathy").values


def _overview(model: ModelFile) -> None:
    """Say how well the model fits, and list its clusters: also the keyboard's way in."""
    info = cache.embedding(model).info
    left, right = st.columns(2)
    left.metric("Loss per pair", f"{info.loss:.4f}", help="Expected SGNS loss in nats.")
    right.metric(
        "Gap to optimum",
        "not known" if info.gap is None else f"{info.gap:.1%}",
        help="0 % = no vectors could do better, 100 % = as good as none. It says how well the "
        "counts are fitted, not that they mean anything: `bioskipgram quality` compares with "
        "shuffled sequences.",
    )
    st.markdown("Click a point or a cluster's name, draw a lasso, or choose a cluster here:")
    _cluster_list(model)


def _cluster_list(model: ModelFile) -> None:
    import pandas as pd  # here, so that on a first visit the map need not wait for it

    embedding, found = cache.embedding(model), cache.found_clusters(model)
    trait, _, values = _trait(model)
    members = [found.members(c) for c in range(len(found))]
    table = pd.DataFrame(
        {
            "cluster": range(len(found)),
            "consensus": cache.cluster_names(model),
            "k-mers": [len(tokens) for tokens in members],
            trait: [float(values[tokens].mean()) for tokens in members],
        }
    )
    event = st.dataframe(
        table,
        hide_index=True,
        height=300,
        on_select="rerun",
        selection_mode="single-row",
        key=f"clusters-{model.name}",
        column_config={trait: _column(trait)},
        alt=f"Clusters with their consensus, size and {trait}; choose a row to open one",
    )
    if event.selection.rows:
        state.set_focus(Focus("cluster", int(event.selection.rows[0])))
        st.rerun()
    noise = int((found.labels == clustering.NOISE).sum())
    alphabet = embedding.vocabulary.tokenizer.alphabet
    st.caption(
        f"{METHODS[found.config.method]} in the full {embedding.center.shape[1]}-dimensional space"
        + (f", {noise:,} k-mers are noise" if noise else "")
        + f" · named by their consensus, {alphabet.any.lower()} = any {alphabet.unit}; "
        "~ = the most central k-mer instead"
    )


def _kmer_card(model: ModelFile, token: int) -> None:
    embedding = cache.embedding(model)
    vocabulary = embedding.vocabulary
    text, colours = vocabulary.texts[token], figures.letter_colours(vocabulary.tokenizer.alphabet)
    st.html(_coloured(text, colours))
    count = int(vocabulary.counts[token])
    rank = int((vocabulary.counts > count).sum()) + 1
    one, two, three = st.columns(3)
    one.metric("Count", f"{count:,}", help="Occurrences in the training sequences")
    two.metric("Rank", f"{rank:,}", help=f"1 = most frequent of {len(vocabulary):,}")
    trait, form, values = _trait(model)
    three.metric(trait, form.format(values[token]))
    st.markdown(_facts(model, token))
    _neighbor_table(model, embedding, text)


def _facts(model: ModelFile, token: int) -> str:
    """Return translation and reverse complement, where there are, and cluster as a list."""
    embedding = cache.embedding(model)
    nucleotides = bool(embedding.vocabulary.tokenizer.alphabet.complement)
    rows = _strand_facts(embedding, token) if nucleotides else []
    label = int(cache.found_clusters(model).labels[token])
    name = "noise" if label < 0 else f"{label} · `{cache.cluster_names(model)[label]}`"
    return "\n".join(f"- {row}" for row in [*rows, f"Cluster · {name}"])


def _strand_facts(embedding: KmerEmbedding, token: int) -> list[str]:
    """Return what only nucleotides have: a translation and a reverse complement."""
    text, twin = embedding.vocabulary.texts[token], int(embedding.twins[token])
    frames = [translate(text, frame).replace("*", "(stop)") for frame in range(3)]
    lines = [f"frame {f}: **{peptide}**" for f, peptide in enumerate(frames) if peptide]
    rows = ["Translation · " + " · ".join(lines)] if lines else []
    if twin == token:
        rows.append("Its own reverse complement (palindrome)")
    elif twin >= 0:
        cosine = float(embedding.unit[token] @ embedding.unit[twin])
        rows.append(
            f"Reverse complement · `{embedding.vocabulary.texts[twin]}`, cosine {cosine:.3f}"
        )
    return rows


def _neighbor_table(model: ModelFile, embedding: KmerEmbedding, text: str) -> None:
    import pandas as pd

    hide = st.toggle(
        "Hide shifts",
        key=state.HIDE_SHIFTS,
        help="Leave out neighbours that are the same k-mer moved by a few bases: they follow "
        "from how the windows overlap.",
    )
    found = embedding.neighbors(text, NEIGHBORS)
    texts = [embedding.vocabulary.texts[token] for token in found.tokens[0]]
    table = pd.DataFrame(
        {"k-mer": texts, "cosine": found.scores[0], "relation": found.relations[0],
         "count": embedding.vocabulary.counts[found.tokens[0]]}
    )  # fmt: skip
    if hide:
        table = table[~table["relation"].str.startswith("shift")].reset_index(drop=True)
    st.markdown(f"**Nearest {len(table)} of {len(embedding) - 1:,}** by cosine")
    event = st.dataframe(
        table,
        hide_index=True,
        height=260,
        on_select="rerun",
        selection_mode="single-row",
        key=f"neighbors-{model.name}-{text}-{hide}",
        column_config={
            "cosine": st.column_config.ProgressColumn(
                "cosine", format="%.3f", min_value=0.0, max_value=1.0
            )
        },
        alt=f"Nearest neighbours of {text}; choose a row to go there",
    )
    if event.selection.rows:
        chosen = str(table["k-mer"][event.selection.rows[0]])
        state.set_focus(Focus("kmer", embedding.vocabulary.token(chosen)))
        st.rerun()
    _download(table, f"neighbours-{text}")


def _group_card(model: ModelFile, tokens: Tokens, title: str) -> None:
    embedding = cache.embedding(model)
    st.subheader(title, anchor=False)
    if not len(tokens):
        st.info("No k-mer of this model matches.")
        return
    vocabulary = embedding.vocabulary
    trait, form, values = _trait(model)
    rest = np.setdiff1d(np.arange(len(embedding)), tokens)
    one, two, three = st.columns(3)
    one.metric("k-mers", f"{len(tokens):,}", help=f"{len(tokens) / len(embedding):.1%} of all")
    share = vocabulary.counts[tokens].sum() / vocabulary.counts.sum()
    two.metric("Share of corpus", f"{share:.1%}", help="Of all k-mers in the training sequences")
    three.metric(
        trait,
        form.format(values[tokens].mean()),
        help=f"All others: {form.format(values[rest].mean())}" if len(rest) else None,
    )
    _logo(embedding, tokens)
    _composition(vocabulary, tokens, rest)
    _member_table(model, tokens, title)


def _logo(embedding: KmerEmbedding, tokens: Tokens) -> None:
    vocabulary = embedding.vocabulary
    center = clustering.medoid(embedding, tokens)
    kmers, tokenizer = vocabulary.kmers, vocabulary.tokenizer
    counts = clustering.aligned_counts(kmers[tokens], int(kmers[center]), tokenizer)
    st.markdown(f"**Logo**, each k-mer slid to fit the medoid `{vocabulary.texts[center]}`")
    st.plotly_chart(
        figures.logo(clustering.logo(counts), tokenizer.alphabet),
        config={"displayModeBar": False, "staticPlot": True},
        alt=f"Sequence logo, consensus {clustering.consensus(counts, tokenizer.alphabet)}",
    )


def _composition(vocabulary: Vocabulary, tokens: Tokens, rest: Offsets) -> None:
    alphabet = vocabulary.tokenizer.alphabet
    st.markdown("**Composition**")
    selected, others = (_shares(vocabulary, group) for group in (tokens, rest))
    st.plotly_chart(
        figures.composition(selected, others, alphabet),
        config={"displayModeBar": False},
        alt=f"Share of each {alphabet.unit} in the selection and in all other k-mers",
    )


def _shares(vocabulary: Vocabulary, group: Tokens | Offsets) -> Doubles:
    """Return the share of each letter in some k-mers, float64[A]."""
    tokenizer = vocabulary.tokenizer
    bases, letters = tokenizer.bases(vocabulary.kmers[group]), tokenizer.alphabet.unknown
    counts = np.bincount(bases.ravel(), minlength=letters)[:letters]
    shares: Doubles = counts / max(1, counts.sum())
    return shares


def _member_table(model: ModelFile, tokens: Tokens, title: str) -> None:
    import pandas as pd

    vocabulary = cache.embedding(model).vocabulary
    trait, _, values = _trait(model)
    texts = [vocabulary.texts[token] for token in tokens]
    columns = {"k-mer": texts, "count": vocabulary.counts[tokens], trait: values[tokens]}
    if vocabulary.tokenizer.alphabet.complement:
        columns["amino acids"] = [translate(text) for text in texts]
    columns["cluster"] = cache.found_clusters(model).labels[tokens]
    table = pd.DataFrame(columns).sort_values("count", ascending=False, ignore_index=True)
    st.dataframe(
        table,
        hide_index=True,
        height=260,
        column_config={trait: _column(trait)},
        alt=f"The k-mers of: {title}",
    )
    fasta = "".join(
        f">{row['k-mer']} count={row['count']}\n{row['k-mer']}\n" for _, row in table.iterrows()
    )
    left, right = st.columns(2)
    with left:
        _download(table, "kmers")
    right.download_button(
        "FASTA", fasta, "kmers.fa", "text/plain", icon=":material/download:", on_click="ignore"
    )


def _download(table: "pd.DataFrame", name: str) -> None:
    st.download_button(
        "CSV",
        table.to_csv(index=False),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"csv-{name}",
    )


def _column(trait: str) -> Any:
    form = "%.0f %%" if trait == "GC" else "%.1f"
    return st.column_config.NumberColumn(trait, format=form)


def _coloured(kmer: str, colours: dict[str, str]) -> str:
    """Return a k-mer as HTML, each letter in its colour; its letters are the model's own."""
    spans = "".join(f'<span style="color:{colours[letter]}">{letter}</span>' for letter in kmer)
    return (
        '<div role="heading" aria-level="2" style="font:600 2.1rem/1.2 ui-monospace,monospace;'
        f'letter-spacing:.06em">{spans}</div>'
    )


def _plain(text: str) -> str:
    """Return untrusted text so that markdown shows it as it is."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|<>~$:" else c for c in text[:80])
