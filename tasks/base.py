"""Base data of the demo and the acceptance scenarios: the firm of legal-process.md §8, its people, old matters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tasks import calendario as dias
from tasks.catalogos import sembrar_plazos
from tasks.folios import PREFIJO_ASUNTO, siguiente_folio
from tasks.plantillas import sembrar_propuestas
from tasks.registros import (
    Asesor,
    AsignacionHistorial,
    Asunto,
    Colaborador,
    Parte,
    Persona,
    Prospecto,
)


@dataclass(frozen=True, slots=True)
class _Alguien:
    usuario: str
    nombre: str
    titulo: str
    puesto: str
    grupos: tuple[str, ...]
    extension: str
    nivel: str = ""
    especialidades: tuple[str, ...] = ()
    activos: int = 0
    """Matters in progress (§8)."""
    tipo: tuple[str, str] = ("juicio", "mercantil_oral")
    """Kind of those matters."""


GENTE = (
    _Alguien("lvega", "Laura Vega", "Lic.", "Ventas", ("ventas",), "101"),
    _Alguien("hruiz", "Héctor Ruiz", "Lic.", "Gerente", ("gerente",), "102"),
    _Alguien("abarrera", "Ana Barrera", "Mtra.", "Dirección", ("direccion",), "103"),
    _Alguien("msoto", "Miguel Soto", "C.P.", "Cobranza", ("cobranza",), "104"),
    _Alguien(
        "sluna", "Sofía Luna", "Lic.", "Asesora", ("asesor",), "105", "senior", ("constitucional", "fiscal"), 4,
        ("juicio", "nulidad"),
    ),
    _Alguien(
        "rcampos", "Raúl Campos", "Lic.", "Asesor", ("asesor",), "106", "senior", ("constitucional", "mercantil"), 7,
        ("juicio", "amparo_indirecto"),
    ),
    _Alguien(
        "dpaz", "Diego Paz", "Lic.", "Asesor", ("asesor",), "107", "semi_senior", ("mercantil", "laboral"), 6,
        ("juicio", "mercantil_oral"),
    ),
    _Alguien(
        "knieto", "Karla Nieto", "Lic.", "Asesora", ("asesor",), "108", "junior",
        ("consumo", "financiero", "administrativo"), 9, ("queja", "profeco"),
    ),
)  # fmt: skip

# Invented; none resembles a name of the scenarios.
_CLIENTES = (
    "Olga Zamudio Peralta", "Ferretera El Yunque, S.A. de C.V.", "Wenceslao Quiñones Ibarra", "Textiles Xóchitl, S.A.",
    "Úrsula Kuri Bremer", "Papelera Zacatenco, S.A. de C.V.", "Evaristo Gallegos Tun", "Clínica Dental Vallarta, S.C.",
    "Nicanor Fuentes Abud", "Imprenta Tláloc, S.A. de C.V.", "Brígida Saldívar Montes", "Hotel Quinta Jacaranda, S.A.",
)  # fmt: skip

_CONTRAPARTES = (
    "Inmobiliaria Ocho Vientos, S.A.", "Fabián Urrutia Kahwagi", "Tiendas Zoltán, S.A. de C.V.", "Crédito Yoloxóchitl",
    "Gimnasios Hércules, S.A. de C.V.", "Heriberto Wong Chávez", "Viajes Ixtapan, S.A.", "Constructora Xel, S.A.",
)  # fmt: skip


def sembrar(session: Session) -> bool:
    """Fill an empty database with the base data; False when there are people already. Repeating it changes nothing."""
    if session.scalar(select(Colaborador.usuario).limit(1)):
        return False
    sembrar_plazos(session)
    sembrar_propuestas(session)
    dias.agregar_dias(session, dias.TFJA_2026)
    _sembrar_gente(session)
    _sembrar_asuntos(session)
    session.flush()
    return True


def agregar_cliente(
    session: Session,
    nombre: str,
    *,
    tipo_persona: str = "fisica",
    rfc: str | None = None,
    correo: str | None = None,
    telefono: str | None = None,
    cerrados: int = 0,
    tipo: str = "juicio",
    subtipo: str = "mercantil_oral",
    **otros: Any,
) -> Persona:
    """A client of the past with `cerrados` archived matters, without debts: what scenarios E2 and E4 start from."""
    persona = Persona(nombre=nombre, tipo_persona=tipo_persona, rfc=rfc, correo=correo, telefono=telefono, **otros)
    persona.folio = siguiente_folio(session, "CLI", 2026)
    persona.cliente_desde = dias.a_las(date(2026, 1, 12))
    session.add(persona)
    session.flush()
    for n in range(cerrados):
        cierre = date(2026, 3, 2) + timedelta(days=30 * n)
        _asunto(session, persona, tipo, subtipo, "archivado", apertura=date(2026, 1, 12), cierre=cierre)
    return persona


def _sembrar_gente(session: Session) -> None:
    for alguien in GENTE:
        usuario, _, apellido = alguien.nombre.lower().partition(" ")
        correo = f"{usuario}.{apellido}".translate(str.maketrans("áéíóúñ", "aeioun")) + "@barrerasolis.example"
        session.add(
            Colaborador(
                usuario=alguien.usuario,
                nombre=alguien.nombre,
                titulo=alguien.titulo,
                puesto=alguien.puesto,
                correo=correo,
                telefono=f"55 5555 0100 ext. {alguien.extension}",
                enlace_reunion=f"https://reuniones.barrerasolis.example/{alguien.usuario}",
                grupos=list(alguien.grupos),
            )
        )
        if alguien.nivel:
            session.add(
                Asesor(usuario=alguien.usuario, nivel=alguien.nivel, especialidades=list(alguien.especialidades))
            )
    session.flush()
    gerente = session.get(Colaborador, "hruiz")
    assert gerente is not None
    gerente.suplente = "abarrera"
    session.flush()


def _sembrar_asuntos(session: Session) -> None:
    """The advisors' matters in progress, and the old one: Q-2026-0011 against «Transportes Bajío Norte» (E2)."""
    personas = [_cliente(session, nombre) for nombre in _CLIENTES]
    cuantos = 0
    for alguien in GENTE:
        for _ in range(alguien.activos):
            _asunto(
                session,
                personas[cuantos % len(personas)],
                *alguien.tipo,
                "en_tramite",
                asesor=alguien.usuario,
                contraparte=_CONTRAPARTES[cuantos % len(_CONTRAPARTES)],
                apertura=date(2026, 2, 2) + timedelta(days=7 * cuantos),
            )
            cuantos += 1
    # Nine of Karla Nieto's are quejas: Q-2026-0001 to 0009.
    _asunto(
        session, personas[0], "queja", "condusef", "archivado", apertura=date(2026, 1, 13), cierre=date(2026, 5, 29)
    )
    viejo = _asunto(
        session,
        personas[1],
        "queja",
        "profeco",
        "archivado",
        contraparte="Transportes Bajío Norte, S.A. de C.V.",
        apertura=date(2026, 1, 14),
        cierre=date(2026, 6, 30),
    )
    assert viejo.folio == "Q-2026-0011"


