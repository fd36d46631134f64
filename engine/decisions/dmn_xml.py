"""The elements of DMN files, whichever version of DMN their namespace names."""

from __future__ import annotations

from typing import Any

from engine.decisions import model as m

NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    }
)


def local_name(node: Any) -> str:
    """Local name of a DMN element, "" for elements of others."""
    namespace, _, name = node.tag[1:].rpartition("}")
    return name if namespace in NAMESPACES else ""


def all_below(node: Any, name: str) -> list[Any]:
    return [child for child in node if local_name(child) == name]


def first_below(node: Any, name: str) -> Any | None:
    return next((child for child in node if local_name(child) == name), None)


def text_in(node: Any | None) -> str:
    return "" if node is None else "".join(node.itertext()).strip()


def text_below(node: Any, name: str) -> str | None:
    """The text of `name/text`, or None."""
    child = first_below(node, name)
    return None if child is None else text_in(first_below(child, "text")) or None


def single_blanks(name: str) -> str:
    """A name with single blanks, as DMN compares names."""
    return " ".join(name.split())


def read_variable(node: Any) -> m.Variable:
    return m.Variable(single_blanks(node.get("name", "")), node.get("typeRef"))
