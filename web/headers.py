"""What every answer carries, and what is refused before any view: CSP, no foreign frames, no cross-site writes."""

from __future__ import annotations

from flask import Flask, Response, abort, g, request

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
    "base-uri": "'none'",
}
FILE_POLICY = "default-src 'none'; sandbox"
"""For files that people uploaded: nothing in them runs, wherever they are opened."""
MAIL_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""For the preview of a mail: its own inline styles, links that open elsewhere, nothing else."""

CACHED = ("static", "home.icon", "home.logo")
"""Everything else is about somebody, and stays in no cache."""

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def init_app(app: Flask, *, tls: bool) -> None:
    """Add the headers to every answer of `app`."""

    @app.before_request
    def refuse_cross_site_writes() -> None:
        # Beside the CSRF token: a browser says itself when another site makes it send a form.
        if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site") == "cross-site":
            abort(403)

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy(g.get("policy_changes")))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        # Portal links must not leak by the Referer header.
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if tls:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint not in CACHED:
            headers["Cache-Control"] = "no-store"
        return response


def policy(changes: dict[str, str] | None = None) -> str:
    """The Content-Security-Policy, with directives that one page needs otherwise."""
    return "; ".join(f"{name} {value}" for name, value in {**POLICY, **(changes or {})}.items())
