"""One process of the fault tests, to be killed: `python -m tests.faults.node worker|people URL FOLDER`.

A worker runs due jobs; people complete whatever is open and write down each answer that they got. Both go on for ever.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from engine import Conflict, Engine, EngineError, NotAllowed, UserTaskQuery
from tests.engine.cases import ANA, open_engine
from tests.engine.models import model, user_task
from tests.engine.models import service_task as service
from web import server

LEASE = timedelta(seconds=2)
CASO = model(
    "caso",
    user_task("uno"),
    service("apartar", "almacen.apartar", inputs={"piezas": "=7"}),
    service("mandar", "correo", inputs={"para": '="luz"'}, retries="3"),
    user_task("dos"),
    flows="inicio > uno > apartar > mandar > dos > fin",
)
"""Two people's steps, a handler in the transaction, one outside the house."""


class Lines:
    """A file to which processes append lines; a line is there as a whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: tuple[str, ...]) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, f"{entry[0]}\n".encode())
        os.close(descriptor)

    def read(self) -> list[str]:
        return self.path.read_text().split() if self.path.exists() else []


def opened(url: str, folder: Path) -> Engine:
    return open_engine(url, adapters=Lines(folder / "posts"), lease=LEASE, after_step=0.02)


def worker(engine: Engine) -> None:
    """As `cauce worker` does, only with shorter pauses."""
    server.POLL, server.PAUSE = 0.02, 0.1
    server.Worker(engine, f"w{os.getpid()}").run()


def people(engine: Engine, answers: Lines) -> None:
    while True:
        try:
            done = _complete_all(engine, answers)
        except Exception:
            done = 0
        if done == 0:
            time.sleep(0.02)


def _complete_all(engine: Engine, answers: Lines) -> int:
    found = engine.user_tasks(UserTaskQuery(), size=20, by=ANA).items
    for task in found:
        try:
            engine.complete(task.id, {task.element_id: "hecho"}, request_id=task.id, by=ANA)
        except (Conflict, NotAllowed):
            continue
        except EngineError:
            raise
        answers.append((task.id,))
    return len(found)


def main(role: str, url: str, folder: str) -> None:
    engine = opened(url, Path(folder))
    if role == "worker":
        worker(engine)
    else:
        people(engine, Lines(Path(folder) / "answers"))


if __name__ == "__main__":
    main(*sys.argv[1:])
