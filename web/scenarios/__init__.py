"""Scenarios: a case told as data, run through the same forms, permissions and handlers as the pages.

`format` says what a file may hold, `runner` plays it, `expectations` compares what must hold, `coverage` says which
sequence flows were taken. How to write one: `processes/README.md`.
"""

from web.scenarios.format import Scenario, ScenarioError, load
from web.scenarios.runner import Failure, Report, run

__all__ = ["Failure", "Report", "Scenario", "ScenarioError", "load", "run"]
