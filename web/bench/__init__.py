"""`cauce bench`: what a step costs, measured beside the bare library in the same run (DESIGN §13).

Times are CPU time of this process; statements and commits are counted, not guessed. Ratios within one run are what
counts; milliseconds depend on the machine.
"""

from web.bench.measures import MEASURES, Measure
from web.bench.report import as_table, run

__all__ = ["MEASURES", "Measure", "as_table", "run"]
