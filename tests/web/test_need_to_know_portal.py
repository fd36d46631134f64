"""Need to know, the client's side: every route of the portal, with own things and with those of another matter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule as Route

from engine import SYSTEM
from tasks.registros import Documento, Reunion
from tests.web.conftest import KEY
from tests.web.test_need_to_know import MARKS
from tests.web.two_matters import PROSPECT, Firm, firm

__all__ = ["firm"]

INTERNAL = {*MARKS, "MARCA-EQUIPO"} - {"69,600.00", "34,800.00", "MARCA-PAGO"}
"""What no client reads, of their own matter either: they know what they pay."""
GONE = (403, 404)


def routes(firm: Firm) -> list[Route]:
    return [rule for rule in firm.app.url_map.iter_rules() if rule.endpoint.startswith("portal.")]


def requests(firm: Firm, link: str, key: str) -> Iterator[tuple[str, Route, str]]:
    """(method, route, URL) of each route of the portal under a link, with the things of the matter `key`."""
    token = link.rpartition("/")[2]
    seen = set()
    with firm.app.test_request_context():
        adapter = firm.app.create_url_adapter(None) or firm.app.url_map.bind("localhost")
        for rule in routes(firm):
            for things in firm.arguments[key]:
                known = {"token": token, "kind": "pdf", **things}
                if rule.arguments <= set(known):
                    url = adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments})
                    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                        if (method, url) not in seen:
                            seen.add((method, url))
                            yield method, rule, url


def test_every_route_of_the_portal_is_tried(firm: Firm) -> None:
    tried = {rule.endpoint for _method, rule, _url in requests(firm, firm.links[KEY], KEY)}
    assert {rule.endpoint for rule in routes(firm)} == tried


@pytest.mark.parametrize(("mine", "other"), [(KEY, PROSPECT), (PROSPECT, KEY)])
def test_a_link_opens_nothing_of_another_matter(firm: Firm, mine: str, other: str) -> None:
    client, wrong = firm.app.test_client(), []
    for method, rule, url in requests(firm, firm.links[mine], other):
        if rule.arguments == {"token"}:
            continue  # a page without a thing is one's own
        with client.open(url, method=method) as answer:
            if answer.status_code not in GONE:
                wrong.append(f"{method} {url}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("mine", [KEY, PROSPECT])
def test_no_page_of_ones_own_matter_tells_what_is_internal(firm: Firm, mine: str) -> None:
    client, told = firm.app.test_client(), []
    for method, _rule, url in requests(firm, firm.links[mine], mine):
        if method != "GET":
            continue
        with client.get(url, follow_redirects=True) as answer:
            if answer.mimetype in ("text/html", "application/json"):
                told += [f"{url} tells {mark}" for mark in INTERNAL if mark in answer.text]
    assert not told, "\n".join(told)


def test_what_is_for_the_firm_only_cannot_be_opened_through_a_link(firm: Firm) -> None:
    """A document that is not shared, a meeting of the team, a user task of staff."""
    engine = firm.app.extensions["engine"]
    with engine.reading(SYSTEM) as tx:
        document = tx.session.scalars(select(Documento).where(Documento.rubro == "MARCA-DOCUMENTO")).one().id
        meeting = tx.session.scalars(select(Reunion).where(Reunion.tipo == "equipo")).one().id
    link, client = firm.links[KEY], firm.app.test_client()
    paths = [f"{link}/documentos/{document}", f"{link}/asistencia/{meeting}"]
    paths += [f"{link}/tarea/{task}" for task in firm.tasks[KEY]]
    assert firm.tasks[KEY]
    assert {path: status(client, path) for path in paths} == dict.fromkeys(paths, 404)


def status(client: FlaskClient, path: str) -> int:
    return client.get(path).status_code
