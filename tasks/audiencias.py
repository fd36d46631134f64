"""Hearings of a matter: in everybody's calendar, watched like a deadline (§1.9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from engine.errors import Conflict, Invalid, NotFound
from tasks import calendario as dias
from tasks import correo, expediente, formato, plazos, reuniones
from tasks.acceso import exigir
from tasks.acciones import LLEVAN
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.registros import ZONAS, Asunto, Plazo, Reunion
from tasks.registros.tipos import nuevo_id


def nueva(tx: Any, business_key: str, valores: Mapping[str, Any]) -> Reunion:
    """A hearing: .ics to client, advisor and Gerente, alerts as of a deadline.

    `valores`: titulo, inicio (the hour of the place), zona, duracion_min, modalidad, lugar. Raises NotAllowed, Invalid.
    """
    paso = Accion(tx, business_key)
    exigir(paso, *LLEVAN)
    asunto = expediente.asunto(paso.session, business_key)
    zona = valores.get("zona") or dias.ZONA.key
    if zona not in ZONAS:
        raise Invalid({"zona": "Elija una de las opciones."})
    inicio = _futuro(paso, en_zona(valores["inicio"], zona))
    id = nuevo_id()
    audiencia = Reunion(
        id=id,
        prospecto_id=asunto.prospecto_id,
        asunto_id=asunto.id,
        tipo="audiencia",
        titulo=valores["titulo"].strip(),
        responsable_id=asunto.asesor_id,
        inicio=inicio,
        fin=inicio + timedelta(minutes=int(valores.get("duracion_min") or 60)),
        zona=zona,
        modalidad=valores.get("modalidad"),
        lugar=valores.get("lugar"),
        estado="confirmada",
        uid=f"{id}@cauce",
    )
    paso.session.add(audiencia)
    paso.session.flush()
    titulo = f"Audiencia: {audiencia.titulo}"
    plazos.registrar(
        paso, asunto.prospecto, titulo, dias.dia(inicio), tipo="audiencia", asunto_id=asunto.id, reunion_id=id
    )
    anotar(paso, "audiencia.fijar", audiencia, despues={"inicio": inicio})
    _avisar(paso, asunto, audiencia, anterior=None, motivo=None)
    return audiencia


def reprogramar(tx: Any, reunion_id: str, valores: Mapping[str, Any]) -> Reunion:
    """«Reprogramar audiencia»: same UID, next SEQUENCE, alerts computed anew, the old date kept.

    `valores`: inicio (the hour of the place), motivo. Raises NotAllowed, Conflict, Invalid.
    """
    audiencia: Reunion | None = tx.session.get(Reunion, reunion_id)
    asunto = tx.session.get(Asunto, audiencia.asunto_id) if audiencia and audiencia.asunto_id else None
    if audiencia is None or asunto is None or audiencia.tipo != "audiencia":
        raise NotFound("No existe la audiencia.")
    paso = Accion(tx, asunto.prospecto.folio)
    exigir(paso, *LLEVAN)
    if audiencia.estado not in reuniones.PENDIENTES:
        raise Conflict("La audiencia ya no está pendiente.", reason=audiencia.estado)
    motivo = (valores.get("motivo") or "").strip()
    if not motivo:
        raise Invalid({"motivo": "Este campo es obligatorio."})
    inicio, anterior = _futuro(paso, en_zona(valores["inicio"], audiencia.zona)), audiencia.inicio
    antes = {"inicio": anterior.isoformat(), "fin": audiencia.fin.isoformat(), "motivo": motivo}
    audiencia.historial = [*(audiencia.historial or []), antes]
    audiencia.inicio, audiencia.fin = inicio, inicio + (audiencia.fin - anterior)
    audiencia.sequence += 1
    paso.session.flush()
    consulta = select(Plazo).where(Plazo.reunion_id == audiencia.id, Plazo.estado == "vivo")
    for plazo in paso.session.scalars(consulta):
        plazos.mover(paso, plazo, dias.dia(inicio))
    anotar(paso, "audiencia.reprogramar", audiencia, antes={"inicio": anterior}, despues={"inicio": inicio})
    _avisar(paso, asunto, audiencia, anterior=anterior, motivo=motivo)
    return audiencia


def por_reprogramar(audiencia: Reunion) -> dict[str, Any]:
    """What the form «Reprogramar audiencia» shows."""
    local = audiencia.inicio.astimezone(ZoneInfo(audiencia.zona)).replace(tzinfo=dias.ZONA)
    cuando = f"{formato.momento(local)}, hora de {ZONAS.get(audiencia.zona, audiencia.zona)}"
    return {"titulo": audiencia.titulo, "inicio_texto": cuando}


def en_zona(escrito: datetime, zona: str | None) -> datetime:
    """A form takes hours as those of the firm; of a hearing they are those of the place (None: that of the firm)."""
    return escrito.astimezone(dias.ZONA).replace(tzinfo=ZoneInfo(zona or dias.ZONA.key))


def _futuro(paso: Accion, inicio: datetime) -> datetime:
    if inicio <= paso.now:
        raise Invalid({"inicio": "La audiencia debe ser en el futuro."})
    return inicio


def _avisar(paso: Accion, asunto: Asunto, audiencia: Reunion, *, anterior: datetime | None, motivo: str | None) -> None:
    """`cor_10_cambio_audiencia` with the .ics to client, advisor and Gerente."""
    datos = {
        "titulo": audiencia.titulo,
        "inicio": audiencia.inicio,
        "hora_local": audiencia.hora_local,
        "anterior": anterior,
        "lugar": audiencia.lugar,
        "motivo": motivo,
    }
    cliente = asunto.cliente
    if cliente.correo:
        correo.enviar(paso, "cor_10_cambio_audiencia", a=cliente, datos=datos, enlace="expediente", reunion=audiencia)
    prospecto = asunto.prospecto
    for quien in (expediente.asesor_de(paso.session, prospecto), expediente.gerente_de(paso.session, prospecto)):
        if quien is not None:
            enlace = f"/asuntos/{prospecto.folio}"
            correo.enviar(paso, "cor_10_cambio_audiencia", a=quien, datos=datos, enlace=enlace, reunion=audiencia)
