"""The house itself: who imports whom, what is pinned, what the tools say, what README promises."""

import ast
import doctest
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import bioskipgram
from bioskipgram.cli.main import main, parser_of
from bioskipgram.errors import EXTRAS

ROOT = Path(__file__).parents[1]
# Who may import whom -------------------------------------------------------------------------

FOLDERS = """
errors
bioskipgram
numerics option
files tables
jobs sequences
kmers
config
counting model
training projection groups variants
genes motifs
classify
cli
__main__
dashboard dashboard.kmer_map
dashboard.state
dashboard.shared
dashboard.explore dashboard.similarity dashboard.genes dashboard.motifs dashboard.variants
dashboard.train dashboard.quality dashboard.classify
dashboard.app
"""
"""The order of the folders, and of the modules outside them: the lowest line first. An import
points to a lower line or stays in its folder. "bioskipgram." is left out."""

RANK = {name: rank for rank, line in enumerate(FOLDERS.splitlines()) for name in line.split()}


def name_of(path: Path) -> str:
    """A file's name as a module: "bioskipgram.training" for bioskipgram/training/__init__.py."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {
    name_of(path): path for folder in ("bioskipgram", "dashboard")
    for path in sorted((ROOT / folder).rglob("*.py"))
}  # fmt: skip


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but what stands under ``if TYPE_CHECKING``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from running(node)


def imported(name: str, nodes: Iterator[ast.AST]) -> set[str]:
    """The full names of all modules that these nodes of a module import."""
    found = set()
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            source = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            # `from . import checkpoint` names a module, `from .arrays import Floats` does not.
            inner = {f"{source}.{alias.name}" for alias in node.names}
            found |= {module for module in inner if module in FILES} or {source}
    return found


@cache
def imports_of(name: str) -> frozenset[str]:
    return frozenset(imported(name, running(ast.parse(FILES[name].read_text("utf-8")))))


def imports_at_once(name: str) -> set[str]:
    """What is imported when the module is, not later by one of its functions."""
    return imported(name, iter(ast.parse(FILES[name].read_text("utf-8")).body))


def importers(*modules: str) -> set[str]:
    """The modules that import one of these, or something inside them."""
    return {
        name
        for name in FILES
        for found in imports_of(name)
        if any(found == module or found.startswith(f"{module}.") for module in modules)
    }


def folder_of(module: str) -> str:
    """Where a module stands in `FOLDERS`: "sequences", "dashboard.genes", "errors"."""
    top, *inside = module.split(".")
    if top == "bioskipgram":
        return inside[0] if inside else top
    return ".".join([top, *inside[:1]])


def own_imports(name: str) -> frozenset[str]:
    """The modules of the two packages that a module imports anywhere in it."""
    return imports_of(name) & set(FILES) - {"bioskipgram", name}


def test_every_folder_has_its_place_in_the_order() -> None:
    assert {folder_of(name) for name in FILES} == set(RANK)


@pytest.mark.parametrize("name", FILES)
def test_imports_point_down(name: str) -> None:
    own = folder_of(name)
    others = {folder_of(module) for module in own_imports(name)} - {own}
    up = {folder for folder in others if RANK[folder] >= RANK[own]}
    assert not up, f"{name} imports {up}, which are not below {own}"


def test_no_modules_import_in_a_circle() -> None:
    graph = {name: own_imports(name) for name in FILES}
    assert len(list(TopologicalSorter(graph).static_order())) == len(FILES)


PACKAGES = [n for n, path in FILES.items() if path.stem == "__init__" and n != "bioskipgram"]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_holds_nothing_but_its_docstring(package: str) -> None:
    (docstring,) = ast.parse(FILES[package].read_text("utf-8")).body
    assert isinstance(docstring, ast.Expr)


def test_a_stranger_can_take_the_house_in_at_a_glance() -> None:
    top = {name.split(".")[1] for name in FILES if name.startswith("bioskipgram.")}
    pages = {path.parent for path in FILES.values() if path.parent.parent == ROOT / "dashboard"}
    assert len(top) + len(pages) <= 30
    long = {name: n for name, path in FILES.items() if (n := path.read_text().count("\n")) > 320}
    assert not long


def test_the_science_does_not_know_the_view() -> None:
    view = importers("dashboard", "streamlit", "plotly")
    assert view
    assert not {name for name in view if name.startswith("bioskipgram")}


def test_only_training_imports_torch() -> None:
    training = {name for name in FILES if folder_of(name) == "training"}
    assert importers("torch")
    assert importers("torch") <= training
    assert {name for name in FILES if "torch" in imports_at_once(name)} <= training


def test_only_files_named_cache_cache() -> None:
    caching = {
        path.name
        for path in FILES.values()
        if re.search(r"\bcache_(data|resource)\b", path.read_text("utf-8"))
    }
    assert caching == {"cache.py"}


def test_figures_know_no_streamlit() -> None:
    assert "dashboard.shared.figures" not in importers("streamlit")
    assert "dashboard.shared.cache" in importers("streamlit")


def test_nothing_is_unpickled() -> None:
    assert not importers("pickle", "dill", "joblib", "shelve", "marshal", "cloudpickle")
    for path in FILES.values():
        assert "allow_pickle" not in path.read_text("utf-8")


def test_no_page_trusts_html() -> None:
    """Markdown stays markdown; what is shown by `st.html` holds no text of a user's."""
    for name, path in FILES.items():
        tree = ast.parse(path.read_text("utf-8"))
        words = {word.arg for word in ast.walk(tree) if isinstance(word, ast.keyword)}
        assert "unsafe_allow_html" not in words, name
        assert "unsafe_allow_javascript" not in words, name


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("bioskipgram", "numpy torch umap sklearn numba scipy safetensors Bio"),
        ("bioskipgram.cli.main", "torch umap sklearn numba scipy safetensors Bio"),
        ("dashboard.shared.cache, dashboard.explore.inspector", "torch umap sklearn numba"),
    ],
)
def test_what_starts_first_imports_nothing_heavy(modules: str, heavy: str) -> None:
    program = f"import sys, {modules}; print(*sorted(set({heavy.split()}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_every_public_name_is_there() -> None:
    assert [name for name in bioskipgram.__all__ if not hasattr(bioskipgram, name)] == []
    with pytest.raises(AttributeError, match="'bioskipgram' has no attribute 'colour'"):
        _ = bioskipgram.colour


