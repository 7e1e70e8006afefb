"""Letters to base codes and back, the other strand, and the table that readers translate with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import ConfigError
from bioskipgram.sequences.alphabet import ALPHABETS, DNA, INVALID, PROTEIN, RNA, UNKNOWN, Alphabet

AMBIGUOUS = "RYSWKMBDHVNX-."
both = pytest.mark.parametrize("alphabet", [DNA, RNA], ids=lambda alphabet: alphabet.name)
relaxed = settings(deadline=None, max_examples=50)


@both
def test_letters_are_numbered_in_alphabetical_order(alphabet: Alphabet) -> None:
    assert alphabet.encode(alphabet.letters).tolist() == [0, 1, 2, 3]
    assert alphabet.letters == "".join(sorted(alphabet.letters))


@both
@relaxed
@given(data=st.data())
def test_text_comes_back_from_its_codes(alphabet: Alphabet, data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet.letters + "N"))
    codes = alphabet.encode(text)
    assert codes.dtype == "uint8"
    assert len(codes) == len(text)
    assert alphabet.decode(codes) == text


@both
@relaxed
@given(text=st.text("ACGTUacgtuNn"))
def test_case_and_u_or_t_make_no_difference(alphabet: Alphabet, text: str) -> None:
    plain = text.upper().replace("U", "T")
    assert alphabet.encode(text).tolist() == alphabet.encode(plain).tolist()


@both
def test_every_byte_has_the_code_the_alphabet_says(alphabet: Alphabet) -> None:
    expected = dict.fromkeys(range(256), INVALID)
    for letters, code in [("A", 0), ("C", 1), ("G", 2), ("TU", 3), (AMBIGUOUS, UNKNOWN)]:
        for letter in letters + letters.lower():
            expected[ord(letter)] = code
    assert dict(enumerate(alphabet.table)) == expected


@both
def test_ambiguous_letters_become_unknown_and_decode_as_n(alphabet: Alphabet) -> None:
    assert set(alphabet.encode(AMBIGUOUS).tolist()) == {UNKNOWN}
    assert alphabet.decode(alphabet.encode(AMBIGUOUS)) == "N" * len(AMBIGUOUS)


@pytest.mark.parametrize("foreign", ["E", "*", "7", " ", "\n", "é", "🧬", "\x00", "?"])
def test_a_foreign_symbol_is_unknown_and_moves_no_other(foreign: str) -> None:
    assert DNA.encode(f"A{foreign}T").tolist() == [0, UNKNOWN, 3]


def test_bytes_and_text_give_the_same_codes() -> None:
    assert DNA.encode(b"ACGTUN-q").tolist() == DNA.encode("ACGTUN-q").tolist()


@both
@relaxed
@given(text=st.text("ACGTN"))
def test_the_other_strand_pairs_a_with_t_and_c_with_g(alphabet: Alphabet, text: str) -> None:
    codes = alphabet.encode(text)
    other = alphabet.reverse_complement(codes)
    paired = text[::-1].translate(str.maketrans("ACGTN", "TGCAN"))
    assert other.tolist() == alphabet.encode(paired).tolist()
    assert alphabet.reverse_complement(other).tolist() == codes.tolist()


def test_rna_is_written_with_u() -> None:
    assert RNA.decode(RNA.encode("acgt")) == "ACGU"
    assert DNA.decode(DNA.encode("acgu")) == "ACGT"


def test_protein_has_twenty_letters_and_nothing_else_is_known() -> None:
    assert PROTEIN.encode("ACDEFGHIKLMNPQRSTVWY").tolist() == list(range(20))
    assert PROTEIN.encode("acdy").tolist() == [0, 1, 2, 19]
    assert PROTEIN.unknown == 20
    assert set(PROTEIN.encode("BZXJOU*-.?7").tolist()) == {20}
    assert PROTEIN.decode(PROTEIN.encode("MK*BW")) == "MKXXW"
    taken = {byte for byte, code in enumerate(PROTEIN.table) if code != INVALID}
    assert taken == {*map(ord, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*-.")}


def test_protein_has_no_other_strand() -> None:
    with pytest.raises(ConfigError, match="reverse complement: protein has no other strand"):
        PROTEIN.reverse_complement(PROTEIN.encode("MK"))


def test_alphabets_are_found_by_their_names() -> None:
    assert {"DNA": DNA, "RNA": RNA, "protein": PROTEIN} == ALPHABETS
