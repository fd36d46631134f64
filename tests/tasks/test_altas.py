"""A matter that began before the program did: stands at its stage, its open invoices are followed, no mail goes out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import Actor, InstanceQuery, UserTaskQuery, load_folder
from engine.errors import Invalid, NotAllowed
from tasks import altas, altas_archivo, altas_registros, cobranza, personas, prospectos
from tasks.calendario import ZONA
from tasks.paso import Accion
from tasks.registros import (
    Asunto,
    Correo,
    Factura,
    Pago,
    Parte,
    Persona,
    Plazo,
    Propuesta,
    Prospecto,
    Reunion,
    RevisionConflicto,
)
from tests.tasks.firma import PROCESO, Firma

GERENTE = Actor("hruiz", frozenset({"gerente"}))
COBRANZA = Actor("msoto", frozenset({"cobranza"}))
CASO = {
    "nombre": "Papelera del Valle, S.A. de C.V.",
    "tipo_persona": "moral",
    "correo": "papelera@ejemplo.mx",
    "tipo": "juicio",
    "subtipo": "mercantil_oral",
    "etapa": 10,
    "asesor_id": "dpaz",
    "honorarios": Decimal(100000),
    "avance_pct": Decimal(35),
    "facturas": [
        {"total": Decimal(58000), "saldo": Decimal(0), "vencimiento": date(2026, 11, 3)},
        {"total": Decimal(23200), "saldo": Decimal(23200), "vencimiento": date(2027, 1, 20)},
    ],
    "plazos": [{"descripcion": "Ofrecer pruebas", "vence": date(2027, 2, 25)}],
    "audiencias": [{"titulo": "Preliminar", "inicio": datetime(2027, 3, 3, 10, tzinfo=ZONA)}],
}
PRIMERA_TAREA = {
    3: "ut_03_entregar_documentos",
    4: "ut_04_analizar_caso",
    5: "ut_05_elaborar_propuesta",
    6: "ut_06_decidir_propuesta",
    8: "ut_08_asignar_asesor",
    9: "ut_09_preparar_arranque",
    10: "ut_10_dar_seguimiento",
    11: "ut_11_elaborar_informe",
    12: "ut_12_responder_encuesta",
}


@pytest.fixture
def firma(tmp_path: Path):
    """On SQLite: the engine's own tests try the verb on both databases."""
    una = Firma(f"sqlite:///{tmp_path / 'cauce.db'}", tmp_path)
    with una.tx() as tx:
        tx.deploy(load_folder(PROCESO), name="proceso")
    yield una
    una.cerrar()


def dar_de_alta(firma: Firma, **cambios) -> str:
    with firma.engine.transaction(GERENTE) as tx:
        folio: str = altas.registrar(tx, CASO | cambios).folio
    firma.trabajar()
    return folio


def cliente_de(folio: str) -> Actor:
    return Actor("cliente", frozenset({"cliente"}), business_key=folio)


@pytest.mark.parametrize("etapa", PRIMERA_TAREA)
def test_the_instance_stands_at_its_stage_and_nobody_gets_a_mail(firma, etapa):
    folio = dar_de_alta(firma, etapa=etapa)
    with firma.tx() as tx:
        abiertas = [t.element_id for t in tx.user_tasks(UserTaskQuery(business_key=folio)).items]
        assert abiertas == [PRIMERA_TAREA[etapa]]
        assert tx.session.scalars(select(Correo)).all() == []
        principal = tx.instances(InstanceQuery(business_key=folio)).items[0]
        marcas = {t.element_id for t in tx.diagram(principal.process_key, instance_id=principal.id).tokens}
        assert any(marca.startswith(f"ca_{etapa:02d}_") for marca in marcas)


def test_open_invoices_are_followed_and_paid_ones_are_not(firma):
    folio = dar_de_alta(firma)
    with firma.tx() as tx:
        facturas = tx.session.scalars(select(Factura).order_by(Factura.id)).all()
        assert [(f.estado, f.subtotal, f.saldo) for f in facturas] == [
            ("pagada", Decimal(50000), Decimal(0)),
            ("timbrada", Decimal(20000), Decimal(23200)),
        ]
        abajo = tx.instances(InstanceQuery(search=folio + "/")).items
        assert [(i.process_key, i.business_key) for i in abajo] == [
            ("seguimiento_pagos", f"{folio}/{facturas[1].folio}")
        ]
        assert facturas[1].proxima_accion is not None


