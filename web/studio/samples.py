"""Invented data for previews: every merge field that a template names gets a value of the kind that it is used as.

Nothing of a real matter is shown to whoever edits templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

MOMENT = datetime(2027, 1, 15, 16, 0, tzinfo=UTC)
KINDS: dict[str, Any] = {
    "pesos": Decimal("34800.00"),
    "porcentaje": Decimal(50),
    "fecha": date(2027, 1, 15),
    "fecha_larga": date(2027, 1, 15),
    "hora": MOMENT,
    "momento": MOMENT,
    "flag": False,
    "number": Decimal(3),
}
PERSON = {
    "nombre": "Ana Cruz Díaz",
    "presentacion": "Lic. Ana Cruz Díaz",
    "tratamiento": "Sra.",
    "tipo_persona": "fisica",
    "puesto": "Gerente",
    "correo": "ana.cruz@ejemplo.mx",
    "telefono": "55 1234 5678",
    "horario": "lunes a viernes, 9:00 a 18:00",
    "enlace_reunion": "https://ejemplo.mx/sala",
    "rfc": "CUDA850101AB1",
    "folio": "CLI-2027-0001",
}
COMMON: dict[str, Any] = {
    "folio": "PRO-2027-0001",
    "persona": PERSON,
    "gerente": PERSON,
    "asesor": PERSON,
    "destinatario": {"nombre": PERSON["nombre"], "correo": PERSON["correo"], "saludo": "Apreciable Sra. Cruz Díaz:"},
    "asunto": {
        "folio": "ASU-2027-0001",
        "tipo": "juicio",
        "subtipo": "amparo_indirecto",
        "procedimiento": "Juicio: amparo indirecto",
        "autoridad": "Juzgado Quinto de Distrito",
        "num_exp_autoridad": "123/2027",
    },
    "interno": False,
    "enlace": "https://ejemplo.mx/p/ejemplo",
    "aviso_url": "https://ejemplo.mx/aviso-de-privacidad",
    "fecha": date(2027, 1, 15),
}


@dataclass
class Slot:
    """One value that a template uses, and how."""

    name: str
    kind: Any = None
    fields: dict[str, Slot] = field(default_factory=dict)
    item: Slot | None = None

    def part(self, name: str) -> Slot:
        return self.fields.setdefault(name, Slot(name))

    def value(self) -> Any:
        if self.item is not None:
            return [self.item.value(), self.item.value()]
        if self.fields:
            return {name: part.value() for name, part in self.fields.items()}
        return f"«{self.name}»" if self.kind is None else self.kind

    def names(self, prefix: str = "") -> Iterator[str]:
        """Dotted names of everything below."""
        for name, part in self.fields.items():
            yield f"{prefix}{name}"
            yield from part.names(f"{prefix}{name}.")


def of_mail(source: str) -> Slot:
    """What a mail template needs. Raises Jinja's TemplateSyntaxError."""
    root = Slot("")
    _Walk(root).visit(Environment(autoescape=True).parse(source), {})
    return root


