"""What is known of the reference genes, and what a selection of them has more of."""

import numpy as np
import pytest
from scipy import stats

from bioskipgram.errors import ConfigError
from bioskipgram.genes import annotation


def test_paralogues_and_families_agree_both_ways() -> None:
    genes, families = annotation.annotations(), annotation.families()
    assert len(genes) > 2_000
    for symbol, one in genes.items():
        for other in one.paralogues:
            assert symbol in genes[other].paralogues
            assert families[symbol] == families[other]
        assert bool(one.paralogues) == (symbol in families)
    assert {families[name] for name in ("HBB", "HBE1", "MB")} == {families["HBG2"]}
    assert families["HBB"] != families["HOXC8"]


def test_labels_of_a_gene() -> None:
    assert annotation.labels_of("HOXC8", "domain") == ("Homeobox domain (IPR001356)",)
    assert annotation.labels_of("HBB", "chromosome") == ("11",)
    assert annotation.labels_of("nothing", "domain") == ()
    with pytest.raises(ConfigError, match="'colour' is not one of domain, family, chromosome"):
        annotation.labels_of("HBB", "colour")


def test_a_gene_has_the_colour_of_its_commonest_label() -> None:
    names = ["HOXC9", "HOXC8", "HOXC4", "no gene"]
    both = annotation.labels_of("HOXC9", "domain")
    assert len(both) == 2
    assert annotation.categories(names, "domain") == 3 * ["Homeobox domain (IPR001356)"] + [""]


def test_enrichment_equals_scipy() -> None:
    names = [*sorted(annotation.annotations())[:900], "not annotated"]
    selected = np.random.default_rng(1).random(len(names)) < 0.1
    selected |= np.array([name.startswith("HOX") for name in names])
    found = annotation.enrichment(names, selected, "domain")
    genes = [
        (name, chosen) for name, chosen in zip(names, selected, strict=True)
        if name in annotation.annotations()
    ]  # fmt: skip
    for one in found:
        having = [one.label in annotation.labels_of(name, "domain") for name, _ in genes]
        table = np.zeros((2, 2), int)
        for (_, chosen), has in zip(genes, having, strict=True):
            table[int(not chosen), int(not has)] += 1
        assert [one.inside, one.outside] == table[:, 0].tolist()
        assert [one.inside_size, one.outside_size] == table.sum(axis=1).tolist()
        assert one.p == pytest.approx(stats.fisher_exact(table, alternative="greater")[1], rel=1e-9)
        assert len(one.genes) == one.inside
    every = {label for name in names for label in annotation.labels_of(name, "domain")}
    p = [one.p for one in found] + (len(every) - len(found)) * [1.0]
    expected = stats.false_discovery_control(p)[: len(found)]
    np.testing.assert_allclose([one.q for one in found], expected, rtol=1e-9)
    p = [one.p for one in found]
    assert p == sorted(p)
    assert found[0].label == "Homeobox domain (IPR001356)" or p[0] < 0.01


def test_random_selections_are_enriched_in_nothing() -> None:
    names = sorted(annotation.annotations())
    for seed in range(5):
        selected = np.random.default_rng(seed).random(len(names)) < 0.02
        found = annotation.enrichment(names, selected, "domain")
        assert len(found) > 20
        assert min(one.q for one in found) > 0.05


def test_an_empty_selection_has_nothing() -> None:
    names = ["HBB", "HBD"]
    assert annotation.enrichment(names, np.zeros(2, bool), "family") == []
