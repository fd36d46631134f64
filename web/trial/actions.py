"""What people of the firm do outside of user tasks, as it is offered while trying a draft: `web.scenarios.firm.ACTIONS`
with titles, who does it, and what its values look like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.definitions import Process


@dataclass(frozen=True, slots=True)
class Offered:
    """One action. Without a form its values are written as in a scenario."""

    title: str
    actor: str
    form_id: str | None = None
    example: str = ""
    starts: str = ""
    """Key of the process that it begins."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Values that are not asked for."""


MAIN = "p00_procedimiento_legal"
ACTIONS: dict[str, Offered] = {
    "contacto.nuevo": Offered("Registra un contacto nuevo", "lvega", "registrar_contacto", starts=MAIN),
    "contacto.publico": Offered("Escribe en la página pública de contacto", "publico", "contactanos", starts=MAIN),
    "contacto.respuesta": Offered("Anota que el prospecto contestó", "lvega"),
    "conocimiento.confirmar_asistencia": Offered("Responde a la invitación", "cliente", example="respuesta: confirmo"),
    "envio.enviar_codigo": Offered("Pide su código de firma", "cliente"),
    "seguimiento_pagos.registrar_pago": Offered(
        "Registra un pago", "msoto", example="factura: A-1\nmonto: 34800\nreferencia: SPEI 884213"
    ),
    "cobranza.recibir_comprobante": Offered("Sube un comprobante de pago", "cliente", example="factura: A-1"),
    "cobranza.cerrar_factura": Offered(
        "Cierra una factura", "msoto", example="factura: A-1\nestado: incobrable\nmotivo: No va a pagar."
    ),
    "acciones.nuevo_plazo": Offered(
        "Agrega un plazo", "hruiz", example="descripcion: Contestar la demanda\nvence: 2027-08-20"
    ),
    "plazos.cumplir": Offered("Cumple un plazo", "hruiz", example="plazo: {from_row: Plazo, value: id}"),
    "cancelaciones.solicitar": Offered("Pide cancelar el asunto", "hruiz", example="motivo: El cliente desistió."),
    "ajustes.cambiar": Offered("Cambia un ajuste", "abarrera", example="ajuste: autorizar_cierre\nvalor: false"),
    "base.agregar_cliente": Offered(
        "Agrega un cliente anterior", "abarrera", example="nombre: Olga Zamudio\nrfc: ZAPO800101AB1\ncerrados: 2"
    ),
}


def offered(processes: Iterable[Process]) -> dict[str, Offered]:
    """Those that make sense with these processes; one for each process that people start with a form.

    A name is that of the action, with the process behind a colon where there are several.
    """
    known = {process.id: process for process in processes if process.executable}
    found = {name: one for name, one in ACTIONS.items() if (one.starts or MAIN) in known}
    for process in known.values():
        for element in process.elements.values():
            if element.kind == "startEvent" and element.scope == process.id and element.form_id:
                title = f"Inicia «{process.name or process.id}»"
                fixed = {"proceso": process.id}
                found[f"tramites.nuevo:{process.id}"] = Offered(
                    title, "sluna", element.form_id, starts=process.id, fixed=fixed
                )
    return found
