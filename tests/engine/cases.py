"""What the tests of the engine's verbs share: a small firm with its handlers, and models beside this file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine import (
    Actor,
    BpmnError,
    Context,
    Engine,
    Invalid,
    UserTask,
    UserTaskQuery,
)
from engine.handler import declared, service_task, user_task
from engine.storage import tables as t

MODELS = Path(__file__).parent / "models"
ANA = Actor("ana", frozenset({"almacen", "ventas"}))
BETO = Actor("beto", frozenset({"ventas"}))


def resources(*names: str) -> dict[str, bytes]:
    """The models with these names, as a bundle."""
    return {f"bpmn/{name}.bpmn": (MODELS / f"{name}.bpmn").read_bytes() for name in names}


@service_task("almacen.apartar", retries=2)
def apartar(job: dict[str, Any], ctx: Context) -> dict[str, Any]:
    if job["piezas"] == 13:
        raise RuntimeError("la báscula no contesta")
    if job["piezas"] > 100:
        raise BpmnError("AGOTADO", "no hay tantas", faltan=job["piezas"] - 100)
    return {"apartadas": job["piezas"]}


def _entregar_prepare(ctx: Context) -> dict[str, Any]:
    return {"para": ctx.business_key}


@user_task("almacen.entregar", prepare=_entregar_prepare)
def entregar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    if values.get("recibe") == "nadie":
        raise Invalid({"recibe": "Alguien tiene que recibir."})
    return {"entregado": True}


HANDLERS = declared(sys.modules[__name__])


def open_engine(url: str, **options: Any) -> Engine:
    return Engine(url, handlers=HANDLERS, **options)


def new_engine(url: str, *models: str, **options: Any) -> Engine:
    engine = open_engine(url, **options)
    engine.create_schema()
    engine.deploy(resources(*models), name="prueba", by=ANA)
    return engine


def only_task(engine: Engine, business_key: str, by: Actor = ANA) -> UserTask:
    """The one open user task of a business key."""
    (task,) = engine.user_tasks(UserTaskQuery(business_key=business_key), by=by).items
    return task


def assert_rows_equal_waits(engine: Engine) -> None:
    """The heart's promise, for every instance in the database."""
    from engine import SYSTEM
    from engine.instance import loaded

    with engine.reading(SYSTEM) as tx:
        ids = tx.execute(select(t.process_instance.c.id, t.process_instance.c.state)).all()
        for instance_id, state in ids:
            instance = loaded(tx, instance_id)
            rows = sorted(row.wait_id for row in instance.rows if not (row.table == "incident" and row.kind == "job"))
            if state in ("completed", "cancelled"):
                assert rows == [], f"{instance_id} has ended and still has rows"
                continue
            waits = sorted(wait.id for wait in instance.run.waits())
            assert rows == waits, f"{instance_id}: rows and waits differ"
            assert waits, f"{instance_id} runs and waits for nothing"
