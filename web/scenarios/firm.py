"""The firm of the acceptance scenarios on a database: its base data, its people, what they can do outside of tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

import tasks.registros as registros
from engine import SYSTEM, Actor, Engine, MovableClock, NotFound, Transaction
from engine.definitions import load_folder
from tasks import (
    acciones,
    ajustes,
    altas,
    arco,
    base,
    cancelaciones,
    cobranza,
    contacto,
    envio,
    expediente,
    reuniones,
    tramites,
)
from tasks.paso import Accion
from tasks.registros import Colaborador, Correo, Documento, Factura, Reunion
from web.scenarios.deeds import typed
from web.settings import Settings

VISITOR = Actor("publico", frozenset({"publico"}))


class ScenarioFirm:
    """`web.scenarios.runner.Firm` for the law firm's process."""

    def __init__(self, engine: Engine, *, keep_open: bool = False) -> None:
        """`keep_open`: whoever gave the engine goes on using it."""
        self.engine = engine
        self._keep_open = keep_open

    @classmethod
    def open(cls, settings: Settings) -> ScenarioFirm:
        from web import create_engine

        firm = cls(create_engine(settings))
        # Steps happen at exact moments, however long the machine takes for them.
        firm.engine.clock = MovableClock(frozen=True)
        return firm

    @classmethod
    def prepared(cls, settings: Settings) -> ScenarioFirm:
        """On an empty database: tables, base data and the process of `settings.processes` deployed."""
        from web import create_schema

        firm = cls.open(settings)
        create_schema(firm.engine)
        with firm.engine.transaction(SYSTEM) as tx:
            base.sembrar(tx.session)
            tx.deploy(load_folder(settings.processes), name=settings.processes.name)
        return firm

    def actor(self, name: str, business_key: str | None) -> Actor:
        if name == "publico":
            return VISITOR
        if name == "cliente":
            return Actor("cliente", frozenset({"cliente"}), business_key or "")
        with self.engine.reading(SYSTEM) as tx:
            person = tx.session.get(Colaborador, name)
        if person is None:
            raise NotFound(f"En el despacho no hay nadie que se llame {name}.")
        return Actor(name, frozenset(person.grupos))

    def act(self, action: str, values: Mapping[str, Any], by: Actor, business_key: str | None) -> str | None:
        if action not in ACTIONS:
            raise NotFound(f"No existe la acción {action}; hay: {', '.join(ACTIONS)}.")
        with self.engine.transaction(by) as tx:
            return ACTIONS[action](tx, business_key or "", typed(values))

    def look_up(self, business_key: str, reference: Mapping[str, str]) -> Any:
        with self.engine.reading(SYSTEM) as tx:
            if "from_mail" in reference:
                query = select(Correo).where(
                    Correo.plantilla == reference["from_mail"], Correo.business_key == business_key
                )
                mail = tx.session.scalars(query.order_by(Correo.id.desc())).first()
                if mail is None:
                    raise NotFound(f"No ha salido el correo {reference['from_mail']} de {business_key}.")
                return mail.datos[reference["value"]]
            table = getattr(registros, reference["from_row"])
            prospecto = expediente.prospecto_de(tx.session, business_key)
            row = tx.session.scalars(
                select(table).where(table.prospecto_id == prospecto.id).order_by(table.id.desc())
            ).first()
            return getattr(row, reference["value"])

    def reference_to(self, business_key: str, text: str) -> dict[str, str] | None:
        """The other way round: the reference by which `look_up` finds this text; None when it stands in no mail and is
        the id of no row."""
        with self.engine.reading(SYSTEM) as tx:
            mails = select(Correo).where(Correo.business_key == business_key).order_by(Correo.id.desc())
            seen = set[str]()
            for mail in tx.session.scalars(mails):
                if mail.plantilla not in seen:
                    seen.add(mail.plantilla)
                    for name, value in mail.datos.items():
                        if value == text:
                            return {"from_mail": mail.plantilla, "value": name}
            return self._row_with(tx, business_key, text)

    @staticmethod
    def _row_with(tx: Transaction, business_key: str, id: str) -> dict[str, str] | None:
        prospecto = expediente.buscar_prospecto(tx.session, business_key)
        for name in registros.__all__ if prospecto is not None else ():
            table = getattr(registros, name)
            if hasattr(table, "prospecto_id") and hasattr(table, "id"):
                query = select(table.id).where(table.prospecto_id == prospecto.id).order_by(table.id.desc())
                if tx.session.scalar(query.limit(1)) == id:
                    return {"from_row": name, "value": "id"}
        return None

    def close(self) -> None:
        if not self._keep_open:
            self.engine.adapters.close()
            self.engine.close()


