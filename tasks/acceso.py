"""Who sees which matter: need to know (secreto profesional, legal-process.md §5.5). Default deny.

A trámite (a process that is no client's matter) is seen by who asked for it, who has or had a user task in it, and
Dirección.

Dirección sees every matter; a Gerente every prospect and the matters that they supervise; an advisor their own matters;
Ventas every contact, after the acceptance without the file; Cobranza accepted matters, money only. An absent person's
substitute sees the same until the absence ends. The engine asks about business keys here; `secciones` says which parts
a page shows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal, not_, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import String

from engine.access import OpenAccess
from engine.errors import NotAllowed
from engine.values import SYSTEM, Actor
from tasks import expediente, tramites
from tasks.ausencias import en_ausencia_de, presente_en
from tasks.expediente import asunto_de, buscar_prospecto
from tasks.paso import Paso
from tasks.registros import Asunto, Ausencia, Prospecto

PERSONAL = frozenset({"ventas", "gerente", "direccion", "cobranza", "asesor", "admin"})
"""Groups of people who work on matters."""

SECCIONES = frozenset(
    {"contacto", "expediente", "plazos", "documentos", "avances", "dinero", "correos", "oportunidades", "proceso"}
)

_TRABAJO = PERSONAL | {"cliente"}
_EMPIEZA = frozenset({"ventas", "gerente", "direccion", "admin", "publico"})
"""Who begins a client's matter; a trámite is begun by everybody who works here."""
_REPARA = frozenset({"operador"})
_MODELA = frozenset({"analista", "publicador", "operador", "admin"})

VERBOS: dict[str, frozenset[str]] = {
    # Working on user tasks: the engine asks for candidate group and assignee besides.
    **dict.fromkeys(("user_task", "form", "draft", "complete", "attach", "attachment"), _TRABAJO | _REPARA),
    # Everybody has an inbox; that of an analyst holds nothing of a matter.
    **dict.fromkeys(("user_tasks", "counts"), _TRABAJO | _MODELA),
    **dict.fromkeys(("claim", "release"), PERSONAL),
    "task_of_others": PERSONAL,
    "assign": frozenset({"gerente", "direccion", "operador"}),
    "start": PERSONAL | {"publico"},
    "start_at": frozenset({"gerente", "direccion", "admin"}),
    # Pages of the matter.
    **dict.fromkeys(("instance", "instances", "history", "flows_taken", "definitions", "diagram"), PERSONAL | _MODELA),
    "correlate": PERSONAL | _REPARA,
    "transaction": _TRABAJO | _MODELA | {"publico"},
    "reading": _TRABAJO | _MODELA | {"publico"},
    # Seeing and repairing instances.
    **dict.fromkeys(
        ("variables", "scopes", "wait_states", "restorable", "subscriptions", "jobs", "incidents"),
        _REPARA | {"direccion", "gerente"},
    ),
    "operations": _REPARA | {"direccion"},
    **dict.fromkeys(
        ("workload", "standing", "suspensions"), _REPARA | {"direccion", "admin", "analista", "publicador"}
    ),
    **dict.fromkeys(("retry", "resolve", "refresh_timers"), _REPARA | PERSONAL),
    **dict.fromkeys(
        (
            "set_variables",
            "suspend",
            "suspend_definition",
            "resume",
            "resume_definition",
            "cancel",
            "modify",
            "skip",
            "fire",
            "throw_error",
            "restore",
            "set_due",
            "discard",
        ),
        _REPARA,
    ),
    **dict.fromkeys(("plan_migration", "migrate", "run_due_jobs", "move_clock"), _REPARA | {"admin"}),
    # Models.
    **dict.fromkeys(("check", "diff", "evaluate", "resources"), _MODELA),
    "deployments": _MODELA | {"direccion"},
    "decide": _MODELA | {"gerente", "direccion"},
    "deploy": frozenset({"publicador"}),
}


class raiz_clave(GenericFunction[str]):
    """SQL: the business key without what hangs below it, `PRO-2027-0001/A-1` → `PRO-2027-0001`."""

    type = String()
    inherit_cache = True


