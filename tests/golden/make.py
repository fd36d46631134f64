"""Writes the golden instances: `python -m tests.golden.make`, once for each format; files that are there stay.

A file holds the diagrams, the state as the database has it, what the instance waits for, and its variables.
"""

from __future__ import annotations

import base64
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine import SYSTEM, Engine
from engine.bpmn.codec import VERSION
from engine.feel import check_value, to_json
from engine.storage import tables as t
from tests.engine.cases import BETO, frozen, new_engine
from tests.engine.models import boundary, call, exclusive, message, model, parallel, script, timer, user_task
from tests.engine.models import service_task as service
from tests.golden.walk import steps

STORED = Path(__file__).parent / "stored"
JOIN = model(
    "p",
    parallel("abre", "cierra"),
    user_task("uno"),
    boundary("tarde", "uno", timer="P3D", interrupting=False),
    timer("reloj", "P2D"),
    message("carta"),
    service("apartar", "almacen.apartar", inputs={"piezas": "=piezas"}, retries="0"),
    flows="""
    inicio > abre > uno > cierra > fin
    abre > reloj > cierra
    abre > carta > cierra
    abre > apartar > cierra
    tarde > fin_tarde
    """,
    messages={"carta": None},
)
CALLED = model("q", user_task("dentro"), script("suma", "=monto + 0.1", "total"), flows="inicio > dentro > suma > fin")
CALLING = model(
    "p",
    call("llama", "q"),
    boundary("vence", "llama", timer="P9D"),
    user_task("despues"),
    flows="inicio > llama > despues > fin\nvence > fin_vence",
)
LOOP = model(
    "p",
    user_task("vuelta"),
    script("cuenta", "=n + 1", "n"),
    exclusive("otra", "otra_fin"),
    flows="inicio > vuelta > cuenta > otra > vuelta\notra > fin",
    conditions={"otra_vuelta": "=n < 12"},
)
STUCK = model(
    "p",
    exclusive("rumbo", "rumbo_fin"),
    user_task("tarea"),
    flows="inicio > rumbo > tarea > fin_tarea\nrumbo > fin",
    conditions={"rumbo_tarea": "=monto > 5"},
)
VALUES: dict[str, Any] = {
    "piezas": 7,
    "monto": 10,
    "n": 0,
    "nombre": "María Fernanda",
    "nada": None,
    "lista": [1, "dos"],
}
CASES: dict[str, tuple[tuple[bytes, ...], dict[str, Any], int]] = {
    # name: diagrams, variables, steps that a walker goes before the state is taken
    "join_half_done": ((JOIN,), VALUES, 2),
    "job_failed": ((JOIN,), {**VALUES, "piezas": 13}, 1),
    "called_process": ((CALLING, CALLED), VALUES, 0),
    "after_the_call": ((CALLING, CALLED), VALUES, 1),
    "ten_rounds": ((LOOP,), VALUES, 10),
    "stuck_at_a_gateway": ((STUCK,), {**VALUES, "monto": "diez"}, 0),
}


def main() -> None:
    STORED.mkdir(exist_ok=True)
    for name, (models, variables, count) in CASES.items():
        path = STORED / f"v{VERSION}_{name}.json"
        if not path.exists():
            path.write_text(json.dumps(_made(models, variables, count), indent=1, ensure_ascii=False) + "\n")


def _made(models: tuple[bytes, ...], variables: dict[str, Any], count: int) -> dict[str, Any]:
    engine = new_engine(_file(), *models, clock=frozen(), after_step=0)
    instance = engine.start("p", "G-1", variables, by=BETO).id
    engine.run_due_jobs()
    for _ in range(count):
        next(steps(engine, instance))()
    found = {
        "made_by": version("cauce"),
        "models": [one.decode() for one in models],
        "variables": to_json(check_value(engine.variables(instance, by=SYSTEM))),
        "state": base64.b64encode(_blob(engine, instance)).decode(),
        "waits": sorted(f"{one.kind} {one.element_id}" for one in engine.wait_states(instance, by=SYSTEM)),
    }
    engine.close()
    return found


def _file() -> str:
    import tempfile

    return f"sqlite:///{tempfile.mkdtemp()}/golden.db"


def _blob(engine: Engine, instance: str) -> bytes:
    with engine.reading(SYSTEM) as tx:
        found = tx.execute(select(t.process_instance.c.blob).where(t.process_instance.c.id == instance)).scalar_one()
    return bytes(found)


if __name__ == "__main__":
    main()
