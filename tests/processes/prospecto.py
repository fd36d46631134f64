"""A prospect on its way through stages 1 to 6, driven through the public verbs and the firm's actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import SYSTEM, Actor
from tasks import contacto, envio
from tasks.registros import Correo, Documento, Propuesta, Prospecto, Reunion

from .despacho import ZONA, Despacho, momento

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF "
CONTACTO: Mapping[str, Any] = {
    "canal": "telefono",
    "nombre": "María Fernanda López Ortega",
    "correo": "mflopez@ejemplo.mx",
    "descripcion_breve": "Le embargaron una cuenta.",
    "tipo_tentativo": "juicio",
    "fecha_notificacion": date(2027, 1, 8),
}
MINUTA: Mapping[str, Any] = {
    "hechos": "Un juzgado ordenó el embargo sin oírla.",
    "tipo_procedimiento": "juicio",
    "subtipo": "amparo_indirecto",
    "surte_efectos": date(2027, 1, 11),
    "autoridad": "Juzgado Quinto Civil",
}
ANALISIS: Mapping[str, Any] = {"viabilidad": "alta", "estrategia": "Amparo.", "complejidad": 3, "cuantia": 400000}
PROPUESTA: Mapping[str, Any] = {"alcance": "Juicio de amparo indirecto en primera instancia.", "honorarios": 60000}


class Caso:
    """One matter at the firm. `d` is the firm; its own key is `clave`."""

    def __init__(self, d: Despacho) -> None:
        self.d = d

    # --- steps

    def contacto(self, **datos: Any) -> None:
        with self.d.engine.transaction(self.d.quien("lvega")) as tx:
            hecho = contacto.nuevo(tx, {**CONTACTO, **datos})
        self.d.clave = hecho.instance.business_key
        self.d.trabajar()

    def informado(self) -> None:
        self.d.completar("lvega", "ut_01_informar_servicios")
        self.d.completar("lvega", "ut_01_resolver_dudas", resultado_contacto="continuar")

    def reunido(self, inicio: str, **minuta: Any) -> None:
        """Meeting of an hour at `inicio`, and its minuta at the end."""
        self.d.completar("lvega", "ut_02_programar_reunion", inicio=momento(inicio))
        fin = momento(inicio) + timedelta(hours=1)
        self.d.a_las(f"{fin:%Y-%m-%d %H:%M}")
        self.d.completar("hruiz", "ut_02_registrar_minuta", **{**MINUTA, **minuta})

    def entrega(self, *cuales: int) -> None:
        """The client delivers the mandatory documents (or those in `cuales`, by their row)."""
        tarea = self.d.abiertas()["ut_03_entregar_documentos"]
        cliente = self.d.quien("cliente")
        obligatorios = self.d.engine.form(tarea.id, by=cliente).data["obligatorios"]
        entregados = []
        for n, obligatorio in enumerate(obligatorios):
            elegido = n in cuales if cuales else obligatorio
            entregados.append({"archivo": [self.sube(tarea.id, n, cliente)]} if elegido else {})
        self.d.completar("cliente", "ut_03_entregar_documentos", documentos=entregados)

    def sube(self, tarea: str, n: int, quien: Actor) -> str:
        contenido = BytesIO(PDF + self.d.clave.encode() + str(n).encode())
        return self.d.engine.attach(tarea, f"documentos.{n}.archivo", contenido, f"{n}.pdf", by=quien).id

    def revisa(self, *resultados: str, **mas: Any) -> None:
        renglones = [
            {"resultado": "rechazado", "motivo": r} if r != "aceptado" else {"resultado": r} for r in resultados
        ]
        self.d.completar("hruiz", "ut_03_revisar_documentos", documentos=renglones, **mas)

    def hasta_analisis(self, reunion: str = "2027-01-12 11:00", **minuta: Any) -> None:
        self.contacto()
        self.informado()
        self.reunido(reunion, **minuta)
        self.entrega()
        self.revisa("aceptado", "aceptado")

    def hasta_propuesta(self, **minuta: Any) -> None:
        self.hasta_analisis(**minuta)
        self.d.completar("hruiz", "ut_04_analizar_caso", **ANALISIS)

    def hasta_envio(self, *, minuta: Mapping[str, Any] | None = None, **propuesta: Any) -> None:
        self.hasta_propuesta(**(minuta or {}))
        self.propone(**propuesta)

    def propone(self, **propuesta: Any) -> None:
        self.d.completar("hruiz", "ut_05_elaborar_propuesta", **{**PROPUESTA, **propuesta})
        self.d.completar("abarrera", "ut_05_aprobar_propuesta", decision="aprobar")

    def codigo(self) -> str:
        """The client asks for a code and reads it in the mail."""
        with self.d.engine.transaction(self.d.quien("cliente")) as tx:
            envio.enviar_codigo(tx, self.d.clave)
        self.d.trabajar()
        with self.d.registros() as session:
            consulta = select(Correo).where(Correo.plantilla == "cor_06_codigo").order_by(Correo.id.desc())
            leido = re.search(r"\b\d{6}\b", session.scalars(consulta).first().texto)
            assert leido is not None
            return leido[0]

    def acepta(self, **datos: Any) -> None:
        firma = {"nombre_completo": "María Fernanda López Ortega", "acepto": True, "codigo": self.codigo()}
        self.d.completar("cliente", "ut_06_decidir_propuesta", decision="aceptar", **{**firma, **datos})

    # --- what is on record

    def abiertas(self) -> set[str]:
        return set(self.d.abiertas())

    def prospecto(self, campo: str = "estado") -> Any:
        with self.d.registros() as session:
            return getattr(self._prospecto(session), campo)

    def _prospecto(self, session: Session) -> Prospecto:
        return session.scalars(select(Prospecto).where(Prospecto.folio == self.d.clave)).one()

    def propuestas(self) -> list[Propuesta]:
        with self.d.registros() as session:
            mias = select(Propuesta).where(Propuesta.prospecto_id == self._prospecto(session).id)
            return list(session.scalars(mias.order_by(Propuesta.version)))

    def reuniones(self, tipo: str) -> list[Reunion]:
        with self.d.registros() as session:
            mias = select(Reunion).where(Reunion.prospecto_id == self._prospecto(session).id, Reunion.tipo == tipo)
            return list(session.scalars(mias.order_by(Reunion.creado, Reunion.id)))

    def documentos(self) -> dict[str, Documento]:
        with self.d.registros() as session:
            mios = select(Documento).where(Documento.prospecto_id == self._prospecto(session).id)
            return {documento.rubro: documento for documento in session.scalars(mios.order_by(Documento.id))}

    def correos(self) -> list[str]:
        """Mails to the client about this matter: moment and template, in order."""
        return [f"{c.creado.astimezone(ZONA):%m-%d %H:%M} {c.plantilla}" for c in self._correos()]

    def _correos(self) -> Iterator[Correo]:
        with self.d.registros() as session:
            mios = select(Correo).where(Correo.business_key == self.d.clave, Correo.interno.is_(False))
            yield from session.scalars(mios.order_by(Correo.id))

    def ultimo_texto(self) -> str:
        """What the last mail to the client says."""
        return list(self._correos())[-1].texto or ""

    def terminada(self) -> bool:
        instancias = self.d.engine.instances(by=SYSTEM).items
        return next(i.state for i in instancias if i.business_key == self.d.clave) == "completed"
