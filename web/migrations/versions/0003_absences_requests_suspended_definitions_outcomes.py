"""Absences, requests about personal data, suspended definitions, outcomes of scenarios."""

from datetime import UTC, datetime
from secrets import token_hex

import sqlalchemy as sa
from alembic import op

import engine.storage.types
import tasks.registros.tipos

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "definition_suspension",
        sa.Column(
            "id", sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "definition_id",
            sa.String(length=300).with_variant(sa.String(length=300, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("suspended_at", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "suspended_by",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("with_instances", sa.Boolean(), nullable=False),
        sa.Column("resumed_at", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "resumed_by",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("resumed_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_definition_suspension_definition_id_process_definition"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition_suspension")),
        comment="Each time that a definition was suspended, and how it ended",
    )
    op.create_index(
        op.f("ix_definition_suspension_definition_id"), "definition_suspension", ["definition_id"], unique=False
    )
    op.create_table(
        "ausencia",
        sa.Column("ausente", sa.String(length=80), nullable=False),
        sa.Column("suplente", sa.String(length=80), nullable=False),
        sa.Column("desde", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("hasta", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tareas", tasks.registros.tipos.Datos(), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["ausente"], ["colaborador.usuario"], name=op.f("fk_ausencia_ausente_colaborador")),
        sa.ForeignKeyConstraint(["suplente"], ["colaborador.usuario"], name=op.f("fk_ausencia_suplente_colaborador")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ausencia")),
    )
    op.create_index(op.f("ix_ausencia_ausente"), "ausencia", ["ausente"], unique=False)
    op.create_index(op.f("ix_ausencia_suplente"), "ausencia", ["suplente"], unique=False)
    op.create_table(
        "solicitud_arco",
        sa.Column("persona_id", sa.String(length=24), nullable=False),
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("numero", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("derecho", sa.String(length=40), nullable=False),
        sa.Column("detalle", sa.Text(), nullable=False),
        sa.Column("recibida", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("vence", sa.Date(), nullable=False),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=True),
        sa.Column("respuesta", sa.Text(), nullable=True),
        sa.Column("atendida", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("atendida_por", sa.String(length=80), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=op.f("fk_solicitud_arco_persona_id_persona")),
        sa.ForeignKeyConstraint(
            ["prospecto_id"], ["prospecto.id"], name=op.f("fk_solicitud_arco_prospecto_id_prospecto")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_solicitud_arco")),
    )
    op.create_index(op.f("ix_solicitud_arco_persona_id"), "solicitud_arco", ["persona_id"], unique=False)
    op.create_index(op.f("ix_solicitud_arco_prospecto_id"), "solicitud_arco", ["prospecto_id"], unique=False)
    op.create_table(
        "scenario_outcome",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("ran", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_scenario_outcome")),
    )
    op.create_index(op.f("ix_scenario_outcome_ran"), "scenario_outcome", ["ran"], unique=False)
    _keep_absences()
    op.drop_column("colaborador", "ausente_hasta")
    op.add_column(
        "process_definition",
        sa.Column("suspended", sa.Boolean(), server_default=sa.false(), nullable=False, comment="Nothing new starts"),
    )
    op.add_column(
        "process_instance",
        sa.Column(
            "held", sa.Boolean(), server_default=sa.false(), nullable=False, comment="Suspended with its definition"
        ),
    )


def _keep_absences() -> None:
    """What «ausente hasta» said of a person becomes an absence of its own."""
    moment = engine.storage.types.UtcDateTime(timezone=True)
    person = sa.table("colaborador", sa.column("usuario"), sa.column("suplente"), sa.column("ausente_hasta", moment))
    absence = sa.table(
        "ausencia",
        *(sa.column(name) for name in ("id", "ausente", "suplente", "usuario")),
        *(sa.column(name, moment) for name in ("desde", "hasta", "creado", "actualizado")),
        sa.column("tareas", tasks.registros.tipos.Datos()),
    )
    now = datetime.now(UTC)
    away = op.get_bind().execute(
        sa.select(person).where(person.c.ausente_hasta > now, person.c.suplente.in_(sa.select(person.c.usuario)))
    )
    for usuario, suplente, hasta in away.all():
        times = {"desde": now, "hasta": hasta, "creado": now, "actualizado": now}
        op.execute(
            absence.insert().values(
                id=token_hex(12), ausente=usuario, suplente=suplente, tareas=[], usuario="system", **times
            )
        )


def downgrade() -> None:
    op.drop_column("process_instance", "held")
    op.drop_column("process_definition", "suspended")
    op.add_column(
        "colaborador", sa.Column("ausente_hasta", engine.storage.types.UtcDateTime(timezone=True), nullable=True)
    )
    op.drop_index(op.f("ix_scenario_outcome_ran"), table_name="scenario_outcome")
    op.drop_table("scenario_outcome")
    op.drop_index(op.f("ix_solicitud_arco_prospecto_id"), table_name="solicitud_arco")
    op.drop_index(op.f("ix_solicitud_arco_persona_id"), table_name="solicitud_arco")
    op.drop_table("solicitud_arco")
    op.drop_index(op.f("ix_ausencia_suplente"), table_name="ausencia")
    op.drop_index(op.f("ix_ausencia_ausente"), table_name="ausencia")
    op.drop_table("ausencia")
    op.drop_index(op.f("ix_definition_suspension_definition_id"), table_name="definition_suspension")
    op.drop_table("definition_suspension")