# --- what people do outside of user tasks: name → (transaction, business key, values) → business key of a new matter

Action = Callable[[Transaction, str, dict[str, Any]], str | None]


def _new_contact(tx: Transaction, key: str, values: dict[str, Any]) -> str:
    return str(contacto.nuevo(tx, values).instance.business_key)


def _public_contact(tx: Transaction, key: str, values: dict[str, Any]) -> str:
    return str(contacto.publico(tx, values).folio)


def _confirm_meeting(tx: Transaction, key: str, values: dict[str, Any]) -> None:
    prospecto = expediente.prospecto_de(tx.session, key)
    meeting: Reunion = reuniones.pendientes(tx.session, prospecto)[-1]
    reuniones.confirmar_asistencia(tx, meeting.id, values["respuesta"])


def _register_payment(tx: Transaction, key: str, values: dict[str, Any]) -> None:
    cobranza.registrar_pago(tx, _invoice(tx, values.pop("factura")).id, **values)


def _deadline_met(tx: Transaction, key: str, values: dict[str, Any]) -> None:
    acciones.cerrar_plazo(tx, key, values["plazo"], {"resultado": "cumplido"})


def _cancel(tx: Transaction, key: str, values: dict[str, Any]) -> None:
    cancelaciones.solicitar(tx, key, values["motivo"])


def _earlier_client(tx: Transaction, key: str, values: dict[str, Any]) -> None:
    """A client of the past with closed matters: base data of a scenario."""
    closed = int(values.pop("cerrados", 0))
    base.agregar_cliente(tx.session, values.pop("nombre"), cerrados=closed, **values)


def _receipt(tx: Transaction, key: str, values: dict[str, Any]) -> None:
    """The client uploads a proof of payment in the portal."""
    invoice = _invoice(tx, values["factura"])
    receipt = Documento(prospecto_id=invoice.prospecto_id, rubro="Comprobante", nombre="comprobante.pdf")
    tx.session.add(receipt)
    tx.flush()
    cobranza.recibir_comprobante(tx, invoice.id, receipt)


def _close_invoice(tx: Transaction, key: str, values: dict[str, Any]) -> None:
    cobranza.cerrar_factura(tx, _invoice(tx, values["factura"]).id, estado=values["estado"], motivo=values["motivo"])


def _invoice(tx: Transaction, folio: str) -> Factura:
    return tx.session.scalars(select(Factura).where(Factura.folio == folio)).one()


def _new_deadline(tx: Transaction, key: str, values: dict[str, Any]) -> None:
    acciones.nuevo_plazo(tx, key, values)


def _setting(tx: Transaction, key: str, values: dict[str, Any]) -> None:
    ajustes.cambiar(Accion(tx, key), values["ajuste"], values["valor"])


def _under_way(tx: Transaction, key: str, values: dict[str, Any]) -> str:
    """A matter that began before the program did."""
    return str(altas.registrar(tx, values).folio)


def _new_procedure(tx: Transaction, key: str, values: dict[str, Any]) -> str:
    """Start a process by the form of its start event, as the page «Trámites» does."""
    process = values.pop("proceso")
    form = tramites.formulario(tx, process)
    return tramites.nuevo(tx, process, form.validate(values, {}, raw=False, now=tx.now)).business_key


def _rights_request(tx: Transaction, key: str, values: dict[str, Any]) -> None:
    arco.solicitar(tx, key, values["derecho"], values["detalle"])


ACTIONS: dict[str, Action] = {
    "acciones.nuevo_plazo": _new_deadline,
    "arco.solicitar": _rights_request,
    "ajustes.cambiar": _setting,
    "altas.registrar": _under_way,
    "base.agregar_cliente": _earlier_client,
    "cancelaciones.solicitar": _cancel,
    "cobranza.cerrar_factura": _close_invoice,
    "cobranza.recibir_comprobante": _receipt,
    "contacto.nuevo": _new_contact,
    "contacto.publico": _public_contact,
    "contacto.respuesta": lambda tx, key, values: contacto.respuesta(tx, key),
    "conocimiento.confirmar_asistencia": _confirm_meeting,
    "envio.enviar_codigo": lambda tx, key, values: envio.enviar_codigo(tx, key),
    "seguimiento_pagos.registrar_pago": _register_payment,
    "plazos.cumplir": _deadline_met,
    "tramites.nuevo": _new_procedure,
}
