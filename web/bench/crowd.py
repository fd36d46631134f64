"""Fills an inbox: copies of one real open user task, in bulk, by SQL alone."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import insert, select

from engine import Actor, Engine
from engine.storage import tables

CLERK = Actor("clerk", frozenset({"staff"}))
BATCH = 50_000


def add_open_tasks(engine: Engine, count: int) -> None:
    """Add `count` open user tasks, each offered to the group `staff` as the engine itself would offer it."""
    started = engine.start("bench3", uuid.uuid4().hex, by=CLERK)
    task, listed = tables.user_task, tables.user_task_index
    with engine.database.begin() as connection:
        row = connection.execute(select(task).where(task.c.instance_id == started.id)).mappings().one()
        entries = connection.execute(select(listed).where(listed.c.task_id == row["id"])).mappings().all()
        for first in range(0, count, BATCH):
            numbers = range(first, min(first + BATCH, count))
            copies = [
                {
                    **row,
                    "id": uuid.uuid4().hex[: len(row["id"])],
                    "wait_id": uuid.uuid4().hex,
                    "created": row["created"] + timedelta(seconds=number),
                }
                for number in numbers
            ]
            connection.execute(insert(task), copies)
            connection.execute(
                insert(listed),
                [
                    {**entry, "task_id": copy["id"], "created": copy["created"], "due": copy["created"]}
                    for copy in copies
                    for entry in entries
                ],
            )
