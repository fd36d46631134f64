"""`cauce bench jobs`: the figures are of work that was done, each job once."""

from __future__ import annotations

from pathlib import Path

from web.bench.measures import MEASURES, Bench, jobs


def test_every_job_is_done_by_a_worker_of_its_own(tmp_path: Path) -> None:
    assert MEASURES["jobs"] is jobs
    bench = Bench(f"sqlite:///{tmp_path / 'bench.db'}")
    (figures,) = jobs(bench, instances=3)
    bench.close()
    assert (figures["n"], figures["workers"]) == (15, 1)
    assert figures["jobs_per_s"] > 0
    assert figures["cpu_ms"] > 0