def test_a_payment_of_an_invoice_from_before_gets_its_receipt(firma):
    """Nobody ever asked this client for fiscal data."""
    dar_de_alta(firma)
    with firma.engine.transaction(COBRANZA) as tx:
        factura = tx.session.scalars(select(Factura).where(Factura.saldo > 0)).one()
        cobranza.registrar_pago(tx, factura.id, referencia="SPEI 9", monto=Decimal(3200))
    firma.trabajar()
    with firma.tx() as tx:
        assert tx.incidents().items == ()
        recibo = firma.archivos.read(tx.session.scalars(select(Pago)).one().complemento)
    assert b"PAPELERA DEL VALLE" in recibo


def test_dates_keep_their_alerts_and_the_matter_its_folio(firma):
    folio = dar_de_alta(firma, folio="J-2025-0099")
    with firma.tx() as tx:
        asunto = tx.session.scalars(select(Asunto).where(Asunto.folio == "J-2025-0099")).one()
        assert (asunto.estado, asunto.avance_pct, asunto.asesor_id, asunto.supervisor_id) == (
            "en_tramite", 35, "dpaz", "hruiz",
        )  # fmt: skip
        assert asunto.prospecto.folio == folio
        nombres = tx.session.scalars(select(Plazo.descripcion).order_by(Plazo.vence)).all()
        assert nombres == ["Ofrecer pruebas", "Audiencia: Preliminar"]
    with pytest.raises(Invalid, match="Ya hay un asunto con este folio"):
        dar_de_alta(firma, folio="J-2025-0099")


def test_a_matter_at_payments_waits_for_its_first_invoice(firma):
    folio = dar_de_alta(firma, etapa=7, facturas=CASO["facturas"][1:], plazos=[])
    with firma.tx() as tx:
        principal = tx.instances(InstanceQuery(business_key=folio)).items[0]
        nombres = {s.name for s in tx.subscriptions(principal.id)}
        assert "msg_pago_registrado" in nombres


