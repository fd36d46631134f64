"""What people did by hand, across all instances; told again from the history of those that were there before."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from engine.ids import new_id
from engine.storage.types import FeelJson, UtcDateTime

revision = "0004"
down_revision = "0003"

MOST = 20
LONGEST = 500
ANONYMISED = "(suprimido)"
KINDS = {
    "instance.suspended": "suspend",
    "instance.resumed": "resume",
    "instance.cancelled": "cancel",
    "job.retried": "retry",
    "incident.resolved": "retry",
    "job.moved": "set_due",
    "timer.set": "set_due",
    "user_task.assigned": "assign",
    "error.thrown": "throw_error",
}


def _text(length: int) -> Any:
    return sa.String(length=length).with_variant(sa.String(length=length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "operation",
        sa.Column("id", _text(32), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", _text(255), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("business_key", _text(255), nullable=True),
        sa.Column("instance_id", _text(32), nullable=True),
        sa.Column("process_key", _text(255), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("element_id", _text(255), nullable=True),
        sa.Column("deployment_id", _text(64), nullable=True),
        sa.Column("order_id", _text(32), nullable=True, comment="Done as a part of this one"),
        sa.Column("changes", FeelJson(), nullable=False, comment="Kind, name, old, new; see engine/operation.py"),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_operation_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_operation_instance_id_process_instance")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["operation.id"], name=op.f("fk_operation_order_id_operation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        comment="What people did by hand, across all instances",
    )
    _fill()
    for column in ("actor", "action", "process_key", "business_key", "order_id"):
        op.create_index(f"ix_operation_{column}", "operation", [column, "at", "id"], unique=False)
    op.create_index(op.f("ix_operation_instance_id"), "operation", ["instance_id"], unique=False)


def downgrade() -> None:
    op.drop_table("operation")


# --- from what is known already

_moment = UtcDateTime(timezone=True)


def _table(name: str, *plain: str, **typed: Any) -> Any:
    return sa.table(name, *(sa.column(one) for one in plain), *(sa.column(one, kind) for one, kind in typed.items()))


OPERATION = _table(
    "operation",
    *("id", "actor", "action", "reason", "business_key", "instance_id", "process_key", "version", "element_id"),
    *("deployment_id", "order_id"),
    at=_moment,
    changes=FeelJson(),
)
DEPLOYMENT = _table("deployment", "id", "number", "name", "deployed_by", deployed_at=_moment)
DEPLOYED = _table("deployed_definition", "deployment_id", "definition_id")
DEFINITION = _table("process_definition", "id", "key", "version")
SUSPENSION = _table(
    "definition_suspension",
    *("definition_id", "suspended_by", "reason", "resumed_by", "resumed_reason"),
    suspended_at=_moment,
    resumed_at=_moment,
)
INSTANCE = _table("process_instance", "id", "process_key", "business_key", "deployment_id")
HISTORY = _table("history", "sequence", "instance_id", "actor", at=_moment, events=FeelJson())
PROSPECT = _table("prospecto", "folio", "descripcion")

Versions = Mapping[str, Mapping[str, int]]
"""Deployment → process key → version."""


def _fill() -> None:
    connection = op.get_bind()
    query = sa.select(DEPLOYED.c.deployment_id, DEFINITION.c.key, DEFINITION.c.version)
    versions: dict[str, dict[str, int]] = {}
    for deployment, key, version in connection.execute(query.where(DEFINITION.c.id == DEPLOYED.c.definition_id)):
        versions.setdefault(deployment, {})[key] = version
    _insert(_deployments(connection, versions))
    orders = list(_orders(connection, versions))
    _insert(orders)
    _insert(_of_instances(connection, versions, orders))


def _insert(lines: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for line in lines:
        batch.append(line)
        if len(batch) == 500:
            op.get_bind().execute(OPERATION.insert(), batch)
            batch = []
    if batch:
        op.get_bind().execute(OPERATION.insert(), batch)


def _line(**known: Any) -> dict[str, Any]:
    empty = dict.fromkeys(column.name for column in OPERATION.c)
    return {**empty, "id": new_id(), "changes": [], **known}


def _deployments(connection: sa.Connection, versions: Versions) -> Iterator[dict[str, Any]]:
    before: Mapping[str, int] = {}
    for row in connection.execute(sa.select(DEPLOYMENT).order_by(DEPLOYMENT.c.deployed_at, DEPLOYMENT.c.number)).all():
        after = versions.get(row.id, {})
        changed = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
        yield _line(
            at=row.deployed_at,
            actor=row.deployed_by,
            action="deploy",
            reason=row.name,
            deployment_id=row.id,
            changes=[["version", key, before.get(key), after.get(key)] for key in changed][:MOST],
        )
        before = after


def _orders(connection: sa.Connection, versions: Versions) -> Iterator[dict[str, Any]]:
    """A version was suspended, or resumed."""
    for row in connection.execute(sa.select(SUSPENSION).order_by(SUSPENSION.c.suspended_at)).all():
        key, _colon, version = row.definition_id.rpartition(":")
        holders = [one for one, held in versions.items() if held.get(key) == int(version)]
        query = sa.select(DEPLOYMENT.c.id).where(DEPLOYMENT.c.id.in_(holders)).order_by(DEPLOYMENT.c.number.desc())
        about = {"process_key": key, "version": int(version), "deployment_id": connection.scalar(query)}
        yield _line(
            at=row.suspended_at, actor=row.suspended_by, action="suspend_definition", reason=row.reason, **about
        )
        if row.resumed_at is not None:
            said = row.resumed_reason or ""
            yield _line(at=row.resumed_at, actor=row.resumed_by, action="resume_definition", reason=said, **about)


def _of_instances(
    connection: sa.Connection, versions: Versions, orders: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """What the history of each instance tells, under the version that it ran then."""
    gone = set(connection.scalars(sa.select(PROSPECT.c.folio).where(PROSPECT.c.descripcion == ANONYMISED)))
    text = sa.type_coerce(HISTORY.c.events, sa.Text)
    by_hand = HISTORY.c.actor != "system", sa.or_(text.contains('"reason"'), text.contains('"user_task.assigned"'))
    found = sa.select(HISTORY.c.instance_id).where(*by_hand)
    for instance in connection.execute(sa.select(INSTANCE).where(INSTANCE.c.id.in_(found))).all():
        query = sa.select(HISTORY).where(HISTORY.c.instance_id == instance.id, *by_hand)
        lines = []
        for row in connection.execute(query.order_by(HISTORY.c.sequence)).all():
            for line, source in _of_step(row, orders):
                if source is not None:
                    # Until it was moved, the instance ran what it was moved from.
                    for earlier in lines:
                        earlier["deployment_id"] = earlier["deployment_id"] or source
                lines.append(line)
        for line in lines:
            line["deployment_id"] = line["deployment_id"] or instance.deployment_id
            line["version"] = versions.get(line["deployment_id"], {}).get(instance.process_key)
            line |= {"business_key": instance.business_key, "process_key": instance.process_key}
            if instance.business_key.partition("/")[0] in gone:
                line |= {"reason": ANONYMISED, "changes": []}
            yield line


def _of_step(row: Any, orders: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str | None]]:
    """The lines of one step, with the deployment that it took the instance from."""
    written = {}
    for kind, _process_key, _element_id, *more in row.events:
        if kind == "variable.changed":
            written.setdefault(more[0]["name"], (more[0].get("old"), more[0].get("new")))
    for kind, _process_key, element_id, *more in row.events:
        details = more[0] if more else {}
        action = details.get("verb") if kind == "operation" else KINDS.get(kind)
        if action is None or action == "start_at" or ("reason" not in details and kind != "user_task.assigned"):
            continue
        order = _order_of(orders, f"{action}_definition", details.get("definition"), row.at)
        line = _line(
            at=row.at,
            actor=row.actor,
            action=action,
            reason=(details.get("reason") or "").strip(),
            instance_id=row.instance_id,
            element_id=element_id,
            deployment_id=details.get("target"),
            order_id=order,
            changes=[[*head, _short(old), _short(new)] for *head, old, new in _changes(kind, details, written)][:MOST],
        )
        yield line, details.get("source")


def _order_of(orders: list[dict[str, Any]], action: str, definition: str | None, at: Any) -> str | None:
    known = [
        one
        for one in orders
        if (one["action"], f"{one['process_key']}:{one['version']}") == (action, definition) and one["at"] <= at
    ]
    return max(known, key=lambda one: one["at"])["id"] if known else None


def _changes(kind: str, details: Mapping[str, Any], written: Mapping[str, tuple[Any, Any]]) -> Iterator[list[Any]]:
    if kind == "user_task.assigned":
        yield ["assignee", None, details.get("previous"), details.get("assignee")]
    elif kind in ("timer.set", "job.moved"):
        yield ["due", None, details.get("old"), details.get("due")]
    elif kind == "error.thrown":
        yield ["error", details.get("code"), None, details.get("message")]
    else:
        if "code" in details:
            yield ["error", details["code"], None, None]
        before, after = details.get("before") or [], details.get("after") or []
        left, come = [one for one in before if one not in after], [one for one in after if one not in before]
        if "source" in details:
            yield ["deployment", None, details["source"], details["target"]]
        elif left or come:
            yield ["tokens", None, left[:MOST], come[:MOST]]
        for name, value in (details.get("result") or {}).items():
            yield ["result", name, None, value]
        for name in details.get("names") or ():
            if name in written:
                yield ["variable", name, *written[name]]


def _short(value: Any) -> Any:
    text = value if isinstance(value, str) else str(value)
    return value if len(text) <= LONGEST else text[:LONGEST] + "…"
