"""A configuration dataclass -> its widgets: defaults, limits and help come from the fields."""

from collections.abc import Mapping, Sequence
from dataclasses import Field, fields
from typing import Any, TypeVar, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bioskipgram.option import Config

C = TypeVar("C", bound=Config)


def ask(
    config: type[C],
    names: Sequence[str],
    *,
    prefix: str,
    columns: int = 4,
    labels: Mapping[str, str] | None = None,
    zeros: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Draw widgets for the named fields, keyed `prefix` + name; return their values.

    `labels` are what fields are called, by default their names; `zeros` what 0 means in some
    fields of numbers: an empty box says it.
    """
    by_name = {spec.name: spec for spec in fields(config)}  # type: ignore[arg-type]
    found = {}
    for start in range(0, len(names), columns):
        row = st.columns(columns)
        for place, name in zip(row, names[start : start + columns], strict=False):
            label = (labels or {}).get(name, name.replace("_", " "))
            key, zero = f"{prefix}{name}", (zeros or {}).get(name, "")
            found[name] = _widget(by_name[name], place, key, label, zero)
    return found


def _widget(spec: Field[Any], place: DeltaGenerator, key: str, label: str, zero: str) -> Any:
    facts, default = spec.metadata, cast("int | float | bool | str", spec.default)
    # Not as the widget's own default, so that a page may set the values.
    st.session_state.setdefault(key, (default or None) if zero else default)
    if facts["choices"]:
        return place.selectbox(label, facts["choices"], key=key, help=facts["help"])
    if isinstance(default, bool):
        return place.checkbox(label, key=key, help=facts["help"])
    kind = type(default)
    numbers: dict[str, Any] = {
        "min_value": kind(facts["low"]),
        "max_value": kind(facts["high"]),
        "step": 1 if kind is int else 0.01,
        "format": "%d" if kind is int else "%g",
    }
    if zero:  # an empty box, which is 0
        numbers |= {"value": None, "placeholder": zero}
    return place.number_input(label, key=key, help=facts["help"], **numbers) or kind(0)
