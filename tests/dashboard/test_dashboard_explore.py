"""Explore's cards, colours, table, history and kept sets, as Python sees them."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from bioskipgram.config import ClusterConfig, ProjectionConfig, TrainConfig
from bioskipgram.genes import reference_file
from bioskipgram.groups.names import ClusterName
from bioskipgram.kmers.relations import SPELT
from bioskipgram.model import beside, quality_file
from bioskipgram.model.codon_quality import AUC
from bioskipgram.model.quality import FRAME, Judged
from bioskipgram.model.quality_file import QualityReport
from bioskipgram.model.queries import ask
from bioskipgram.model.why import why
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.explore import colours, pairs, sentences
from dashboard.shared import cache, downloads, findings, model_map, neighbor_table
from dashboard.shared.quality import cache as quality
from dashboard.state import Focus, Trail
from tests.dashboard import pages
from tests.dashboard.test_dashboard import focus_of, open_app, text_of

K6 = "human-cds-k6"
WORD2VEC = "human-cds-k6-word2vec"


def selection(*tokens: int) -> Focus:
    flags = np.zeros(4096, np.bool_)
    flags[list(tokens)] = True
    return Focus("selection", flags=state.pack(flags))


def find(app: AppTest, text: str) -> AppTest:
    app.text_input(key=state.FIND).set_value(text).run()
    assert not app.exception
    return app


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_what_was_looked_at_can_be_undone_and_redone() -> None:
    app = find(find(open_app(), "ATGAAA"), "CGNCG")
    assert focus_of(app) == Focus("pattern", text="CGNCG")
    press(app, "undo")
    assert focus_of(app).kind == "kmer"
    press(app, "undo")
    assert focus_of(app) == Focus()
    assert app.button(key="undo").disabled
    press(app, "redo")
    press(app, "redo")
    assert focus_of(app) == Focus("pattern", text="CGNCG")
    assert app.button(key="redo").disabled


def test_looking_elsewhere_after_an_undo_forgets_what_was_undone() -> None:
    app = press(find(find(open_app(), "ATGAAA"), "CGNCG"), "undo")
    find(app, "TTTTTT")
    assert app.button(key="redo").disabled
    assert [look.kind for look in app.session_state["trail"].looks] == ["", "kmer", "kmer"]


def test_a_regular_expression_lights_what_it_matches() -> None:
    app = find(open_app(), "/^A+$/")
    assert "1 of the 4,096 6-mers" in text_of(app)
    assert "k-mers with /^A" in text_of(app).replace("\\", "")


def test_a_pattern_is_found_after_every_other_page_was_seen() -> None:
    app = open_app()
    for page in ("similarity", "genes", "motifs", "variants", "explore"):
        app = app.switch_page(f"{page}/page.py").run()
        assert not app.exception
    assert focus_of(find(app, "/^ATGA+$/")) == Focus("pattern", text="/^ATGA+$/")
    assert "1 of the 4,096 6-mers" in text_of(app)


def test_a_slip_in_the_search_box_takes_neither_the_map_nor_the_focus_away() -> None:
    app = find(find(open_app(), "ATGAAA"), "AAAAAAAAAA*")
    assert len(app.error) == 1
    assert "AAAAAAAAAA" in pages.shown(app.error[0])
    assert any(
        each.proto.component_name == "bioskipgram_kmer_map" for each in app.get("bidi_component")
    )
    assert focus_of(app).kind == "kmer"
    assert not find(app, "CGNCG").error


def test_a_model_whose_clusters_are_still_to_be_found_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache, "clusters_missing", lambda model: True)
    monkeypatch.setattr(model_map, "_offer", lambda model, config: None)
    app = open_app()
    assert "Clusters are still to be found" in text_of(app)
    assert "noise" not in text_of(app)
    assert "Cluster · not found yet" in text_of(find(app, "ATGAAA"))


@pytest.mark.parametrize("tab", ["Summary", "Words", "Genes", "Compare", "List"])
def test_every_tab_of_a_group_draws(tab: str) -> None:
    app = open_app(focus=Focus("cluster", 1), **{state.TAB_GROUP: tab})
    assert not app.exception
    assert not app.error
    assert app.session_state[state.TAB_GROUP] == tab


def test_a_selection_is_kept_opened_and_compared() -> None:
    app = press(open_app(focus=selection(1, 2, 3)), "keep")
    app.session_state[state.TAB_GROUP] = "Compare"
    app.run()
    assert app.selectbox(key=state.COMPARE).options[0] == "3 selected k-mers"
    next(b for b in app.button if b.label == "Overview").click().run()
    press(app, "open-3 selected k-mers")
    assert "3 of the 4,096 6-mers" in text_of(app)
    assert app.button(key="keep").disabled


def test_two_sets_are_told_apart_and_coloured() -> None:
    found = cache.found_clusters(cache.models()[K6])
    inside = found.members(0)
    app = open_app(
        focus=selection(*inside[:10].tolist(), *found.members(1)[:5].tolist()),
        **{state.TAB_GROUP: "Compare"},
    )
    name = next(o for o in app.selectbox(key=state.COMPARE).options if o.startswith("Cluster 0"))
    app.selectbox(key=state.COMPARE).set_value(name).run()
    next(b for b in app.button if b.label == "Show both").click().run()
    assert not app.exception
    said = pages.words(app)
    assert "A: 15 selected k-mers** · 15 k-mers" in said
    assert f"B: {name}** · {len(inside)} k-mers" in said
    assert "10 in both" in said
    assert app.selectbox(key=state.COLOUR).value == pairs.PAIR
    values = pairs.colouring(cache.models()[K6], focus_of(app)).values.astype(int)
    assert np.bincount(values).tolist() == [5, len(inside) - 10, 4096 - len(inside) - 5, 10]
    next(b for b in app.button if b.label == "Overview").click().run()
    assert app.selectbox(key=state.COLOUR).value == "frame preference"


def test_what_tells_two_sets_apart_most_is_a_sentence() -> None:
    model = cache.models()[K6]
    rich, poor = (
        state.pack(cache.matches(model, pattern)) for pattern in ("/^[CG]{5}/", "/^[AT]{5}/")
    )
    app = open_app()
    app.session_state[state.TRAIL] = Trail(
        (Focus("pair", text="rich\npoor", flags=rich, against=poor),)
    )
    app.run()
    assert not app.exception
    assert "**GC content**: 0.917 in A, 0.0833 in B (Cliff's delta +1.00, q " in text_of(app)
    table = app.dataframe[0].value
    assert list(table.columns) == ["property", "A", "B", "δ", "q"]


def test_a_pair_of_which_one_holds_the_other_says_so() -> None:
    model = cache.models()[K6]
    whole, part = (state.pack(cache.matches(model, text)) for text in ("CG", "CGCG"))
    app = open_app()
    app.session_state[state.TRAIL] = Trail((Focus("pair", text="a\nb", flags=whole, against=part),))
    app.run()
    assert "One set holds the other" in app.info[0].value


def test_clusters_are_found_anew_and_their_numbers_are_new() -> None:
    app = open_app(focus=Focus("cluster", 30), **{state.MODEL: K6})
    app.session_state[state.CLUSTERING] = (K6, ClusterConfig(method="leiden", resolution=0.5))
    app.session_state[state.TRAIL] = Trail()
    app.run()
    assert not app.exception
    said = pages.words(app)
    number = int(re.search(r"(\d+) clusters by Leiden", said)[1])
    assert 2 <= number <= 12
    assert app.session_state[state.MODEL] == K6


def test_a_longer_text_is_offered_to_similarity() -> None:
    app = find(open_app(), "GCCACCATGG")
    assert len(app.error) == 1
    (link,) = [each for each in app.get("page_link") if "Ask Similarity" in each.proto.label]
    assert "this sequence of 10 letters" in link.proto.label
    assert link.proto.query_string == "similar_to=GCCACCATGG"
    assert not [e for e in find(app, "A!").get("page_link") if "Ask Similarity" in e.proto.label]


def test_genes_richest_in_a_kmer_have_symbols_and_counts_of_their_own() -> None:
    model = cache.models()[K6]
    app = find(open_app(**{state.TAB_KMER: "Genes"}), "TATAAA")
    table = app.dataframe[0].value
    assert not table["gene"].str.startswith("seq").any()
    assert f"**{table['gene'][0]}** is the richest for its length" in text_of(app)
    found = reference_file.load(beside.genes(model.path))
    token = cache.embedding(model).vocabulary.token("TATAAA")
    first = found.names.index(table["gene"][0])
    assert table["here"][0] == found.counts[first, token] > table["expected"][0]
    share = found.counts[:, [token]].sum() / found.counts.sum()
    assert table["expected"][0] == pytest.approx(share * found.counts[[first]].sum())


def test_neighbours_of_a_kmer_are_ranked_and_may_leave_spelling_out() -> None:
    app = find(open_app(**{state.RELATION: "not spelling"}), "TATAAA")
    table = app.dataframe[0].value
    assert table["rank"].tolist() == list(range(1, 41))
    assert not table["relation"].str.contains("shift|substitution|extension").any()
    model = cache.models()[K6]
    shown = explore.near(model, cache.embedding(model).vocabulary.token("TATAAA"), SPELT)
    assert shown is not None
    assert table["k-mer"].tolist() == cache.embedding(model).vocabulary.spell(shown.tokens)
    assert neighbor_table.BACK in table


def test_the_words_of_a_group_stand_beside_those_of_a_random_one() -> None:
    app = open_app(focus=Focus("pattern", text="CGNCG"), **{state.TAB_GROUP: "Words"})
    assert "in a random selection of this size" in text_of(app)
    words = app.dataframe[0].value
    assert "CG" in set(words["word"].head(5))
    assert words["odds ratio"][0] == sentences.rounded(float(words["odds ratio"][0]))
    assert (words["q"].diff().dropna() >= 0).all()


def test_where_a_kmer_occurs_agrees_with_a_search_of_the_text() -> None:
    app = find(open_app(**{state.TAB_KMER: "Genes", state.PLACES: True}), "ATGGCC")
    sequences, _ = cache.sequences_of(cache.models()[K6], None)
    assert sequences is not None
    assert "HBB" in sequences.symbols
    texts = [sequences.text(i) for i in range(len(sequences))]
    plus = sum(text[i : i + 6] == "ATGGCC" for text in texts for i in range(len(text) - 5))
    minus = sum(text[i : i + 6] == "GGCCAT" for text in texts for i in range(len(text) - 5))
    assert f"**{plus + minus:,}** times" in text_of(app)
    assert f"+ strand **{plus:,}**" in text_of(app)
    row = app.dataframe[1].value.iloc[0]
    assert "ATGGCC" in row["surroundings"]


def test_every_colour_draws_whatever_it_needs() -> None:
    app = open_app()
    model = cache.models()[K6]
    tokens = np.array([5], np.int32)
    names = app.selectbox(key=state.COLOUR).options
    assert len(names) > 20
    for shown in names:
        found = colours.colouring(model, shown, tokens)
        assert len(found.values) == 4096
        assert np.isfinite(found.values).any()


def test_nearness_is_the_cosine_to_the_focus_and_unknown_without_one() -> None:
    model = cache.models()[K6]
    unit = cache.embedding(model).unit
    found = colours.colouring(model, colours.NEARNESS, np.array([7], np.int32)).values
    assert found[7] == pytest.approx(1, abs=1e-5)
    assert found == pytest.approx(unit @ unit[7], abs=1e-5)
    none = colours.colouring(model, colours.NEARNESS, np.array([], np.int32)).values
    assert np.isnan(none).all()


def test_kmers_beyond_the_null_are_a_colour_or_a_sentence_that_says_how_to_ask() -> None:
    app = open_app(**{state.COLOUR: colours.BEYOND})
    found = quality.beyond(cache.models()[K6])
    assert found is not None
    assert f"**{len(found.lit):,} of 4,096** k-mers are more than the null" in text_of(app)
    values = colours.colouring(cache.models()[K6], colours.BEYOND, np.array([], np.int32)).values
    assert np.flatnonzero(np.isfinite(values)).tolist() == sorted(found.lit.tolist())
    app = open_app(**{state.COLOUR: colours.BEYOND, state.MODEL: "human-tf-k6"})
    assert "null-map MODEL SEQUENCES" in text_of(app)
    assert not app.exception


def test_the_cosine_of_a_found_kmer_and_its_neighbour_is_split() -> None:
    token = cache.embedding(cache.models()[K6]).vocabulary.token("TATAAA")
    key = f"why-of-{K6}-{np.array([token], np.int32).tobytes().hex()}"
    app = find(open_app(**{key: True}), "TATAAA")
    listed = next(frame.value for frame in app.dataframe if "relation" in frame.value)
    parts = next(frame.value for frame in app.dataframe if "part" in frame.value)
    near = listed["k-mer"][0]
    model = cache.embedding(cache.models()[K6])
    found = why(model, *(ask(model, text) for text in ("TATAAA", near)))
    assert found.parts.sum() == pytest.approx(listed["cosine"][0], abs=1e-5)
    assert parts["part"][0] == found.parts[found.leading(1)[0]]
    assert f"together **{listed['cosine'][0]:.3f}**" in text_of(app)


def test_values_of_the_users_own_become_a_colour() -> None:
    table = b"kmer,age,<i>score\nAAAAAA,1,2\nCCCCCC,3,4\n"
    app = open_app()
    app.session_state[state.VALUES] = cache.Given("mine.csv", table)
    app.run()
    assert not app.exception
    assert colours.OWN + "age" in app.selectbox(key=state.COLOUR).options
    app.selectbox(key=state.COLOUR).set_value(colours.OWN + "age").run()
    assert not app.exception
    assert not app.error
    model = cache.models()[K6]
    own = explore.own_values(model, "x", cache.Given("mine.csv", table))
    token = cache.embedding(model).vocabulary.token("CCCCCC")
    assert own[0].values[token] == 3
    assert np.isnan(own[0].values).sum() == 4094


def test_the_table_is_not_made_until_it_is_opened_and_then_has_every_kmer() -> None:
    app = open_app()
    assert not any("amino acids" in frame.value for frame in app.dataframe)
    app.session_state[state.TABLE] = True
    app.run()
    assert not app.exception
    whole = next(frame.value for frame in app.dataframe if "amino acids" in frame.value)
    assert len(whole) == 4096
    find(app, "CGNCG")
    found = next(frame.value for frame in app.dataframe if "amino acids" in frame.value)
    assert len(found) == app.session_state["trail"].place * 32 == 32


def test_a_shared_address_brings_the_search_back() -> None:
    app = AppTest.from_file(str(pages.APP), default_timeout=60)
    app.query_params[state.FIND] = "CGNCG"
    app.run()
    assert not app.exception
    assert focus_of(app) == Focus("pattern", text="CGNCG")


def test_kmers_of_a_table_are_fasta_with_the_columns_asked_for() -> None:
    cosines = np.array([0.51239, -0.25], np.float32)
    table = pd.DataFrame({"k-mer": ["ACG", "TTT"], "cosine": cosines, "count": [7, 12]})
    text = ">ACG cosine=0.5124 count=7\nACG\n>TTT cosine=-0.2500 count=12\nTTT\n"
    assert downloads.fasta_text(table, "cosine", "count") == text
    assert downloads.fasta_text(table[:1], "count") == ">ACG count=7\nACG\n"


# What is said first -------------------------------------------------------------------------


def test_the_page_says_what_a_dot_is_what_near_means_and_how_much_is_spelling() -> None:
    said = pages.words(open_app(model=WORD2VEC))
    assert "Each dot is one of the 4,096 6-mers. Two are near when they occur in similar" in said
    shares = quality.spelling(cache.models()[WORD2VEC])
    spelt = shares["shift"] + shares["substitution"]
    assert 0.5 < spelt < 1
    assert f"**{spelt:.0%}** of a 6-mer's ten nearest neighbours are spelt like it" in said
    assert "of random ones 4% would be" in said


def test_every_kind_of_context_is_told() -> None:
    (contexts,) = (each for each in fields(TrainConfig) if each.name == "contexts")
    assert set(sentences.CONTEXTS) == set(contexts.metadata["choices"])


def test_spelling_is_a_share_of_all_relations_that_letters_alone_bring_about() -> None:
    shares = {"shift": 0.2, "substitution": 0.1, "extension": 0.05, "other": 0.65}
    said = sentences.spelling("word", shares, {"shift": 0.01, "other": 0.99})
    assert said.startswith("**35%** of a word's ten nearest neighbours")
    assert said.endswith("of random ones 1% would be.")
    assert sentences.spelling("word", {}, {}) == ""


def test_every_codon_is_named_and_coloured_by_amino_acid() -> None:
    app = open_app(model="human-cds-codon")
    assert app.selectbox(key=state.COLOUR).value == "amino acid"
    model = cache.models()["human-cds-codon"]
    layout = cache.layout(model, ProjectionConfig())
    labels = model_map._labels(model, layout)
    tokens = [label.token for label in labels if label.token is not None]
    assert sorted(tokens) == list(range(64))
    assert [label.cluster for label in labels[64:]] == [0, 1, 2, 3]
    first, counts = labels[0], cache.embedding(model).vocabulary.counts
    assert first.token == counts.argmax()
    assert [first.x, first.y] == layout.points[first.token].tolist()


def test_the_default_colour_follows_the_model_until_one_is_chosen() -> None:
    app = open_app(model="human-cds-codon")
    app.selectbox(key=state.MODEL).set_value(WORD2VEC).run()
    assert app.selectbox(key=state.COLOUR).value == "cluster"
    app.selectbox(key=state.MODEL).set_value("human-cds-codon").run()
    assert app.selectbox(key=state.COLOUR).value == "amino acid"
    app.selectbox(key=state.COLOUR).set_value("CpG").run()
    app.selectbox(key=state.MODEL).set_value(K6).run()
    assert app.selectbox(key=state.COLOUR).value == "CpG"


def test_a_model_of_contexts_in_frame_is_coloured_by_frame(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    text = "ACGTTGCATTAGCATCGATTACGCATGC" * 4
    for name, contexts in (("frame", "frame-apart"), ("all", "all")):
        pages.save_trained(elsewhere / f"{name}.safetensors", text, k=4, contexts=contexts)
    found = {name: colours.default_for(model) for name, model in cache.models().items()}
    assert found == {"frame": "frame preference", "all": "cluster"}


def test_a_clusters_card_begins_with_what_sets_it_apart() -> None:
    said = pages.words(open_app(focus=Focus("cluster", 0), model=WORD2VEC))
    assert "245 of the 4,096 6-mers (6.0%). **98%** of them match `G....G`: odds" in said
    said = pages.words(open_app(focus=Focus("cluster", 0), model="human-cds-codon"))
    assert "of the 64 codons (" in said
    said = pages.words(open_app(focus=Focus("pattern", text="CGNCG")))
    assert re.search(r"\d+ of the 4,096 6-mers \(\d\.\d%\)\. They are \d", said)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            {"name": "T..", "pattern": "TNN", "share": 0.9, "odds": 12.34, "q": 1e-5},
            "**90%** of them match `T..`: odds ratio 12.3 against all others, q = 1.0e-05.",
        ),
        (
            {"name": "GC-rich", "feature": "GC-rich", "share": 0.5, "odds": 2e9, "q": 0.0},
            "**50%** of them fit “GC-rich”: odds ratio above 1,000 against all others, q < 1e-99.",
        ),
        ({}, "(10.0%); no pattern and no property sets them apart from the others."),
    ],
)
def test_every_kind_of_name_makes_a_sentence(name: dict[str, Any], said: str) -> None:
    named = ClusterName(number=0, members=7, **name)
    whole = sentences.of_group("6-mer", 7, 70, named)
    assert whole.startswith("7 of the 70 6-mers (10.0%)")
    assert whole.endswith(said)


def test_a_search_shows_what_was_searched_as_its_logo() -> None:
    app = open_app(focus=Focus("pattern", text="ATG"))
    logo = next(each for each in app.get("plotly_chart") if "logo" in each.proto.alt)
    assert logo.proto.alt == "Sequence logo, consensus ATG"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (FRAME, 0.934, " Beyond its nulls it knows the reading frame of neighbours that are not"
         " spelt alike (correlation **0.934**; best null, codons shuffled: 0.820 (0.810 to"
         " 0.830))."),
        (AUC, 0.8, " It knows which codons are synonymous no better than its nulls do"
         " (AUC **0.800**; best null, codons shuffled: 0.820 (0.810 to 0.830))."),
    ],
)  # fmt: skip
def test_what_is_known_beyond_the_nulls_is_said_only_where_it_is(
    name: str, value: float, said: str
) -> None:
    nulls = {
        "bases shuffled": (0.1,),
        "codons shuffled": (0.81, 0.83, 0.82),
        "random vectors": (9,),
    }
    assert sentences.beyond({name: Judged(value, (), nulls)}) == said
    assert sentences.beyond({name: Judged(value)}) == ""
    assert sentences.beyond({}) == ""


def test_a_rule_without_learning_counts_as_a_null() -> None:
    judged = Judged(0.91, (), {"codons shuffled": (0.8,)}, {"transitions": 0.92})
    assert (
        "no better than its nulls do (AUC **0.910**; best null, the rule “transitions”: 0.920)"
        in (sentences.beyond({AUC: judged}))
    )


def test_the_report_beside_a_model_is_shown(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    pages.save_trained(elsewhere / "m.safetensors", "ACGTTGCATTAGCATCGATTACGCATGC" * 4, k=2)
    (model,) = cache.models().values()
    measures = {AUC: Judged(0.9, (0.88, 0.9), {"codons shuffled": (0.5, 0.7)}, {"rule": 0.6})}
    report = QualityReport(cache.embedding(model).digest, "x.fa", "", "0", measures)
    quality_file.save(report, beside.quality(model.path))
    app = open_app(**{state.LAYOUT: "PCA"})
    assert "Beyond its nulls it knows which codons are synonymous" in pages.words(app)


def test_a_link_to_a_cluster_that_was_found_anew_holds_its_kmers() -> None:
    app = open_app(
        focus=Focus("cluster", 0),
        **{state.CLUSTERING: (K6, ClusterConfig(method="leiden", resolution=0.5))},
    )
    assert not app.exception
    assert "cluster" not in app.query_params
    number = "".join(app.query_params["selection"])
    found = findings.get(number)
    assert found is not None
    assert int(found.size.split()[0].replace(",", "")) > 300
