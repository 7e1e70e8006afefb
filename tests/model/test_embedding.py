"""Asking an embedding: every answer against a slow and obvious one, every refusal in words."""

from collections.abc import Sequence
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
from Bio.Seq import Seq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bioskipgram.config import TrainConfig
from bioskipgram.errors import BioSkipGramError, ConfigError, QueryError
from bioskipgram.kmers.relations import relations
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo

INFO = {
    "trainer": "exact", "source": "cds.fa", "sha256": "", "records": 1, "bases": 9, "loss": 1.5,
    "optimum": 1.0, "zero_loss": 3.0, "losses": [(1, 1.5)], "steps_done": 1, "seconds": 0.1,
    "created": "2025-01-01T00:00:00+00:00", "version": "0",
}  # fmt: skip


def vocabulary(k: int, *texts: str, **settings: Any) -> Vocabulary:
    """The vocabulary of these k-mers; of all there are if none is named."""
    tokenizer = TrainConfig(k=k, **settings).tokenizer
    kmers = np.unique([tokenizer.encode(text) for text in texts] or tokenizer.all_codes())
    return Vocabulary(tokenizer, kmers.astype(np.int64), np.arange(1, len(kmers) + 1))


def made_up(k: int = 3, *texts: str, dim: int = 8, seed: int = 0, **settings: Any) -> KmerEmbedding:
    """An embedding with random vectors."""
    random, words = np.random.default_rng(seed), vocabulary(k, *texts, **settings)
    config = TrainConfig(k=k, dim=dim, **settings)
    tables = random.normal(size=(2, len(words), dim)).astype(np.float32) + np.float32(0.5)
    info = ModelInfo.from_dict({**INFO, "config": vars(config)})
    return KmerEmbedding(words, tables[0], tables[1], info)


