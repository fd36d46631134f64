"""Need to know (secreto profesional, legal-process.md §5.5): every route, for every role, on own and foreign matters.

The routes come from the program: one that has no rule here fails the test. The expectations are written down by hand,
from the specification, not asked of `tasks.acceso`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.conftest import KEY
from tests.web.two_matters import PROSPECT, Firm, firm
from web import seed

__all__ = ["firm"]

FULL = frozenset(
    {"contacto", "expediente", "plazos", "documentos", "avances", "dinero", "correos", "oportunidades", "proceso"}
)
LINKS = 10
"""Links of one list that are followed."""
NONE: frozenset[str] = frozenset()
CLIENTS = {KEY: "María Fernanda", PROSPECT: "Ricardo Ibáñez"}

# Person → what they may see of the accepted matter (led by hruiz, worked on by sluna) and of the prospect.
SEES = {
    "lvega": (frozenset({"contacto", "oportunidades"}), FULL - {"dinero", "avances"}),
    "hruiz": (FULL, FULL),
    "otrogerente": (NONE, FULL),
    "abarrera": (FULL, FULL),
    "msoto": (frozenset({"contacto", "dinero"}), NONE),
    "sluna": (FULL - {"dinero"}, NONE),
    "rcampos": (NONE, NONE),
    "analista": (NONE, NONE),
    "admin": (frozenset({"proceso"}), frozenset({"proceso"})),
    # They stand in for sluna and hruiz; rcampos would for dpaz, who is not away.
    "relevo": (FULL - {"dinero"}, NONE),
    "relevogerente": (FULL, FULL),
}
GROUPS = {
    "lvega": "ventas", "hruiz": "gerente", "otrogerente": "gerente", "relevogerente": "gerente",
    "abarrera": "direccion", "msoto": "cobranza", "sluna": "asesor", "relevo": "asesor", "rcampos": "asesor",
    "analista": "analista", "admin": "admin operador analista publicador",
}  # fmt: skip
STAFF = frozenset({"ventas", "gerente", "direccion", "cobranza", "asesor", "analista", "admin"})
LEAD = frozenset({"gerente", "direccion"})
FILE = LEAD | {"asesor"}
KEEP = LEAD | {"admin"}
MANAGE = frozenset({"admin", "direccion"})
MONEY = frozenset({"cobranza", "direccion"})
OPERATE = frozenset({"operador", "direccion"})
MODEL = frozenset({"analista", "publicador"})
AMOUNT = frozenset({"dinero", "expediente"})
MARKS = {
    **dict.fromkeys(("MARCA-HECHOS", "MARCA-ESTRATEGIA", "MARCA-CONFLICTO"), frozenset({"expediente"})),
    "MARCA-NOTA": frozenset({"avances"}),
    "MARCA-DOCUMENTO": frozenset({"documentos"}),
    "MARCA-PAGO": frozenset({"dinero"}),
    # Who works on the file knows the contract; what was paid, and how, is for those who keep the money.
    **dict.fromkeys(("69,600.00", "34,800.00"), AMOUNT),
}
"""What stands in the accepted matter → sections of which one must be allowed to read one to find it on any page."""


@dataclass(frozen=True)
class Rule:
    """Who may open a route: people of these groups, and of a matter only those who may see this section of it."""

    groups: frozenset[str] = STAFF
    section: str | None = None
    """None: the route is about no matter."""
    any_section: bool = False
    """Whoever may know of the matter at all."""
    accepted: bool = False
    """Only once the matter is accepted."""


EVERYBODY = Rule(frozenset({"everybody"}))
OWN_RULES = ("portal.", "security.", "static", "health.readyz")
"""Opened by a link that is bound to a matter (`test_need_to_know_portal`), by the library, or without any secret."""
RULES: dict[str, Rule] = {
    **dict.fromkeys(
        (
            "home.index", "home.icon", "home.logo", "second_step.ask", "health.healthz", "health.metrics",
            "contact.public_form",
            "contact.privacy", "contact.thanks", "portal_door.ask", "portal_door.send", "languages.choose",
        ),
        EVERYBODY,
    ),
    **dict.fromkeys(
        ("inbox.index", "matters.index", "mailbox.index", "demo.index", "demo.move", "demo.reset"), Rule()
    ),
    "procedures.index": Rule(),
    # A matter is no trámite, and its process is begun by a contact: nobody opens it there (test_procedures.py).
    **dict.fromkeys(("procedures.new", "procedures.show", "procedures.diagram"), Rule(NONE)),
    "matters.show": Rule(any_section=True),
    # Only leads to `matters.show`, which asks.
    "matters.part": Rule(),
    "matters.history": Rule(section="proceso"),
    "matters.diagram": Rule(section="proceso"),
    "matters.documents": Rule(section="documentos"),
    "matters.document": Rule(section="documentos"),
    "matters.money": Rule(section="dinero"),
    "matters.deadlines": Rule(section="plazos"),
    "matters.mails": Rule(section="correos"),
    **dict.fromkeys(("mailbox.show", "mailbox.content", "mailbox.calendar"), Rule(section="correos")),
    # Refused to advisors of other matters and the like by the mail itself; the answer needs one that is stuck.
    **dict.fromkeys(("mailbox.retry", "mailbox.told"), Rule(FILE | MONEY | {"ventas", "operador"}, section="correos")),
    **dict.fromkeys(("second_step.setup", "second_step.switch"), Rule()),
    **dict.fromkeys(
        tuple(f"matter_actions.{name}" for name in ("new_deadline", "close_deadline", "new_hearing")),
        Rule(FILE, section="plazos")),
    "matter_actions.move_meeting": Rule(LEAD | {"ventas"}, any_section=True),
    "actions.answered": Rule(LEAD | {"ventas"}, any_section=True),
    "matter_actions.correct_client": Rule(LEAD | {"ventas"}, any_section=True),
    **dict.fromkeys(("actions.send_link", "actions.revoke_links"), Rule(LEAD | {"ventas"}, any_section=True)),
    "actions.opportunity": Rule(frozenset({"ventas", "direccion"}), section="oportunidades"),
    "matter_actions.move_hearing": Rule(FILE, section="plazos"),
    "matter_actions.new_document": Rule(FILE, section="documentos"),
    "matter_actions.note": Rule(FILE, section="avances"),
    "matter_actions.reassign": Rule(LEAD, section="expediente", accepted=True),
    "matter_actions.change_manager": Rule(LEAD, section="expediente"),
    "matter_actions.cancel": Rule(LEAD, section="expediente"),
    **dict.fromkeys(tuple(f"ongoing.{name}" for name in ("new", "file", "example", "look", "take")), Rule(KEEP)),
    **dict.fromkeys(("workload.index", "workload.show"), Rule(LEAD)),
    **dict.fromkeys(tuple(f"absences.{name}" for name in ("index", "add", "end")), Rule(STAFF - {"analista"})),
    **dict.fromkeys(("money.index", "money.download"), Rule(MONEY)),
    "money.pay": Rule(MONEY, section="dinero"),
    **dict.fromkeys(
        tuple(
            f"user_tasks.{name}"
            for name in ("show", "complete", "refresh", "draft", "claim", "release", "assign", "attachment", "offer")
        ),
        Rule(section="tarea"),
    ),
    "contact.new": Rule(LEAD | {"ventas"}),
    **dict.fromkeys(
        tuple(f"people.{name}" for name in ("index", "new", "create", "edit", "save", "set_active", "reset_password")),
        Rule(MANAGE),
    ),
    "firm_settings.index": Rule(KEEP | {"analista"}),
    "firm_settings.to_confirm": Rule(KEEP | {"analista"}),
    "firm_times.index": Rule(KEEP | {"analista"}),
    **dict.fromkeys(("firm_settings.save", "firm_settings.set_logo", "firm_times.save"), Rule(MANAGE)),
    **dict.fromkeys(
        tuple(f"calendars.{name}" for name in ("index", "add", "remove", "upload"))
        + tuple(f"legal_terms.{name}" for name in ("index", "add", "confirm", "end")),
        Rule(KEEP),
    ),
    **dict.fromkeys(("ops.index", "ops.handbook", "ops.definition"), Rule(OPERATE | {"admin"})),
    **dict.fromkeys(("ops.incidents", "ops.incident", "ops.search", "ops.jobs", "ops.job"), Rule(OPERATE)),
    **dict.fromkeys(("ops.log", "ops.log_download"), Rule(OPERATE)),
    **dict.fromkeys(
        tuple(f"ops.instance{name}" for name in ("", "_diagram", "_history", "_jobs", "_variables")),
        Rule(OPERATE, section="proceso"),
    ),
    "ops.action": Rule(frozenset({"operador"}), section="proceso"),
    **dict.fromkeys(("ops.definition_action", "ops.job_action", "ops.dismiss"), Rule(frozenset({"operador"}))),
    "ops.migration": Rule(frozenset({"operador", "admin"})),
}  # fmt: skip


def rule_of(endpoint: str) -> Rule | None:
    if endpoint.startswith(OWN_RULES):
        return EVERYBODY
    if endpoint.startswith("studio."):
        return Rule(MODEL)
    return RULES.get(endpoint)


def test_every_route_has_its_rule(firm: Firm) -> None:
    endpoints = {rule.endpoint for rule in firm.app.url_map.iter_rules()}
    assert {one for one in endpoints if rule_of(one) is None} == set()
    assert set(RULES) - endpoints == set()


def test_every_route_is_tried(firm: Firm) -> None:
    """A route about a thing that the firm of these tests has not would be left out without a word."""
    tried = {endpoint for _method, endpoint, _url, _arguments in _requests(firm)}
    known = {rule.endpoint for rule in firm.app.url_map.iter_rules() if not rule.endpoint.startswith(OWN_RULES)}
    assert {one for one in known - tried if not one.startswith("demo.")} == set()


@pytest.mark.parametrize("usuario", SEES)
def test_a_person_opens_what_they_may_know_and_nothing_else(firm: Firm, usuario: str) -> None:
    client = browser(firm, usuario)
    wrong = []
    for method, endpoint, url, arguments in _requests(firm):
        expected = _expected(firm, usuario, endpoint, arguments)
        if expected and method != "GET":
            continue  # it would change something; the tests of each page do that
        answer = client.open(url, method=method)
        status = answer.status_code
        wrong += _told(usuario, url, answer)
        # 409: somebody else's task, seen by nobody; the ids cannot be guessed.
        if expected and endpoint.startswith("studio."):
            continue  # whether there is such a file in a draft is the studio's own matter
        refused = status in (403, 404) or (status == 409 and method != "GET")
        if refused == expected or status >= 500:
            wrong.append(f"{method} {url} ({endpoint}): {status}, expected {'open' if expected else 'refused'}")
        elif not expected and _passes_group(usuario, endpoint) and status == 403 and method == "GET":
            wrong.append(f"{method} {url} ({endpoint}): 403 tells that it is there")
    assert not wrong, "\n".join(wrong)


def _told(usuario: str, url: str, answer: TestResponse) -> list[str]:
    """Marks on a page of somebody who may not read the section they belong to."""
    if answer.mimetype != "text/html":
        return []
    text, sections = answer.text, SEES[usuario][0]
    return [f"{url} tells {mark}" for mark, of in MARKS.items() if not of & sections and mark in text]


def test_the_marks_are_found_by_those_who_may(firm: Firm) -> None:
    """So that the walk looks for something that is there."""
    client = browser(firm, "abarrera")
    pages = (f"/asuntos/{KEY}{tab}" for tab in ("", "/historia?detalle=si", "/dinero", "/documentos"))
    text = "".join(client.get(page).text for page in pages)
    assert {mark for mark in MARKS if mark in text} >= {"MARCA-NOTA", "MARCA-PAGO", "MARCA-DOCUMENTO", "34,800.00"}


@pytest.mark.parametrize("usuario", SEES)
def test_lists_name_no_client_that_a_person_may_not_know(firm: Firm, usuario: str) -> None:
    client = browser(firm, usuario)
    hidden = [name for number, name in enumerate(CLIENTS.values()) if not SEES[usuario][number] & {"contacto"}]
    for rule in firm.app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()) or not _passes_group(usuario, rule.endpoint):
            continue
        for query in ("", "?vista=todos", "?vista=todas", "?q=PRO", "?q=mar"):
            text = client.get(rule.rule + query).get_data().decode(errors="replace")
            assert not [name for name in hidden if name in text], f"{rule.rule}{query}"


@pytest.mark.parametrize("usuario", SEES)
def test_every_link_of_a_list_opens(firm: Firm, usuario: str) -> None:
    client = browser(firm, usuario)
    tried: dict[str, int] = {}
    for path in ("/", "/bandeja", "/asuntos", "/correos", "/cartera", "/operacion/", "/operacion/asuntos"):
        answer = client.get(path, follow_redirects=True)
        assert path != "/" or answer.status_code == 200
        if answer.status_code != 200:
            continue
        links = sorted(set(re.findall(r'href="(/[^"#]*)"', answer.text.partition("<main")[2])))
        for link in links[:LINKS]:
            if link not in tried:
                tried[link] = client.get(unescape(link), follow_redirects=True).status_code
    assert {link: status for link, status in tried.items() if status != 200} == {}


def test_without_signing_in_every_other_page_asks_for_it(firm: Firm) -> None:
    client = firm.app.test_client()
    for method, endpoint, url, _arguments_of in _requests(firm):
        if rule_of(endpoint) is EVERYBODY:
            continue
        answer = client.open(url, method=method)
        assert (answer.status_code, answer.headers.get("Location", "")[:7]) == (302, "/entrar"), url


def browser(firm: Firm, usuario: str) -> FlaskClient:
    client = firm.app.test_client()
    answer = client.post("/entrar", data={"usuario": usuario, "password": seed.password_of(usuario)})
    assert answer.status_code == 302, answer.text
    return client


def _requests(firm: Firm) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """(method, endpoint, URL, arguments) for each route, once for each thing of each matter that it can be about."""
    others = {
        "path": "dmn/reunion_equipo.dmn",
        "usuario": "sluna",
        "day_id": "x",
        "term_id": "x",
        "below": "A-1",
    }
    others |= {"folio": KEY, "filename": "x", "absence_id": "x"}
    others |= {"trial_id": "0123456789abcdef", "name": "contacto.nuevo"}
    with firm.app.test_request_context():
        adapter = firm.app.create_url_adapter(None) or firm.app.url_map.bind("localhost")
        seen = set()
        for rule in firm.app.url_map.iter_rules():
            if rule.endpoint.startswith(OWN_RULES) or rule.endpoint.startswith("demo."):
                continue
            for arguments in (one for ones in firm.arguments.values() for one in ones):
                known = others | arguments
                if not rule.arguments <= set(known):
                    continue
                if rule.endpoint == "mailbox.calendar" and "calendario" not in known:
                    continue
                if rule.endpoint.startswith("mailbox.") and "mail_id" in rule.arguments - arguments.keys():
                    continue  # "x" stands for a mail of a trial, which has routes of its own
                url = adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments})
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    if (method, url) not in seen:
                        seen.add((method, url))
                        yield method, rule.endpoint, url, arguments


def _passes_group(usuario: str, endpoint: str) -> bool:
    rule = rule_of(endpoint)
    assert rule is not None
    return rule is EVERYBODY or bool(rule.groups & set(GROUPS[usuario].split()))


def _expected(firm: Firm, usuario: str, endpoint: str, arguments: dict[str, str]) -> bool:
    rule = rule_of(endpoint)
    assert rule is not None
    if rule is EVERYBODY:
        return True
    if not _passes_group(usuario, endpoint):
        return False
    key = arguments["key"]
    sections = SEES[usuario][0 if key == KEY else 1]
    if rule.any_section:
        return bool(sections)
    if rule.accepted and key != KEY:
        return False
    if rule.section == "tarea":
        # No task of these two matters has a file, none is about an offer.
        is_there = endpoint not in ("user_tasks.attachment", "user_tasks.offer")
        return is_there and _has_task(firm, usuario, endpoint, arguments, sections)
    if rule.section == "correos" and "plantilla" in arguments and usuario == "msoto":
        # Cobranza answers for the mails about money of accepted matters.
        return key == KEY and arguments["plantilla"].startswith(("cor_07_", "cor_liquidacion", "cor_11_cobranza"))
    if rule.section == "proceso" and endpoint.startswith("ops."):
        return True
    return rule.section is None or rule.section in sections


def _has_task(firm: Firm, usuario: str, endpoint: str, arguments: dict[str, str], sections: frozenset[str]) -> bool:
    """Those whose task it is, and whoever may read the file of the matter."""
    whose = firm.tasks[arguments["key"]][arguments["task_id"]]
    if endpoint in ("user_tasks.assign", "user_tasks.release") and "operador" in GROUPS[usuario].split():
        return True
    mine = bool(whose & (set(GROUPS[usuario].split()) | {usuario})) and bool(sections)
    return mine or "expediente" in sections
