"""Every command that is given sequences leaves bad records out and tells them; strict, it stops."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bioskipgram.cli.main import main
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.model import checkpoint
from tests.genes.test_embed import made_up

GOOD = "ATG" + "GCTAAGCTGGAC" * 6 + "TAA"
BAD = f">good\n{GOOD}\n>bad one\nATGGC!\n>fine\n{GOOD[:-3]}GGGTAA\n"
Answer = tuple[int, str, str]


@pytest.fixture
def ask(capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    def ask(*words: object) -> Answer:
        capfd.readouterr()
        code = main([str(word) for word in words])
        return code, *capfd.readouterr()

    return ask


@pytest.mark.parametrize(
    "words",
    [
        ["train", "FILE", "--k", "2", "--steps", "3", "--dim", "2", "--out", "OUT.safetensors",
         ],
        ["train", "FILE", "--k", "2", "--epochs", "1", "--dim", "2", "--out", "OUT.safetensors",
         "--trainer", "sampled"],
        ["where", "6", "GCTAAG", "FILE"],
        ["index", "MODEL", "FILE"],
        ["embed", "MODEL", "FILE", "--pooling", "mean", "--out", "OUT.tsv"],
        ["embed", "MODEL", "FILE", "--pooling", "tfidf", "--out", "OUT.tsv"],
        ["compare", "MODEL", "FILE", "--pooling", "mean", "--matrix", "OUT.tsv"],
        ["reference", "MODEL", "FILE"],
        ["motifs", "scan", "FILE", "--motif", "GCTAAG"],
        ["variants", "MODEL", "good:c.5C>T", "--sequences", "FILE", "--null", "no"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_bad_record_is_left_out_and_told(
    words: list[str], ask: Callable[..., Answer], tmp_path: Path
) -> None:
    model = checkpoint.save(made_up(KmerTokenizer(3)), tmp_path / "model.safetensors")
    (tmp_path / "f.fa").write_text(BAD)
    given = {"FILE": str(tmp_path / "f.fa"), "MODEL": str(model)}
    words = [given.get(word, word.replace("OUT", str(tmp_path / "out"))) for word in words]
    code, _, said = ask(*words)
    assert code == 0, said
    line = "left out: f.fa, line 3: bad one: '!' at position 6 is not a DNA letter"
    assert said.count(line) == 1
    code, _, said = ask(*words, "--strict")
    assert code == 2
    assert "f.fa, line 4: '!' is not a DNA letter" in said
    assert said.splitlines()[-1].startswith("bioskipgram: f.fa, line 4: ")


def test_of_many_bad_records_the_first_are_told_one_by_one(
    ask: Callable[..., Answer], tmp_path: Path
) -> None:
    (tmp_path / "f.fa").write_text(BAD + ">x\n!\n" * 30)
    code, _, said = ask("where", "6", "GCTAAG", tmp_path / "f.fa")
    assert code == 0
    assert said.count("left out: f.fa, line") == 20
    assert said.endswith("left out: 11 more records\n")


def test_nothing_usable_is_one_sentence(ask: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "f.fa").write_text(">x\nMKLV\n>y\n!\n")
    code, _, said = ask("where", "6", "GCTAAG", tmp_path / "f.fa")
    assert code == 2
    assert "f.fa: none of its 2 records can be used; the first, in line 1: 'L' at pos" in said
