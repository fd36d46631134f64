"""Forms of user tasks: a form-js schema, drawn by whoever has the page, judged here by the same FEEL."""

from engine.forms.component import Component
from engine.forms.form import Form, add_row, remove_row
from engine.forms.view import View

__all__ = ["Component", "Form", "View", "add_row", "remove_row"]
