"""The firm of legal-process.md §8 on an engine of its own, driven through the verbs with a clock that is moved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

import tasks
from engine import SYSTEM, Actor, Engine, Files, MovableClock, UserTask, UserTaskQuery, load_folder
from tasks import base, plazos
from tasks.acceso import Acceso
from tasks.adapters import Adapters
from tasks.folios import siguiente_folio
from tasks.paso import Accion
from tasks.registros import Asunto, Base, Colaborador, Correo, Oportunidad, Persona, Propuesta, Prospecto

ZONA = ZoneInfo("America/Mexico_City")
PROCESO = Path(__file__).resolve().parents[2] / "processes" / "procedimiento_legal"


def momento(texto: str) -> datetime:
    """`2027-01-25 09:00` in Mexico City."""
    return datetime.fromisoformat(texto).replace(tzinfo=ZONA)


class Despacho:
    """Engine, people and one matter that has just been accepted (E1, row 9)."""

    def __init__(
        self,
        url: str,
        carpeta: Path,
        ahora: str,
        *,
        recursos: dict[str, bytes] | None = None,
        reinicia: bool = False,
    ) -> None:
        self.url, self.carpeta, self.reinicia = url, carpeta, reinicia
        self.engine = self._abrir(momento(ahora))
        self.engine.create_schema()
        Base.metadata.create_all(self.engine.database)
        with self.transaccion(SYSTEM) as tx:
            base.sembrar(tx.session)
        self.engine.move_clock(momento(ahora), by=SYSTEM)
        self.engine.deploy(recursos or load_folder(PROCESO), by=SYSTEM)
        self.clave = ""

    def _abrir(self, ahora: datetime | None = None) -> Engine:
        archivos = Files.in_folder(self.carpeta / "archivos")
        return Engine(
            self.url,
            handlers=tasks.HANDLERS,
            access=Acceso(),
            clock=MovableClock(start=ahora, frozen=True),
            adapters=Adapters.local(archivos),
            files=archivos,
        )

    def reiniciar(self) -> None:
        """Everything again from storage."""
        self.cerrar()
        self.engine = self._abrir()

    def cerrar(self) -> None:
        self.engine.adapters.close()
        self.engine.close()

    @contextmanager
    def transaccion(self, actor: Actor) -> Iterator[Any]:
        with self.engine.transaction(actor) as tx:
            yield tx

    @contextmanager
    def registros(self) -> Iterator[Session]:
        """The records, to look at."""
        with self.engine.reading(SYSTEM) as tx:
            yield tx.session

    def a_las(self, texto: str) -> None:
        """Let time pass until then; everything due on the way happens."""
        self.engine.move_clock(momento(texto), by=SYSTEM)
        self.trabajar()

    def ahora(self) -> datetime:
        with self.engine.reading(SYSTEM) as tx:
            return tx.now

    def trabajar(self) -> None:
        """What workers do: deliver, render, send. With `reinicia`, everything is loaded again from storage after it."""
        while self.engine.run_due_jobs():
            pass
        if self.reinicia:
            self.reiniciar()

    def quien(self, usuario: str) -> Actor:
        if usuario == "cliente":
            return Actor("cliente", frozenset({"cliente"}), business_key=self.clave)
        with self.registros() as session:
            colaborador = session.get(Colaborador, usuario)
            assert colaborador is not None, usuario
            return Actor(usuario, frozenset(colaborador.grupos))

    def abiertas(self, clave: str | None = None) -> dict[str, UserTask]:
        """Open user tasks of the matter and what hangs below it, by element."""
        pagina = self.engine.user_tasks(UserTaskQuery(), size=100, by=SYSTEM)
        raiz = clave or self.clave
        return {t.element_id: t for t in pagina.items if t.business_key.partition("/")[0] == raiz}

    def completar(self, usuario: str, elemento: str, **valores: Any) -> None:
        tarea = self.abiertas()[elemento]
        self.engine.complete(tarea.id, valores, by=self.quien(usuario))
        self.trabajar()

    def sin_entregar(self) -> list[str]:
        """Mails that are not out."""
        with self.registros() as session:
            return list(session.scalars(select(Correo.plantilla).where(Correo.estado != "enviado")))

    def correos(self, plantilla: str = "cor_") -> list[str]:
        """Templates of the mails to this matter so far, in order."""
        with self.registros() as session:
            consulta = select(Correo.plantilla).where(Correo.plantilla.startswith(plantilla)).order_by(Correo.id)
            return list(session.scalars(consulta))

    def avisos(self) -> list[str]:
        """Internal alerts: moment and whom they went to, sorted."""
        with self.registros() as session:
            filas = session.scalars(select(Correo).where(Correo.plantilla == "cor_00_escalamiento").order_by(Correo.id))
            return sorted(f"{f.creado.astimezone(ZONA):%m-%d %H:%M} {f.destinatario.partition('.')[0]}" for f in filas)

    def incidentes(self) -> list[str]:
        return [f"{i.element_id}: {i.message}" for i in self.engine.incidents(by=SYSTEM).items]

    def estado(self) -> str:
        with self.registros() as session:
            return session.scalars(
                select(Asunto.estado).join(Asunto.prospecto).where(Prospecto.folio == self.clave)
            ).one()

    # --- a matter that has just been accepted

    def aceptado(
        self,
        *,
        nombre: str = "María Fernanda López Ortega",
        tipo_persona: str = "fisica",
        tipo: str = "juicio",
        subtipo: str = "amparo_indirecto",
        honorarios: str = "60000",
        pct: str = "50",
        dias_credito: int = 0,
        tipo_cliente: str = "nuevo",
        con_datos_fiscales: bool = True,
        con_correo: bool = True,
        surte_efectos: date | None = date(2027, 1, 11),
        oportunidad: str | None = "Regularización fiscal",
    ) -> dict[str, Any]:
        """Records as stage 6 leaves them; answers the process variables of the matter."""
        with self.transaccion(SYSTEM) as tx:
            s = tx.session
            persona = Persona(nombre=nombre, tipo_persona=tipo_persona, telefono="5512345678")
            persona.correo = "mflopez@ejemplo.mx" if con_correo else None
            if con_datos_fiscales:
                persona.rfc, persona.razon_social, persona.cp_fiscal = "LOOF850412QX2", nombre.upper(), "03100"
                persona.regimen_fiscal, persona.uso_cfdi = "612", "G03"
            persona.folio = "CLI-2027-0001"
            s.add(persona)
            s.flush()
            prospecto = Prospecto(
                folio=siguiente_folio(s, "PRO", 2027), persona_id=persona.id, canal="telefono",
                descripcion="Acto de autoridad.", estado="ganado", gerente_id="hruiz", tipo_procedimiento=tipo,
                subtipo=subtipo, surte_efectos=surte_efectos,
            )  # fmt: skip
            s.add(prospecto)
            s.flush()
            netos = Decimal(honorarios)
            propuesta = Propuesta(
                folio="PROP-2027-0001", prospecto_id=prospecto.id, honorarios=netos, honorarios_netos=netos,
                iva=netos * 16 / 100, total=netos * 116 / 100, primera_factura_pct=Decimal(pct),
                dias_credito=dias_credito, estado="aceptada", autor="hruiz",
            )  # fmt: skip
            asunto = Asunto(
                folio="J-2027-0001", prospecto_id=prospecto.id, cliente_id=persona.id, tipo=tipo, subtipo=subtipo,
                tipo_cliente=tipo_cliente, apertura=date(2027, 1, 20),
            )  # fmt: skip
            s.add_all([propuesta, asunto])
            s.flush()
            if oportunidad:
                s.add(
                    Oportunidad(
                        cliente_id=persona.id, prospecto_id=prospecto.id, asunto_origen=asunto.id, servicio=oportunidad,
                        motivo="Adeudos ante el SAT", etapa_deteccion="analisis",
                    )
                )  # fmt: skip
            plazos.registrar_sugerido(Accion(tx, prospecto.folio), prospecto)
            self.clave = prospecto.folio
            return {
                "prospecto_id": prospecto.id,
                "asunto_id": asunto.id,
                "cliente_id": persona.id,
                "propuesta_id": propuesta.id,
                "tipo_procedimiento": tipo,
                "subtipo": subtipo,
                "tipo_cliente": tipo_cliente,
            }
