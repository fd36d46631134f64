"""A whole firm for tests that need the engine: its tables, base data, the process's mails and documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

import tasks
from engine import SYSTEM, Engine
from engine.clock import MovableClock
from engine.storage.files import Files
from tasks import base
from tasks.acceso import Acceso
from tasks.adapters import Adapters
from tasks.registros import Base, Colaborador, Persona, Prospecto

PROCESO = Path(__file__).parents[2] / "processes" / "procedimiento_legal"
INICIO = datetime(2027, 1, 12, 16, tzinfo=UTC)
"""2027-01-12 10:00 in the firm."""


class Firma:
    """The engine with the firm's handlers, at a moment of its business clock."""

    def __init__(self, url: str, carpeta: Path, **adaptadores: Any) -> None:
        self.archivos = Files.in_folder(carpeta / "files")
        self.adapters = replace(Adapters.local(self.archivos, base_url="https://cauce.example"), **adaptadores)
        self.engine = Engine(
            url,
            handlers=tasks.HANDLERS,
            access=Acceso(),
            clock=MovableClock(start=INICIO, frozen=True),
            adapters=self.adapters,
            files=self.archivos,
        )
        self.engine.create_schema()
        Base.metadata.create_all(self.engine.database)
        self.engine.deploy(archivos("mail") | archivos("documents"), name="prueba", by=SYSTEM)
        with self.tx() as tx:
            base.sembrar(tx.session)

    def tx(self) -> Any:
        return self.engine.transaction(SYSTEM)

    def ir_a(self, cuando: datetime) -> None:
        """Move the business clock; every due job runs at its own time."""
        self.engine.move_clock(cuando, by=SYSTEM)

    def trabajar(self) -> None:
        """Run every due job."""
        while self.engine.run_due_jobs():
            pass

    def cerrar(self) -> None:
        self.adapters.close()
        self.engine.close()


def archivos(carpeta: str) -> dict[str, bytes]:
    return {f"{carpeta}/{f.name}": f.read_bytes() for f in sorted((PROCESO / carpeta).iterdir())}


def prospecto(tx: Any, folio: str = "PRO-2027-0001") -> Prospecto:
    """A client to be, with a mail address, led by hruiz."""
    persona = Persona(nombre="María Fernanda López Ortega", tratamiento="Sra.", correo="mflopez@ejemplo.mx")
    tx.session.add(persona)
    tx.session.flush()
    fila = Prospecto(folio=folio, persona_id=persona.id, canal="telefono", descripcion="x", gerente_id="hruiz")
    tx.session.add(fila)
    tx.session.flush()
    return fila


def quien(tx: Any, usuario: str) -> Colaborador:
    return tx.session.scalar(select(Colaborador).where(Colaborador.usuario == usuario))
