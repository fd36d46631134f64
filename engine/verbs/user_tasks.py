"""Verbs about user tasks: the inbox, who has one, its form and files, completing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from engine import assignment, attachment, completion, inbox, user_task
from engine.values import Attachment, Completed, Page, UserTask, UserTaskQuery
from engine.verbs.opening import By, Opening

if TYPE_CHECKING:
    from engine.completion import TaskForm


class UserTaskVerbs(Opening):
    """User tasks, each by its id."""

    def user_tasks(
        self, query: UserTaskQuery | None = None, page: str | None = None, size: int = 25, *, by: By = None
    ) -> Page[UserTask]:
        """A list of user tasks, of those that the actor may know of."""
        with self._reading(by) as tx:
            return inbox.find(tx, query or UserTaskQuery(), page, size)

    def user_task(self, task_id: str, *, by: By = None) -> UserTask:
        """One user task, open or ended. Raises NotFound."""
        with self._reading(by) as tx:
            return user_task.get(tx, task_id)

    def form(self, task_id: str, *, by: By = None) -> TaskForm:
        """The form of an open user task, with what its handler prepared, the process variables and the draft."""
        with self._reading(by) as tx:
            return completion.form(tx, task_id)

    def attach(self, task_id: str, field: str, stream: BinaryIO, filename: str, *, by: By = None) -> Attachment:
        """Store a file for a field of the form. Raises Invalid for what is too large, too many or no accepted type."""
        with self._reading(by) as tx:
            attachment.may_attach(tx, task_id)
            files = tx.engine.files
        # The bytes first, and not inside the writing transaction.
        stored = files.store(stream, filename, field)
        with self._writing(by) as tx:
            return attachment.attach(tx, task_id, field, stored, files.shown_name(filename))

    def attachment(self, attachment_id: str, *, by: By = None) -> Attachment:
        """What is known of a file; its bytes: `engine.files.read(hash)`. Raises NotFound."""
        with self._reading(by) as tx:
            return attachment.get(tx, attachment_id)

    def draft(self, task_id: str, values: Mapping[str, Any], *, by: By = None) -> None:
        """Keep what has been typed so far, as it is."""
        with self._writing(by) as tx:
            user_task.draft(tx, task_id, values)

    def claim(self, task_id: str, *, by: By = None) -> UserTask:
        """Take an unassigned user task. Raises Conflict when somebody else has it."""
        with self._writing(by) as tx:
            return assignment.claim(tx, task_id)

    def release(self, task_id: str, *, by: By = None) -> UserTask:
        """Give a claimed user task back to its candidates. Raises NotAllowed."""
        with self._writing(by) as tx:
            return assignment.release(tx, task_id)

    def assign(self, task_id: str, assignee: str | None, *, reason: str = "", by: By = None) -> UserTask:
        """Give a user task to a person, or (None) back to its candidates, whoever has it now."""
        with self._writing(by) as tx:
            return assignment.assign(tx, task_id, assignee, reason)

    def complete(
        self,
        task_id: str,
        submitted: Mapping[str, Any],
        *,
        request_id: str | None = None,
        revision: int | None = None,
        raw: bool = False,
        by: By = None,
    ) -> Completed:
        """Complete a user task with the values of its form: typed, or as texts from a browser (`raw`: name → list of
        texts).

        Raises Invalid with the fields, NotAllowed, and Conflict with `who` and `when` if the task is gone or was given
        to somebody else after `revision`. The same `request_id` gets the first answer again.
        """
        with self._writing(by) as tx:
            return completion.complete(tx, task_id, submitted, request_id, revision, raw)