# What is pinned ------------------------------------------------------------------------------


def pinned(file: str) -> dict[str, Requirement]:
    """The requirements of a file by name, without those it takes from another."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / file).read_text().splitlines()]
    found = [Requirement(line) for line in lines if line and not line.startswith("-r")]
    assert len({requirement.name for requirement in found}) == len(found)
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return found


def extras() -> dict[str, list[Requirement]]:
    """What each extra brings, without what it takes from others."""
    found = project()["project"]["optional-dependencies"]
    lists = {extra: [*map(Requirement, lines)] for extra, lines in found.items()}
    return {
        extra: [one for one in each if one.name != "bioskipgram"] for extra, each in lists.items()
    }


def ranges() -> dict[str, Requirement]:
    """The requirements of the core and of all extras by name."""
    found = [*map(Requirement, project()["project"]["dependencies"])]
    found += [requirement for each in extras().values() for requirement in each]
    assert len({requirement.name for requirement in found}) == len(found)
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def test_the_pins_and_the_ranges_name_the_same_packages() -> None:
    assert set(pinned("requirements.txt")) == set(ranges())


@pytest.mark.parametrize("name", ranges())
def test_a_pin_is_one_version_inside_its_range(name: str) -> None:
    (pin,) = pinned("requirements.txt")[name].specifier
    assert pin.operator == "=="
    assert "*" not in pin.version
    assert ranges()[name].specifier.contains(pin.version), f"{pin} is not in {ranges()[name]}"
    operators = {each.operator for each in ranges()[name].specifier}
    assert operators == {">=", "<"}


def test_the_extra_all_has_every_extra() -> None:
    (everything,) = map(Requirement, project()["project"]["optional-dependencies"]["all"])
    assert everything.extras == set(extras()) - {"all"}


def test_a_missing_package_names_the_extra_that_brings_it() -> None:
    modules = {"umap-learn": "umap", "graspologic-native": "graspologic_native", "pillow": "PIL"}
    brought = {
        modules.get(one.name, one.name): extra for extra, found in extras().items() for one in found
    }
    assert brought == EXTRAS


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs."""
    folder = tmp_path_factory.mktemp("wheel")
    builder = WheelBuilder(str(ROOT))
    (wheel,) = builder.build(directory=str(folder), versions=["standard"])
    assert Path(wheel).stat().st_size <= 15e6
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_the_dashboard_whole(installed: Path) -> None:
    app = installed / "bioskipgram" / "app"
    ours = {path.relative_to(ROOT) for path in (ROOT / "dashboard").rglob("*") if path.is_file()}
    ours = {path for path in ours if path.suffix != ".pyc"}
    assert len(ours) > 80
    assert [path for path in ours if not (app / path).exists()] == []
    assert (app / "dashboard" / ".streamlit" / "config.toml").exists()
    assert {path.name for path in installed.iterdir()} == {
        "bioskipgram", f"bioskipgram-{bioskipgram.__version__}.dist-info"
    }  # fmt: skip


