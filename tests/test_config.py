"""Settings: every limit is kept on both sides, every type is minded, every option is explained."""

import math
from dataclasses import FrozenInstanceError, asdict, fields
from typing import Any

import pytest

from bioskipgram.config import (
    ClusterConfig,
    Config,
    ProjectionConfig,
    TrainConfig,
    default_clusters,
)
from bioskipgram.errors import BioSkipGramError, ConfigError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.sequences.alphabet import ALPHABETS

CONFIGS: tuple[type[Config], ...] = (TrainConfig, ProjectionConfig, ClusterConfig)
FIELDS = [(config, spec) for config in CONFIGS for spec in fields(config)]
ROOM = {"k": 12, "stride": 12, "dim": 2000}
"""Settings under which every other field may be as large as its own limit allows."""


def with_value(config: type[Config], name: str, value: Any) -> Config:
    """The configuration with one field set, and no other field in its way."""
    others = {key: most for key, most in ROOM.items() if key != name}
    if config is not TrainConfig:
        others = {}
    elif name == "k":
        others = {"dim": 2000}
    elif name == "k_min":  # words of several lengths have no stride
        others = {"k": 12}
    return config(**{**others, name: value})


def each(*kinds: type) -> list[Any]:
    """One case for each field of these types that has limits or choices."""
    return [
        pytest.param(config, spec, id=f"{config.__name__}.{spec.name}")
        for config, spec in FIELDS
        if type(spec.default) in kinds
    ]


def step(spec: Any) -> float:
    """The smallest step from a number of this field's type to the next: 1, or hardly anything."""
    return 1 if type(spec.default) is int else 1e-9


ORDERED = [
    case
    for case in each(int, float)
    if not case.values[1].metadata["choices"]  # these are not ranges
]
CHOSEN = [
    pytest.param(config, spec, id=f"{config.__name__}.{spec.name}")
    for config, spec in FIELDS
    if spec.metadata["choices"]
]


# Limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("config", "spec"), ORDERED)
def test_a_number_may_be_as_small_as_its_limit_and_no_smaller(config: Any, spec: Any) -> None:
    low = type(spec.default)(spec.metadata["low"])
    assert getattr(with_value(config, spec.name, low), spec.name) == low
    name = spec.name.replace("_", "-")
    with pytest.raises(ConfigError, match=f"^{name}: .* is outside {spec.metadata['low']} to "):
        with_value(config, spec.name, low - step(spec))


@pytest.mark.parametrize(("config", "spec"), ORDERED)
def test_a_number_may_be_as_large_as_its_limit_and_no_larger(config: Any, spec: Any) -> None:
    high = type(spec.default)(spec.metadata["high"])
    assert getattr(with_value(config, spec.name, high), spec.name) == high
    with pytest.raises(ConfigError, match=f" is outside .* to {spec.metadata['high']}$"):
        with_value(config, spec.name, high + step(spec))


@pytest.mark.parametrize(("config", "spec"), CHOSEN)
def test_a_choice_is_one_of_its_choices(config: Any, spec: Any) -> None:
    for choice in spec.metadata["choices"]:
        assert getattr(config(**{spec.name: choice}), spec.name) == choice
    wrong = type(spec.default)(5)
    with pytest.raises(ConfigError, match=f"^{spec.name}: .*5.* is not one of "):
        config(**{spec.name: wrong})


@pytest.mark.parametrize(("config", "spec"), each(float))
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400])
def test_what_is_no_finite_number_is_refused(config: Any, spec: Any, value: float) -> None:
    with pytest.raises(ConfigError, match=" is outside "):
        config(**{spec.name: value})


# Types ---------------------------------------------------------------------------------------

WRONG: dict[type, tuple[str, list[Any]]] = {
    int: ("a whole number", [True, 1.0, math.nan, "3", None, [3]]),
    float: ("a number", [True, "0.5", None, 1j]),
    str: ("a word", [1, None, b"auto", ("auto",)]),
    bool: ("yes or no", [1, 0, "yes", None]),
}


@pytest.mark.parametrize(("config", "spec"), each(int, float, str, bool))
def test_another_type_is_refused(config: Any, spec: Any) -> None:
    kind, values = WRONG[type(spec.default)]
    for value in values:
        with pytest.raises(ConfigError, match=f": expected {kind}, found "):
            config(**{spec.name: value})


def test_a_whole_number_will_do_for_a_number() -> None:
    assert TrainConfig(learning_rate=1).learning_rate == 1.0


