"""Meetings with the client and sessions to present a proposal: agenda, calendar identity, cancellation (L7, L19)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid, NotFound
from engine.handler import Context, feel_function
from tasks import ajustes, correo, expediente, formato
from tasks import calendario as dias
from tasks.acceso import exigir
from tasks.bitacora import anotar
from tasks.paso import Accion, Paso
from tasks.registros import Colaborador, Prospecto, Reunion
from tasks.registros.tipos import nuevo_id

PENDIENTES = ("tentativa", "confirmada", "por_reprogramar")
EN_AGENDA = ("tentativa", "confirmada")
MODALIDADES = {"presencial": "Presencial", "videollamada": "Videollamada", "telefonica": "Telefónica"}


@feel_function("fin_de_reunion")
def fin_de_reunion(ctx: Context, tipo: str) -> datetime | None:
    """Cuándo termina la última reunión de este tipo en el asunto: `fin_de_reunion("cliente")`, `("sesion")`."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    reunion = ultima(ctx.session, prospecto, tipo)
    return reunion.fin.astimezone(dias.ZONA) if reunion else None


def ultima(session: Session, prospecto: Prospecto, tipo: str) -> Reunion | None:
    """The latest meeting of a kind (cliente, sesion)."""
    consulta = select(Reunion).where(Reunion.prospecto_id == prospecto.id, Reunion.tipo == tipo)
    return session.scalar(consulta.order_by(Reunion.creado.desc(), Reunion.id.desc()).limit(1))


def pendientes(session: Session, prospecto: Prospecto) -> Sequence[Reunion]:
    """Meetings that are still to be held."""
    consulta = select(Reunion).where(Reunion.prospecto_id == prospecto.id, Reunion.estado.in_(PENDIENTES))
    return session.scalars(consulta.order_by(Reunion.inicio)).all()


def valores(session: Session, prospecto: Prospecto, responsable: Colaborador | None) -> dict[str, Any]:
    """What the forms «Programar reunión» and «Programar sesión» start with."""
    return {
        "gerentes": [{"value": g.usuario, "label": g.presentacion} for g in expediente.del_grupo(session, "gerente")],
        "gerente_id": responsable.usuario if responsable else None,
        "lugar_o_enlace": responsable.enlace_reunion if responsable else None,
    }


def programar(paso: Paso, prospecto: Prospecto, tipo: str, datos: Mapping[str, Any], responsable: str) -> Reunion:
    """Put a meeting into the agenda; one that was to be rescheduled keeps its calendar identity. Raises Invalid."""
    inicio: datetime = datos["inicio"]
    fin = inicio + timedelta(minutes=int(datos["duracion_min"]))
    anterior = ultima(paso.session, prospecto, tipo)
    reunion = anterior if anterior is not None and anterior.estado == "por_reprogramar" else None
    _revisar_horario(paso, inicio, fin)
    _revisar_agenda(paso.session, responsable, inicio, fin, excepto=reunion)
    if reunion is None:
        id = nuevo_id()
        reunion = Reunion(id=id, prospecto_id=prospecto.id, tipo=tipo, uid=f"{id}@cauce", sequence=0)
        paso.session.add(reunion)
    else:
        _mudar(reunion, None)
    reunion.responsable_id, reunion.estado = responsable, "tentativa"
    reunion.inicio, reunion.fin = inicio, fin
    reunion.modalidad = datos["modalidad"]
    reunion.lugar = _lugar(paso.session, reunion, datos["lugar_o_enlace"])
    reunion.asistentes = [a.strip() for a in (datos["participantes"] or "").split(",") if a.strip()]
    reunion.titulo = "Presentación de la propuesta" if tipo == "sesion" else "Reunión con el despacho"
    paso.session.flush()
    return reunion


def _mudar(reunion: Reunion, motivo: str | None) -> None:
    """Keep the old date; calendars take the next SEQUENCE for a change of the same event."""
    antes = {"inicio": reunion.inicio.isoformat(), "fin": reunion.fin.isoformat(), "motivo": motivo}
    reunion.historial = [*(reunion.historial or []), antes]
    reunion.sequence += 1