def cosine(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


# Neighbours ----------------------------------------------------------------------------------


def brute_force(model: KmerEmbedding, query: str, n: int) -> list[tuple[str, float]]:
    """Every other k-mer with its cosine, sorted."""
    texts = model.vocabulary.texts
    own = model.center[texts.index(query)].astype(float)
    found = [
        (text, cosine(own, row.astype(float)))
        for text, row in zip(texts, model.center, strict=True)
        if text != query
    ]
    return sorted(found, key=lambda pair: -pair[1])[:n]


@pytest.mark.parametrize("n", [1, 2, 10, 62, 63, 64, 10_000])
@pytest.mark.parametrize("query", ["AAA", "ACG", "TTT"])
def test_neighbours_are_those_of_a_full_sort(n: int, query: str) -> None:
    model = made_up()
    found, expected = model.neighbors(query, n), brute_force(model, query, n)
    assert model.vocabulary.spell(found.tokens) == [text for text, _ in expected]
    np.testing.assert_allclose(found.cosines, [score for _, score in expected], atol=1e-6)
    assert found.tokens.dtype == np.int32
    assert found.cosines.dtype == np.float32
    assert len(found.relations) == min(n, 63)


def test_neighbours_of_several_vectors_are_those_of_each() -> None:
    model, own = made_up(), [np.array([token], np.int32) for token in (0, 6, 63)]
    tokens, cosines = model.nearest(model.unit[[0, 6, 63]], 9, without=own)
    for token, row, scores in zip(own, tokens, cosines, strict=True):
        one = model.neighbors(model.vocabulary.texts[token[0]], 9)
        assert row.tolist() == one.tokens.tolist()
        np.testing.assert_allclose(scores, one.cosines, atol=1e-6)


def test_neighbours_of_a_longer_sequence_leave_out_its_own_kmers() -> None:
    model = made_up()
    found = model.neighbors("ACGTA", 61)
    texts = set(model.vocabulary.spell(found.tokens))
    assert texts == set(model.vocabulary.texts) - {"ACG", "CGT", "GTA"}


def test_kinds_of_neighbours_can_be_hidden() -> None:
    found = made_up().neighbors("ACG", 60, hide={"shift", "other"})
    assert set(found.relations) == {"substitution", "reverse complement"}


@pytest.mark.parametrize("query", ["acg", "ACG", " A\nC G ", "aCg"])
def test_case_and_blanks_do_not_matter(query: str) -> None:
    model = made_up()
    np.testing.assert_array_equal(model.vector(query), model.vector("ACG"))


def test_t_and_u_are_one_letter() -> None:
    for model in (made_up(), made_up(alphabet="RNA")):
        np.testing.assert_array_equal(model.vector("UAC"), model.vector("tac"))


def test_a_canonical_model_takes_either_strand() -> None:
    model = made_up(canonical=True)
    for text in ("AAC", "CGT", "TTT", "GGCATCA"):
        twin = str(Seq(text).reverse_complement())
        np.testing.assert_allclose(model.vector(text), model.vector(twin), atol=1e-6)
    assert len(model) == 32
    one, other = model.neighbors("AAC", 5), model.neighbors("GTT", 5)
    assert one.tokens.tolist() == other.tokens.tolist()
    assert "AAC" not in {model.vocabulary.texts[token] for token in one.tokens}


@pytest.mark.parametrize("frame", [0, 1, 2])
def test_a_query_starts_at_its_own_first_base_whatever_frame_was_trained_on(frame: int) -> None:
    model = made_up(stride=3, frame=frame)
    texts = model.vocabulary.texts
    assert [texts[token] for token in model.tokens_of("ATGGCC")] == ["ATG", "GCC"]
    assert brute_force(model, "ATG", 1)[0][0] == texts[model.neighbors("ATG", 1).tokens[0]]


# Vectors and similarity -----------------------------------------------------------------------


def test_the_vector_of_a_sequence_is_the_direction_of_its_mean() -> None:
    model = made_up()
    rows = [model.vocabulary.token(text) for text in ("ACG", "CGT", "GTT")]
    mean = np.mean([row / np.linalg.norm(row) for row in model.center[rows].astype(float)], axis=0)
    np.testing.assert_allclose(model.vector("ACGTT"), mean / np.linalg.norm(mean), atol=1e-6)
    assert model.vector("ACGTT").dtype == np.float32


def test_unknown_bases_and_unknown_kmers_are_left_out_of_the_mean() -> None:
    model = made_up(3, "ACG", "CGT")
    np.testing.assert_array_equal(model.vector("ACGNNCGTAAA"), model.vector("ACGT"))


@settings(deadline=None)
@given(st.text("ACGT", min_size=3, max_size=9), st.text("ACGT", min_size=3, max_size=9))
def test_similarity_is_symmetric_and_a_cosine(first: str, second: str) -> None:
    model = made_up()
    here = model.similarity(first, second)
    assert here == pytest.approx(model.similarity(second, first), abs=1e-6)
    assert here == pytest.approx(cosine(model.vector(first), model.vector(second)), abs=1e-5)
    assert model.similarity(first, first) == pytest.approx(1, abs=1e-6)


# Refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "'' is shorter than this model's 3-mers"),
        ("AC", "'AC' is shorter than this model's 3-mers"),
        ("A C ", "shorter than this model's 3-mers"),
        ("NNNNN", "'NNNNN': this model knows no 3-mer of it; give letters of ACGT"),
        ("XYZ", "knows no 3-mer of it"),
        ("ÄÖÜ", "knows no 3-mer of it"),
        ("TTT", "'TTT': this model knows no 3-mer of it"),
        ("T" * 400, f"^'{'T' * 27}…': this model"),
    ],
)
def test_a_query_without_a_known_kmer_is_refused(query: str, message: str) -> None:
    model = made_up(3, "ACG", "CGT", "GTA")
    with pytest.raises(QueryError, match=message):
        model.vector(query)
    with pytest.raises(QueryError, match=message):
        model.similarity("ACG", query)


def test_a_query_of_everything_leaves_nothing_to_find() -> None:
    model = made_up(1)
    assert model.neighbors("ACG", 5).tokens.tolist() == [3]
    with pytest.raises(QueryError, match="holds every k-mer of this model"):
        model.neighbors("ACGT")


def test_a_query_error_is_a_lookup_error() -> None:
    with pytest.raises(LookupError, match="shorter") as caught:
        made_up().vector("A")
    assert isinstance(caught.value, BioSkipGramError)


# How k-mers are spelt relative to each other -------------------------------------------------


