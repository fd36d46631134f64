"""What people of the firm do outside of user tasks, as it is offered while trying a draft: `web.scenarios.firm.ACTIONS`
with titles, who does it, and what its values look like."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offered:
    """One action. Without a form its values are written as in a scenario."""

    title: str
    actor: str
    form_id: str | None = None
    example: str = ""
    starts: str = ""
    """Key of the process that it begins."""


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
