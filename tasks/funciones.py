"""Functions that the expressions of the models may call (M6): due times, limits of waits, assignees, settings.

Moments come back in the firm's zone (explicit −06:00). The docstrings are what an analyst reads in the studio.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from engine.handler import Context, feel_function
from tasks import ajustes, ausencias, expediente, personas, plazos
from tasks import calendario as dias
from tasks.registros import Colaborador

Numero = Decimal | int


@feel_function("vence", optional=1)
def vence(ctx: Context, n: Numero, calendario: str = "oficina") -> datetime:
    """Las 18:00 del n-ésimo día hábil después de que empezó este elemento. Ejemplo: `vence(3)`."""
    return dias.vence(ctx.session, ctx.entered_at, int(n), calendario)


@feel_function("recordatorio")
def recordatorio(ctx: Context, n: Numero) -> datetime:
    """Las 09:00 del n-ésimo día hábil después de que empezó este elemento. Ejemplo: `recordatorio(3)`."""
    return dias.recordatorio(ctx.session, ctx.entered_at, int(n))


@feel_function("limite_espera")
def limite_espera(ctx: Context, n: Numero) -> datetime:
    """Fin de una espera: `vence(n)`, o antes, cuando a un plazo legal fatal le quedan 5 días hábiles."""
    prospecto = expediente.buscar_prospecto(ctx.session, ctx.business_key)
    if prospecto is None:
        return dias.vence(ctx.session, ctx.entered_at, int(n))
    return plazos.limite_espera(ctx.session, prospecto.id, ctx.entered_at, int(n))


@feel_function("a_las")
def a_las(ctx: Context, fecha: date | datetime, hora: str | time) -> datetime:
    """Una fecha a una hora de la Ciudad de México. Ejemplo: `a_las(fecha, "09:00")`."""
    return dias.a_las(_fecha(fecha), time.fromisoformat(hora) if isinstance(hora, str) else hora.replace(tzinfo=None))


@feel_function("dias_habiles", optional=1)
def dias_habiles(ctx: Context, fecha: date | datetime, n: Numero, calendario: str = "oficina") -> date:
    """La fecha del n-ésimo día hábil después de otra (antes, si n es negativo): `dias_habiles(today(), 5, "pjf")`."""
    return dias.calendario(ctx.session, calendario).sumar(_fecha(fecha), int(n))


@feel_function("dias_habiles_entre", optional=1)
def dias_habiles_entre(
    ctx: Context, desde: date | datetime, hasta: date | datetime, calendario: str = "oficina"
) -> Decimal:
    """Cuántos días hábiles hay después de `desde`, hasta `hasta` inclusive."""
    return Decimal(dias.calendario(ctx.session, calendario).entre(_fecha(desde), _fecha(hasta)))


@feel_function("rfc_valido")
def rfc_valido(ctx: Context, rfc: str) -> bool:
    """Si un RFC tiene letras, fecha y dígito verificador correctos. Ejemplo: `rfc_valido("BSA150301AB0")`."""
    return personas.es_rfc(rfc)


@feel_function("responsable")
def responsable(ctx: Context, grupo: str) -> str | None:
    """A quién del grupo le toca este asunto (su gerente o su asesor; durante una ausencia, quien lo suple).

    Nulo cuando a nadie en particular: la tarea queda en la bandeja del grupo. Ejemplo: `responsable("gerente")`.
    """
    prospecto = expediente.buscar_prospecto(ctx.session, ctx.business_key)
    if prospecto is None:
        return None
    quien: Colaborador | None = None
    if grupo == "gerente":
        quien = expediente.gerente_de(ctx.session, prospecto)
    elif grupo == "asesor":
        quien = expediente.asesor_de(ctx.session, prospecto)
    return presente(ctx, quien)


@feel_function("ajuste", known={"clave": ajustes.AJUSTES})
def ajuste(ctx: Context, clave: str) -> bool | str | Decimal:
    """El valor de un ajuste de la Configuración: `ajuste("cuatro_ojos")`, `vence(ajuste("dh_analizar_caso"))`.

    De un tiempo del proceso, el que valía cuando empezó este elemento.
    """
    valor: bool | str | Decimal = ajustes.ajuste_en(ctx.session, clave, ctx.entered_at)
    return valor


@feel_function("plazo_urgente")
def plazo_urgente(ctx: Context) -> bool:
    """Verdadero cuando a un plazo fatal vivo del asunto le quedan 5 días hábiles o menos."""
    prospecto = expediente.buscar_prospecto(ctx.session, ctx.business_key)
    return prospecto is not None and plazos.plazo_urgente(ctx.session, prospecto.id, dias.dia(ctx.now))


def presente(ctx: Context, quien: Colaborador | None) -> str | None:
    """The person, or during an absence the substitute; None for whoever has left the firm."""
    if quien is None:
        return None
    suplente = ausencias.suplente_de(ctx.session, quien.usuario, ctx.now)
    if suplente is not None:
        return suplente.usuario
    return quien.usuario if quien.activo else None


def _fecha(valor: date | datetime) -> date:
    return dias.dia(valor) if isinstance(valor, datetime) else valor
