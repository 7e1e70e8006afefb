"""Figures carry the numbers they were given, and names that mean nothing to plotly."""

import numpy as np
import pytest

from bioskipgram.config import PoolConfig
from bioskipgram.genes.embed import GeneEmbedding
from bioskipgram.genes.similarity import similarity
from bioskipgram.genes.trees import tree
from dashboard.genes import figures

NAMES = ("<b>bold</b>", "x" * 500, "HBB", "HBD")


@pytest.fixture
def vectors() -> GeneEmbedding:
    rng = np.random.default_rng(2)
    ones = np.ones(4, np.int64)
    points = rng.normal(size=(4, 6)).astype(np.float32)
    return GeneEmbedding(NAMES, points, ones, ones, PoolConfig())


def test_the_heat_map_has_the_cosines_in_the_dendrograms_order(vectors: GeneEmbedding) -> None:
    found = similarity(vectors)
    lines, cells = figures.heat_map(found, NAMES).data
    order = found.order
    assert np.allclose(cells.z, vectors.cosine()[np.ix_(order, order)], atol=1e-5)
    assert "<b>" not in "".join("".join(row) for row in cells.text)
    # Three brackets of five points; the last is the root, over all leaves.
    assert len(lines.x) == 15
    assert max(y for y in lines.y if y is not None) == pytest.approx(found.linkage[-1, 2])
    assert sorted(x for x, y in zip(lines.x, lines.y, strict=True) if y == 0.0) == [0, 1, 2, 3]


def test_groups_are_named_by_their_first_and_how_many_more(vectors: GeneEmbedding) -> None:
    found = similarity(vectors, max_rows=2)
    ticks = figures.heat_map(found, ("a", "b", "c", "d")).layout.xaxis2.ticktext
    wanted = {
        "abcd"[group[0]] + (f" +{len(group) - 1}" if len(group) > 1 else "")
        for group in found.groups
    }
    assert set(ticks) == wanted


def test_a_tree_is_drawn_to_scale(vectors: GeneEmbedding) -> None:
    apart = np.array([[0, 2, 6, 6], [2, 0, 6, 6], [6, 6, 0, 4], [6, 6, 4, 0]], float)
    found = tree(apart, NAMES, "upgma")
    lines, leaves = figures.tree_figure(found, "distance").data
    assert list(leaves.x) == [3, 3, 3, 3]
    assert sorted(leaves.y) == [0, 1, 2, 3]
    assert abs(leaves.y[0] - leaves.y[1]) == abs(leaves.y[2] - leaves.y[3]) == 1
    assert "<b>" not in "".join(leaves.text) + "".join(leaves.customdata)
    assert len(lines.x) == 4 * (len(found.parents) - 1)


@pytest.mark.parametrize(("many", "named"), [(4, True), (41, False)])
def test_uploads_stand_out_and_have_names_while_they_are_few(*, many: int, named: bool) -> None:
    points = np.zeros((many, 2), np.float32)
    figure = figures.gene_map(
        points[:3], ("a", "b", "<i>"), points, ["<b>"] * many, axes=("component 1", "")
    )
    reference, mine = figure.data
    assert reference.text == ("a", "b", "&lt;i&gt;")
    assert ("text" in mine.mode) == named
    assert mine.marker.size > reference.marker.size
    assert set(mine.customdata) == {"&lt;b&gt;"}


def test_names_on_the_map_stand_clear_of_one_another() -> None:
    points = np.array([[0, 0], [0.001, 0.001], [1, 1], [0, 1], [np.nan, np.nan]], np.float32)
    figure = figures.gene_map(points[:3], ("a", "b", "c"), points, ["HBG1", "HBG2", "X", "Y", "Z"])
    assert figure.data[1].text[:4] == ("HBG1", "", "X", "Y")
    assert figure.data[1].customdata == ("HBG1", "HBG2", "X", "Y", "Z")


def test_values_of_the_users_own_colour_genes_and_uploads_on_one_scale() -> None:
    points, known = np.zeros((2, 2), np.float32), np.array([0.0, np.nan])
    figure = figures.gene_map(
        points, ("a", "b"), points, ("c", "d"), colours=known, own=np.array([10.0, 5.0]), unit="kb"
    )
    reference, mine, scale = figure.data
    assert reference.marker.color == (figures.SCALE[0], figures.FAINT)
    assert mine.marker.color == (figures.SCALE[-1], figures.SCALE[31])
    assert scale.marker.color == (0.0, 10.0)
    assert scale.marker.colorbar.title.text == "kb"
    assert mine.customdata == ("c<br>10", "d<br>5")
    assert reference.customdata[1] == "not known"
    words = figures.gene_map(
        points, ("a", "b"), points, ("c", "d"), colours=["x", ""], own=["", "x"]
    )
    assert words.data[0].marker.color[0] == words.data[1].marker.color[1] == figures.HUES[0]


def test_support_stands_at_groups_that_are_found_at_least_half_of_the_time() -> None:
    apart = np.array([[0, 2, 6, 6], [2, 0, 6, 6], [6, 6, 0, 4], [6, 6, 4, 0]], float)
    found = tree(apart, NAMES, "upgma")
    shares = np.array([np.nan] * 4 + [0.98, 0.4, np.nan])
    numbers = figures.tree_figure(found, "distance", shares).data[2]
    assert [text.strip() for text in numbers.text] == ["98"]
    assert numbers.x[0] == found.heights[4]
