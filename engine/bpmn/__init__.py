"""Runs BPMN processes: the only part of the engine that knows SpiffWorkflow.

`program` builds the library's specifications from the reader's values (`kinds` says what runs, `unsupported`
what does not); `nodes`, `activities` and `gateways` are its task specifications, `workflow` its workflows
with a tree of tokens that does not grow. `run` is what others use; behind it `machine` moves the tokens, with
`joins`, `events`, `throwing` (errors) and `instances` (multi-instance) each for its part, `scope` and
`variables` for what tokens see and write, `codec` for the state as bytes. Why it is so: docs/adr/0004.
"""

from engine.bpmn.codec import BadState
from engine.bpmn.program import Program
from engine.bpmn.run import Run
from engine.bpmn.unsupported import unsupported
from engine.bpmn.wait import Host, Wait

__all__ = ["BadState", "Host", "Program", "Run", "Wait", "unsupported"]