def _lugar(session: Session, reunion: Reunion, escrito: str | None) -> str | None:
    """What was typed; else, and where a suggestion of the form no longer fits who holds the meeting or how: the room of
    that person for a video call, the firm's address, nothing for a call."""
    escrito = (escrito or "").strip()
    domicilio = ajustes.ajuste(session, "despacho_domicilio")
    sugeridos = {domicilio, *session.scalars(select(Colaborador.enlace_reunion))}
    if escrito and escrito not in sugeridos:
        return escrito
    if reunion.modalidad == "videollamada":
        responsable = session.get(Colaborador, reunion.responsable_id) if reunion.responsable_id else None
        return responsable.enlace_reunion if responsable else None
    return domicilio if reunion.modalidad == "presencial" else None


def _revisar_horario(paso: Paso, inicio: datetime, fin: datetime) -> None:
    if inicio <= paso.now:
        raise Invalid({"inicio": "La reunión debe ser en el futuro."})
    if not dias.en_horario(paso.session, inicio):
        raise Invalid({"inicio": "Elija un día hábil, entre las 9:00 y las 18:00."})
    if not dias.en_horario(paso.session, fin) or dias.dia(fin) != dias.dia(inicio):
        raise Invalid({"duracion_min": "La reunión debe terminar a más tardar a las 18:00."})


def _revisar_agenda(
    session: Session, responsable: str, inicio: datetime, fin: datetime, *, excepto: Reunion | None
) -> None:
    consulta = select(Reunion).where(
        Reunion.responsable_id == responsable,
        Reunion.estado.in_(EN_AGENDA),
        Reunion.inicio < fin,
        Reunion.fin > inicio,
    )
    for otra in session.scalars(consulta):
        if excepto is None or otra.id != excepto.id:
            desde, hasta = (m.astimezone(dias.ZONA) for m in (otra.inicio, otra.fin))
            raise Invalid({"inicio": f"Se traslapa con otra reunión, de {desde:%H:%M} a {hasta:%H:%M}."})


def texto(reunion: Reunion) -> str:
    """«12 de enero de 2027 a las 11:00, Videollamada»."""
    return f"{formato.momento(reunion.inicio)}, {MODALIDADES.get(reunion.modalidad or '', reunion.modalidad or '')}"


def invitar(paso: Paso, reunion: Reunion, prospecto: Prospecto, *, metodo: str = "REQUEST") -> None:
    """Mail with the .ics and the link «Confirmar asistencia»; nothing to somebody without an address."""
    if not prospecto.persona.correo:
        return
    correo.enviar(
        paso,
        "cor_02_invitacion",
        a=prospecto.persona,
        datos={
            "titulo": reunion.titulo,
            "inicio": reunion.inicio,
            "fin": reunion.fin,
            "modalidad": MODALIDADES.get(reunion.modalidad or "", reunion.modalidad),
            "lugar": reunion.lugar,
            "cambio": reunion.sequence > 0,
            "cancelada": metodo == "CANCEL",
        },
        business_key=prospecto.folio,
        enlace=None if metodo == "CANCEL" else f"asistencia:{reunion.id}",
        reunion=reunion,
        metodo=metodo,
    )


def cancelar(paso: Paso, reunion: Reunion, prospecto: Prospecto) -> None:
    """Take a meeting out of everybody's calendar; of one whose time is over only the record changes, and of a hearing,
    which is the authority's: it takes place with or without the firm."""
    reunion.estado = "cancelada"
    if reunion.inicio > paso.now and reunion.tipo != "audiencia":
        reunion.sequence += 1
        invitar(paso, reunion, prospecto, metodo="CANCEL")


def cancelar_pendientes(paso: Paso, prospecto: Prospecto, tipo: str | None = None) -> None:
    for reunion in pendientes(paso.session, prospecto):
        if tipo is None or reunion.tipo == tipo:
            cancelar(paso, reunion, prospecto)


# --- actions


def _reunion(session: Session, reunion_id: str) -> tuple[Reunion, Prospecto]:
    reunion = session.get(Reunion, reunion_id)
    prospecto = session.get(Prospecto, reunion.prospecto_id) if reunion else None
    if reunion is None or prospecto is None:
        raise NotFound("No existe esta reunión.")
    return reunion, prospecto


