"""The house itself: who imports whom, what is pinned, what the tools say, what README promises."""

import ast
import doctest
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import bioskipgram

ROOT = Path(__file__).parents[1]

# Who may import whom -------------------------------------------------------------------------

LAYERS = """
arrays commands data errors headers progress training.schedule version
bioskipgram alphabet counters flatfiles frames genes.diagonals genes.pooling genes.trees
motifs.windows projection.attraction projection.graph projection.trust scanning significance
source symbols variants.substitutions
fasta genes.pairs kmers motifs.matrix_text
checks coding composition config record_pieces variants vocabulary
commands.output corpus enrichment genes.alignment motifs projection.methods records relations
tally variants.hgvs
counting embedding model motifs.matrices provenance rows training.hogwild variants.consequence
variants.variant_list
checkpoint concatenation cooccurrence genes.dotplot genes.gene_counts motifs.hits
motifs.matrix_files properties quality queries training.batched training.distributed
variants.effects
clusters comparison genes.background genes.packing kmer_values motifs.hit_tables motifs.library
motifs.shuffling neighborhood projection runs sequence_index table training.sampled training.state
traits variants.context_null
commands.similarity expected genes layouts motifs.enrichment selections session
variants.assessment variants.saturation
commands.maps genes.distances genes.formats genes.reference genes.windows motifs.discovery
training.exact variants.vcf
commands.genes commands.motifs commands.variants genes.comparison genes.placing training
memory
estimate
commands.train
commands.models commands.sequences
cli
__main__

dashboard dashboard.downloads dashboard.kmer_map.component dashboard.views
dashboard.kmer_map.message
dashboard.kmer_map.events
dashboard.kmer_map
dashboard.figures dashboard.forms dashboard.state
dashboard.dot_map dashboard.similarity_figures
dashboard.motif_figures
dashboard.cache dashboard.variant_card dashboard.variant_figures
dashboard.cache.explore dashboard.cache.motifs dashboard.cache.similarity dashboard.cache.variants
dashboard.model_map dashboard.provenance_card dashboard.views.train
dashboard.colours dashboard.enrichment_card dashboard.gene_figures dashboard.gene_tables
dashboard.kmer_card dashboard.kmer_table dashboard.model_pair dashboard.motif_discovery
dashboard.motif_kmers dashboard.motif_sequences dashboard.neighbor_list dashboard.variant_input
dashboard.variant_map
dashboard.cache.genes dashboard.group_card dashboard.query_pairs dashboard.vector_sums
dashboard.views.motifs dashboard.views.variants
dashboard.gene_pair dashboard.inspector dashboard.views.similarity
dashboard.app dashboard.gene_cards dashboard.views.explore
dashboard.views.genes
"""
"""One layer a line, the lowest first; "bioskipgram." is left out. Imports point down."""

RANK = {
    name if name.split(".")[0] in ("bioskipgram", "dashboard") else f"bioskipgram.{name}": rank
    for rank, line in enumerate(LAYERS.splitlines())
    for name in line.split()
}


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


def imports_of(name: str) -> set[str]:
    return imported(name, running(ast.parse(FILES[name].read_text("utf-8"))))


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


def test_every_module_has_its_layer() -> None:
    assert set(RANK) == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_imports_point_down(name: str) -> None:
    own = {module for module in imports_of(name) if module.split(".")[0] in RANK}
    up = {module for module in own if RANK[module] >= RANK[name]}
    assert not up, f"{name} imports {up}, which are not below it"


def bound_names(tree: ast.Module) -> dict[str, str]:
    """What a module calls things at its top, and what each is: a name it imports, or "own"."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            found |= {a.asname or a.name: f"{node.module or ''}.{a.name}" for a in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = "own"
        elif isinstance(node, ast.Assign):
            found |= {name.id: "own" for name in node.targets if isinstance(name, ast.Name)}
    return found


@pytest.mark.parametrize("package", [n for n, path in FILES.items() if path.stem == "__init__"])
def test_no_module_takes_the_name_of_something_its_package_uses(package: str) -> None:
    """Importing a.b rebinds `b` in a: whatever a called so is gone from then on."""
    inside = {name.rpartition(".")[2] for name in FILES if name.rpartition(".")[0] == package}
    names = bound_names(ast.parse(FILES[package].read_text("utf-8")))
    rebound = {
        name for name in inside & set(names) if names[name] not in (f"{package}.{name}", f".{name}")
    }
    assert not rebound, f"{package} calls something {rebound}, and has modules of that name"


def test_the_science_does_not_know_the_view() -> None:
    view = importers("dashboard", "streamlit", "plotly")
    assert view
    assert not {name for name in view if name.startswith("bioskipgram")}


def test_only_the_model_and_the_trainers_import_torch() -> None:
    loss = {"bioskipgram.model", "bioskipgram.table", "bioskipgram.expected"}
    training = {name for name in FILES if name.startswith("bioskipgram.training")}
    assert importers("torch") <= loss | training
    assert importers("bioskipgram.model") <= loss | training | {"bioskipgram.estimate"}
    eager = {name for name in FILES if "bioskipgram.training" in imports_at_once(name)}
    assert eager - training == {"bioskipgram.estimate", "bioskipgram.memory"}
    assert importers("bioskipgram.training") - training == {
        "bioskipgram.commands.train", "bioskipgram.commands.models",
        "bioskipgram.estimate", "bioskipgram.memory",
        "bioskipgram.session",
    }  # fmt: skip


def test_only_the_cache_caches() -> None:
    caching = {
        name
        for name, path in FILES.items()
        if re.search(r"\bcache_(data|resource)\b", path.read_text("utf-8"))
    }
    assert {name.split(".")[:2] == ["dashboard", "cache"] for name in caching} == {True}


def test_figures_know_no_streamlit() -> None:
    assert "dashboard.figures" not in importers("streamlit")
    assert "dashboard.cache" in importers("streamlit")


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
        ("bioskipgram.cli", "torch umap sklearn numba scipy safetensors Bio"),
        ("dashboard.cache, dashboard.inspector", "torch umap sklearn numba"),
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


def ranges() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = map(Requirement, project["dependencies"])
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
        "biopython": "Bio", "scikit-learn": "sklearn", "umap-learn": "umap",
        "opentsne": "openTSNE",
        "pytest-timeout": "timeout = ", "pytest-xdist": "--dist",
        "mypy": "[tool.mypy]", "ruff": "[tool.ruff]",
    }  # fmt: skip
    paths = [*ROOT.glob("*/*.py"), *ROOT.glob("*/*/*.py"), ROOT / "pyproject.toml"]
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


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with links to the shipped models and data, and nothing else."""
    for folder in ("models", "bioskipgram/data"):
        # Links to files in folders of our own: what a command writes beside them stays here.
        shutil.copytree(ROOT / folder, tmp_path / folder, copy_function=os.symlink)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("elsewhere")
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


def test_the_commands_in_readme_run(elsewhere: Path) -> None:
    found = commands()
    assert found
    shell = f"""
        set -eo pipefail
        python() {{ "{sys.executable}" "$@"; }}
        bioskipgram() {{ python -m bioskipgram "$@"; }}
    """
    for command in found:
        done = subprocess.run(
            ["bash", "-c", f"{shell}\n{command}"],
            cwd=elsewhere,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"


def test_readme_names_no_file_that_is_not_there() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
