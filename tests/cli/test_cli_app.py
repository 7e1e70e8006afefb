"""The help in groups, completion of shells, and the command that starts the dashboard."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bioskipgram.cli import main as command_line
from bioskipgram.cli.main import main
from bioskipgram.model import shipped

ROOT = Path(__file__).parents[2]


def said(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        main(words)
    return capsys.readouterr().out


def test_the_help_has_every_command_once_in_its_group(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(["--help"], capsys).splitlines()
    commands = [line.split()[0] for line in lines if line.startswith("  ") and line[2] not in " -"]
    assert sorted(commands) == sorted(command_line.COMMANDS)
    titles = [line[:-1] for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert titles == ["options", *command_line.GROUPS]
    assert lines.index("judge:") < next(i for i, x in enumerate(lines) if x.startswith("  quality"))


def test_the_help_comes_at_once() -> None:
    """Processor time, which other programs on the machine do not lengthen; the best of three."""
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        words = [sys.executable, "-m", "bioskipgram", "--help"]
        subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) <= 0.3


def test_bash_completes_commands_and_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", "bash"]) == 0
    script = tmp_path / "completion.bash"
    script.write_text(capsys.readouterr().out)
    program = f"""
        source {script}
        complete_words() {{
            COMP_WORDS=(bioskipgram "$@"); COMP_CWORD=$#
            _shtab_bioskipgram; echo "${{COMPREPLY[@]}}"
        }}
        complete_words neigh
        complete_words neighbors --js
    """
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["neighbors", "--json"], done.stderr


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return ``started(*words)``: what `app` would put in its place."""

    def started(*words: str) -> list[str]:
        calls: list[list[str]] = []
        with monkeypatch.context() as patched:
            patched.setattr(os, "execv", lambda _path, words: calls.append(words))
            assert main(["app", *words]) == 0
        return calls[0]

    monkeypatch.setenv(shipped.OPENED, "")
    monkeypatch.setenv("BIOSKIPGRAM_RUNS", "")
    return started


def test_the_app_opens_the_given_models_and_keeps_runs_here(
    started: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.safetensors").touch()
    words = started("x.safetensors", "human-cds-codon", "--port=80", "--no-browser", "--runs=r")
    assert words[1:5] == ["-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py")]
    assert {
        "--server.port=80", "--server.headless=true", "--server.address=localhost"
    } <= set(words)  # fmt: skip
    assert list(shipped.models())[:2] == ["x", "human-cds-codon"]
    assert os.environ["BIOSKIPGRAM_RUNS"] == str(tmp_path / "r")


def test_a_model_that_is_not_there_is_said_before_the_app_starts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["app", "none.safetensors"]) == 2
    assert capsys.readouterr().err == "bioskipgram: none.safetensors: no such model file\n"


@pytest.mark.parametrize(
    ("package", "extra", "words"),
    [
        ("streamlit", "app", ["app"]),
        ("torch", "train", ["train", str(shipped.ROOT / "x.fa"), "--out=x"]),
        ("umap", "maps", ["project", "human-cds-codon", "--method=umap", "--seed=9"]),
    ],
)
def test_a_missing_package_is_one_sentence_with_the_cure(
    tmp_path: Path, package: str, extra: str, words: list[str]
) -> None:
    """In a process of its own: what is imported already cannot be missing."""
    hide = f"""
import sys
from importlib.abc import MetaPathFinder
class Hidden(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "{package}":
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "{package}" else found(name)
from bioskipgram.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
    done = subprocess.run(
        [sys.executable, "-c", hide, *words], capture_output=True, text=True, check=False,
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (
        f"bioskipgram: this needs the package {package}, which is not installed; "
        f'install it with: pip install "bioskipgram[{extra}]"\n'
    )
