"""--set name=value: the value is read as what the parameter's annotation says it is."""

import dataclasses
import types
import typing
from collections.abc import Iterable
from typing import Any, Literal

import click

from neurarium.cli.words import unknown
from neurarium.core.messages import say

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


class _NotThat(ValueError):
    """The text is no value of this kind."""


def settings(kind: type[Any], texts: Iterable[str]) -> dict[str, Any]:
    """Parameters of an estimator from texts.

    Args:
        kind: The estimator's class.
        texts: Each "name=value".

    Raises:
        click.UsageError: No such parameter, or no such value; the message names it and what it needs.
    """
    from neurarium.core.parameters import parameter_table

    hints = typing.get_type_hints(kind, include_extras=True)
    names = [field.name for field in dataclasses.fields(kind)]
    chosen: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name:
            raise click.UsageError(say("set.form", text=text))
        if name not in names:
            unknown(say("unknown.parameter", kind=kind.__name__, name=name), name, names)
        try:
            chosen[name] = parse(value.strip(), hints[name])
        except _NotThat as error:
            needs = parameter_table(kind)[name]
            raise click.UsageError(say("set.value", kind=kind.__name__, name=name, needs=needs, text=value)) from error
    return chosen


def parse(text: str, hint: Any) -> Any:
    """A text as a value of an annotated kind.

    Example:
        >>> parse("8x8", tuple[int, int] | None), parse("none", int | None), parse("0.5", Literal["auto"] | float)
        ((8, 8), None, 0.5)
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return parse(text, arguments[0])
    if origin is Literal:
        return _choice(text, arguments)
    if origin in (typing.Union, types.UnionType):
        for choice in sorted(arguments, key=lambda each: each is str):  # any text is a str, so that comes last
            try:
                return parse(text, choice)
            except _NotThat:
                continue
        raise _NotThat
    if origin is tuple:
        return _tuple(text, arguments)
    return _plain(text, hint)


def _choice(text: str, choices: tuple[Any, ...]) -> Any:
    for choice in choices:
        if str(choice).lower() == text.lower():
            return choice
    raise _NotThat


def _tuple(text: str, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    inner = text.strip("()[] ").rstrip(",")
    words = [word.strip() for word in inner.split("," if "," in inner else "x")] if inner else []
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(parse(word, kinds[0]) for word in words)
    if len(words) != len(kinds):
        raise _NotThat
    return tuple(parse(word, each) for word, each in zip(words, kinds, strict=True))


def _plain(text: str, kind: Any) -> Any:
    lower = text.lower()
    if kind is type(None) and lower in ("none", ""):
        return None
    if kind is bool and lower in _TRUE + _FALSE:
        return lower in _TRUE
    if kind is str:
        return text
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError as error:
            raise _NotThat from error
    raise _NotThat
