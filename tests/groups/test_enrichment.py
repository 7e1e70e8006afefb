"""words of a selection against the rest: counted a second time, tests against scipy's."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import false_discovery_control, fisher_exact, kstest

from bioskipgram.errors import QueryError
from bioskipgram.groups.enrichment import ANYWHERE, WordEnrichment, enriched_words
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.sequences.alphabet import PROTEIN


def vocabulary(tokenizer: KmerTokenizer, seed: int = 1) -> Vocabulary:
    codes = tokenizer.all_codes()
    return Vocabulary(tokenizer, codes, np.random.default_rng(seed).integers(1, 99, len(codes)))


def drawn(words: Vocabulary, n: int, seed: int = 0) -> Any:
    tokens = np.random.default_rng(seed).choice(len(words), n, replace=False)
    return tokens.astype(np.int32)


def twin_of(text: str) -> str:
    return text[::-1].translate(str.maketrans("ACGT", "TGCA"))


def has(kmer: str, word: str, position: int, *, canonical: bool = False) -> bool:
    if canonical:
        return word in kmer or twin_of(word) in kmer
    return word in kmer if position == ANYWHERE else kmer[position:].startswith(word)


@pytest.mark.parametrize(
    "tokenizer",
    [KmerTokenizer(1), KmerTokenizer(4), KmerTokenizer(5, canonical=True),
     KmerTokenizer(4, k_min=2), KmerTokenizer(2, alphabet=PROTEIN)],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("paired", [False, True])
def test_every_sub_word_is_counted_where_it_is(tokenizer: KmerTokenizer, paired: bool) -> None:
    words = vocabulary(tokenizer)
    chosen = drawn(words, len(words) // 3)
    against = drawn(words, len(words) // 2, seed=5) if paired else None
    found = enriched_words(words, chosen, against=against)
    texts = np.array(words.texts)
    ours = np.zeros(len(words), np.bool_)
    ours[chosen] = True
    theirs = ~ours
    if against is not None:
        theirs &= np.isin(np.arange(len(words)), against)
    assert (found.inside_size, found.outside_size) == (ours.sum(), theirs.sum())
    assert len(set(zip(found.words, found.positions.tolist(), strict=True))) == len(found)
    for i in range(0, len(found), 3):
        word, position = found.words[i], int(found.positions[i])
        have = np.array([has(t, word, position, canonical=tokenizer.canonical) for t in texts])
        assert found.inside[i] == (have & ours).sum(), (word, position)
        assert found.outside[i] == (have & theirs).sum(), (word, position)
        for share, side in ((found.corpus_inside[i], ours), (found.corpus_outside[i], theirs)):
            counts = words.counts[side]
            assert share == pytest.approx(counts[have[side]].sum() / counts.sum())


def test_every_word_is_in_the_table() -> None:
    found = enriched_words(vocabulary(KmerTokenizer(5)), np.arange(100, dtype=np.int32))
    sizes = {(len(w), int(p)) for w, p in zip(found.words, found.positions, strict=True)}
    assert sizes == {(n, p) for n in range(1, 5) for p in range(-1, 6 - n)}
    assert len(found) == sum(4**n * (7 - n) for n in range(1, 5))
    short = enriched_words(vocabulary(KmerTokenizer(5)), np.arange(9, dtype=np.int32), longest=2)
    assert max(map(len, short.words)) == 2


def test_canonical_kmers_have_words_of_both_strands_and_no_positions() -> None:
    words = vocabulary(KmerTokenizer(5, canonical=True))
    found = enriched_words(words, drawn(words, 100))
    assert set(found.positions.tolist()) == {ANYWHERE}
    assert {w for w in found.words if len(w) == 2} == {
        min(a + b, twin_of(a + b)) for a in "ACGT" for b in "ACGT"
    }


def test_the_tests_are_scipys_and_the_odds_have_half_a_count_more() -> None:
    words = vocabulary(KmerTokenizer(4))
    chosen = np.array([i for i, t in enumerate(words.texts) if "CG" in t or i % 5 == 0], np.int32)
    found = enriched_words(words, chosen)
    n, m = found.inside_size, found.outside_size
    for i in range(0, len(found), 17):
        a, c = int(found.inside[i]), int(found.outside[i])
        assert found.p[i] == pytest.approx(fisher_exact([[a, n - a], [c, m - c]]).pvalue, rel=1e-6)
        cells = np.array([a, n - a, c, m - c]) + 0.5
        assert found.odds[i] == pytest.approx(cells[0] * cells[3] / (cells[1] * cells[2]))
        width = np.log(found.high[i] / found.low[i])
        assert width == pytest.approx(2 * 1.96 * np.sqrt((1 / cells).sum()), rel=1e-4)
        assert np.log(found.odds[i]) == pytest.approx(np.log(found.low[i] * found.high[i]) / 2)
    np.testing.assert_allclose(found.q, false_discovery_control(found.p))


def test_what_was_put_in_comes_out_first() -> None:
    words = vocabulary(KmerTokenizer(6))
    chosen = np.array([i for i, t in enumerate(words.texts) if "CGT" in t], np.int32)
    found = enriched_words(words, chosen)
    assert (found.words[0], found.positions[0]) == ("CGT", ANYWHERE)
    assert found.inside[0] == len(chosen)
    assert found.outside[0] == 0
    assert (np.diff(found.q) >= 0).all()
    equal = np.diff(found.q) == 0
    assert (np.diff(found.odds)[equal] <= 0).all()


def strongest(words: Vocabulary, seed: int) -> WordEnrichment:
    return enriched_words(words, drawn(words, 500, seed))


def test_random_selections_have_no_enriched_words() -> None:
    """The control with shuffled labels: p is uniform, and q finds next to nothing."""
    words = vocabulary(KmerTokenizer(6))
    tables = [strongest(words, seed) for seed in range(40)]
    # The distribution of one word's p over the draws; discrete, so never too small.
    p = np.array([
        table.p[(np.array(table.words) == "A") & (table.positions == 2)][0] for table in tables
    ])  # fmt: skip
    assert kstest(p, "uniform").pvalue > 0.01
    for bound in (0.01, 0.05, 0.2):
        shares = [np.mean(table.p <= bound) for table in tables]
        assert 0.3 * bound < np.mean(shares) <= 1.2 * bound
    assert np.mean([table.q[0] < 0.05 for table in tables]) <= 0.15


def test_a_selection_has_another_side() -> None:
    words = vocabulary(KmerTokenizer(2))
    with pytest.raises(QueryError, match="no k-mer is selected; select some"):
        enriched_words(words, np.zeros(0, np.int32))
    with pytest.raises(QueryError, match="no k-mer is left to compare the selection with"):
        enriched_words(words, np.arange(16, dtype=np.int32))
    with pytest.raises(QueryError, match="no k-mer is left"):
        enriched_words(words, np.arange(4, dtype=np.int32), against=np.arange(3, dtype=np.int32))
    for foreign in (-1, 16):
        with pytest.raises(QueryError, match=f"token {foreign} is not one of this model's 16"):
            enriched_words(words, np.array([1, foreign], np.int32))