def _cliente(session: Session, nombre: str) -> Persona:
    moral = any(marca in nombre for marca in ("S.A.", "S.C."))
    return agregar_cliente(session, nombre, tipo_persona="moral" if moral else "fisica")


def _asunto(
    session: Session,
    persona: Persona,
    tipo: str,
    subtipo: str,
    estado: str,
    *,
    asesor: str | None = None,
    contraparte: str | None = None,
    apertura: date,
    cierre: date | None = None,
) -> Asunto:
    """A matter of the time before the program: records only, no process instance."""
    prospecto = Prospecto(
        folio=siguiente_folio(session, "PRO", 2026),
        persona_id=persona.id,
        canal="referido",
        descripcion="Asunto anterior al sistema.",
        estado="ganado",
        origen="alta_en_curso",
        gerente_id="hruiz",
        tipo_procedimiento=tipo,
        subtipo=subtipo,
        creado=dias.a_las(apertura),
        cerrado=dias.a_las(cierre) if cierre else None,
    )
    session.add(prospecto)
    session.flush()
    asunto = Asunto(
        folio=siguiente_folio(session, PREFIJO_ASUNTO[tipo], 2026),
        prospecto_id=prospecto.id,
        cliente_id=persona.id,
        tipo=tipo,
        subtipo=subtipo,
        estado=estado,
        asesor_id=asesor,
        supervisor_id="hruiz",
        apertura=apertura,
        arranque=apertura,
        cierre=cierre,
        archivo=cierre,
        retencion_hasta=cierre.replace(year=cierre.year + 10) if cierre else None,
        creado=dias.a_las(apertura),
    )
    session.add(asunto)
    session.flush()
    if asesor:
        session.add(AsignacionHistorial(asunto_id=asunto.id, asesor_nuevo=asesor, fecha=dias.a_las(apertura)))
    if contraparte:
        session.add(Parte(prospecto_id=prospecto.id, asunto_id=asunto.id, nombre=contraparte))
    session.flush()
    return asunto
