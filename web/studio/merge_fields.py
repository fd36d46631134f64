"""Merge fields of mails and documents: those that a text may use, and those that it names and nothing gives.

What a template gets is known from the fields that every one has (`samples.COMMON`), from the published text, and from
the words of its first comment, where whoever made it says what else it gets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from engine.values import Finding
from web.studio import samples
from web.studio.samples import Slot

_COMMENT = re.compile(r"\{#(.*?)#\}|^//(.*?)$", re.DOTALL | re.MULTILINE)
_OWN_WORDS = {"parte", "range", "dict", "loop", "self", "caller", "super", "true", "false", "none"}
_IN_MAIL = re.compile(r"\{\{-?\s*(?P<name>[\w.]+)\s*\|\s*(?P<way>\w+)\s*-?\}\}")
_IN_DOCUMENT = re.compile(r"\b(?P<way>pesos|porcentaje|fecha|fecha-larga|momento)\(datos\.(?P<name>[\w.]+)\)")


def merge_fields(path: str, data: bytes) -> list[dict[str, str]]:
    """Fields to be put into the text by a click: those that every template has, and those that this one names."""
    text = data.decode("utf-8", "replace")
    try:
        found = _slots(path, text)
    except TemplateSyntaxError:
        found = Slot("")
    common = [
        f"{name}.{part}" if part else name
        for name, value in samples.COMMON.items()
        for part in (value if isinstance(value, dict) else [""])
    ]
    mail = path.startswith("mail/")
    plain, shaped = ("{{{{ {} }}}}", "{{{{ {} | {} }}}}") if mail else ("#datos.{}", "#{1}(datos.{0})")
    names = list(dict.fromkeys([*found.names(), *common]))
    # A field comes the way that this text already writes it: an amount as an amount, a day as a day.
    ways = {one["name"]: one["way"] for one in (_IN_MAIL if mail else _IN_DOCUMENT).finditer(text)}
    return [
        {"name": name, "insert": shaped.format(name, ways[name]) if name in ways else plain.format(name)}
        for name in names
    ]


def unknown_fields(path: str, data: bytes, published: bytes | None, firm: Mapping[str, Any]) -> Iterator[Finding]:
    """A warning at each merge field that nothing gives; of a template that was never published, only those below the
    fields that every one has. Its place is line:column."""
    text = data.decode("utf-8", "replace")
    try:
        wanted = _slots(path, text)
        before = None if published is None else _slots(path, published.decode("utf-8", "replace"))
    except TemplateSyntaxError:
        return
    known = _paths(before) if before is not None else set()
    words = {word for found in _COMMENT.finditer(text) for word in re.findall(r"[a-z_][a-z0-9_]*", found[0])}
    common: dict[str, Any] = {**samples.COMMON, "despacho": firm}
    made = _made_here(text) if path.startswith("mail/") else set()
    for steps in sorted(_paths(wanted)):
        root, leaf = steps[0], steps[-1]
        if root in made or root in _OWN_WORDS or steps in known:
            continue
        of_all = common.get(root)
        if len(steps) == 2 and isinstance(of_all, Mapping):
            offered, sure = set(of_all), True
        elif root in common:
            continue
        else:
            offered, sure = {one[-1] for one in known if one[:-1] == steps[:-1]} | set(common), before is not None
            if leaf in words:
                continue
        if sure and leaf not in offered:
            yield _finding(path, text, steps, offered | words)


def _finding(path: str, text: str, steps: tuple[str, ...], offered: set[str]) -> Finding:
    written = ".".join(one for one in steps if one != "[]")
    near = get_close_matches(steps[-1], offered, 1, 0.6)
    remedy = f"¿Quiso decir «{near[0]}»?" if near else "Elija un dato de los que se ofrecen."
    return Finding(path, _place(text, steps), "unknown-field", f"Nada da el dato «{written}».", remedy, "warning")


def _place(text: str, steps: tuple[str, ...]) -> str | None:
    """line:column of the first use."""
    # Of the rows of a list the text names the row by a word of its own.
    start = max((place for place, one in enumerate(steps) if one == "[]"), default=-1) + 1
    last = r"\s*\.\s*".join(map(re.escape, steps[start:]))
    pattern = re.compile(rf"(?<=\.){last}\b" if start else rf"(?<![\w.\"']){last}\b|(?<=datos\.){last}\b")
    blank = _COMMENT.sub(lambda one: re.sub(r"\S", " ", one[0]), text)
    found = pattern.search(blank)
    if found is None:
        return None
    before = text[: found.start()]
    return f"{before.count(chr(10)) + 1}:{found.start() - before.rfind(chr(10))}"


def _slots(path: str, text: str) -> Slot:
    return samples.of_mail(text) if path.startswith("mail/") else samples.of_document(text)


def _paths(slot: Slot, prefix: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Every field as its steps from the root; `[]` is a row of a list."""
    found: set[tuple[str, ...]] = set()
    for name, part in slot.fields.items():
        found |= {(*prefix, name)} | _paths(part, (*prefix, name))
    return found if slot.item is None else found | _paths(slot.item, (*prefix, "[]"))


def _made_here(text: str) -> set[str]:
    """Names that the template itself sets."""
    tree = Environment(autoescape=True).parse(text)
    return {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"} | {
        macro.name for macro in tree.find_all(nodes.Macro)
    }
