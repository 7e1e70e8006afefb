"""What a setting is: a dataclass field with its default, limits and help text."""

from dataclasses import MISSING, Field, field, fields
from typing import Any, Self, TypeVar

from .errors import ConfigError

T = TypeVar("T")


def option(
    default: T,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[Any, ...] = (),
    aliases: dict[str, str] | None = None,
    advanced: bool = False,
) -> T:
    """Return a dataclass field that knows its limits and its help text.

    `aliases` maps older names of a choice to the present one; they are still accepted.
    """
    metadata = {
        "help": help,
        "low": low,
        "high": high,
        "choices": choices,
        "aliases": aliases or {},
        "advanced": advanced,
    }
    made: T = field(default=default, metadata=metadata)
    return made


class Config:
    """Base of the configuration dataclasses: checks limits, reads dictionaries."""

    def __post_init__(self) -> None:
        for name, value in self.renamed(vars(self)).items():
            object.__setattr__(self, name, value)
        for spec in fields(self):  # type: ignore[arg-type]
            _check(spec, getattr(self, spec.name))

    @classmethod
    def renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Return settings by name, older names of a choice replaced by the present ones."""
        aliases = {spec.name: spec.metadata["aliases"] for spec in fields(cls)}  # type: ignore[arg-type]
        return {
            name: aliases.get(name, {}).get(value, value) if isinstance(value, str) else value
            for name, value in values.items()
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Return the configuration; a ConfigError on an unknown name or a value out of range."""
        known = {spec.name for spec in fields(cls)}  # type: ignore[arg-type]
        unknown = sorted(set(values) - known)
        if unknown:
            raise ConfigError(
                f"unknown setting {unknown[0]!r}; known are " + ", ".join(sorted(known))
            )
        return cls(**values)


def _check(spec: Field[Any], value: Any) -> None:
    """Raise a ConfigError unless `value` has the type and the limits of its field."""
    wanted = type(spec.default) if spec.default is not MISSING else type(value)
    low, high, choices = (spec.metadata.get(key) for key in ("low", "high", "choices"))
    name = spec.name.replace("_", "-")
    if type(value) is not wanted and not (wanted is float and type(value) is int):
        raise ConfigError(f"{name}: expected {_KINDS[wanted]}, found {value!r}")
    if choices and value not in choices:
        raise ConfigError(f"{name}: {value!r} is not one of {', '.join(map(str, choices))}")
    # Written so that NaN fails too.
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        raise ConfigError(f"{name}: {value} is outside {low} to {high}")


_KINDS = {int: "a whole number", float: "a number", str: "a word", bool: "yes or no"}
