"""What people do to a matter outside its user tasks: deadlines, notes, documents (§1.0, §1.9).

Every action checks who may, writes the record and then tells the process, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import Conflict, Invalid, NotFound
from engine.storage.files import StoredFile
from tasks import calendario as dias
from tasks import expediente, formato, plazos
from tasks.acceso import exigir
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.registros import Avance, Documento, Plazo

LLEVAN = ("asesor", "gerente", "direccion")
"""Groups that work on the file of a matter."""


def nuevo_plazo(tx: Any, business_key: str, valores: Mapping[str, Any]) -> Plazo:
    """A deadline of the matter, or of the prospect before; waits that it cuts short move (§1.0).

    `valores`: descripcion, vence, tipo (fatal, interno), calendario, fundamento. Raises NotAllowed, Invalid.
    """
    paso = Accion(tx, business_key)
    exigir(paso, *LLEVAN)
    prospecto = expediente.prospecto_de(paso.session, business_key)
    if valores["vence"] < dias.dia(paso.now):
        raise Invalid({"vence": "La fecha ya pasó."})
    asunto = expediente.asunto_de(paso.session, business_key)
    plazo = plazos.registrar(
        paso,
        prospecto,
        valores["descripcion"].strip(),
        valores["vence"],
        tipo=valores.get("tipo") or "fatal",
        calendario=valores.get("calendario") or "oficina",
        asunto_id=asunto.id if asunto else None,
        fundamento=valores.get("fundamento"),
    )
    anotar(paso, "plazo.registrar", plazo, despues={"descripcion": plazo.descripcion, "vence": plazo.vence})
    tx.refresh_timers(business_key)
    return plazo


def por_cerrar(tx: Any, business_key: str, plazo_id: str) -> dict[str, Any]:
    """What the form «cerrar_plazo» shows. Raises NotFound, NotAllowed, Conflict (it no longer runs)."""
    plazo, _paso = _plazo(tx, business_key, plazo_id)
    return {"descripcion": plazo.descripcion, "vence_texto": formato.fecha(plazo.vence)}


def cerrar_plazo(tx: Any, business_key: str, plazo_id: str, valores: Mapping[str, Any]) -> Plazo:
    """The right was used in time, or the deadline no longer counts: no more alerts, and waits that it cut short move.

    `valores`: resultado (cumplido, sin_efecto), motivo (for sin_efecto).
    Raises NotFound, NotAllowed, Conflict, Invalid.
    """
    plazo, paso = _plazo(tx, business_key, plazo_id)
    motivo = (valores.get("motivo") or "").strip()
    if valores["resultado"] == "cumplido":
        plazos.cumplir(paso, plazo)
        anotar(paso, "plazo.cumplir", plazo)
    else:
        if not motivo:
            raise Invalid({"motivo": "Este campo es obligatorio."})
        plazos.dejar_sin_efecto(paso, plazo)
        anotar(paso, "plazo.dejar_sin_efecto", plazo, despues={"motivo": motivo})
    tx.session.flush()
    tx.refresh_timers(business_key)
    return plazo


def nota(tx: Any, business_key: str, texto: str) -> Avance:
    """An internal note between two follow-ups; the client never sees it."""
    paso = Accion(tx, business_key)
    exigir(paso, *LLEVAN)
    if not texto.strip():
        raise Invalid({"nota": "Este campo es obligatorio."})
    asunto = expediente.asunto(paso.session, business_key)
    hoy, autor = dias.dia(paso.now), paso.actor.id
    avance = Avance(asunto_id=asunto.id, fecha=hoy, actuacion="otra", nota_interna=texto.strip(), autor=autor)
    paso.session.add(avance)
    paso.session.flush()
    return avance


def subir_documento(
    tx: Any, business_key: str, guardado: StoredFile, *, nombre: str, rubro: str, visible_cliente: bool = False
) -> Documento:
    """A document of the matter. `guardado`: what `engine.files.store` kept before this transaction. While the service
    is suspended nothing is published for the client (§1.7)."""
    paso = Accion(tx, business_key)
    exigir(paso, *LLEVAN)
    asunto = expediente.asunto_de(paso.session, business_key)
    if asunto is not None and asunto.estado == "archivado":
        raise Conflict("El asunto está archivado.", reason=asunto.estado)
    if asunto is not None and asunto.estado == "suspendido" and visible_cliente:
        raise Invalid({"visible_cliente": "El servicio está suspendido: por ahora no se publica nada para el cliente."})
    documento = Documento(
        prospecto_id=expediente.prospecto_de(paso.session, business_key).id,
        asunto_id=asunto.id if asunto else None,
        rubro=rubro.strip(),
        origen="subido",
        nombre=nombre,
        tipo=guardado.type,
        tamano=guardado.size,
        sha256=guardado.hash,
        estado="aceptado",
        visible_cliente=visible_cliente,
        entregado=paso.now,
    )
    paso.session.add(documento)
    paso.session.flush()
    anotar(paso, "documento.subir", documento, despues={"rubro": documento.rubro, "visible": visible_cliente})
    return documento


def _plazo(tx: Any, business_key: str, plazo_id: str) -> tuple[Plazo, Accion]:
    paso = Accion(tx, business_key)
    exigir(paso, *LLEVAN)
    plazo = tx.session.get(Plazo, plazo_id)
    if plazo is None or plazo.prospecto_id != expediente.prospecto_de(paso.session, business_key).id:
        raise NotFound("No existe el plazo.")
    if plazo.estado != "vivo":
        raise Conflict("Ese plazo ya no corre.", who=plazo.cumplido_por, when=plazo.cumplido)
    return plazo, paso