NOTA_MAXIMA = 500


def confirmar_asistencia(tx: Any, reunion_id: str, respuesta: str, nota: str = "") -> Reunion:
    """Portal link «Confirmar asistencia»: confirmo, proponer_otra, cancelar; the last two tell Ventas (§1.2), with the
    client's own words about days and hours that suit.

    Raises Conflict when the meeting is no longer to be held, and for a hearing: its date is not the client's to change.
    """
    reunion, prospecto = _reunion(tx.session, reunion_id)
    paso = Accion(tx, prospecto.folio)
    exigir(paso, "cliente", "ventas", "gerente", "direccion")
    if reunion.tipo == "audiencia":
        raise Conflict("La fecha de una audiencia la fija la autoridad.", reason="audiencia")
    if respuesta not in ("confirmo", "proponer_otra", "cancelar"):
        raise Invalid({"respuesta": "Elija una de las opciones."})
    nota = " ".join(nota.split())
    if len(nota) > NOTA_MAXIMA:
        raise Invalid({"nota": f"Escriba a lo más {NOTA_MAXIMA} caracteres."})
    if reunion.estado not in PENDIENTES or reunion.fin <= tx.now:
        raise Conflict("Esta reunión ya no está pendiente.", reason=reunion.estado)
    reunion.estado = "confirmada" if respuesta == "confirmo" else "por_reprogramar"
    anotar(paso, "reunion.responder", reunion, despues={"respuesta": respuesta, "nota": nota or None})
    if respuesta != "confirmo":
        pide = "otra fecha" if respuesta == "proponer_otra" else "cancelarla"
        datos = {
            "titulo": "Reunión por reprogramar",
            "texto": f"{prospecto.persona.nombre} pide {pide}: {texto(reunion)}.",
            "datos": [{"dato": "Lo que escribió", "valor": nota}] if nota else [],
            "accion": "Abrir el asunto",
        }
        pagina = f"/asuntos/{prospecto.folio}"
        correo.enviar_a_grupo(paso, "cor_00_escalamiento", "ventas", datos=datos, enlace=pagina)
    tx.session.flush()
    return reunion


def por_reprogramar(session: Session, reunion_id: str) -> dict[str, Any]:
    """What the form «Reprogramar reunión» starts with. Raises NotFound."""
    reunion, _prospecto = _reunion(session, reunion_id)
    minutos = int((reunion.fin - reunion.inicio).total_seconds()) // 60
    return {
        "titulo": reunion.titulo,
        "inicio_texto": texto(reunion),
        "duracion_min": Decimal(minutos),
        "modalidad": reunion.modalidad,
        "lugar_o_enlace": reunion.lugar,
    }


def reprogramar(tx: Any, reunion_id: str, datos: Mapping[str, Any]) -> Reunion:
    """«Reprogramar»: another date of the same event (same UID, next SEQUENCE); who waits for its end waits for the new
    one. `datos`: inicio, duracion_min, modalidad, lugar_o_enlace, motivo. Raises Invalid, Conflict.
    """
    reunion, prospecto = _reunion(tx.session, reunion_id)
    paso = Accion(tx, prospecto.folio)
    exigir(paso, "ventas", "gerente", "direccion")
    if reunion.estado not in PENDIENTES:
        raise Conflict("Esta reunión ya no está pendiente.", reason=reunion.estado)
    inicio: datetime = datos["inicio"]
    fin = inicio + timedelta(minutes=int(datos["duracion_min"]))
    _revisar_horario(paso, inicio, fin)
    _revisar_agenda(tx.session, reunion.responsable_id or "", inicio, fin, excepto=reunion)
    _mudar(reunion, datos.get("motivo"))
    reunion.inicio, reunion.fin, reunion.estado = inicio, fin, "tentativa"
    reunion.modalidad = datos.get("modalidad") or reunion.modalidad
    reunion.lugar = _lugar(paso.session, reunion, datos.get("lugar_o_enlace") or reunion.lugar)
    anotar(paso, "reunion.reprogramar", reunion, despues={"inicio": inicio})
    tx.session.flush()
    invitar(paso, reunion, prospecto)
    tx.refresh_timers(prospecto.folio)
    return reunion
