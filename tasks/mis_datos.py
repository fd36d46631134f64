"""The right of access (ARCO, §5.5): what the firm holds of a client and of one matter of theirs, to take away.

Column by column, so that a new one is not given out unseen: no internal notes, no analysis, no conflict check, nothing
about other people.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tasks import expediente
from tasks.calendario import ZONA
from tasks.registros import (
    Asunto,
    Avance,
    Cancelacion,
    Consentimiento,
    Correo,
    Documento,
    Encuesta,
    Factura,
    Informe,
    Pago,
    Persona,
    Propuesta,
    Prospecto,
    Reunion,
    SolicitudArco,
)

COLUMNAS: dict[Any, tuple[str, ...]] = {
    Persona: (
        *("folio", "tipo_persona", "nombre", "tratamiento", "correo", "telefono", "rfc", "curp", "razon_social"),
        *("cp_fiscal", "regimen_fiscal", "uso_cfdi", "correo_facturas", "cliente_desde"),
    ),
    Consentimiento: ("aviso_version", "aviso_fecha", "aviso_medio", "oposicion_voluntarias", "fecha", "medio"),
    Prospecto: ("folio", "canal", "descripcion", "tipo_procedimiento", "subtipo", "fecha_notificacion", "creado"),
    Asunto: ("folio", "tipo", "subtipo", "estado", "avance_pct", "resultado", "apertura", "arranque", "cierre"),
    Reunion: ("titulo", "tipo", "inicio", "fin", "modalidad", "lugar", "estado"),
    Documento: ("rubro", "nombre", "tipo", "tamano", "sha256", "version", "estado", "motivo", "entregado"),
    Propuesta: (
        *("folio", "version", "estado", "honorarios_netos", "iva", "total", "enviada", "decidida"),
        *("motivo_rechazo", "comentarios_cliente", "pdf_sha256", "firma"),
    ),
    Avance: ("fecha", "actuacion", "texto_cliente"),
    Informe: ("resumen", "resultado", "respuesta", "respuesta_texto", "respondido"),
    Factura: (
        *("folio", "tipo", "uuid", "concepto", "subtotal", "iva", "total", "saldo"),
        *("emision", "vencimiento", "estado", "receptor"),
    ),
    Pago: ("fecha", "monto", "forma", "referencia"),
    Encuesta: ("p1", "p2", "p3", "p4", "p5", "nps", "comentario", "respondida"),
    Cancelacion: ("motivo", "estado", "creado"),
    SolicitudArco: ("derecho", "detalle", "recibida", "vence", "estado", "decision", "respuesta", "atendida"),
    Correo: ("asunto", "destinatario", "enviado"),
}
"""Record → what its owner may take away."""


def reunir(session: Session, business_key: str) -> dict[str, Any]:
    """All of it as JSON values: dates as ISO in the firm's zone, amounts as text. Raises NotFound."""
    prospecto = expediente.prospecto_de(session, business_key)
    asunto = expediente.asunto_de(session, business_key)
    de_asunto = asunto.id if asunto else ""

    def filas(clase: Any, *condiciones: Any) -> list[dict[str, Any]]:
        return [_fila(uno) for uno in session.scalars(select(clase).where(*condiciones).order_by(clase.id))]

    facturas = session.scalars(
        select(Factura).where(Factura.prospecto_id == prospecto.id, Factura.estado != "borrador").order_by(Factura.id)
    )
    propias = (Correo.business_key == prospecto.folio, Correo.interno.is_(False), Correo.estado == "enviado")
    return {
        "persona": _fila(prospecto.persona),
        "avisos_y_oposicion": [_fila(uno) for uno in prospecto.persona.consentimientos],
        "contacto": _fila(prospecto),
        "asunto": _fila(asunto) if asunto else None,
        "reuniones": filas(Reunion, Reunion.prospecto_id == prospecto.id, Reunion.tipo != "equipo"),
        "documentos": [_fila(uno) for uno in visibles(session, prospecto)],
        "propuestas": filas(Propuesta, Propuesta.prospecto_id == prospecto.id, Propuesta.enviada.is_not(None)),
        "avances": filas(Avance, Avance.asunto_id == de_asunto, Avance.visible),
        "cierre": filas(Informe, Informe.asunto_id == de_asunto, Informe.tarjeta_enviada.is_not(None)),
        "facturas": [{**_fila(una), "pagos": [_fila(pago) for pago in una.pagos]} for una in facturas],
        "encuesta": filas(Encuesta, Encuesta.asunto_id == de_asunto, Encuesta.respondida.is_not(None)),
        "cancelaciones": filas(Cancelacion, Cancelacion.asunto_id == de_asunto, Cancelacion.solicitante == "cliente"),
        "solicitudes_arco": filas(SolicitudArco, SolicitudArco.prospecto_id == prospecto.id),
        "correos_enviados": filas(Correo, *propias),
    }


def visibles(session: Session, prospecto: Prospecto) -> Sequence[Documento]:
    """The documents of a matter that its client may open, the latest first."""
    suyos = (Documento.prospecto_id == prospecto.id, Documento.visible_cliente, Documento.sha256.is_not(None))
    return session.scalars(select(Documento).where(*suyos).order_by(Documento.id.desc())).all()


def _fila(registro: Any) -> dict[str, Any]:
    return {columna: _plano(getattr(registro, columna)) for columna in COLUMNAS[type(registro)]}


def _plano(valor: Any) -> Any:
    if isinstance(valor, datetime):
        return valor.astimezone(ZONA).isoformat(timespec="seconds")
    if isinstance(valor, date):
        return valor.isoformat()
    return str(valor) if isinstance(valor, Decimal) else valor
