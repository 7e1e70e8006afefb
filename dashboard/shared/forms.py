"""A configuration dataclass -> its widgets: defaults, limits and help come from the fields."""

from dataclasses import Field, fields
from typing import Any, TypeVar, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bioskipgram.option import Config

C = TypeVar("C", bound=Config)


def ask(config: type[C], names: list[str], *, prefix: str, columns: int = 4) -> dict[str, Any]:
    """Draw widgets for the named fields, keyed `prefix` + name; return their values."""
    by_name = {spec.name: spec for spec in fields(config)}  # type: ignore[arg-type]
    found = {}
    for start in range(0, len(names), columns):
        row = st.columns(columns)
        for place, name in zip(row, names[start : start + columns], strict=False):
            found[name] = _widget(by_name[name], place, f"{prefix}{name}")
    return found


def _widget(spec: Field[Any], place: DeltaGenerator, key: str) -> Any:
    label = spec.name.replace("_", " ")
    facts, default = spec.metadata, cast("int | float | bool | str", spec.default)
    if facts["choices"]:
        return place.selectbox(
            label, facts["choices"], facts["choices"].index(default), key=key, help=facts["help"]
        )
    if isinstance(default, bool):
        return place.checkbox(label, value=default, key=key, help=facts["help"])
    kind = type(default)
    numbers: dict[str, Any] = {
        "min_value": kind(facts["low"]),
        "max_value": kind(facts["high"]),
        "value": default,
        "step": 1 if kind is int else 0.01,
        "format": "%d" if kind is int else "%g",
    }
    return place.number_input(label, key=key, help=facts["help"], **numbers)
