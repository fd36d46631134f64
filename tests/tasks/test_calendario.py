"""Business days: LFT, the pjf's own days, rows; office hours; invoices due."""

from datetime import UTC, date, datetime

import pytest

from engine.errors import Invalid
from tasks import calendario as dias

LUN_01_11 = datetime(2027, 1, 11, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("nombre", "fecha", "habil"),
    [
        ("oficina", date(2027, 2, 1), False),
        ("oficina", date(2027, 3, 15), False),
        ("oficina", date(2027, 11, 15), False),
        ("oficina", date(2027, 1, 30), False),
        ("oficina", date(2027, 2, 5), True),
        ("pjf", date(2027, 2, 5), False),
        ("pjf", date(2027, 2, 1), False),
        ("pjf", date(2027, 9, 14), False),
        ("pjf", date(2027, 10, 12), False),
        ("oficina", date(2027, 5, 5), True),
        ("oficina", date(2030, 10, 1), False),
        ("tfja", date(2026, 7, 20), True),
    ],
)
def test_days(session, nombre, fecha, habil):
    assert dias.calendario(session, nombre).es_habil(fecha) is habil


def test_rows_add_days_to_one_calendar(session):
    assert dias.calendario(session, "tfja").es_habil(date(2026, 7, 20))
    assert dias.agregar_dias(session, dias.TFJA_2026) == len(dias.TFJA_2026)
    assert not dias.calendario(session, "tfja").es_habil(date(2026, 7, 20))
    assert dias.calendario(session, "pjf").es_habil(date(2026, 7, 20))
    assert dias.agregar_dias(session, dias.TFJA_2026) == 0
    assert "tfja" not in dias.calendarios_vacios(session, 2026)
    assert "tfja" in dias.calendarios_vacios(session, 2027)


@pytest.mark.parametrize(
    ("desde", "n", "esperado"),
    [
        (date(2027, 1, 29), 1, date(2027, 2, 2)),
        (date(2027, 1, 30), 1, date(2027, 2, 2)),
        (date(2027, 2, 2), -1, date(2027, 1, 29)),
        (date(2027, 1, 30), 0, date(2027, 1, 30)),
    ],
)
def test_adding_skips_what_is_free(session, desde, n, esperado):
    assert dias.calendario(session).sumar(desde, n) == esperado


def test_between_is_the_inverse_of_adding(session):
    cal = dias.calendario(session, "pjf")
    for n in range(1, 60):
        assert cal.entre(date(2027, 1, 11), cal.sumar(date(2027, 1, 11), n)) == n
    assert cal.entre(date(2027, 2, 2), date(2027, 1, 11)) == 0


def test_due_times_are_office_hours_in_mexico(session):
    assert dias.vence(session, LUN_01_11, 1).isoformat() == "2027-01-12T18:00:00-06:00"
    assert dias.recordatorio(session, LUN_01_11, 1).isoformat() == "2027-01-12T09:00:00-06:00"
    # 23:30 in Mexico is already the next day in UTC.
    assert dias.vence(session, datetime(2027, 1, 12, 5, 30, tzinfo=UTC), 1).isoformat() == "2027-01-12T18:00:00-06:00"


@pytest.mark.parametrize(
    ("momento", "si"),
    [
        (datetime(2027, 1, 12, 15, tzinfo=UTC), True),
        (datetime(2027, 1, 12, 14, 59, tzinfo=UTC), False),
        (datetime(2027, 1, 13, 0, 30, tzinfo=UTC), False),
        (datetime(2027, 2, 1, 17, tzinfo=UTC), False),
    ],
)
def test_office_hours(session, momento, si):
    assert dias.en_horario(session, momento) is si


@pytest.mark.parametrize(
    ("caso", "emision", "credito", "vence"),
    [
        ("E1 10", date(2027, 1, 20), 0, date(2027, 1, 25)),
        ("E1 18", date(2027, 6, 14), 0, date(2027, 6, 17)),
        ("E4 3", date(2027, 3, 1), 15, date(2027, 3, 16)),
        ("E5 1", date(2027, 2, 15), 0, date(2027, 2, 18)),
        ("Saturday moves", date(2027, 2, 26), 8, date(2027, 3, 8)),
    ],
)
def test_invoice_due(session, caso, emision, credito, vence):
    assert dias.vencimiento_de_factura(session, emision, credito) == vence


def test_import_names_the_line_and_stores_nothing_then(session):
    texto = "calendario,fecha,motivo\npjf,2027-12-16,Receso\nluna,2027-12-17,x\n"
    with pytest.raises(Invalid, match=r"Renglón 3.*luna"):
        dias.importar_dias(session, texto)
    with pytest.raises(Invalid, match="Renglón 2"):
        dias.importar_dias(session, "calendario,fecha,motivo\npjf,16/12/2027,Receso\n")
    assert dias.calendario(session, "pjf").es_habil(date(2027, 12, 16))
    assert dias.importar_dias(session, "calendario,fecha,motivo\npjf,2027-12-16,Receso\n") == 1
    assert not dias.calendario(session, "pjf").es_habil(date(2027, 12, 16))


def test_unknown_calendar(session):
    with pytest.raises(Invalid, match="luna"):
        dias.calendario(session, "luna")
