"""Who may open which page: every view says so, and a view that does not is refused at start.

This is the courtesy (a page that one may not use is not offered); the law stands in the engine's verbs, which ask
`tasks.acceso` for every business key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.values import Actor

View = TypeVar("View", bound=Callable[..., Any])

EVERYBODY = "everybody"
STAFF = "staff"


def public(view: View) -> View:
    """Anybody may open this page, without signing in."""
    return _declare(view, EVERYBODY)


def staff(view: View) -> View:
    """Every signed-in person of the firm may open this page; what it shows is decided by the verbs."""
    return _declare(view, STAFF)


def groups(*names: str) -> Callable[[View], View]:
    """Only people of one of these groups may open this page."""

    def declare(view: View) -> View:
        return _declare(view, frozenset(names))

    return declare


def _declare(view: View, rule: Any) -> View:
    view.open_to = rule  # type: ignore[attr-defined]
    return view


def may_open(actor: Actor | None, rule: Any) -> bool:
    """Whether `actor` (None: nobody signed in) passes the rule of a view."""
    if rule == EVERYBODY:
        return True
    if actor is None:
        return False
    return rule == STAFF or bool(actor.groups & rule)


def actor() -> Actor:
    """Who is signed in. Only for views that are not public."""
    return g.actor


def init_app(app: Flask) -> None:
    """Ask the rule of the view before every request; check that each view has one."""

    @app.before_request
    def check() -> Response | None:
        view = app.view_functions.get(request.endpoint or "")
        if view is None:
            return None
        rule = rule_of(app, request.endpoint or "")
        if may_open(g.actor, rule):
            return None
        if g.actor is not None:
            abort(403)
        # Back to this page after signing in; a POST cannot be repeated, its page can be seen again.
        target = request.full_path.rstrip("?") if request.method == "GET" else url_for("inbox.index")
        return redirect(url_for("security.login", next=target))

    def may(endpoint: str) -> bool:
        return endpoint in app.view_functions and may_open(g.get("actor"), rule_of(app, endpoint))

    app.jinja_env.globals["may"] = may


def rule_of(app: Flask, endpoint: str) -> Any:
    """The declared rule of an endpoint; the library's own account pages have theirs inside."""
    if endpoint.startswith("security."):
        return EVERYBODY
    return app.view_functions[endpoint].open_to  # type: ignore[attr-defined]


def check_declared(app: Flask) -> None:
    """Raises RuntimeError naming the views that do not say who may open them."""
    missing = [
        name
        for name, view in app.view_functions.items()
        if not name.startswith("security.") and not hasattr(view, "open_to")
    ]
    if missing:
        raise RuntimeError(f"Views without a rule of who may open them: {', '.join(sorted(missing))}")
