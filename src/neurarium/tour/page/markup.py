"""HTML and SVG as values: text is escaped unless it is already markup, so no label can become code."""

from html import escape


class Markup(str):
    """Text that is markup, to be taken as it is."""

    __slots__ = ()


def element(name: str, /, *children: str | None, **attributes: object) -> Markup:
    """An element.

    Args:
        name: Of the element.
        children: Markup, or text to be escaped; None is left out.
        attributes: By name, with `_` for `-` and after Python's own words (`class_`); None is left out.

    Example:
        >>> element("p", "a < b", class_="lead")
        '<p class="lead">a &lt; b</p>'
    """
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = join(*children)
    return Markup(f"<{name}{pairs}>{inner}</{name}>" if inner or name not in _VOID else f"<{name}{pairs}/>")


def join(*parts: str | None) -> Markup:
    """Parts one after the other."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in parts if part is not None))


_VOID = ("meta", "link", "input", "path", "circle", "rect", "use", "line", "br")
