"""What a handler reads of its form is told by its source: what it always needs, what it sometimes reads."""

from __future__ import annotations

from typing import Any

import pytest

from engine.form_keys import FormKeys, keys_of
from engine.handler import user_task

Values = dict[str, Any]


def _helper(ctx: object, values: Values) -> None:
    ctx.note(values["ayudado"], values.get("quiza"))  # type: ignore[attr-defined]


@user_task("prueba.directo")
def directo(values: Values, ctx: Any) -> None:
    ctx.note(values["monto"], values.get("nota", ""))


@user_task("prueba.ramas")
def ramas(values: Values, ctx: Any) -> None:
    if values["decision"] == "no":
        ctx.note(values["motivo"])
        return
    ctx.note(values["fecha"] if ctx.now else None)


@user_task("prueba.ayudado")
def ayudado(values: Values, ctx: Any) -> None:
    _helper(ctx, values)


@user_task("prueba.abierto")
def abierto(values: Values, ctx: Any) -> Values:
    return {**values, "monto": values["monto"]}


@user_task("prueba.despues")
def despues(values: Values, ctx: Any) -> None:
    ctx.note([fila["pieza"] for fila in values["filas"]], ctx.now or values["hora"])


@user_task("prueba.calculado", reads=("a", "b"))
def calculado(values: Values, ctx: Any) -> None:
    ctx.note({name: values[name] for name in ("a", "b")}, values.get(ctx.now), values["c"])


@user_task("prueba.todo", reads=("a",))
def todo(values: Values, ctx: Any) -> None:
    ctx.note(values)


@pytest.mark.parametrize(
    ("handler", "needed", "sometimes", "complete"),
    [
        (directo, {"monto"}, {"nota"}, True),
        (ramas, {"decision"}, {"motivo", "fecha"}, True),
        (ayudado, {"ayudado"}, {"quiza"}, True),
        (abierto, {"monto"}, set(), False),
        (despues, {"filas"}, {"hora"}, True),
        (calculado, {"c"}, {"a", "b"}, True),
        (todo, set(), {"a"}, False),
    ],
)
def test_what_a_handler_reads(handler: Any, needed: set[str], sometimes: set[str], complete: bool) -> None:
    assert keys_of(handler.cauce) == FormKeys(frozenset(needed), frozenset(sometimes), complete)