# Settings that depend on each other ----------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"k": 3, "stride": 4}, "stride: 4 is outside 1 to k = 3"),
        ({"k": 3, "stride": 3, "frame": 3}, "frame: 3 is outside 0 to stride - 1 = 2"),
        ({"frame": 1}, "frame: 1 is outside 0 to stride - 1 = 0"),
        ({"dim": 2, "remove_components": 2}, "remove-components: 2 is not below dim 2"),
        ({"k": 3, "k_min": 4}, "k-min: 4 is outside 0 to k = 3"),
        ({"alphabet": "protein", "k": 7}, r"k: 7 is too long for protein: 20\^7 .* k up to 6"),
    ],
)
def test_the_first_bad_combination_is_refused(values: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainConfig(**values)
    last = list(values)[-1]
    TrainConfig(**{**values, last: values[last] - 1})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"canonical": True}, "^canonical: protein has no other strand; leave it off, or give nuc"),
        ({"both_strands": True}, "^both-strands: protein has no other strand; leave it off"),
        ({"contexts": "frame"}, "^contexts: protein has no reading frame; choose all or non-over"),
        ({"contexts": "frame-apart"}, "^contexts: protein has no reading frame; choose all or"),
    ],
)
def test_what_only_nucleotides_have_is_refused_for_protein(
    values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainConfig(alphabet="protein", k=3, **values)
    for alphabet in ("DNA", "RNA"):
        TrainConfig(alphabet=alphabet, k=3, **values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"stride": 2}, "^k-min: .* which stride 2 contradicts; choose stride 1"),
        ({"canonical": True}, "^k-min: .* which canonical contradicts; choose stride 1 without"),
        ({"contexts": "apart"}, "^contexts: non-overlapping measures from words of one length; "),
        ({"contexts": "frame"}, "^contexts: frame measures from words of one length; choose all"),
        ({"contexts": "frame-apart"}, "^contexts: frame-apart measures from words of one length"),
    ],
)
def test_what_words_of_several_lengths_cannot_have_is_refused(
    values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainConfig(k=6, k_min=3, **values)
    TrainConfig(k=6, **values)
    assert TrainConfig(k=6, k_min=3).tokenizer.k_min == 3


@pytest.mark.parametrize("contexts", ["frame", "frame-apart"])
def test_codons_need_windows_that_meet_every_third_base(contexts: str) -> None:
    with pytest.raises(ConfigError, match=f"^contexts: {contexts} needs stride 1 or 3, found 2"):
        TrainConfig(contexts=contexts, stride=2)
    TrainConfig(contexts=contexts, stride=3)


@pytest.mark.parametrize(
    ("contexts", "k", "stride", "bases"),
    [
        ("all", 6, 1, [1, 2, 3, 4, 5]),
        ("non-overlapping", 6, 1, [6, 7, 8, 9, 10]),
        ("non-overlapping", 5, 2, [6, 8, 10, 12, 14]),
        ("frame", 6, 1, [3, 6, 9, 12, 15]),
        ("frame-apart", 6, 1, [6, 9, 12, 15, 18]),
        ("frame-apart", 7, 1, [9, 12, 15, 18, 21]),
        ("frame-apart", 4, 3, [6, 9, 12, 15, 18]),
        ("frame-apart", 3, 3, [3, 6, 9, 12, 15]),
    ],
)
def test_the_window_counts_the_distances_a_scheme_uses(
    contexts: str, k: int, stride: int, bases: list[int]
) -> None:
    config = TrainConfig(contexts=contexts, k=k, stride=stride, window=5)
    assert [stride * distance for distance in config.distances] == bases


def test_the_older_name_of_a_choice_becomes_the_present_one() -> None:
    assert TrainConfig(contexts="apart") == TrainConfig(contexts="non-overlapping")
    assert TrainConfig.from_dict({"contexts": "apart"}).contexts == "non-overlapping"


def test_the_alphabets_to_choose_from_are_those_there_are() -> None:
    (spec,) = (spec for spec in fields(TrainConfig) if spec.name == "alphabet")
    assert spec.metadata["choices"] == tuple(ALPHABETS)


def test_the_tokenizer_is_the_one_described() -> None:
    config = TrainConfig(k=6, stride=3, frame=2, canonical=True, alphabet="RNA")
    tokenizer = config.tokenizer
    assert isinstance(tokenizer, KmerTokenizer)
    assert (tokenizer.k, tokenizer.stride, tokenizer.frame, tokenizer.canonical) == (6, 3, 2, True)
    assert tokenizer.alphabet.letters == "ACGU"


# Dictionaries --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "made",
    [
        TrainConfig(k=4, stride=2, frame=1, canonical=True, l2=0.5, trainer="sampled"),
        ProjectionConfig(method="umap", dimensions=3, min_dist=0.5),
        ClusterConfig(method="hdbscan", min_cluster_size=3),
    ],
)
def test_a_configuration_survives_being_a_dictionary(made: Any) -> None:
    assert type(made).from_dict(asdict(made)) == made
    assert type(made).from_dict({}) == type(made)()


@pytest.mark.parametrize("config", CONFIGS)
def test_an_unknown_name_is_refused_and_the_known_ones_are_told(config: type[Config]) -> None:
    with pytest.raises(ConfigError, match=r"^unknown setting 'colour'; known are .*seed"):
        config.from_dict({"colour": "red", "seed": 1})


def test_a_bad_value_in_a_dictionary_is_refused() -> None:
    with pytest.raises(ConfigError, match="dim: 0 is outside 1 to 2000"):
        TrainConfig.from_dict({"dim": 0})


# What every setting has ----------------------------------------------------------------------


@pytest.mark.parametrize(("config", "spec"), FIELDS)
def test_every_option_has_help_and_limits_around_its_default(config: Any, spec: Any) -> None:
    facts = spec.metadata
    assert len(facts["help"]) > 8
    assert facts["help"] == facts["help"].strip().removesuffix(".")
    if type(spec.default) in (int, float) and not facts["choices"]:
        assert facts["low"] <= spec.default <= facts["high"]
    elif type(spec.default) is not bool:
        assert spec.default in facts["choices"]


@pytest.mark.parametrize("config", CONFIGS)
def test_settings_do_not_change(config: type[Config]) -> None:
    made: Any = config()
    with pytest.raises(FrozenInstanceError):
        made.seed = 2
    with pytest.raises(TypeError, match="positional"):
        config(3)


def test_a_config_error_is_also_a_value_error() -> None:
    with pytest.raises(ValueError, match="k: 0") as caught:
        TrainConfig(k=0)
    assert isinstance(caught.value, BioSkipGramError)


def test_the_first_clustering_of_a_model_grows_with_its_vocabulary() -> None:
    sizes = {V: default_clusters(V).clusters for V in (1, 16, 64, 1024, 4096, 10**6)}
    assert sizes == {1: 2, 16: 2, 64: 4, 1024: 16, 4096: 32, 10**6: 40}
