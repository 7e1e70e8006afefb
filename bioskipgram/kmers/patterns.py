"""Patterns against k-mers: plain text, IUPAC ambiguity codes, regular expressions."""

import re
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.numerics.arrays import Flags, Tokens
from bioskipgram.sequences.alphabet import Alphabet

from .vocabulary import Vocabulary

LONGEST_REGEX = 200
"""Most characters of a regular expression."""
_RECURSION = re.compile(r"\(\?(?:R|[+-]?\d|&|P>)")
"""Recursive calls of a pattern or a group: their memory is unbounded."""
_REPEAT = re.compile(r"\{\s*(\d*)\s*(,?)\s*(\d*)\s*\}")
MAX_EXPANDED = 50_000
"""Most characters of an expression with its counted repeats written out: compiling, which cannot
be interrupted, then takes at most 0.1 s (measured)."""
SECONDS = 2.0
"""How long a regular expression may take over all k-mers, or over all sequences."""


def matching(vocabulary: Vocabulary, pattern: str, *, seconds: float = SECONDS) -> Flags:
    """Return which k-mers contain a pattern, bool[V].

    Parameters
    ----------
    vocabulary
        The k-mers.
    pattern
        1 to k letters, IUPAC codes allowed (``N`` any base, ``R`` A or G, …), any case, U or T.
        Protein: residues, ``X`` for any. Or a regular expression between slashes, as the
        `regex` package reads it: ``/^(...)*?TA[AG]/`` is a stop in frame, ``/(?:GATTC){s<=1}/``
        allows one substitution.
    seconds
        How long a regular expression may take over all k-mers.

    Raises
    ------
    QueryError
        If the pattern has another letter or is longer than the k-mers, or if the regular
        expression is invalid or takes too long.

    Examples
    --------
    >>> from bioskipgram.kmers.tokenizer import KmerTokenizer
    >>> from bioskipgram.kmers.vocabulary import Vocabulary
    >>> codons = Vocabulary.from_counts(KmerTokenizer(3), np.ones(64, np.int64))
    >>> [text for text, hit in zip(codons.texts, matching(codons, "TAR")) if hit]
    ['TAA', 'TAG']
    >>> [text for text, hit in zip(codons.texts, matching(codons, "/^T(AA|AG|GA)/")) if hit]
    ['TAA', 'TAG', 'TGA']
    """
    return match_starts(vocabulary, pattern, seconds=seconds) >= 0


def match_starts(vocabulary: Vocabulary, pattern: str, *, seconds: float = SECONDS) -> Tokens:
    """Return where the first match of a pattern starts in each k-mer, int32[V]; -1 = nowhere."""
    if (expression := regex_of(pattern)) is not None:
        return np.array(list(_searched(expression, vocabulary.texts, seconds)), np.int32)
    alphabet, k = vocabulary.tokenizer.alphabet, vocabulary.tokenizer.k
    text = iupac(pattern, alphabet)
    if len(text) > k:
        raise QueryError(f"{pattern!r} has {len(text)} letters, but this model's k-mers have {k}")
    codes = letters_of(alphabet)
    plain = re.compile("".join(f"[{codes[letter]}]" for letter in text))
    found = map(plain.search, vocabulary.texts)
    return np.array([match.start() if match else -1 for match in found], np.int32)


def iupac(pattern: str, alphabet: Alphabet) -> str:
    """Return a pattern in upper case without blanks; a QueryError unless all are IUPAC codes."""
    text, codes = "".join(pattern.split()).upper(), letters_of(alphabet)
    foreign = sorted(set(text) - set(codes))
    if foreign or not text:
        kind = "nucleotide code" if alphabet.complement else "amino acid code"
        raise QueryError(
            f"{pattern!r}: {foreign[0] if foreign else 'nothing'!r} is no IUPAC {kind}; "
            f"use {''.join(sorted(codes))}, or a regular expression between slashes"
        )
    return text


def letters_of(alphabet: Alphabet) -> dict[str, str]:
    """Return the alphabet's letters that each letter of a pattern matches."""
    if not alphabet.complement:
        return {**{letter: letter for letter in alphabet.letters}, "X": alphabet.letters}
    from Bio.Data.IUPACData import ambiguous_dna_values

    own = "U" if "U" in alphabet.letters else "T"
    codes = {code: bases.replace("T", own) for code, bases in ambiguous_dna_values.items()}
    return codes | {"T": own, "U": own}


def regex_of(pattern: str) -> Any:
    """Return the compiled regular expression of ``/…/``; None if the pattern is of another kind."""
    import regex

    text = pattern.strip()
    if len(text) < 2 or not (text.startswith("/") and text.endswith("/")):
        return None
    inner = text[1:-1]
    if not inner or len(inner) > LONGEST_REGEX:
        raise QueryError(
            f"{text[:40]!r}: {len(inner)} characters between the slashes; "
            f"a regular expression has 1 to {LONGEST_REGEX}"
        )
    if _RECURSION.search(inner):
        raise QueryError(f"{text!r}: an expression may not call itself or its own groups")
    if (size := _expanded(inner)) > MAX_EXPANDED:
        raise QueryError(
            f"{text[:60]!r}: its counted repeats make it about {size:,} characters, of which "
            f"{MAX_EXPANDED:,} are allowed; give smaller counts, or fewer inside one another"
        )
    try:
        return regex.compile(inner, regex.IGNORECASE | regex.VERSION1)
    # Errors that regex's parser raises on some malformed expressions.
    except (regex.error, ArithmeticError, LookupError, TypeError, ValueError, AttributeError,
            RuntimeError, MemoryError) as error:  # fmt: skip
        raise QueryError(f"{text!r} is no regular expression: {error}") from error


def _expanded(expression: str) -> int:
    """Return a lower bound of an expression's length with its counted repeats written out.

    A repeat of anything but a single character is taken to repeat the whole expression, so that
    nesting need not be known.
    """
    size, times = len(expression), 1
    for match in _REPEAT.finditer(expression):
        least, comma, most = match.groups()
        count = max(int(number[:9]) if number else 0 for number in (least, most))
        if not (least or comma):  # {} is no repeat
            continue
        before = expression[match.start() - 1] if match.start() else ")"
        if before.isalnum() or before in ".]":
            size += count
        else:
            times *= max(count, 1)
    return size * times


def spans(expression: Any, text: str, seconds: float = SECONDS) -> Iterator[tuple[int, int]]:
    """Yield start and end of each match, overlapping and empty ones included.

    The `regex` package may backtrack exponentially; beyond `seconds` a QueryError is raised.
    """
    start = time.monotonic()
    try:
        for match in expression.finditer(
            text, overlapped=True, concurrent=True, timeout=max(seconds, 1e-6)
        ):
            yield match.span()
            if time.monotonic() - start > seconds:
                raise TimeoutError
    except (TimeoutError, MemoryError) as error:
        raise _too_slow(expression) from error


def _searched(expression: Any, texts: list[str], seconds: float) -> Iterator[int]:
    """Yield where the first match starts in each text, -1 = nowhere; all within `seconds`."""
    end = time.monotonic() + seconds
    for text in texts:
        try:
            match = expression.search(text, timeout=max(end - time.monotonic(), 1e-6))
        except (TimeoutError, MemoryError) as error:
            raise _too_slow(expression) from error
        yield match.start() if match else -1


def _too_slow(expression: Any) -> QueryError:
    return QueryError(
        f"/{expression.pattern}/ takes too long: it was stopped; give one that can fail in fewer "
        "ways, with fewer repeats inside repeats"
    )