def test_the_wheel_answers_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    program = """
import bioskipgram as bsg
from bioskipgram.model import shipped
found = bsg.load("human-cds-codon").neighbors("GAA", 1)
print(list(shipped.models()), shipped.ROOT.name, found.tokens, len(bsg.read(bsg.GENES)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(installed), "BIOSKIPGRAM_MODELS": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.startswith("['human-cds-k6', 'human-cds-codon'] app [34] 86")


def test_the_core_asks_a_model_without_the_extras(tmp_path: Path) -> None:
    """The modules that `info` and `neighbors` import, and those the extras bring."""
    program = """
import sys
from bioskipgram.cli.main import main
main(["info", "human-cds-k6"]), main(["neighbors", "human-cds-k6", "TATA"])
print(*sys.modules, file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert not set(EXTRAS) & set(done.stderr.split())


CONDA = {"isal": "python-isal", "torch": "pytorch", "matplotlib": "matplotlib-base"}
"""conda-forge's names where they are not PyPI's."""


def test_the_recipe_asks_for_what_the_package_asks_for() -> None:
    text = (ROOT / "recipe" / "meta.yaml").read_text()
    values = {"version": bioskipgram.__version__, "PYTHON": "python"}
    recipe = yaml.safe_load(
        jinja2.Template(text).render(**values, pin_subpackage=lambda name, **_: name)
    )
    assert f'set version = "{bioskipgram.__version__}"' in text
    core = [*map(Requirement, project()["project"]["dependencies"])]
    more = [one for each in extras().values() for one in each]
    for given, lines in (
        (core, [line for line in recipe["requirements"]["run"] if not line.startswith("python ")]),
        (more, recipe["requirements"]["run_constrained"]),
    ):
        found = dict(line.split(" ", 1) for line in lines)
        assert set(found) == {canonicalize_name(CONDA.get(one.name, one.name)) for one in given}
        for one in given:
            ours = found[canonicalize_name(CONDA.get(one.name, one.name))]
            assert SpecifierSet(ours) == one.specifier, one
    assert recipe["test"]["commands"][1:] == [
        "bioskipgram info human-cds-k6", "bioskipgram neighbors human-cds-codon GAA"
    ]  # fmt: skip


def test_the_container_starts_what_there_is() -> None:
    """What can be checked without an engine: its extras, its files, its command line."""
    text = (ROOT / "Containerfile").read_text()
    (asked,) = re.findall(r"/source\[(.*?)\]", text)
    assert set(asked.split(",")) <= set(extras())
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", text, re.MULTILINE)
    program, *words = json.loads(entry)
    assert program in project()["project"]["scripts"]
    assert parser_of(words).parse_args(words).address == "0.0.0.0"
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)