def relation_in_words(first: str, second: str, *, codons: bool) -> str:
    """The definition, word for word."""
    k = len(first)
    if first == second:
        return "same"
    if second == str(Seq(first).reverse_complement()):
        return "reverse complement"
    if codons and Seq(first).translate() == Seq(second).translate():
        return "synonymous"
    for d in range(1, k // 2 + 1):
        if second[: k - d] == first[d:]:
            return f"shift +{d}"
        if second[d:] == first[: k - d]:
            return f"shift -{d}"
    differences = sum(a != b for a, b in zip(first, second, strict=True))
    return "substitution" if differences == 1 else "other"


def relation(first: str, second: str, words: Vocabulary) -> str:
    return relations(words, words.token(first), np.array([words.token(second)], np.int32))[0]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("ACGTTA", "ACGTTA", "same"),
        ("ACGTTA", "TAACGT", "reverse complement"),
        ("ACGTTA", "CGTTAG", "shift +1"),
        ("ACGTTA", "CACGTT", "shift -1"),
        ("ACGTTA", "GTTACC", "shift +2"),
        ("ACGTTA", "GGACGT", "shift -2"),
        ("ACGTTA", "TTAGCC", "shift +3"),
        ("ACGTTA", "GCCACG", "shift -3"),
        ("ACGTTA", "TAGCCC", "other"),  # +4 is more than half of k
        ("ACGTTA", "ACGATA", "substitution"),
        ("ACGTTA", "ACCATA", "other"),
        ("AAAAAA", "AAAAAT", "shift +1"),  # a substitution too; the shift comes first
        ("ATATAT", "TATATA", "shift +1"),  # and -1, and ±3
    ],
)
def test_relations_of_six_mers(first: str, second: str, expected: str) -> None:
    assert relation(first, second, vocabulary(6)) == expected
    assert relation_in_words(first, second, codons=False) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("TTA", "CTG", "synonymous"),  # both leucine
        ("AGC", "TCA", "synonymous"),  # both serine, nothing in common
        ("TAA", "TGA", "synonymous"),  # both stop
        ("GCA", "GCC", "synonymous"),  # a substitution as well
        ("GCA", "TGC", "reverse complement"),
        ("ATG", "ATA", "substitution"),
        ("ATG", "TGC", "shift +1"),
        ("ATG", "CCC", "other"),
    ],
)
def test_relations_of_codons(first: str, second: str, expected: str) -> None:
    assert relation(first, second, vocabulary(3, stride=3)) == expected


def test_only_codon_models_know_synonyms() -> None:
    assert relation("TTA", "CTG", vocabulary(3)) == "other"
    assert relation("UUA", "CUG", vocabulary(3, stride=3, alphabet="RNA")) == "synonymous"


@settings(deadline=None)
@given(
    st.integers(1, 6).flatmap(lambda k: st.tuples(*[st.text("ACGT", min_size=k, max_size=k)] * 2)),
    st.booleans(),
)
def test_relations_follow_their_definition(pair: tuple[str, str], codons: bool) -> None:
    first, second = pair
    k = len(first)
    assume(k % 3 == 0 or not codons)
    words = vocabulary(k, first, second, stride=3 if codons else 1)
    assert relation(first, second, words) == relation_in_words(first, second, codons=codons)


def test_a_shift_there_is_a_shift_back() -> None:
    words = vocabulary(4)
    names = [relations(words, t, np.arange(256, dtype=np.int32)) for t in range(256)]
    back = {"+": "-", "-": "+"}
    pairs = 0
    for first in range(256):
        for second in range(first):
            there, here = names[first][second], names[second][first]
            if there.startswith("shift"):
                # Where both directions fit (ACAC, CACA) both see the one downstream.
                assert here in (there, there[:6] + back[there[6]] + there[7:])
            else:
                assert here == there
            pairs += there.startswith("shift")
    assert pairs > 1000
    assert all(row[token] == "same" for token, row in enumerate(names))


# Removing components -------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 4])
def test_removed_axes_are_gone_and_lengths_are_one(n: int) -> None:
    model = made_up().removing(n)
    centred = model.center - model.center.mean(axis=0)
    axes = np.linalg.svd(centred.astype(np.float64), full_matrices=False)[2]
    np.testing.assert_allclose(model.unit @ axes[:n].T, 0, atol=5e-6)
    np.testing.assert_allclose(np.linalg.norm(model.unit, axis=1), 1, atol=1e-6)
    kept = centred @ axes[n:].T @ axes[n:]
    kept /= np.linalg.norm(kept, axis=1, keepdims=True)
    np.testing.assert_allclose(model.unit, kept, atol=1e-4)


def test_removing_leaves_what_was_learnt_and_can_be_undone() -> None:
    model = made_up()
    less = model.removing(2)
    assert less.remove_components == 2
    assert less.center.tobytes() == model.center.tobytes()
    assert less.digest == model.digest
    assert less.unit.tobytes() != model.unit.tobytes()
    assert less.removing(0).unit.tobytes() == model.unit.tobytes()
    assert model.remove_components == 0


