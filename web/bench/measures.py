"""The measures of DESIGN §13, each a function from a prepared engine to its figures."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, text

from engine import Actor, Conflict, Engine, UserTaskQuery
from engine.bpmn.raw import RawProcess
from web.bench.meter import Meter, cpu_ms
from web.bench.models import VALUES, resources, three_tasks

CLERK = Actor("clerk", frozenset({"staff"}))
Figures = dict[str, Any]


class Bench:
    """An engine on an empty place of the given database server or file, with the processes deployed."""

    def __init__(self, url: str) -> None:
        self.kind = url.partition(":")[0].partition("+")[0]
        self._schema = f"bench_{uuid.uuid4().hex[:12]}" if self.kind == "postgresql" else None
        self._server = url
        if self._schema:
            self._admin(f"CREATE SCHEMA {self._schema}")
            url = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{self._schema}"
        else:
            url = url.replace(".db", f"_{uuid.uuid4().hex[:12]}.db")
        self.url = url
        self.engine = Engine(url)
        self.engine.create_schema()
        self.engine.deploy(resources(), name="bench", by=CLERK)

    def _admin(self, statement: str) -> None:
        database = create_engine(self._server)
        with database.begin() as connection:
            connection.execute(text(statement))
        database.dispose()

    @contextmanager
    def plain(self) -> Iterator[Connection]:
        """A connection without the engine's transactions, for what a database only does outside of one."""
        database = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with database.connect() as connection:
            yield connection
        database.dispose()

    def close(self) -> None:
        self.engine.close()
        if self._schema:
            self._admin(f"DROP SCHEMA {self._schema} CASCADE")

    def start(self, process: str = "bench3") -> str:
        key = uuid.uuid4().hex
        self.engine.start(process, key, by=CLERK)
        return key

    def task(self, key: str, element: str | None = None) -> str:
        query = UserTaskQuery(business_key=key, element_id=element)
        return self.engine.user_tasks(query, by=CLERK).items[0].id

    def complete(self, task_id: str, **changes: Any) -> str | None:
        """Id of the next task, as the page after a completion shows it."""
        done = self.engine.complete(task_id, {**VALUES, **changes}, request_id=uuid.uuid4().hex, by=CLERK)
        return done.next_task.id if done.next_task else None

    def whole(self) -> None:
        """A whole instance: its start, a look for its first task, three completions."""
        task: str | None = self.task(self.start())
        while task is not None:
            task = self.complete(task)


def complete(bench: Bench, instances: int = 60) -> Iterator[Figures]:
    """Complete a user task: the verb alone, the state read from storage each time."""
    warm = bench.start()
    bench.complete(bench.task(warm))
    meter = Meter(bench.engine.database)
    for _ in range(instances):
        key = bench.start()
        for _ in range(3):
            task = bench.task(key)
            with meter.sample():
                bench.complete(task)
    meter.close()
    memory, stored = _raw()
    yield {**meter.figures(), "raw_memory_ms": round(memory / 4, 3), "raw_json_ms": round(stored / 4, 3)}


def instance(bench: Bench, instances: int = 60) -> Iterator[Figures]:
    """A whole instance: start and three completions."""
    bench.complete(bench.task(bench.start()))
    meter = Meter(bench.engine.database)
    for _ in range(instances):
        with meter.sample():
            bench.whole()
    meter.close()
    memory, stored = _raw()
    yield {**meter.figures(), "raw_memory_ms": memory, "raw_json_ms": stored}


def _raw(repeat: int = 60) -> tuple[float, float]:
    """CPU milliseconds of a whole instance in the bare library: in memory, and with a JSON round trip at each step."""
    process = RawProcess(three_tasks(form=None, condition="decision == 'approve'"), "bench3")

    def in_memory() -> None:
        workflow = process.start()
        for _ in range(3):
            process.complete(workflow, VALUES)

    def stored() -> None:
        state = process.dump(process.start())
        for _ in range(3):
            state = process.complete_stored(state, VALUES)

    return cpu_ms(in_memory, repeat), cpu_ms(stored, repeat)


def inbox(bench: Bench, sizes: tuple[int, ...] = (10_000, 1_000_000), repeat: int = 20) -> Iterator[Figures]:
    """A page of 25 of «mine and my groups» among many open user tasks."""
    from web.bench.crowd import add_open_tasks

    there = 0
    for size in sizes:
        add_open_tasks(bench.engine, size - there)
        with bench.plain() as connection:
            connection.exec_driver_sql("ANALYZE")
        there = size
        query = UserTaskQuery(mine=True, groups=True)
        bench.engine.user_tasks(query, by=CLERK)
        meter = Meter(bench.engine.database)
        for _ in range(repeat):
            with meter.sample():
                page = bench.engine.user_tasks(query, by=CLERK)
        meter.close()
        yield {**meter.figures(), "open": size, "page": len(page.items)}


