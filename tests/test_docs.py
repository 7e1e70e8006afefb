"""The documentation: it builds strictly, its commands run, its figures are what they draw."""

import logging
import re
import shlex
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from bioskipgram.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))


def blocks(page: Path, language: str) -> list[str]:
    """A page's code blocks in a language."""
    text = page.read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[str]:
    lines = "\n".join(blocks(page, "console")).splitlines()
    return [line.removeprefix("$ bioskipgram ") for line in lines if line.startswith("$ ")]


@pytest.mark.parametrize("page", [p for p in PAGES if commands(p)], ids=lambda page: page.stem)
def test_the_commands_run(page: Path, as_documented: Path) -> None:
    for command in commands(page):
        assert main(shlex.split(command)) == 0, command
    if page.stem == "tutorial":
        made, shown = as_documented / "codons.svg", ROOT / "docs" / "figures" / "codons.svg"
        assert made.read_bytes() == shown.read_bytes(), "make figures"


@pytest.mark.usefixtures("as_documented")
def test_the_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    namespace: dict[str, object] = {"__name__": "docs"}
    found = [block for page in PAGES for block in blocks(page, "python")]
    assert found
    for block in found:
        exec(compile(block, "docs", "exec"), namespace)
    assert capsys.readouterr().out


def test_every_command_that_is_named_exists() -> None:
    text = "\n".join(page.read_text("utf-8") for page in [*PAGES, ROOT / "README.md"])
    named = set(re.findall(r"bioskipgram ([a-z][a-z-]+)\b(?! and| is| has)", text))
    assert named <= set(COMMANDS) | {"as", "import"}


def test_it_builds_without_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path / "site"))
    with caplog.at_level(logging.WARNING):
        build(config)  # strict: a warning is an error
    front = (tmp_path / "site" / "index.html").read_text("utf-8")
    assert "figures/codons.svg" in front
    fetched = re.findall(r'(?:src|href)="(https?:[^"]+)"', front)
    assert [address for address in fetched if "mkdocs" not in address] == []
    reference = (tmp_path / "site" / "reference" / "index.html").read_text("utf-8")
    assert "KmerEmbeddingVectorizer" in reference