@pytest.mark.parametrize(
    ("cambio", "campo"),
    [
        ({"etapa": 2}, "etapa"),
        ({"rfc": "XX"}, "rfc"),
        ({"plazos": [{"descripcion": "x", "vence": date(2027, 1, 11)}]}, "plazos.0.vence"),
        ({"nombre": " "}, "nombre"),
        ({"subtipo": "profeco"}, "subtipo"),
        ({"honorarios": None}, "honorarios"),
        ({"asesor_id": "lvega"}, "asesor_id"),
        ({"etapa": 7, "facturas": []}, "facturas"),
        ({"avance_pct": Decimal(101)}, "avance_pct"),
        (
            {"facturas": [{"total": Decimal(1), "saldo": Decimal(2), "vencimiento": date(2027, 1, 1)}]},
            "facturas.0.saldo",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(firma, cambio, campo):
    with pytest.raises(Invalid) as caught:
        dar_de_alta(firma, **cambio)
    assert set(caught.value.fields) == {campo}


def test_an_advisor_registers_none(firma):
    with pytest.raises(NotAllowed), firma.engine.transaction(Actor("dpaz", frozenset({"asesor"}))) as tx:
        altas.registrar(tx, CASO)


def test_an_offer_that_is_out_can_be_accepted_here_and_a_survey_answered(firma):
    """Stages 6 and 12 stand behind the mail that the client has had already; what follows goes its usual way."""
    folio = dar_de_alta(firma, etapa=6, facturas=[], plazos=[{"descripcion": "Demandar", "vence": date(2027, 1, 29)}])
    with firma.tx() as tx:
        oferta = tx.session.scalars(select(Propuesta)).one()
        assert oferta.pdf_sha256 is not None
        # Cut by the legal deadline, five business days before it (§1.0).
        assert oferta.vigencia.astimezone(ZONA) == datetime(2027, 1, 22, 9, tzinfo=ZONA)
        [tarea] = tx.user_tasks(UserTaskQuery(business_key=folio)).items
    firma.engine.complete(tarea.id, {"decision": "rechazar", "motivo": "precio"}, raw=True, by=cliente_de(folio))
    firma.trabajar()
    with firma.tx() as tx:
        assert tx.session.scalars(select(Prospecto.estado).where(Prospecto.folio == folio)).one() == "rechazado_cliente"
    folio = dar_de_alta(firma, etapa=12, facturas=[], plazos=[], audiencias=[])
    with firma.tx() as tx:
        [tarea] = tx.user_tasks(UserTaskQuery(business_key=folio)).items
    notas = dict.fromkeys(("p1", "p2", "p3", "p4", "p5"), "4")
    firma.engine.complete(tarea.id, notas, raw=True, by=cliente_de(folio))
    firma.trabajar()
    with firma.tx() as tx:
        asunto = tx.session.scalars(select(Asunto).join(Asunto.prospecto).where(Prospecto.folio == folio)).one()
        assert asunto.estado == "archivado"


def test_a_client_on_file_is_not_made_twice(firma):
    dar_de_alta(firma)
    dar_de_alta(firma, subtipo="laboral")
    dar_de_alta(firma, correo="otra@ejemplo.mx")
    with firma.tx() as tx:
        nombres = tx.session.scalars(select(Persona.correo).where(Persona.nombre == CASO["nombre"])).all()
        assert sorted(nombres) == ["otra@ejemplo.mx", "papelera@ejemplo.mx"]


def test_the_next_folio_comes_after_those_that_were_given_before(firma):
    dar_de_alta(firma, folio="J-2027-0007")
    folio = dar_de_alta(firma, folio="")
    with firma.tx() as tx:
        assert tx.session.scalars(
            select(Asunto.folio).join(Asunto.prospecto).where(Prospecto.folio == folio)
        ).one() == ("J-2027-0008")


def test_of_two_who_register_the_same_folio_at_once_one_is_told(firma):
    """Both had looked before either wrote: the records are written one after the other."""
    caso = CASO | {"folio": "J-2025-0099"}
    with firma.engine.transaction(GERENTE) as tx:
        paso = Accion(tx, "")
        uno, otro = (altas_registros.prospecto(paso, caso, 10) for _ in range(2))
        altas_registros.asunto(paso, uno, caso, 10)
        with pytest.raises(Invalid) as caught:
            altas_registros.asunto(paso, otro, caso, 10)
    assert set(caught.value.fields) == {"folio"}


ENCABEZADO = ",".join(altas_archivo.COLUMNAS)


def revisado(firma, *lineas: str, encabezado: str = ENCABEZADO):
    with firma.tx() as tx:
        return altas_archivo.revisar(tx, "\n".join([encabezado, *lineas]).encode())


def test_a_file_brings_all_its_matters_or_none(firma):
    lineas = [
        ENCABEZADO,
        "Ana Ruiz,fisica,,ana@ejemplo.mx,,4,queja,profeco,,,,,,,,",
        'Beto Cruz,fisica,,beto@ejemplo.mx,,10,Juicio,laboral,dpaz,J-2025-0007,"$80,000",20,'
        "46400|46400|2027-01-29,Alegatos|2027-02-12,Pruebas|2027-03-02T09:30,Despido",
    ]
    malo = "\n".join([*lineas, "X,fisica,,,,13,queja,x,,,,,,ayer,,"]).encode()
    with pytest.raises(Invalid) as caught, firma.engine.transaction(GERENTE) as tx:
        altas_archivo.importar(tx, malo)
    assert caught.value.fields["archivo"].startswith("Renglón 4, plazos:")
    with firma.tx() as tx:
        assert tx.session.scalars(select(Prospecto).where(Prospecto.folio.like("PRO-2027-%"))).all() == []
    for _ in range(2):  # A double click brings nothing in twice.
        with firma.engine.transaction(GERENTE) as tx:
            hechos = altas_archivo.importar(tx, "\n".join(lineas).encode(), "r1")
            assert [p.persona.nombre for p in hechos] == ["Ana Ruiz", "Beto Cruz"]
    firma.trabajar()
    with firma.tx() as tx:
        tareas = [t.element_id for t in tx.user_tasks(UserTaskQuery(sort="created"), size=50).items]
        assert sorted(tareas) == ["ut_04_analizar_caso", "ut_10_dar_seguimiento"]
        assert tx.session.scalars(select(Correo)).all() == []


def test_every_cell_says_what_is_wrong_with_it(firma):
    bien, mal, repetido, otro, roto = revisado(
        firma,
        "Ana Ruiz,,,ana@ejemplo.mx,,4,queja,profeco,,,,,,,,",
        ",extra,XX,no,,2.5,otro,,nadie,,mil,120,1|2|2027-01-01,,ayer|hoy,",
        "Eva,,,,,9,queja,profeco,nadie,F-1,NaN,,,A|2027-01-01,,",
        "Leo,,,,,9,queja,profeco,knieto,F-1,1,,9|10|2027-01-20,,,",
        "Noé,,,,,4,queja,profeco,,,,,,,,a,b,c,d",
    )
    assert bien.errores == {}
    assert set(mal.errores) == {"nombre", "tipo_persona", "correo", "etapa", "tipo", "honorarios", "avance_pct",
                                "facturas", "audiencias"}  # fmt: skip
    assert set(repetido.errores) == {"asesor", "honorarios", "plazos", "folio"}
    assert set(otro.errores) == {"facturas", "folio"}
    assert set(roto.errores) == {""}
    with firma.tx() as tx:
        assert tx.session.scalars(select(Prospecto).where(Prospecto.folio.like("PRO-2027-%"))).all() == []


def test_the_hour_of_a_hearing_is_that_of_its_place(firma):
    """10:00 in Tijuana is 12:00 in Mexico City in March; an hour with its own offset keeps it."""
    cabeza = "nombre,correo,etapa,tipo,subtipo,audiencias\n"
    filas = (
        "A|2027-03-03T10:00|Baja California; B|2027-03-03T10:00|america/tijuana; C|2027-03-03T10:00-06:00|Sonora",
        "A|2027-03-03T10:00",
        "A|2027-03-03T10:00|Marte",
        # The clock says 10:00 on 12 January in Mexico City; in Tijuana it is 08:00.
        "A|2027-01-12T09:00|Baja California",
        "A|2027-01-12T09:00",
        "A|2027-03-03T10:00|Sonora|algo",
    )
    contenido = cabeza + "".join(f"Ana {n},a{n}@x.mx,4,queja,profeco,{fila}\n" for n, fila in enumerate(filas))
    with firma.tx() as tx:
        renglones = altas_archivo.revisar(tx, contenido.encode())
        assert [set(r.errores) for r in renglones] == [set(), set(), {"audiencias"}, set(), *[{"audiencias"}] * 2]
        for renglon in renglones[:2]:
            altas.registrar(tx, renglon.valores)
        guardadas = tx.session.execute(select(Reunion.inicio, Reunion.zona).order_by(Reunion.id)).all()
        horas = [(inicio.astimezone(ZONA).hour, zona) for inicio, zona in guardadas]
        assert horas == [
            (12, "America/Tijuana"), (12, "America/Tijuana"), (10, "America/Hermosillo"), (10, "America/Mexico_City"),
        ]  # fmt: skip


def test_a_line_that_came_in_before_is_pointed_out(firma):
    dar_de_alta(firma, folio="J-2025-0099")
    [renglon] = revisado(firma, f'"{CASO["nombre"]}",moral,,{CASO["correo"]},,10,juicio,mercantil_oral,dpaz,,9,,,,,')
    assert (renglon.errores, "J-2025-0099" in renglon.nota) == ({}, True)


@pytest.mark.parametrize(
    ("contenido", "dicho"),
    [
        (b"", "Faltan columnas"),
        (b"nombre,etapa,tipo,subtipo\n,,,\n", "no tiene asuntos"),
        (b"nombre,etapa,tipo,subtipo,color\n", "No se conocen estas columnas: color"),
        (b"nombre,etapa,tipo,subtipo\n" + b"A,4,queja,profeco\n" * 501, "a lo más 500"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Faltan columnas"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(firma, contenido, dicho):
    with pytest.raises(Invalid) as caught, firma.tx() as tx:
        altas_archivo.revisar(tx, contenido)
    assert dicho in caught.value.fields["archivo"]


def test_excel_in_spanish_separates_with_semicolons(firma):
    filas = revisado(firma, "Ana Ruiz;4;queja;profeco", encabezado="Nombre;Etapa;Tipo;Subtipo")
    assert [(f.celdas["nombre"], f.errores) for f in filas] == [("Ana Ruiz", {})]


# --- conflict of interest: the check of a new contact (§1.1), before the matter comes in

DIRECCION = Actor("abarrera", frozenset({"direccion"}))
CONTRA = {"nombre": "Distribuidora Olmeca, S.A. de C.V."}
"""The other side of the first matter; whoever comes in as a client under this name is a hit."""
CHOCA = {"nombre": "DISTRIBUIDORA OLMECA SA", "correo": "olmeca@ejemplo.mx", "facturas": [], "etapa": 4}


def revisiones(firma: Firma) -> list[RevisionConflicto]:
    with firma.tx() as tx:
        return list(tx.session.scalars(select(RevisionConflicto).order_by(RevisionConflicto.id)))


def test_a_hit_is_shown_and_only_a_reason_lets_the_matter_in(firma):
    dar_de_alta(firma, contrapartes=[CONTRA])
    assert [(r.dictamen, r.autor) for r in revisiones(firma)] == [("sin_coincidencias", "system")]
    with pytest.raises(Invalid) as caught:
        dar_de_alta(firma, **CHOCA)
    assert (
        "«DISTRIBUIDORA OLMECA SA» (prospecto) se parece a «Distribuidora Olmeca, S.A. de C.V."
        in (caught.value.fields["justificacion_conflicto"])
    )
    assert len(revisiones(firma)) == 1
    folio = dar_de_alta(firma, **CHOCA, justificacion_conflicto="Es otra sociedad: otro RFC.")
    ultima = revisiones(firma)[-1]
    assert (ultima.dictamen, ultima.autor, ultima.justificacion) == (
        "sin_conflicto", "hruiz", "Es otra sociedad: otro RFC.",
    )  # fmt: skip
    assert [c["con"] for c in ultima.coincidencias] == [CONTRA["nombre"]]
    with firma.tx() as tx:
        assert tx.session.scalars(select(Correo)).all() == []
        assert tx.session.scalars(select(Prospecto.estado).where(Prospecto.folio == folio)).one() == "en_analisis"


def test_against_an_active_client_only_the_partners_rule_and_others_see_no_names(firma):
    dar_de_alta(firma)
    contra_el_cliente = CASO | {
        "nombre": "Ana Ruiz", "tipo_persona": "fisica", "correo": "ana@ejemplo.mx", "facturas": [],
        "contrapartes": [{"nombre": "Papelera del Valle", "rfc": None, "calidad": "tercero"}],
        "justificacion_conflicto": "No hay relación.",
    }  # fmt: skip
    for quien in (GERENTE, Actor("admin", frozenset({"admin"}))):
        with pytest.raises(Invalid) as caught, firma.engine.transaction(quien) as tx:
            altas.registrar(tx, contra_el_cliente)
        dicho = caught.value.fields["justificacion_conflicto"]
        assert "Dirección" in dicho
        assert "Papelera" not in dicho
    with firma.engine.transaction(DIRECCION) as tx:
        altas.registrar(tx, contra_el_cliente)
    assert [(r.dictamen, r.autor) for r in revisiones(firma)][1:] == [("sin_conflicto", "abarrera")]


def test_later_contacts_are_compared_with_the_parties_of_a_registered_matter(firma):
    dar_de_alta(firma, contrapartes=[CONTRA])
    with firma.tx() as tx:
        persona = Persona(nombre="Distribuidora Olmeca")
        prospecto = prospectos.abrir(Accion(tx, ""), persona=persona)
        assert [c.con for c in personas.revisar_conflicto(tx.session, prospecto)] == [CONTRA["nombre"]]


def test_the_lines_of_a_file_are_compared_with_each_other_and_with_what_is_on_file(firma):
    encabezado = "nombre,correo,etapa,tipo,subtipo,contrapartes,justificacion_conflicto"
    lineas = [
        'Ana Ruiz,ana@ejemplo.mx,4,queja,profeco,"Muebles Reyes SA|MRE010101AB1; Beto Cruz Lara",{}',
        "Beto Cruz Lara,beto@ejemplo.mx,4,queja,profeco,,{}",
        "Eva Sol,eva@ejemplo.mx,4,queja,profeco,,",
    ]
    ana, beto, eva = revisado(firma, *(uno.format("") for uno in lineas), encabezado=encabezado)
    assert "«Beto Cruz Lara» (contraparte) se parece a" in ana.errores["justificacion_conflicto"]
    assert "(contraparte, renglón 2)" in beto.errores["justificacion_conflicto"]
    assert (eva.errores, eva.aviso) == ({}, "")
    lineas = [uno.format("Son homónimos.") for uno in lineas]
    ana, beto, _ = revisado(firma, *lineas, encabezado=encabezado)
    assert (ana.errores, beto.errores) == ({}, {})
    assert "renglón 2" in beto.aviso
    with firma.engine.transaction(GERENTE) as tx:
        altas_archivo.importar(tx, "\n".join([encabezado, *lineas]).encode())
    # When Ana came in, Beto was not on file yet: her line's reason is kept with his.
    assert [r.dictamen for r in revisiones(firma)] == ["sin_coincidencias", "sin_conflicto", "sin_coincidencias"]
    with firma.tx() as tx:
        partes = tx.session.execute(select(Parte.nombre, Parte.rfc).join(Parte.prospecto).order_by(Parte.id))
        hechas = [tuple(una) for una in partes if una.nombre in ("Muebles Reyes SA", "Beto Cruz Lara")]
        assert hechas == [("Muebles Reyes SA", "MRE010101AB1"), ("Beto Cruz Lara", None)]
    [renglon] = revisado(firma, "Leo,l@ejemplo.mx,4,queja,profeco,Ana Ruiz,", encabezado=encabezado)
    assert "Ana Ruiz" in renglon.errores["justificacion_conflicto"]
