"""What the program itself tells people of the firm: deadlines that come near or have passed (§1.0)."""

from __future__ import annotations

from pydantic import BaseModel

from engine.handler import Context, service_task
from tasks import calendario as dias
from tasks import correo, expediente, formato, plazos
from tasks.registros import Asunto, Colaborador, Plazo, Prospecto


class DelPlazo(BaseModel):
    plazo_id: str
    a_direccion: bool = False
    """With this alert the Plazo becomes urgent, however many days are left when it goes out."""


@service_task("plazo.avisar")
def avisar(job: DelPlazo, ctx: Context) -> None:
    """Alert at −5, −3, −1 dh and on the day: to the Gerente before stage 8, then to asesor and Gerente; the one with
    which a fatal Plazo becomes urgent (5 dh left, or fewer when it is recorded) to Dirección too."""
    plazo = ctx.session.get_one(Plazo, job.plazo_id)
    if plazo.estado != "vivo":
        return
    hoy = dias.dia(ctx.now)
    faltan = plazos.dias_restantes(ctx.session, plazo, hoy)
    prospecto = ctx.session.get_one(Prospecto, plazo.prospecto_id)
    a_direccion = plazo.tipo == "fatal" and (job.a_direccion or faltan == plazos.DIAS_URGENTE)
    cuanto = (
        "vence hoy" if plazo.vence == hoy else f"vence en {faltan} {'día hábil' if faltan == 1 else 'días hábiles'}"
    )
    _escribir(ctx, plazo, prospecto, f"Plazo: {plazo.descripcion} {cuanto}", a_direccion=a_direccion)


@service_task("plazo.vencer")
def vencer(job: DelPlazo, ctx: Context) -> None:
    """The last day is over: the Plazo is overdue, Dirección is told."""
    plazo = ctx.session.get_one(Plazo, job.plazo_id)
    if plazo.estado != "vivo":
        return
    plazo.estado = "vencido"
    prospecto = ctx.session.get_one(Prospecto, plazo.prospecto_id)
    _escribir(ctx, plazo, prospecto, f"Plazo vencido: {plazo.descripcion}", a_direccion=True)


def _escribir(ctx: Context, plazo: Plazo, prospecto: Prospecto, titulo: str, *, a_direccion: bool) -> None:
    asunto = expediente.asunto_de(ctx.session, prospecto.folio)
    filas = [
        {"dato": "Asunto", "valor": asunto.folio if asunto else prospecto.folio},
        {"dato": "Vence", "valor": formato.fecha_larga(plazo.vence)},
        {"dato": "Calendario", "valor": dias.CALENDARIOS[plazo.calendario]},
        {"dato": "Fundamento", "valor": plazo.fundamento or "Capturado por el despacho"},
    ]
    datos = {
        "titulo": titulo,
        "texto": "Si ya se cumplió, márquelo en el asunto y no habrá más avisos.",
        "datos": filas,
        "accion": "Abrir el asunto",
    }
    for quien in _a_quienes(ctx, prospecto, asunto, a_direccion=a_direccion):
        correo.enviar(
            ctx,
            "cor_00_escalamiento",
            a=quien,
            datos=datos,
            business_key=prospecto.folio,
            enlace=f"/asuntos/{prospecto.folio}",
        )


def _a_quienes(ctx: Context, prospecto: Prospecto, asunto: Asunto | None, *, a_direccion: bool) -> list[Colaborador]:
    """Asesor (once assigned) and Gerente, or all of them when the matter has none yet; each once."""
    gerente = expediente.gerente_de(ctx.session, prospecto)
    quienes = [asesor] if (asesor := expediente.asesor_de(ctx.session, prospecto)) else []
    quienes += [gerente] if gerente else expediente.del_grupo(ctx.session, "gerente")
    if a_direccion:
        quienes += expediente.del_grupo(ctx.session, "direccion")
    return list(dict.fromkeys(quienes))
