"""Need to know: which business keys each role sees, on SQLite and PostgreSQL, and which sections."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Column, MetaData, String, Table, select

from engine.values import SYSTEM, Actor
from engine.verbs import Verbs
from tasks.acceso import SECCIONES, VERBOS, Acceso, puede_ver, secciones
from tasks.registros import Asunto, Ausencia, Colaborador, Persona, Prospecto
from tests.tasks.conftest import Paso

ENERO = datetime(2027, 1, 11, tzinfo=UTC)
CLAVES = Table("claves", MetaData(), Column("clave", String))


def actor(usuario, *grupos, clave=None):
    return Actor(usuario, frozenset(grupos), clave)


@pytest.fixture
def asuntos(session):
    """PRO-1 a prospect; PRO-2 a matter of hruiz and sluna; PRO-3 of another Gerente and dpaz; each with a key below."""
    Paso(session, ENERO)
    for usuario in ("hruiz", "otro", "sluna", "dpaz", "suplente"):
        session.add(Colaborador(usuario=usuario, nombre=usuario, correo=f"{usuario}@ejemplo.mx", grupos=["asesor"]))
    persona = Persona(nombre="Alguien")
    session.add(persona)
    session.flush()
    for n in (1, 2, 3):
        prospecto = Prospecto(folio=f"PRO-2027-000{n}", persona_id=persona.id, canal="web", descripcion="x")
        session.add(prospecto)
        session.flush()
        if n > 1:
            session.add(
                Asunto(
                    folio=f"J-2027-000{n}",
                    prospecto_id=prospecto.id,
                    cliente_id=persona.id,
                    tipo="juicio",
                    subtipo="nulidad",
                    supervisor_id="hruiz" if n == 2 else "otro",
                    asesor_id="sluna" if n == 2 else "dpaz",
                )
            )
    CLAVES.create(session.connection())
    session.execute(
        CLAVES.insert(), [{"clave": f"PRO-2027-000{n}{resto}"} for n in (1, 2, 3) for resto in ("", "/A-1")]
    )
    session.flush()
    return session


@pytest.mark.parametrize(
    ("quien", "ve"),
    [
        (actor("abarrera", "direccion"), "123"),
        (actor("hruiz", "gerente"), "12"),
        (actor("otro", "gerente", "asesor"), "13"),
        (actor("sluna", "asesor"), "2"),
        (actor("dpaz", "asesor"), "3"),
        (actor("suplente", "asesor"), ""),
        (actor("lvega", "ventas"), "123"),
        (actor("msoto", "cobranza"), "23"),
        (actor("ana", "analista", "publicador"), ""),
        (actor("raiz", "admin"), ""),
        (actor("nadie"), ""),
        (actor("cliente:1", "cliente", clave="PRO-2027-0002"), "2"),
        (actor("cliente:1", clave="PRO-2027-0002"), ""),
        (SYSTEM, "123"),
    ],
)
def test_visible(asuntos, quien, ve):
    filas = asuntos.scalars(select(CLAVES.c.clave).where(Acceso().visible(quien, CLAVES.c.clave, ENERO))).all()
    assert sorted(filas) == [f"PRO-2027-000{n}{resto}" for n in ve for resto in ("", "/A-1")]
    for n in "123":
        assert puede_ver(asuntos, quien, f"PRO-2027-000{n}/A-1") is (n in ve)


@pytest.mark.parametrize(("ausente", "quien"), [
    ("sluna", actor("suplente", "asesor")), ("sluna", actor("otro", "gerente")), ("hruiz", actor("otro", "gerente")),
])  # fmt: skip
def test_a_substitute_sees_what_the_absent_person_sees_until_that_day(asuntos, ausente, quien):
    desde, hasta = datetime(2027, 2, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
    asuntos.add(Ausencia(ausente=ausente, suplente=quien.id, desde=desde, hasta=hasta))
    asuntos.flush()
    for cuando, ve in (
        (ENERO, False), (desde, True), (hasta - timedelta(seconds=1), True), (hasta, False),
    ):  # fmt: skip
        Paso(asuntos, cuando)
        assert puede_ver(asuntos, quien, "PRO-2027-0002") is ve
        assert ("documentos" in secciones(asuntos, quien, "PRO-2027-0002")) is ve
    Paso(asuntos, desde)
    assert ("dinero" in secciones(asuntos, quien, "PRO-2027-0002")) is (ausente == "hruiz")
    assert not puede_ver(asuntos, actor("suplente", "asesor"), "PRO-2027-0003")


@pytest.mark.parametrize(
    ("quien", "clave", "si", "no"),
    [
        (actor("lvega", "ventas"), "PRO-2027-0001", {"contacto", "documentos"}, {"dinero"}),
        (actor("lvega", "ventas"), "PRO-2027-0002", {"contacto", "oportunidades"}, {"expediente", "documentos"}),
        (actor("msoto", "cobranza"), "PRO-2027-0002", {"dinero", "contacto"}, {"expediente", "avances", "correos"}),
        (actor("sluna", "asesor"), "PRO-2027-0002", {"expediente", "avances"}, {"dinero"}),
        (actor("hruiz", "gerente"), "PRO-2027-0002", SECCIONES, set()),
        (actor("hruiz", "gerente"), "PRO-2027-0003", set(), SECCIONES),
        (actor("op", "operador"), "PRO-2027-0002", {"proceso"}, {"contacto", "expediente", "dinero"}),
    ],
)
def test_sections(asuntos, quien, clave, si, no):
    partes = secciones(asuntos, quien, clave)
    assert si <= partes
    assert not partes & no


def test_every_verb_of_the_engine_has_a_rule():
    verbos = {nombre for nombre in vars(Verbs) if not nombre.startswith("_")}
    assert verbos <= set(VERBOS)


@pytest.mark.parametrize(
    ("quien", "verbo", "clave", "puede"),
    [
        (actor("sluna", "asesor"), "complete", "PRO-2027-0002", True),
        (actor("sluna", "asesor"), "complete", "PRO-2027-0003", False),
        (actor("sluna", "asesor"), "cancel", "PRO-2027-0002", False),
        (actor("sluna", "asesor"), "deploy", None, False),
        (actor("sluna", "asesor"), "start", "PRO-2027-0099", False),
        (actor("lvega", "ventas"), "start", "PRO-2027-0099", True),
        (actor("publico", "publico"), "start", "PRO-2027-0099", True),
        (actor("publico", "publico"), "history", "PRO-2027-0002", False),
        (actor("op", "operador"), "cancel", "PRO-2027-0002", True),
        (actor("hruiz", "gerente"), "a_verb_of_tomorrow", "PRO-2027-0002", False),
        (actor("c", "cliente", clave="PRO-2027-0002"), "complete", "PRO-2027-0002", True),
        (actor("c", "cliente", clave="PRO-2027-0002"), "complete", "PRO-2027-0003", False),
        (actor("c", "cliente", clave="PRO-2027-0002"), "history", "PRO-2027-0002", False),
        (actor("c", "cliente", clave="PRO-2027-0002"), "start", "PRO-2027-0099", False),
        (SYSTEM, "deploy", None, True),
        (actor("sluna", "asesor"), "history", "PRO-2027-0002", True),
        (actor("hruiz", "gerente"), "history", "PRO-2027-0002/A-1", True),
        (actor("op", "operador"), "history", "PRO-2027-0002", True),
        (actor("lvega", "ventas"), "history", "PRO-2027-0001", True),
        (actor("lvega", "ventas"), "history", "PRO-2027-0002", False),
        (actor("msoto", "cobranza"), "history", "PRO-2027-0002", False),
        (actor("msoto", "cobranza"), "history", "PRO-2027-0002/A-1", False),
        (actor("sluna", "asesor"), "attachment", "PRO-2027-0002", True),
        (actor("lvega", "ventas"), "attachment", "PRO-2027-0001", True),
        (actor("lvega", "ventas"), "attachment", "PRO-2027-0002", False),
        (actor("msoto", "cobranza"), "attachment", "PRO-2027-0002", False),
        (actor("msoto", "cobranza"), "attachment", "PRO-2027-0002/A-1", True),
        (actor("c", "cliente", clave="PRO-2027-0002"), "attachment", "PRO-2027-0002", True),
    ],
)
def test_verbs(asuntos, quien, verbo, clave, puede):
    assert Acceso().may(quien, verbo, clave, asuntos) is puede


def test_a_list_of_prospects_shows_the_own_ones_only(asuntos):
    """The condition asks the same tables as the list: it must not be satisfied by somebody else's row."""
    sofia = Acceso().visible(actor("sluna", "asesor"), Prospecto.folio, ENERO)
    assert asuntos.scalars(select(Prospecto.folio).where(sofia)).all() == ["PRO-2027-0002"]
    con_asunto = select(Prospecto.folio).join(Asunto, Asunto.prospecto_id == Prospecto.id).where(sofia)
    assert asuntos.scalars(con_asunto).all() == ["PRO-2027-0002"]


def test_keys_below_a_matter_on_both_databases(firma):
    firma = firma()
    with firma.tx() as tx:
        CLAVES.create(tx.connection)
        folio = tx.session.scalar(select(Prospecto.folio).join(Asunto).where(Asunto.asesor_id == "sluna").limit(1))
        claves = [folio, f"{folio}/A-1", f"{folio}0", "PRO-1999-0001"]
        tx.session.execute(CLAVES.insert(), [{"clave": clave} for clave in claves])
        for quien in (actor("sluna", "asesor"), actor("hruiz", "gerente"), actor("c", "cliente", clave=folio)):
            filas = tx.session.scalars(
                select(CLAVES.c.clave).where(Acceso().visible(quien, CLAVES.c.clave, ENERO))
            ).all()
            assert sorted(filas) == claves[:2]
