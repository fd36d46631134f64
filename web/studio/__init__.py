"""The studio: analysts change diagrams, decisions, forms, mails and documents as drafts; publishers publish them.

One noun per file: `draft.py` holds the rules of drafts, every other file the pages of one kind.
"""

from web.studio.blueprint import blueprint

# The views register themselves on the blueprint.
from web.studio import (  # isort: skip
    compare,
    decisions,
    editor,
    forms,
    handbook,
    importing,
    letters,
    new_steps,
    publish,
    suite,
    trial_forms,
    trial_page,
    trials,
    versions,
    workspace,
)

__all__ = [
    "blueprint",
    "compare",
    "decisions",
    "editor",
    "forms",
    "handbook",
    "importing",
    "letters",
    "new_steps",
    "publish",
    "suite",
    "trial_forms",
    "trial_page",
    "trials",
    "versions",
    "workspace",
]
