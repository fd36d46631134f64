"""The verbs: everything that can be done to, or asked of, the processes.

`Engine` has them with a transaction of their own each, `Transaction` within its own. Every verb takes the actor as `by`
(a transaction already has one), and passes the firm's `Access`. Lists give pages: `page` is the `next` of the page
before. A verb opens its transaction and delegates to the module of its noun.
"""

from engine.verbs.instances import InstanceVerbs
from engine.verbs.jobs import JobVerbs
from engine.verbs.models import ModelVerbs
from engine.verbs.opening import By
from engine.verbs.repair import RepairVerbs
from engine.verbs.user_tasks import UserTaskVerbs

__all__ = ["By", "Verbs"]


class Verbs(ModelVerbs, InstanceVerbs, RepairVerbs, UserTaskVerbs, JobVerbs):
    """All of them, for whoever can open a transaction."""