class _Walk:
    """Goes through a parsed template, noting how each name is used."""

    def __init__(self, root: Slot) -> None:
        self.root = root

    def visit(self, node: nodes.Node, bound: dict[str, Slot]) -> None:
        if isinstance(node, nodes.For):
            self._loop(node, bound)
            return
        if isinstance(node, nodes.Filter) and node.node is not None:
            self._filtered(node, bound)
        elif isinstance(node, nodes.Compare):
            self._compared(node, bound)
        elif isinstance(node, (nodes.If, nodes.CondExpr)):
            self._test(node.test, bound)
        elif isinstance(node, (nodes.Name, nodes.Getattr)):
            self._slot(node, bound)
        for child in node.iter_child_nodes():
            self.visit(child, bound)

    def _loop(self, node: nodes.For, bound: dict[str, Slot]) -> None:
        found = self._slot(node.iter, bound)
        inner = dict(bound)
        if found is not None and isinstance(node.target, nodes.Name):
            found.item = found.item or Slot(node.target.name)
            inner[node.target.name] = found.item
        inner["loop"] = Slot("loop")
        for child in [*node.body, *node.else_]:
            self.visit(child, inner)

    def _filtered(self, node: nodes.Filter, bound: dict[str, Slot]) -> None:
        found = self._slot(node.node, bound)
        if found is None:
            return
        if node.name == "enumerar":
            found.item = found.item or Slot(found.name)
        elif node.name in KINDS:
            found.kind = KINDS[node.name]

    def _compared(self, node: nodes.Compare, bound: dict[str, Slot]) -> None:
        found = self._slot(node.expr, bound)
        other = node.ops[0].expr if node.ops else None
        if found is not None and isinstance(other, nodes.Const) and found.kind is None and other.value is not None:
            number = isinstance(other.value, (int, float)) and not isinstance(other.value, bool)
            found.kind = Decimal(str(other.value)) if number else other.value

    def _test(self, node: nodes.Expr, bound: dict[str, Slot]) -> None:
        """A name that is only asked about is «no»; another use says better."""
        for name in [node, *node.find_all(nodes.Name)]:
            if isinstance(name, nodes.Name) and name.name not in bound and name.name not in self.root.fields:
                self.root.part(name.name).kind = False

    def _slot(self, node: nodes.Node | None, bound: dict[str, Slot]) -> Slot | None:
        if isinstance(node, nodes.Name):
            if node.name in bound:
                return bound[node.name]
            if node.name in ("parte", "range", "dict", "loop", "self", "caller"):
                return None
            found = self.root.part(node.name)
            if found.kind is False and node.ctx == "load":
                return found
            return found
        if isinstance(node, nodes.Getattr):
            holder = self._slot(node.node, bound)
            return None if holder is None else holder.part(node.attr)
        return None


_FIELD = re.compile(r"\bdatos((?:\.[a-z_][a-z0-9_]*)+)")
_LOOP = re.compile(r"\bfor\s+([a-z_][a-z0-9_]*)\s+in\s+datos((?:\.[a-z_][a-z0-9_]*)+)")
_CALLS = {
    "pesos": "pesos",
    "float": "number",
    "int": "number",
    "fecha": "fecha",
    "fecha-larga": "fecha",
    "momento": "momento",
    "porcentaje": "porcentaje",
}
"""Function of the documents' layout (`_despacho.typ`), or of typst → the kind of value that it takes."""
_MONEY = re.compile(r"(honorarios|iva|subtotal|total|anticipo|importe|monto|saldo|descuento|retenciones|pagado)(_\w+)?")
_METHODS = {"len", "map", "filter", "join", "at", "first", "last", "sum", "keys", "values", "fold"}


def of_document(source: str) -> Slot:
    """What a typst document needs, as far as its text shows."""
    root = Slot("")
    for path in _FIELD.findall(source):
        _typst(root, path, source, "datos" + path)
    for variable, path in _LOOP.findall(source):
        found = _at(root, path)
        found.item = found.item or Slot(variable)
        for rest in re.findall(rf"\b{variable}((?:\.[a-z_][a-z0-9_]*)+)", source):
            _typst(found.item, rest, source, variable + rest)
    return root


def _at(root: Slot, path: str) -> Slot:
    found = root
    for name in path.strip(".").split("."):
        if name in _METHODS:
            break
        found = found.part(name)
    return found


def _typst(root: Slot, path: str, source: str, written: str) -> None:
    found = _at(root, path)
    for call, kind in _CALLS.items():
        if re.search(rf"\b{call}\(\s*{re.escape(written)}\b", source):
            found.kind = KINDS[kind]
    if re.search(rf"\b(if|not|and|or) {re.escape(written)}\s*[{{\[&)]", source) and found.kind is None:
        found.kind = False
    if found.kind is None and _MONEY.fullmatch(found.name):
        found.kind = KINDS["pesos"]
    if re.search(rf"{re.escape(written)}\s*(\.len\(\)|\.map\()", source):
        found.item = found.item or Slot(found.name)


def data_for(root: Slot, firm: dict[str, Any]) -> dict[str, Any]:
    """Example data: the common fields, and an invented value for everything else that is named."""
    known = {**COMMON, "despacho": firm}
    found = {name: part.value() for name, part in root.fields.items()}
    for name, value in known.items():
        if isinstance(value, dict) and isinstance(found.get(name), str):
            # Used as a text: a person's name.
            found[name] = value.get("nombre", found[name])
        elif isinstance(value, dict) and isinstance(found.get(name), dict):
            found[name] = {**found[name], **value}
        else:
            found[name] = value
    return found


__all__ = ["COMMON", "Slot", "TemplateSyntaxError", "data_for", "of_document", "of_mail"]
