"""What jobs cost: chains of five, each of which reads a state of 20 kB and writes a row, every one exactly once."""

from __future__ import annotations

import json
import os
import resource
import secrets
import subprocess
import sys
import time
from typing import Any

from sqlalchemy import Column, MetaData, String, Table, func, insert, select

from engine import SYSTEM, Context, Engine
from engine.handler import declared, service_task
from engine.storage import tables
from web.bench.models import chain

LENGTH = 5
effects = Table("bench_effect", MetaData(), Column("job", String(64), primary_key=True))
"""What a firm's handler would write."""


@service_task("bench.work")
def work(job: dict[str, Any], ctx: Context) -> dict[str, Any]:
    ctx.session.execute(insert(effects).values(job=ctx.idempotency_key))
    return {}


def measure(url: str, instances: int, workers: int) -> dict[str, Any]:
    """Figures of so many worker processes that share so many chains."""
    engine = Engine(url, handlers=declared(sys.modules[__name__]), after_step=0)
    with engine.transaction(SYSTEM) as tx:
        effects.drop(tx.connection, checkfirst=True)
        effects.create(tx.connection)
    engine.deploy({"bpmn/bench_chain.bpmn": chain(LENGTH)}, name="bench jobs", by=SYSTEM)
    for _ in range(instances):
        engine.start("bench_chain", secrets.token_hex(8), {"text": secrets.token_hex(10_000)}, by=SYSTEM)
    began, load = time.perf_counter(), round(os.getloadavg()[0], 1)
    script = "import sys; from web.bench.jobs import run; run(sys.argv[1])"
    running = [
        subprocess.Popen([sys.executable, "-c", script, url], stdout=subprocess.PIPE, text=True) for _ in range(workers)
    ]
    told = [json.loads(process.communicate()[0]) for process in running]
    took = max(one["ended"] for one in told) - min(one["began"] for one in told)
    with engine.reading(SYSTEM) as tx:
        done = tx.execute(select(func.count()).select_from(effects)).scalar_one()
    engine.close()
    if done != instances * LENGTH:
        raise RuntimeError(f"{done} of {instances * LENGTH} jobs were done")
    return {
        "cpu_ms": round(1000 * sum(one["cpu"] for one in told) / done, 2),
        "n": done,
        "workers": workers,
        "jobs_per_s": round(done / took),
        "load_average": load,
        "wall_s": round(time.perf_counter() - began, 1),
    }


def run(url: str) -> None:
    """A worker: until nothing runs any more; tells when it began and ended, and how long it was on the processor."""
    engine = Engine(url, handlers=declared(sys.modules[__name__]), after_step=0)
    began, before = time.time(), _cpu()
    while True:
        if engine.run_due_jobs(20, f"w{os.getpid()}") == 0:
            with engine.reading(SYSTEM) as tx:
                query = select(func.count()).where(tables.job.c.kind == "service")
                if tx.execute(query).scalar_one() == 0:
                    break
            time.sleep(0.01)
    print(json.dumps({"began": began, "ended": time.time(), "cpu": _cpu() - before}))
    engine.close()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