def loop(bench: Bench, rounds: int = 10_000, window: int = 20) -> Iterator[Figures]:
    """Round 10,000 of a loop beside round 10."""
    key = bench.start("bench_loop")
    early, late = Meter(bench.engine.database), Meter(bench.engine.database)
    for number in range(1, rounds + window // 2 + 1):
        task = bench.task(key, "round")
        if abs(number - (10 + window // 2)) <= window // 2:
            with early.sample():
                bench.complete(task)
        elif abs(number - rounds) <= window // 2:
            with late.sample():
                bench.complete(task)
        else:
            bench.complete(task)
    early.close()
    late.close()
    first, last = early.figures(), late.figures()
    yield {
        **last,
        "rounds": rounds,
        "cpu_ms_round_10": first["cpu_ms"],
        "ratio": round(last["cpu_ms"] / first["cpu_ms"], 2),
    }


def bytes_(bench: Bench, instances: int = 200) -> Iterator[Figures]:
    """What one finished instance keeps, history included; the first pages of empty tables are not counted."""
    bench.whole()
    before = _size(bench)
    meter = Meter(bench.engine.database)
    for _ in range(instances):
        with meter.sample():
            bench.whole()
    meter.close()
    yield {**meter.figures(), "bytes": (_size(bench) - before) // instances}


def _size(bench: Bench) -> int:
    """Bytes of all tables and indexes, empty space squeezed out."""
    with bench.plain() as connection:
        if bench.kind == "sqlite":
            connection.exec_driver_sql("VACUUM")
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
        connection.exec_driver_sql("VACUUM FULL")
        query = (
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
            " WHERE relnamespace = current_schema::regnamespace AND relkind = 'r'"
        )
        return int(connection.exec_driver_sql(query).scalar_one())


def race(bench: Bench, times: int = 20) -> Iterator[Figures]:
    """Two people submit the same user task at once."""
    meter = Meter(bench.engine.database)
    outcomes: list[str] = []

    def submit(task: str, barrier: threading.Barrier) -> None:
        barrier.wait()
        try:
            bench.complete(task)
            outcomes.append("won")
        except Conflict:
            outcomes.append("conflict")
        except Exception as error:
            outcomes.append(type(error).__name__)

    for _ in range(times):
        task, barrier = bench.task(bench.start()), threading.Barrier(2)
        threads = [threading.Thread(target=submit, args=(task, barrier)) for _ in range(2)]
        with meter.sample():
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    meter.close()
    won, lost = outcomes.count("won"), outcomes.count("conflict")
    yield {**meter.figures(), "winners": won, "conflicts": lost, "faulted": len(outcomes) - won - lost}


def start_up(bench: Bench, times: int = 5) -> Iterator[Figures]:
    """From nothing to an engine that has answered its first question, in a new process."""
    script = (
        "import sys, resource; from engine import Actor, Engine;"
        "e = Engine(sys.argv[1]); e.definitions(by=Actor('clerk', frozenset({'staff'})));"
        "u = resource.getrusage(resource.RUSAGE_SELF); print((u.ru_utime + u.ru_stime) * 1000, u.ru_maxrss)"
    )
    walls, cpus, memory = [], [], 0
    for _ in range(times):
        begin = time.perf_counter()
        answer = subprocess.run([sys.executable, "-c", script, bench.url], check=True, capture_output=True, text=True)
        walls.append((time.perf_counter() - begin) * 1000)
        cpu, rss = answer.stdout.split()
        cpus.append(float(cpu))
        memory = max(memory, int(rss))
    walls.sort()
    yield {
        "cpu_ms": round(sum(cpus) / times, 1),
        "wall_ms_p50": round(walls[times // 2], 1),
        "wall_ms_p95": round(walls[-1], 1),
        "n": times,
        "memory_mb": memory // 1024,
    }


def jobs(bench: Bench, instances: int = 300) -> Iterator[Figures]:
    """Chains of inside jobs, done by one worker process and, on PostgreSQL, by two."""
    from web.bench.jobs import measure

    for workers in (1, 2) if bench.kind == "postgresql" else (1,):
        yield measure(bench.url, instances, workers)


Measure = Callable[[Bench], Iterator[Figures]]

MEASURES: dict[str, Measure] = {
    "complete": complete,
    "instance": instance,
    "inbox": inbox,
    "loop": loop,
    "bytes": bytes_,
    "race": race,
    "start-up": start_up,
    "jobs": jobs,
}
