"""Every page has its help, and every guided example leads to the answer that its text gives."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.shared import cache, help, link
from dashboard.shared.help import GUIDE, GUIDES
from tests.dashboard import pages

STEPS = [(name, place) for name, (_, steps) in GUIDES.items() for place in range(len(steps))]


def open_step(name: str, place: int) -> AppTest:
    """Return the page that a step of a guide leads to."""
    step = GUIDES[name][1][place]
    app = pages.prepare(step.page)
    for key, value in {**step.settings, GUIDE: f"{name}-{place + 1}"}.items():
        app.query_params[key] = value
    return app.run()


def table_with(app: AppTest, column: str) -> Any:
    """Return the first table of a page with a column of this name."""
    return next(frame.value for frame in app.dataframe if column in frame.value)


def test_every_page_has_its_help_and_it_is_shown() -> None:
    folders = {script.parent.name for script in pages.APP.parent.glob("*/page.py")}
    assert folders
    assert folders <= set(help.PAGES)
    app = pages.open_page("train")
    assert help.PAGES["train"].strip() in [part.value.strip() for part in app.markdown]


@pytest.mark.parametrize(("name", "place"), STEPS)
def test_every_step_opens_its_page_and_says_where_it_is(name: str, place: int) -> None:
    app = open_step(name, place)
    assert not app.exception
    assert not app.error
    title, steps = GUIDES[name]
    assert f"**{title}, {place + 1} of {len(steps)}:**" in pages.words(app)
    links = "".join(part.body for part in app.get("html"))
    assert ("Next</a>" in links) == (place + 1 < len(steps))
    assert ("Back</a>" in links) == (place > 0)


@pytest.mark.parametrize("text", ["sickle-0", "sickle-9", "sickle-x", "sickle", "<b>-1", "-1", ""])
def test_what_is_no_step_shows_none(text: str) -> None:
    app = pages.prepare("train")
    app.query_params[GUIDE] = text
    assert " of 3:" not in pages.words(app.run())


def test_the_family_of_hbb_is_what_the_guide_says() -> None:
    table = table_with(open_step("globins", 1), "Mash distance").set_index("name")
    assert table.loc["HBB", ["nearest of yours", "related by"]].tolist() == ["HBD", "both"]
    assert table.loc["HBE1", "nearest of yours"] == "HBG1"


def test_the_neighbours_of_kmers_with_cpg_are_what_the_guide_says() -> None:
    table = table_with(open_step("cpg", 2), "k-mer")
    assert not set(table["relation"]) & {"shift", "substitution"}
    assert table["k-mer"].str.contains("CG").mean() > 0.85
    model = cache.embedding(cache.models()["human-cds-k6"])
    cpg = np.array(["CG" in text for text in model.vocabulary.texts])
    near = [model.neighbors(text, 20, hide=("shift", "substitution")).tokens
            for text in model.vocabulary.texts]  # fmt: skip
    shares = np.array([cpg[tokens].mean() for tokens in near])
    said = GUIDES["cpg"][1][2].text
    assert f"{shares[cpg].mean():.0%}".replace("%", " %") in said
    assert f"{shares[~cpg].mean():.0%}".replace("%", " %") in said


def test_the_sickle_cell_variant_is_what_the_guide_says() -> None:
    said = pages.words(open_step("sickle", 2))
    assert "p.Glu7Val" in said
    assert "missense" in said


def test_a_link_to_a_cluster_and_one_to_nothing() -> None:
    app = pages.prepare()
    app.query_params[link.CLUSTER] = "2"
    assert "Cluster 2" in app.run().subheader[0].value
    app = pages.prepare()
    app.query_params["selection"] = "0" * 16
    assert "the selection of this link is not on this server" in pages.shown(app.run().error[0])
