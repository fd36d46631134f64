"""What the tests of the engine's verbs share: a small shop with its handlers, and a process to sell something."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, MetaData, String, Table, func, select

from engine import SYSTEM, Actor, BpmnError, Context, Engine, Invalid, MovableClock, UserTask, UserTaskQuery
from engine.handler import declared, feel_function, service_task
from engine.handler import user_task as handles_user_task
from engine.instance import loaded
from engine.storage import tables as t

from .models import boundary, model, user_task
from .models import service_task as service

ANA = Actor("ana", frozenset({"almacen", "ventas"}))
BETO = Actor("beto", frozenset({"ventas"}))
NINE = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""A Monday, 09:00 in Mexico City: where the frozen clocks of the tests begin."""

records = Table("shipment", MetaData(), Column("id", String(40), primary_key=True), Column("at", DateTime()))
"""A table of the shop: what its handlers write must commit, or not, with the step."""

PEDIDO = model(
    "pedido",
    user_task("revisar", due='=now() + duration("P3D")'),
    service("apartar", "almacen.apartar", inputs={"piezas": "=piezas"}),
    boundary("agotado", "apartar", error="e_agotado"),
    user_task("avisar"),
    user_task("entregar", assignee='="ana"', groups=None, handler="almacen.entregar"),
    boundary("tarde", "entregar", timer="PT9H"),
    flows="""
    inicio > revisar > apartar > entregar > fin
    agotado > avisar > fin_agotado
    tarde > fin_tarde
    """,
    errors={"e_agotado": "AGOTADO"},
)


@service_task("almacen.apartar", retries=2, backoff=("PT1M", "PT5M"))
def apartar(job: dict[str, Any], ctx: Context) -> dict[str, Any]:
    ctx.session.execute(records.insert().values(id=f"{ctx.business_key}:{ctx.idempotency_key}"))
    if job["piezas"] == 13:
        raise RuntimeError("la báscula no contesta")
    if job["piezas"] == 666:
        os._exit(9)
    if job["piezas"] > 100:
        raise BpmnError("AGOTADO", "no hay tantas", faltan=job["piezas"] - 100)
    return {"apartadas": job["piezas"]}


def prepare_entregar(ctx: Context) -> dict[str, Any]:
    return {"para": ctx.business_key}


@handles_user_task("almacen.entregar", prepare=prepare_entregar)
def entregar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    ctx.session.execute(records.insert().values(id=f"entrega:{ctx.business_key}"))
    if values.get("recibe") == "nadie":
        raise Invalid({"recibe": "Alguien tiene que recibir."})
    return {"entregado": True}


@handles_user_task("almacen.contar", gives=("contadas",))
def contar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    return values


@service_task("recordar")
def recordar(job: dict[str, Any], ctx: Context) -> None:
    ctx.session.execute(records.insert().values(id=f"recordar:{job['que']}"))


def prepare_correo(job: dict[str, Any], ctx: Context) -> dict[str, Any]:
    return {"para": job["para"], "asunto": ctx.business_key}


def finish_correo(job: dict[str, Any], result: str, ctx: Context) -> dict[str, Any]:
    return {"enviado": result}


@service_task("correo", retries=1, backoff=("PT1M",), outside=True, prepare=prepare_correo, finish=finish_correo)
def correo(payload: dict[str, Any], outside: Any) -> str:
    outside.adapters.append((outside.idempotency_key, payload["para"], payload["asunto"]))
    if payload["para"] == "rota":
        raise OSError("el servidor no contesta")
    return f"a {payload['para']}"


@feel_function("plazo")
def plazo(ctx: Context, days: Any) -> Any:
    """As many days after the element was entered as the shop's table of terms says; here: the variable."""
    from datetime import timedelta

    return ctx.entered_at + timedelta(days=int(days) + EXTRA_DAYS[0])


EXTRA_DAYS = [0]
"""Stands for a record of the firm that an action changes."""

HANDLERS = declared(sys.modules[__name__])


def open_engine(url: str, **options: Any) -> Engine:
    # However slow the machine: all that a step causes is done when the step returns.
    return Engine(url, handlers=HANDLERS, **{"after_step": 60, **options})


def new_engine(url: str, *models: bytes, **options: Any) -> Engine:
    """An engine on an empty database with these models deployed (none: the order process)."""
    engine = open_engine(url, **options)
    engine.create_schema()
    with engine.transaction(SYSTEM) as tx:
        records.metadata.create_all(tx.connection)
    deploy(engine, *(models or (PEDIDO,)))
    return engine


def deploy(engine: Engine, *models: bytes) -> Any:
    files = {f"bpmn/{number}.bpmn": data for number, data in enumerate(models, 1)}
    return engine.deploy(files, name="prueba", by=ANA)


def frozen() -> MovableClock:
    return MovableClock(start=NINE, frozen=True)


def only_task(engine: Engine, business_key: str, by: Actor = ANA) -> UserTask:
    """The one open user task of a business key."""
    (task,) = engine.user_tasks(UserTaskQuery(business_key=business_key), by=by).items
    return task


def open_elements(engine: Engine, business_key: str) -> list[str]:
    found = engine.user_tasks(UserTaskQuery(business_key=business_key), by=ANA).items
    return sorted(task.element_id for task in found)


def record_ids(engine: Engine) -> list[str]:
    with engine.reading(SYSTEM) as tx:
        return sorted(tx.session.execute(select(records.c.id)).scalars())


def kinds(engine: Engine, instance_id: str) -> list[str]:
    return [event.kind for event in engine.history(instance_id, by=SYSTEM).items]


def how_many(engine: Engine, table: Table) -> int:
    with engine.reading(SYSTEM) as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def assert_rows_equal_waits(engine: Engine, of: Sequence[str] | None = None) -> None:
    """The heart's promise, for every instance in the database, or for these."""
    with engine.reading(SYSTEM) as tx:
        query = select(t.process_instance.c.id, t.process_instance.c.state)
        if of is not None:
            query = query.where(t.process_instance.c.id.in_(of))
        ids = tx.execute(query).all()
        for instance_id, state in ids:
            instance = loaded(tx, instance_id)
            rows = sorted(row.wait_id for row in instance.rows if not (row.table == "incident" and row.kind == "job"))
            if state in ("completed", "cancelled"):
                assert rows == [], f"{instance_id} has ended and still has rows"
                continue
            waits = sorted(wait.id for wait in instance.run.waits())
            assert rows == waits, f"{instance_id}: rows and waits differ"
            assert waits, f"{instance_id} runs and waits for nothing"