@pytest.mark.parametrize("n", [-1, 8, 100])
def test_as_many_components_as_there_are_cannot_be_removed(n: int) -> None:
    with pytest.raises(ConfigError, match=f"remove-components: {n} is outside 0 to dim - 1 = 7"):
        made_up().removing(n)


def test_a_zero_vector_stays_zero() -> None:
    model = made_up()
    center = model.center.copy()
    center[5] = 0
    unit = replace(model, center=center).unit
    assert not unit[5].any()
    assert np.isfinite(unit).all()


# Twins, digest, arrays -----------------------------------------------------------------------


def relation_of_lengths(first: str, second: str) -> str:
    """The definition for words of any lengths, by laying one over the other at every place."""
    if len(first) == len(second):
        return relation_in_words(first, second, codons=False)
    if first in second or second in first:
        return "extension"
    for d in range(1, min(len(first), len(second)) // 2 + 1):
        for name, upstream, downstream in (("+", first, second), ("-", second, first)):
            if all(a == b for a, b in zip(upstream[d:], downstream, strict=False)):
                return f"shift {name}{d}"
    return "other"


@settings(deadline=None)
@given(st.text("AC", min_size=2, max_size=5), st.text("ACG", min_size=2, max_size=5))
def test_relations_across_lengths_are_those_of_the_definition(first: str, second: str) -> None:
    words = vocabulary(5, k_min=2)
    assert relation(first, second, words) == relation_of_lengths(first, second)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("ATG", "ATGC", "extension"),
        ("CATGC", "ATG", "extension"),
        ("ATGC", "TGCAA", "shift +1"),
        ("TGCAA", "ATGC", "shift -1"),
        ("ATGC", "GCAT", "reverse complement"),
        ("ATG", "ACG", "substitution"),
        ("ATG", "ACGG", "other"),
    ],
)
def test_relations_across_lengths_by_hand(first: str, second: str, expected: str) -> None:
    assert relation(first, second, vocabulary(5, k_min=3)) == expected


def test_a_word_of_any_length_is_a_query_and_a_longer_text_is_cut_into_the_longest() -> None:
    model = made_up(4, k_min=2)
    for text in ("AC", "ACG", "ACGT"):
        assert model.tokens_of(text).tolist() == [model.vocabulary.token(text)]
        assert text not in {model.vocabulary.texts[t] for t in model.neighbors(text, 300).tokens}
    assert [model.vocabulary.texts[token] for token in model.tokens_of("ACGTA")] == ["ACGT", "CGTA"]
    assert len(model.neighbors("ACG", 5).relations) == 5
    with pytest.raises(QueryError, match="'A' is shorter than this model's 2- to 4-mers"):
        model.vector("A")
    with pytest.raises(QueryError, match="knows no 2- to 4-mer of it"):
        model.vector("NNN")
    texts = [model.vocabulary.texts[twin] for twin in model.twins]
    assert texts == [str(Seq(text).reverse_complement()) for text in model.vocabulary.texts]


def test_protein_has_shifts_and_substitutions_and_no_other_strand() -> None:
    words = vocabulary(3, "ACG", "CGT", "AAC", "ACT", "WYW", "CAG", alphabet="protein")
    found = {text: relation("ACG", text, words) for text in words.texts}
    assert found == {"ACG": "same", "CGT": "shift +1", "AAC": "shift -1", "ACT": "substitution",
                     "WYW": "other", "CAG": "other"}  # fmt: skip
    codons = vocabulary(3, "GCA", "GCC", alphabet="protein", stride=3)
    assert relation("GCA", "GCC", codons) == "substitution"
    model = made_up(3, *words.texts, alphabet="protein")
    assert model.twins.tolist() == [-1] * 6
    assert model.neighbors("wyw", 2).relations == ("other", "other")
    assert words.texts[model.tokens_of("XXWYW")[0]] == "WYW"


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_twins_are_reverse_complements(k: int) -> None:
    model = made_up(k)
    texts = model.vocabulary.texts
    expected = [texts.index(str(Seq(text).reverse_complement())) for text in texts]
    assert model.twins.tolist() == expected
    assert model.twins.dtype == np.int32


def test_a_missing_twin_is_minus_one() -> None:
    assert made_up(3, "AAA", "ACG", "CGT").twins.tolist() == [-1, 2, 1]


@pytest.mark.parametrize("table", ["center", "context"])
def test_the_digest_minds_every_entry_of_both_tables(table: str) -> None:
    model = made_up(1, dim=2)
    seen = {model.digest}
    for place in np.ndindex(4, 2):
        changed = getattr(model, table).copy()
        changed[place] = np.nextafter(changed[place], np.float32(9))
        seen.add(replace(model, **{table: changed}).digest)
    assert len(seen) == 9
    assert all(len(value) == 64 for value in seen)