def test_the_tools_are_pinned_too_and_come_on_top() -> None:
    assert "-r requirements.txt" in (ROOT / "requirements-dev.txt").read_text().splitlines()
    tools = pinned("requirements-dev.txt")
    assert {"pytest", "hypothesis", "ruff", "mypy"} <= set(tools)
    assert not set(tools) & set(ranges())
    for tool in tools.values():
        assert [each.operator for each in tool.specifier] == ["=="]


@pytest.mark.parametrize("name", [*ranges(), *pinned("requirements-dev.txt")])
def test_what_is_required_is_used(name: str) -> None:
    """Imported by a module, a test or a benchmark, or set up in pyproject.toml."""
    modules = {
        "biopython": "Bio", "scikit-learn": "sklearn", "umap-learn": "umap", "pillow": "PIL",
        "opentsne": "openTSNE", "graspologic-native": "graspologic_native",
        "axe-playwright-python": "axe_playwright_python",
        "pytest-timeout": "timeout = ", "pytest-rerunfailures": "flaky.reruns",
        "pytest-xdist": "--dist",
        "mypy": "[tool.mypy]", "mkdocs-material": "name: material",
        "mkdocstrings-python": "mkdocstrings:", "ruff": "[tool.ruff]",
    }  # fmt: skip
    paths = [*ROOT.glob("*/*.py"), *ROOT.glob("*/*/*.py"), ROOT / "pyproject.toml"]
    paths.append(ROOT / "mkdocs.yml")
    text = "\n".join(path.read_text("utf-8") for path in paths)
    word = modules.get(name, name)
    assert re.search(rf"^ *(import|from) {word}\b", text, re.MULTILINE) or (
        name in modules and word in text
    )


# What the tools say --------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["ruff check", "ruff format --check", "mypy"])
def test_the_tools_are_content(command: str) -> None:
    tool, *words = command.split()
    done = subprocess.run(
        [sys.executable, "-m", tool, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


# Examples ------------------------------------------------------------------------------------

WITH_EXAMPLES = [
    name
    for name, path in FILES.items()
    if name.startswith("bioskipgram") and re.search(r">>> (?!.*\+SKIP)", path.read_text("utf-8"))
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_in_docstrings_are_true(name: str) -> None:
    result = doctest.testmod(import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


def test_many_modules_have_examples() -> None:
    assert len(WITH_EXAMPLES) >= 8


# What README promises ------------------------------------------------------------------------


def blocks(language: str) -> list[str]:
    """README's code blocks in a language."""
    text = (ROOT / "README.md").read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.usefixtures("as_documented")
def test_the_python_in_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    found = blocks("python")
    assert found
    namespace: dict[str, object] = {"__name__": "readme"}
    for block in found:
        exec(compile(block, "README.md", "exec"), namespace)
    assert capsys.readouterr().out


def commands() -> list[str]:
    """What stands behind ``$`` in README's console blocks, if it calls this program."""
    lines = re.sub(r"\\\n", " ", "\n".join(blocks("console"))).splitlines()
    calls = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [call for call in calls if call.startswith(("bioskipgram ", "python -m bioskipgram "))]


def test_the_commands_in_readme_run(as_documented: Path) -> None:
    """The first in a process of its own, as users start it."""
    first, *others = (shlex.split(call.partition("bioskipgram ")[2]) for call in commands())
    subprocess.run(
        [sys.executable, "-m", "bioskipgram", *first],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True,
    )  # fmt: skip
    for words in others:
        assert main(words) == 0, words


def test_readme_names_no_file_that_is_not_there() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