@compiles(raiz_clave, "postgresql")
def _raiz_postgresql(element: raiz_clave, compiler: Any, **kw: Any) -> str:
    return f"split_part({compiler.process(element.clauses, **kw)}, '/', 1)"


@compiles(raiz_clave, "sqlite")
def _raiz_sqlite(element: raiz_clave, compiler: Any, **kw: Any) -> str:
    clave = compiler.process(element.clauses, **kw)
    return f"substr({clave}, 1, instr({clave} || '/', '/') - 1)"


_PROSPECTO, _ASUNTO = aliased(Prospecto), aliased(Asunto)
"""Names of their own: a list of prospects asks about its own rows, and must not be mistaken for these. Made once, since
every list and every verb asks."""


class Acceso:
    """The firm's `engine.access.Access`."""

    def visible(self, actor: Actor, business_key: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
        if actor.business_key is not None:
            return OpenAccess().visible(actor, business_key, now) if "cliente" in actor.groups else false()
        if actor == SYSTEM or actor.groups & {"direccion", "operador"}:
            return true()
        tramite = tramites.es_tramite(business_key)
        suyo = and_(tramite, tramites.participa(actor, raiz_clave(business_key), partial(_suyo, ahora=now)))
        return or_(suyo, and_(not_(tramite), self._asunto(actor, business_key, now)))

    def _asunto(self, actor: Actor, business_key: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
        """SQL: the matters of clients that this person may know of."""
        if "ventas" in actor.groups:
            return true()
        prospecto, asunto = _PROSPECTO, _ASUNTO
        condiciones = []
        if "gerente" in actor.groups:
            mio = or_(asunto.supervisor_id.is_(None), _suyo(asunto.supervisor_id, actor, now))
            condiciones.append(or_(asunto.id.is_(None), mio))
        if "asesor" in actor.groups:
            condiciones.append(_suyo(asunto.asesor_id, actor, now))
        elif "gerente" in actor.groups:
            condiciones.append(_suplido(asunto.asesor_id, actor, now))
        if "cobranza" in actor.groups:
            condiciones.append(asunto.id.is_not(None))
        if not condiciones:
            return false()
        # One look-up by unique index for each row that the engine considers.
        return (
            select(literal(1))
            .select_from(prospecto)
            .join(asunto, asunto.prospecto_id == prospecto.id, isouter=True)
            .where(prospecto.folio == raiz_clave(business_key), or_(*condiciones))
            .exists()
        )

    def may(self, actor: Actor, verb: str, business_key: str | None, session: Session) -> bool:
        if actor == SYSTEM:
            return True
        if not actor.groups & VERBOS.get(verb, frozenset()):
            return False
        if actor.business_key is not None and business_key is None:
            return verb in ("user_tasks", "transaction", "reading", "counts")
        # A start creates the key: there is nothing to be seen yet.
        if verb == "start" and actor.business_key is None and business_key is not None:
            return bool(actor.groups & _EMPIEZA) or (
                business_key.startswith(f"{tramites.PREFIJO}-") and bool(actor.groups & PERSONAL)
            )
        if business_key is None:
            return True
        if not puede_ver(session, actor, business_key):
            return False
        if verb == "history" and actor.business_key is None:
            # What happened names people, decisions and their values: not for who keeps the contact or the money only.
            return "proceso" in secciones(session, actor, business_key)
        if verb == "task_of_others":
            return "expediente" in secciones(session, actor, business_key)
        if verb == "attachment" and actor.business_key is None:
            return _puede_abrir(session, actor, business_key)
        return True


def _puede_abrir(session: Session, actor: Actor, business_key: str) -> bool:
    """Files of the matter for who may read its documents; of an invoice (below the matter) for who sees money."""
    partes = secciones(session, actor, business_key)
    return "documentos" in partes or ("dinero" in partes and "/" in business_key)


def puede_ver(session: Session, actor: Actor, business_key: str) -> bool:
    """Whether an actor may know of this matter."""
    visible = Acceso().visible(actor, literal(business_key), ahora(session))
    return bool(session.scalar(select(literal(1)).where(visible)))


def conoce(actor: Actor, business_key: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
    """SQL: whether an actor may know whose matter this is. Who repairs processes sees that it runs, not whose it is."""
    return Acceso().visible(replace(actor, groups=actor.groups - _REPARA), business_key, now)


def exigir(paso: Paso, *grupos: str) -> None:
    """The law of an action: the actor is of one of these groups and may know of the matter. Raises NotAllowed."""
    actor = paso.actor
    if actor == SYSTEM:
        return
    if not actor.groups & set(grupos) or not puede_ver(paso.session, actor, paso.business_key):
        raise NotAllowed("No tiene permiso para hacer esto en este asunto.", business_key=paso.business_key)


def secciones(session: Session, actor: Actor, business_key: str) -> frozenset[str]:
    """The parts of a matter (`SECCIONES`) that an actor may read; empty when the matter is none of their business."""
    if not puede_ver(session, actor, business_key):
        return frozenset()
    if actor == SYSTEM or "direccion" in actor.groups:
        return SECCIONES
    prospecto, asunto = buscar_prospecto(session, business_key), asunto_de(session, business_key)
    partes: set[str] = set()
    if "operador" in actor.groups:
        partes |= {"proceso"}
    if prospecto is None:
        return frozenset(partes | _del_tramite(session, actor, business_key))
    if "gerente" in actor.groups and (asunto is None or _es_de(session, actor, asunto.supervisor_id, libre=True)):
        partes |= SECCIONES
    if asunto is not None and _es_asesor(session, actor, asunto.asesor_id):
        partes |= SECCIONES - {"dinero"}
    if "ventas" in actor.groups:
        partes |= {"contacto", "oportunidades"} if asunto else SECCIONES - {"dinero", "avances"}
    if "cobranza" in actor.groups and asunto is not None:
        partes |= {"contacto", "dinero"}
    return frozenset(partes)


def _del_tramite(session: Session, actor: Actor, business_key: str) -> frozenset[str]:
    """All of a trámite for who takes part in it; who only repairs processes reads no forms."""
    if not business_key.startswith(f"{tramites.PREFIJO}-"):
        return frozenset()
    suyo = partial(_suyo, ahora=ahora(session))
    participa = tramites.participa(actor, literal(expediente.raiz(business_key)), suyo)
    hallado = session.scalar(select(literal(1)).where(participa))
    return frozenset({"expediente", "documentos", "correos", "proceso"}) if hallado else frozenset()


def _suyo(columna: Any, actor: Actor, ahora: datetime) -> ColumnElement[bool]:
    """The column names the actor, or somebody absent whose substitute the actor is."""
    return or_(columna == actor.id, _suplido(columna, actor, ahora))


def _suplido(columna: Any, actor: Actor, ahora: datetime) -> ColumnElement[bool]:
    """The column names somebody whose substitute the actor is at this moment."""
    suplidos = select(Ausencia.ausente).where(Ausencia.suplente == actor.id, presente_en(ahora))
    return and_(columna.is_not(None), columna.in_(suplidos))


def _es_de(session: Session, actor: Actor, usuario: str | None, *, libre: bool = False) -> bool:
    if usuario is None:
        return libre
    return usuario == actor.id or _suple(session, actor, usuario)


def _es_asesor(session: Session, actor: Actor, asesor: str | None) -> bool:
    """Whether the actor is the advisor, or stands in for the advisor (an advisor, or a Gerente)."""
    if asesor is None or not actor.groups & {"asesor", "gerente"}:
        return False
    return ("asesor" in actor.groups and asesor == actor.id) or _suple(session, actor, asesor)


def _suple(session: Session, actor: Actor, ausente: str) -> bool:
    return en_ausencia_de(session, actor.id, [ausente], ahora(session)) is not None


def ahora(session: Session) -> datetime:
    """Business time of the engine's transaction that this session belongs to."""
    now: datetime = session.info["transaction"].now
    return now
