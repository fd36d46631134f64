"""Personal data that have been kept long enough (§5.5): what goes, what stays, and that nothing was forgotten."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Text, select

from engine import SYSTEM, Actor, FeelJson, OperationChange, OperationQuery, UserTaskQuery, operation
from engine.errors import NotFound
from engine.storage import tables
from engine.storage.types import Names
from tasks import ajustes, correo, enlaces, retencion
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.registros import (
    Asunto,
    Base,
    Correo,
    Documento,
    Duda,
    Enlace,
    EventoBitacora,
    Factura,
    Parte,
    Persona,
    Plazo,
    Prospecto,
)
from tasks.registros.tipos import Datos
from tests.engine.models import boundary, model, user_task
from tests.tasks.firma import INICIO, archivos, prospecto

SECRETO = "Embargo de la cuenta 4471"
SIN_PERSONA = {
    # The firm's own: people who work there, settings, templates, catalogues; and the way a notice was given.
    *("colaborador", "asesor", "ausencia", "ajuste", "plantilla", "plazo_catalogo", "dia_inhabil", "consentimiento"),
    *("prospecto.servicios", "persona.nombre_normalizado", "parte.nombre_normalizado"),
}


def test_every_free_text_of_a_matter_is_treated():
    """A new column of free text must be taken out too, or be named here as saying nothing about a person."""
    tratados = {f"{c.__tablename__}.{campo}" for mapa in _mapas() for c, campos in mapa.items() for campo in campos}
    libres = {
        f"{tabla.name}.{columna.name}"
        for tabla in Base.metadata.sorted_tables
        for columna in tabla.c
        if isinstance(columna.type, (Text, Datos)) and tabla.name not in SIN_PERSONA
    }
    assert libres - tratados - SIN_PERSONA == set()


NO_SON_ARCHIVOS = {
    *("propuesta.contenido_sha256", "codigo_firma.sha256", "enlace.token_sha256"),  # Hashes of other things.
    *("documento.archivo", "prospecto.instance_id"),  # Ids of the engine; it knows the bytes of its attachments.
}


DEL_MOTOR = {
    # What happened to an instance stays, in ids and decision inputs (DESIGN §8); of its history the words go.
    *("history.events", "user_task.draft", "kept_state.dues", "job.input", "job.error", "kept_message.variables"),
    *("incident.message", "incident.details"),
    # About a version of a process, not about anybody's matter; names of groups and people of the firm.
    *("definition_suspension.reason", "definition_suspension.resumed_reason"),
    *("user_task.candidate_groups", "user_task.candidate_users"),
}


def test_every_free_text_of_the_engine_is_treated_or_known():
    libres = {
        f"{tabla.name}.{columna.name}"
        for tabla in tables.metadata.sorted_tables
        for columna in tabla.c
        if isinstance(columna.type, (Text, FeelJson, Names))
    }
    assert libres - DEL_MOTOR == {"operation.reason", "operation.changes"}


def test_the_log_of_operations_keeps_who_did_what_and_not_why(cerrado):
    with cerrado.tx() as tx:
        for clave in ("PRO-2027-0001", "PRO-2027-0001/A-1", "PRO-2027-0002"):
            cambio = OperationChange("variable", "nota", None, SECRETO)
            operation.note(tx, "retry", SECRETO, [cambio], business_key=clave)
        pro = tx.session.scalar(select(Prospecto).where(Prospecto.folio == "PRO-2027-0001"))
        retencion.anonimizar(Accion(tx, pro.folio), pro)
        lineas = {uno.business_key: uno for uno in tx.operations(OperationQuery(search="PRO")).items}
        for clave in ("PRO-2027-0001", "PRO-2027-0001/A-1"):
            linea = lineas[clave]
            assert (linea.action, linea.reason, linea.changes) == ("retry", "(suprimido)", ())
            assert linea.actor
        assert lineas["PRO-2027-0002"].reason == SECRETO


CASO = model("caso", user_task("a"), boundary("no", "a", error="e"), user_task("b"),
             flows="inicio > a > b > fin\nno > fin_no", errors={"e": "NO"})  # fmt: skip


def test_the_history_keeps_what_was_done_and_not_the_words_of_who_did_it(cerrado):
    olga = Actor("operez", frozenset({"operador"}))
    motor = cerrado.engine
    motor.deploy({**archivos("mail"), **archivos("documents"), "bpmn/caso.bpmn": CASO}, by=SYSTEM)
    suyo, ajeno = (motor.start("caso", clave, by=SYSTEM) for clave in ("PRO-2027-0001", "PRO-2027-0002"))
    for asunto in (suyo, ajeno):
        motor.set_variables(asunto.id, {"tipo": "juicio"}, reason=SECRETO, by=olga)
        motor.suspend(asunto.id, reason=SECRETO, by=olga)
        motor.resume(asunto.id, reason=SECRETO, by=olga)
        (tarea,) = motor.user_tasks(UserTaskQuery(business_key=asunto.business_key), by=SYSTEM).items
        motor.throw_error(tarea.id, "NO", SECRETO, reason=SECRETO, by=olga)
    antes = motor.history(suyo.id, size=1000, by=SYSTEM).items
    with cerrado.tx() as tx:
        pro = tx.session.scalar(select(Prospecto).where(Prospecto.folio == "PRO-2027-0001"))
        retencion.anonimizar(Accion(tx, pro.folio), pro)
    despues = motor.history(suyo.id, size=1000, by=SYSTEM).items
    assert SECRETO not in str(despues)
    assert str(despues) == str(antes).replace(SECRETO, "(suprimido)")
    assert str(antes).count(SECRETO) == 6, "three reasons; the error with its own, and where it was caught"
    assert str(motor.history(ajeno.id, size=1000, by=SYSTEM).items).count(SECRETO) == 6


def test_every_file_of_a_record_is_known_to_the_sweep():
    """A new column that holds the hash of a file must be named, or the sweep would delete what it refers to."""
    largas = {
        f"{tabla.name}.{columna.name}"
        for tabla in Base.metadata.sorted_tables
        for columna in tabla.c
        if getattr(columna.type, "length", None) == 64 and columna.name != "id" and not columna.foreign_keys
    }
    conocidas = {f"{c.class_.__tablename__}.{c.key}" for c in retencion.ARCHIVOS}
    assert conocidas | NO_SON_ARCHIVOS == largas


def _mapas():
    return (
        retencion.DE_PROSPECTO, retencion.DE_ASUNTO, retencion.DE_FACTURA, {Prospecto: retencion.DEL_PROSPECTO},
        {Asunto: retencion.DEL_ASUNTO}, {Correo: retencion.DE_CORREO}, {Persona: retencion.DE_PERSONA},
        {EventoBitacora: retencion.DE_BITACORA},
    )  # fmt: skip


@pytest.fixture
def cerrado(firma):
    """A prospect that was closed on 2027-01-12, with a question, a party, a document, a mail, a link, a log entry."""
    firma = firma()
    with firma.tx() as tx:
        pro, paso = prospecto(tx), Accion(tx, "PRO-2027-0001")
        pro.estado, pro.cerrado, pro.descripcion, pro.persona.rfc = "no_interesado", INICIO, SECRETO, "LOOM800101AB1"
        firma.digest = firma.archivos.put(SECRETO.encode())
        firma.ajeno = firma.archivos.put(b"el machote que todos reciben")
        tx.session.add_all(
            [
                Duda(prospecto_id=pro.id, pregunta=SECRETO),
                Parte(prospecto_id=pro.id, nombre="Banco del Sur"),
                Documento(prospecto_id=pro.id, rubro="Identificación", nombre="ine.pdf", sha256=firma.digest),
                Documento(prospecto_id=pro.id, rubro="Machote", sha256=firma.ajeno),
            ]
        )
        otro = prospecto(tx, "PRO-2027-0002")
        tx.session.add(Documento(prospecto_id=otro.id, rubro="Machote", sha256=firma.ajeno))
        correo.enviar(paso, "cor_00_enlace", a=pro.persona, enlace="documentos")
        _, firma.url = enlaces.crear(paso, business_key=pro.folio, persona_id=pro.persona_id, destino="documentos")
        anotar(paso, "persona.datos_fiscales", pro.persona, despues={"rfc": "LOOM800101AB1"})
        firma.persona_id = pro.persona_id
    firma.trabajar()
    return firma


def test_a_closed_prospect_stays_one_year_and_a_day_later_is_nobody(cerrado):
    with cerrado.tx() as tx:
        assert retencion.prospectos_vencidos(tx.session, datetime(2028, 1, 12, 16, tzinfo=UTC)) == []
        retencion.programar(tx)
    cerrado.ir_a(datetime(2028, 1, 31, 16, tzinfo=UTC))
    with cerrado.tx() as tx:
        assert tx.session.get(Persona, cerrado.persona_id).anonimizada is None
    cerrado.ir_a(datetime(2028, 2, 2, 16, tzinfo=UTC))
    with cerrado.tx() as tx:
        persona = tx.session.get(Persona, cerrado.persona_id)
        assert (persona.nombre, persona.correo, persona.rfc, persona.nombre_normalizado) == (
            "(suprimido)", None, None, "SUPRIMIDO",
        )  # fmt: skip
        assert persona.anonimizada is not None
        token = cerrado.url.rpartition("/")[2]
        with pytest.raises(NotFound):
            enlaces.abrir(tx, token)
        assert all(e.revocado for e in tx.session.scalars(select(Enlace)))
        assert tx.session.scalar(select(Correo.texto).where(Correo.business_key == "PRO-2027-0001")) is None
        # What is left: that there was one, and who did what.
        pro = tx.session.scalar(select(Prospecto).where(Prospecto.folio == "PRO-2027-0001"))
        assert (pro.estado, pro.canal) == ("no_interesado", "telefono")
        hechos = tx.session.scalars(select(EventoBitacora).where(EventoBitacora.business_key == pro.folio)).all()
        assert [h.accion for h in hechos] == ["persona.datos_fiscales", "retencion.anonimizar"]
        assert hechos[0].despues is None
        otro = tx.session.scalar(select(Prospecto).where(Prospecto.folio == "PRO-2027-0002"))
        assert otro.persona.nombre.startswith("María")
        assert retencion.aplicar(tx, asuntos=True) == (0, 0), "once is enough"
    with pytest.raises(NotFound):
        cerrado.archivos.read(cerrado.digest)
    assert cerrado.archivos.read(cerrado.ajeno), "bytes that somebody else's row refers to stay"
    assert _apariciones(cerrado, SECRETO, "LOOM800101AB1", "Banco del Sur", "ine.pdf") == []


def _apariciones(firma, *textos):
    """Every cell of every table of the firm that still says one of these."""
    halladas = []
    with firma.tx() as tx:
        for tabla in Base.metadata.sorted_tables:
            for fila in tx.session.execute(select(tabla)).mappings():
                halladas += [f"{tabla.name}.{c}" for c, v in fila.items() if any(t in str(v) for t in textos)]
    return halladas


def test_a_person_with_another_matter_keeps_the_name(cerrado):
    with cerrado.tx() as tx:
        tx.session.add(
            Prospecto(folio="PRO-2027-0003", persona_id=cerrado.persona_id, canal="web", descripcion="Otra cosa")
        )
        tx.session.flush()
        pro = tx.session.scalar(select(Prospecto).where(Prospecto.folio == "PRO-2027-0001"))
        retencion.anonimizar(Accion(tx, pro.folio), pro)
        assert tx.session.get(Persona, cerrado.persona_id).nombre.startswith("María")
        assert pro.descripcion == "(suprimido)"


def test_open_ones_and_matters_are_not_prospects_to_forget(cerrado):
    with cerrado.tx() as tx:
        pro = tx.session.scalar(select(Prospecto).where(Prospecto.folio == "PRO-2027-0001"))
        tarde = datetime(2040, 1, 1, tzinfo=UTC)
        pro.estado = "en_contacto"
        tx.session.flush()
        assert retencion.prospectos_vencidos(tx.session, tarde) == []
        pro.estado = "vencido"
        tx.session.flush()
        assert [p.folio for p in retencion.prospectos_vencidos(tx.session, tarde)] == ["PRO-2027-0001"]
        ajustes.cambiar(Accion(tx, ""), "retencion_prospecto_anios", "20")
        assert retencion.prospectos_vencidos(tx.session, tarde) == []


def test_matters_ten_years_after_the_archive_wait_for_direccion(firma):
    firma = firma()
    with firma.tx() as tx:
        pro = prospecto(tx)
        pro.estado = "ganado"
        asunto = Asunto(
            folio="J-2027-0900", prospecto_id=pro.id, cliente_id=pro.persona_id, tipo="juicio", subtipo="laboral",
            estado="archivado", archivo=date(2027, 1, 12),
        )  # fmt: skip
        tx.session.add(asunto)
        tx.session.flush()
        factura = Factura(
            prospecto_id=pro.id, asunto_id=asunto.id, tipo="primera", folio="A-900", subtotal=Decimal(100),
            iva=Decimal(16), total=Decimal(116), saldo=Decimal(0), emision=date(2027, 1, 12),
            vencimiento=date(2027, 1, 15), receptor={"rfc": "LOOM800101AB1"}, estado="pagada",
        )  # fmt: skip
        plazo = Plazo(
            prospecto_id=pro.id, asunto_id=asunto.id, descripcion=SECRETO, tipo="interno", vence=date(2027, 2, 1),
            calendario="oficina", estado="cumplido", fijado=INICIO,
        )  # fmt: skip
        tx.session.add_all([factura, plazo])
        tx.session.flush()
        diez = datetime(2037, 1, 12, 16, tzinfo=UTC)
        nuevos = [a.folio for a in retencion.asuntos_vencidos(tx.session, diez)]
        assert "J-2027-0900" not in nuevos
        despues = [a.folio for a in retencion.asuntos_vencidos(tx.session, diez + timedelta(days=1))]
        assert "J-2027-0900" in despues
        asunto.retencion_hasta = date(2040, 1, 1)
        tx.session.flush()
        assert "J-2027-0900" not in [a.folio for a in retencion.asuntos_vencidos(tx.session, diez + timedelta(days=1))]
        asunto.retencion_hasta = None
        retencion.anonimizar(Accion(tx, pro.folio), pro)
        assert (factura.receptor, factura.total) == (None, 116)
        assert asunto.cliente.nombre == "(suprimido)"
    assert _apariciones(firma, SECRETO, "LOOM800101AB1") == []