@pytest.mark.parametrize("column", ["kmers", "counts"])
def test_the_digest_minds_the_vocabulary(column: str) -> None:
    model = made_up(3, "AAA", "ACG")
    changed = getattr(model.vocabulary, column).copy()
    changed[1] += 1
    other = replace(model, vocabulary=replace(model.vocabulary, **{column: changed}))
    assert other.digest != model.digest


def test_the_digest_is_that_of_the_arrays_not_of_the_history() -> None:
    model = made_up()
    assert replace(model, info=replace(model.info, source="other.fa")).digest == model.digest
    assert made_up().digest == model.digest
    assert made_up(seed=1).digest != model.digest


def test_tables_of_other_shapes_do_not_share_a_digest() -> None:
    """The same bytes in the same order, cut into rows differently."""
    model = made_up(1, dim=2)
    wide = made_up(1, "A", "C", dim=4)
    flat = {name: getattr(model, name).reshape(2, 4) for name in ("center", "context")}
    assert replace(wide, **flat).digest != model.digest


def test_arrays_cannot_be_written() -> None:
    model = made_up()
    for array in (model.center, model.context, model.unit, model.vocabulary.kmers):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(FrozenInstanceError):
        model.center = model.context


@pytest.mark.parametrize("table", ["center", "context"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(table: str, value: float) -> None:
    model = made_up()
    spoilt = getattr(model, table).copy()
    spoilt[-1, -1] = value
    with pytest.raises(ValueError, match=f"{table}: holds a value that is not finite"):
        replace(model, **{table: spoilt})


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda a: a.astype(np.float64), "float64 with shape"),
        (lambda a: a[:-1], r"shape \(63, 8\)"),
        (lambda a: a[:, :-1], r"shape \(64, 7\)"),
        (lambda a: a.ravel(), r"shape \(512,\)"),
    ],
)
def test_tables_that_do_not_fit_the_vocabulary_and_dim_are_refused(change: Any, found: str) -> None:
    model = made_up()
    with pytest.raises(ValueError, match=rf"center: expected float32 .*\(64, 8\).*{found}"):
        replace(model, center=change(model.center))


# History -------------------------------------------------------------------------------------


def test_history_survives_being_a_dictionary() -> None:
    info = made_up(stride=3, remove_components=2).info
    assert ModelInfo.from_dict(info.to_dict()) == info
    assert isinstance(info.losses, Sequence)


@pytest.mark.parametrize("name", [*INFO, "config"])
def test_a_history_with_a_gap_is_refused(name: str) -> None:
    values = made_up().info.to_dict()
    del values[name]
    with pytest.raises(KeyError, match=name):
        ModelInfo.from_dict(values)


def test_the_gap_is_the_share_not_yet_learnt() -> None:
    info = made_up().info
    assert info.gap == 0.25  # 1.5 between 1.0 and 3.0
    assert replace(info, loss=1.0).gap == 0
    assert replace(info, loss=3.0).gap == 1
    assert replace(info, optimum=None).gap is None
    assert replace(info, zero_loss=None).gap is None


# Tokens and directions -----------------------------------------------------------------------


def test_windows_hold_a_token_or_minus_one_for_each_place() -> None:
    model = made_up(3, "ACG", "CGT")
    assert model.windows_of("ACGTNACG").tolist() == [0, 1, -1, -1, -1, 0]
    assert model.tokens_of("ACGTNACG").tolist() == [0, 1, 0]


def test_a_direction_is_the_mean_of_unit_vectors_at_length_one() -> None:
    model, tokens = made_up(), np.array([3, 9, 9, 40], np.int32)
    mean = model.unit[tokens].astype(float).mean(axis=0)
    np.testing.assert_allclose(model.direction(tokens), mean / np.linalg.norm(mean), atol=1e-6)


def test_the_nearest_leave_out_what_they_are_told_to() -> None:
    model = made_up()
    direction = model.direction(np.array([5], np.int32))
    without = np.array([5, 7, 7, 11], np.int32)
    tokens, cosines = model.nearest(direction[None], 100, without=[without])
    assert tokens.shape == cosines.shape == (1, 61)
    expected = sorted(set(range(64)) - {5, 7, 11}, key=lambda t: -model.unit[t] @ model.unit[5])
    assert tokens[0].tolist() == expected
