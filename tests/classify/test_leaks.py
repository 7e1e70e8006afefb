"""Leaks: copies and shared words on either strand, groups, folds, shortcuts."""

import numpy as np
import pytest

from bioskipgram.classify.labelled import Labelled, labelled
from bioskipgram.classify.leaks import (
    first_copies,
    folds_of,
    groups_of,
    look,
    shared_with,
    word_of,
)  # fmt: skip
from bioskipgram.sequences.alphabet import ALPHABETS
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.upload import read_all
from tests.classify.conftest import planted

TURN = str.maketrans("ACGT", "TGCA")


def records(*texts: str, alphabet: str = "DNA") -> Sequences:
    data = "".join(f">{i}\n{text}\n" for i, text in enumerate(texts)).encode()
    return read_all([("x.fa", data)], alphabet=ALPHABETS[alphabet]).sequences


def drawn(length: int, seed: int, letters: str = "ACGT") -> str:
    return "".join(np.random.default_rng(seed).choice(list(letters), length))


def slow_groups(texts: list[str], k: int) -> list[set[int]]:
    """Groups of texts that share a word of k letters on either strand, by repeated merging."""
    words = []
    for text in texts:
        other = text[::-1].translate(TURN)
        words.append({t[i : i + k] for t in (text, other) for i in range(len(t) - k + 1)})
    groups = [({i}, one) for i, one in enumerate(words)]
    merged = True
    while merged:
        merged = False
        for i, (members, own) in enumerate(groups):
            for j in range(len(groups) - 1, i, -1):
                if own & groups[j][1]:
                    members |= groups[j][0]
                    own |= groups[j][1]
                    del groups[j]
                    merged = True
    return [members for members, _ in groups]


def test_groups_are_those_of_a_slow_search() -> None:
    texts = [drawn(60, seed) for seed in range(30)]
    for i in range(0, 24, 3):  # some share a stretch of 20 to 43, half of them turned
        piece = texts[i][5 : 25 + i]
        texts[i + 1] = drawn(10, i) + (piece[::-1].translate(TURN) if i % 2 else piece)
    for k in (12, 20, 31):
        found = groups_of(records(*texts), k)
        own = [set(np.flatnonzero(found == g).tolist()) for g in range(found.max() + 1)]
        assert sorted(map(sorted, own)) == sorted(map(sorted, slow_groups(texts, k)))


def test_unknown_letters_are_in_no_word() -> None:
    text = drawn(31, 1)
    broken = text[:15] + "N" + text[16:]
    assert groups_of(records(text, broken, text), 31).tolist() == [0, 1, 0]


def test_short_records_are_grouped_by_their_text() -> None:
    found = groups_of(records("ACGTT", "AACGT", "ACGTA"), 31)
    assert found.tolist() == [0, 0, 1]  # the second is the first, turned


def test_copies_on_either_strand_are_found() -> None:
    text = drawn(40, 1)
    found = first_copies(records(text, drawn(40, 2), text[::-1].translate(TURN), text))
    assert found.tolist() == [0, 1, 0, 0]


def test_test_items_that_share_a_word_are_found() -> None:
    text = drawn(80, 1)
    train = records(text, drawn(80, 2))
    test = records(text[40:71] + drawn(20, 3), drawn(51, 4), text[10:41][::-1].translate(TURN))
    assert shared_with(test, train, 31).tolist() == [True, False, True]


def test_words_are_longer_for_coding_sequences_and_shorter_for_protein() -> None:
    coding = "ATG" + drawn(297, 1)
    assert word_of(records(coding, coding, drawn(300, 2))) == 60
    assert word_of(records(drawn(101, 1))) == 31
    assert word_of(records("MKVLAAGWYT", alphabet="protein")) == 12


def test_the_report_says_what_it_found() -> None:
    items, test = planted(200), planted(100, seed=2)
    clean = look(items, test)
    assert clean.verdict == "pass"
    assert clean.test_shared == 0
    leaky = look(items, items.take(np.arange(50)))
    assert leaky.verdict == "fail"
    assert leaky.test_copies == leaky.test_shared == 50
    assert "50 of 50 test items (100.0%) share a 31-mer" in leaky.sentences()[0]


def test_copies_with_another_label_are_conflicts() -> None:
    text = drawn(60, 1)
    items = labelled(records(text, text, drawn(60, 2), drawn(60, 3)), ["a", "b", "a", "b"])
    found = look(items)
    assert (found.copies, found.conflicts, found.groups) == (1, 1, 3)


def test_length_as_a_shortcut_is_said() -> None:
    texts = [drawn(60 + 20 * (i % 2), i) for i in range(40)]
    items = labelled(records(*texts), [str(i % 2) for i in range(40)])
    found = look(items)
    assert found.length_auc == 1
    assert found.verdict == "fail"


@pytest.mark.parametrize("folds", [2, 5])
def test_folds_keep_groups_together_and_are_even(folds: int) -> None:
    groups = np.concatenate([np.arange(100), np.repeat(np.arange(100, 110), 10)])
    found = folds_of(groups, folds, seed=1)
    for group in range(110):
        assert len(set(found[groups == group])) == 1
    sizes = np.bincount(found, minlength=folds)
    assert sizes.max() - sizes.min() <= 10
    assert (found != folds_of(groups, folds, seed=2)).any()


def test_grouped_folds_are_harder_where_items_are_related() -> None:
    from bioskipgram.classify.evaluate import cross_validate
    from bioskipgram.classify.settings import ClassifyConfig

    random = np.random.default_rng(1)
    texts, labels = [], []
    for family in range(24):  # the label is the family's, and nothing else tells it
        text = drawn(120, family)
        for _ in range(8):
            places = random.integers(0, 120, 3)
            copy = "".join("ACGT"[random.integers(4)] if i in places else c
                           for i, c in enumerate(text))  # fmt: skip
            texts.append(copy)
            labels.append("ab"[family % 2])
    items = labelled(records(*texts), labels)
    config = ClassifyConfig(strands="no", aligned="no", gapped="no")
    random_score, grouped = (
        cross_validate(items, config, folds=4, grouped=flag).scores.mcc for flag in (False, True)
    )
    assert random_score > 0.9
    assert grouped < 0.5
    assert look(items).verdict == "fail"


def test_labels_stay_with_their_sequences() -> None:
    items = planted(20)
    rows = np.array([7, 2, 11])
    few = items.take(rows)
    assert isinstance(few, Labelled)
    for new, old in enumerate(rows.tolist()):
        assert few.sequences.text(new) == items.sequences.text(old)
        assert few.labels[new] == items.labels[old]
