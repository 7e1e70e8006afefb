"""The Similarity page: an answered example first, every way to ask, a sentence for mistakes."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import bioskipgram as bsg
from bioskipgram.model import beside, quality_file
from bioskipgram.model.neighbors import arithmetic, neighborhood
from bioskipgram.model.quality import Judged
from bioskipgram.model.quality_file import QualityReport
from bioskipgram.model.queries import ask
from dashboard import state
from dashboard.shared import cache, neighbor_table
from dashboard.shared.quality import cache as quality
from dashboard.similarity import cache as remembered
from dashboard.similarity import figures, neighbor_list, similar_map, vector_sums
from tests.dashboard import pages
from tests.dashboard.test_dashboard import open_app, text_of

PAGE = "similarity"


def similarity(**session: object) -> AppTest:
    """Return the page after its first run; the map is PCA, which needs no waiting."""
    app = open_app(PAGE, **{state.LAYOUT: "PCA", **session})
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return text_of(app) + "\n".join(str(metric.value) for metric in app.metric)


def listed(app: AppTest, column: str = "relation") -> Any:
    return next(frame.value for frame in app.dataframe if column in frame.value)


def embedding(name: str = "human-cds-k6") -> bsg.KmerEmbedding:
    return cache.embedding(cache.models()[name])


def test_an_example_is_answered_before_anything_is_asked() -> None:
    app = similarity()
    assert not app.error
    model = embedding()
    commonest = model.vocabulary.texts[int(model.vocabulary.counts.argmax())]
    assert "An example: the most frequent 6-mer" in said(app)
    assert f"`{commonest}` · seen" in said(app)
    expected = neighborhood(model, ask(model, commonest), 20)
    assert listed(app)["k-mer"].tolist() == model.vocabulary.spell(expected.tokens)
    assert listed(app)["relation"].tolist() == list(expected.relations)
    share = sum(expected.shares.get(kind, 0) for kind in ("shift", "substitution"))
    assert f"**{share:.0%} of the nearest 20 are spelling**" in said(app)


def test_hidden_relations_make_room_for_the_next_nearest() -> None:
    app = similarity()
    app.text_area(key=state.QUERY).set_value("atgaaa")
    app.number_input(key=state.LENGTH).set_value(30).run()
    whole = listed(app)
    app.pills(key=state.HIDE).set_value(["shift"]).run()
    assert not app.exception
    rest = listed(app)
    assert len(rest) == 30
    assert not rest["relation"].str.startswith("shift").any()
    kept = whole[~whole["relation"].str.startswith("shift")]["k-mer"].tolist()
    assert rest["k-mer"].tolist()[: len(kept)] == kept
    assert len(kept) < 30


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("GCCACCATGGN", "sequence of 11 bases: mean direction of **5** of its 6 k-mers"),
        ("CGNCG", "pattern: mean direction of the **32** k-mers that match it"),
        ("/^CG.*CG$/", "pattern: mean direction of the **16** k-mers"),
    ],
)
def test_sequences_and_patterns_are_told_and_related_to_their_own_kmers(
    query: str, told: str
) -> None:
    app = similarity()
    app.text_area(key=state.QUERY).set_value(query).run()
    assert not app.exception
    assert told in said(app)
    model = embedding()
    own = set(model.vocabulary.spell(ask(model, query).tokens))
    assert set(listed(app)[neighbor_list.NEAREST_TO]) <= own
    assert not own & set(listed(app)["k-mer"])


def test_several_queries_are_a_matrix_and_a_choice_of_lists() -> None:
    app = similarity()
    app.text_area(key=state.QUERY).set_value("ATGAAA, CGNCG\nGCCACCATGG").run()
    assert not app.exception
    assert "**Cosine of every two** of 3 queries" in said(app)
    choice = app.segmented_control(key="one-of-3")
    assert "`ATGAAA` · seen" in said(app)
    choice.set_value(1).run()
    assert "`CGNCG` · pattern" in said(app)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("A!", "is no IUPAC nucleotide code"),
        ("NNNNNNN", "knows no 6-mer of it"),
        ("/(/", "/(/"),
        (",".join(["ATGAAA"] * 25), "25 queries; give up to 24 at a time"),
    ],
)
def test_a_bad_query_is_one_sentence_and_the_page_recovers(query: str, message: str) -> None:
    app = similarity()
    app.text_area(key=state.QUERY).set_value(query).run()
    assert not app.exception
    assert len(app.error) == 1
    assert message in pages.shown(app.error[0])
    app.text_area(key=state.QUERY).set_value("ATGAAA").run()
    assert not app.error


def test_two_queries_share_what_both_lists_hold() -> None:
    model = embedding()
    tokens = [model.vocabulary.token(text) for text in ("ATGAAA", "ATGAAC")]
    key = "-".join(np.array([token], np.int32).tobytes().hex() for token in tokens)
    opened = {f"why-of-human-cds-k6-{key}": True}
    app = similarity(**{state.QUERY: "ATGAAA, ATGAAC"}, **opened)
    assert not app.get("plotly_chart")
    one, two = (set(model.neighbors(text, 20).tokens.tolist()) for text in ("ATGAAA", "ATGAAC"))
    assert f"they share **{len(one & two)} of 20** nearest" in said(app)
    reasons = listed(app, "part")
    cosine = model.similarity("ATGAAA", "ATGAAC")
    assert f"together **{cosine:.3f}**" in said(app)
    assert reasons["part"].abs().is_monotonic_decreasing
    table = listed(app, "difference")
    assert (table["in"] == "both").sum() == len(one & two)
    assert set(table["k-mer"]) == set(model.vocabulary.spell(np.array(sorted(one | two))))


def test_a_sum_is_answered_and_its_example_says_where_the_letters_answer_stands() -> None:
    model = cache.models()["human-cds-k6"]
    app = similarity(**{state.QUERY: vector_sums.example(model)})
    assert "By letters" in said(app)
    app.text_area(key=state.QUERY).set_value("ATGAAA + CGCGCG - TTTTTT").run()
    assert not app.exception
    assert "By letters" not in said(app)
    plus = [ask(embedding(), text) for text in ("ATGAAA", "CGCGCG")]
    expected = arithmetic(embedding(), plus, [ask(embedding(), "TTTTTT")], 20)
    assert listed(app)["k-mer"].tolist() == embedding().vocabulary.spell(expected.tokens)
    app.text_area(key=state.QUERY).set_value("TTTTTT - TTTTTT").run()
    assert "the terms cancel each other out" in pages.shown(app.error[0])


def test_the_cosine_with_a_sum_is_split_into_terms_and_contexts() -> None:
    key = "why-of-human-cds-k6-ATGAAA, CGCGCG-TTTTTT"
    app = similarity(**{state.QUERY: "ATGAAA + CGCGCG - TTTTTT", key: True})
    cosine = listed(app)["cosine"][0]
    line = next(each.value for each in app.markdown if "What each term adds" in each.value)
    terms = [float(number) for number in re.findall(r"` \*\*([+-][.0-9]+)\*\*", line)]
    assert len(terms) == 3
    assert sum(terms) == pytest.approx(cosine, abs=0.002)  # of three decimals
    assert f"together **{cosine:.3f}**" in line
    parts = listed(app, "part")
    by_term = parts[["+ ATGAAA", "+ CGCGCG", "− TTTTTT"]]
    assert by_term.sum(axis=1).tolist() == pytest.approx(parts["part"].tolist())
    sizes = parts["part"].abs().tolist()
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ATGAAA", None), ("ATG, AAA", None), ("/A+C-/", None), (">a+b\nATG", None), ("", None),
        ("ATG---GCC", None), ("AAA + CCC", ("AAA, CCC", "")), ("AAA−CCC+GGG", ("AAA, GGG", "CCC")),
        ("-AAA+CCC", ("CCC", "AAA")), ("AAA+", None),
    ],
)  # fmt: skip
def test_what_is_a_sum(text: str, found: tuple[str, str] | None) -> None:
    assert vector_sums.terms(text) == found


@pytest.mark.parametrize("name", ["seed1", "mixed", "codons", "protein", "rna"])
@pytest.mark.parametrize("how", ["first", "two compared", "sum"])
@pytest.mark.usefixtures("models")
def test_every_way_to_ask_opens_for_every_kind_of_model(name: str, how: str) -> None:
    model = cache.models()[name]
    texts = [text for text, _ in remembered.examples(model)]
    query = {"first": texts[0], "two compared": ", ".join(texts[:2])}.get(
        how, vector_sums.example(model)
    )
    app = similarity(**{state.QUERY: query, state.MODEL: name})
    assert not app.error
    assert app.dataframe


def test_without_any_model_the_page_says_what_to_do(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    assert "There is no model yet" in similarity().info[0].value


@pytest.mark.parametrize("tint", [similar_map.COSINE, similar_map.RELATION, "cluster", "CpG"])
@pytest.mark.parametrize("query", ["ATGAAA", "ATGAAACCC"])
def test_every_colouring_of_the_map_draws(tint: str, query: str) -> None:
    app = similarity(**{state.TINT: tint})
    app.text_area(key=state.QUERY).set_value(query).run()
    assert not app.exception
    assert not app.error


def test_the_null_is_read_from_the_report_beside_the_model(trained: Path, models: Path) -> None:
    model = cache.models()["seed1"]
    assert remembered.shuffled(model) == {}
    measures = {
        "neighbours: shift": Judged(0.4, (0.4,), {"bases shuffled": (0.1, 0.3, 0.2)}),
        "neighbours: other": Judged(0.6, (), {"random vectors": (0.9,), "bases shuffled": (0.7,)}),
        "gap to the optimum": Judged(0.1),
    }
    path = beside.quality(model.path)
    digest = cache.embedding(model).digest
    for known, found in (("", {}), (digest, {"shift": 0.2, "other": 0.7})):
        quality_file.save(QualityReport(known, "x.fa", "", "0", measures), path)
        assert remembered.shuffled(model) == found
    path.write_text("{")
    assert remembered.shuffled(model) == {}
    path.unlink()


def test_shares_of_relations_stand_beside_what_is_expected() -> None:
    app = similarity(**{state.QUERY: "ATGAAA"})
    table = listed(app, "typical list")
    assert list(table.columns) == [
        "relation", "this list", "typical list", "after shuffling", "by chance"
    ]  # fmt: skip
    assert table[["this list", "typical list"]].sum().tolist() == pytest.approx([100, 100])


def test_the_matrix_is_drawn_in_the_order_of_its_tree() -> None:
    cosines = np.array([[1, 0, 0.9], [0, 1, 0.1], [0.9, 0.1, 1]], np.float32)
    from bioskipgram.model.compare import tree

    plain = figures.matrix(cosines, ["a", "b", "c"], None)
    assert list(plain.layout.xaxis.ticktext) == ["a", "b", "c"]
    grouped = figures.matrix(cosines, ["a", "b", "c"], tree(cosines))
    order = list(grouped.layout.xaxis2.ticktext)
    assert abs(order.index("a") - order.index("c")) == 1
    values = grouped.data[0].z
    assert values[order.index("a")][order.index("c")] == pytest.approx(0.9)


def test_a_neighbour_has_its_chance_to_come_back_where_it_was_measured() -> None:
    model = cache.models()["human-cds-k6"]
    found = quality.stability(model)
    assert found is not None
    table = similarity(**{state.QUERY: "ATGAAA"}).dataframe[0].value
    chances = table[neighbor_table.BACK]
    token = embedding().vocabulary.token("ATGAAA")
    ten = embedding().vocabulary.spell(found.tokens[token])
    assert table["k-mer"].tolist()[:10] == ten
    assert chances[:10].tolist() == pytest.approx(100 * found.shares[token], abs=0.01)
    assert chances[10:].isna().all()
    assert quality.stability(cache.models()["human-cds-codon"]) is None


def test_what_comes_back_less_often_than_not_is_faint() -> None:
    rows = [{neighbor_table.BACK: 40.0}, {neighbor_table.BACK: 60.0}, {neighbor_table.BACK: pd.NA}]
    styles = [neighbor_table._faint(pd.Series(row, dtype="Float64")) for row in rows]
    assert styles == [["color: #9aa0a6"], [""], [""]]
