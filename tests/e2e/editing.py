"""What tests of the editors do: open a file, choose an element, read what was asked for in vain."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.walker import Walker

FILE = "/estudio/archivo/"


def opened(studio: Walker, path: str) -> Page:
    page = studio.person("admin")
    page.goto(studio.base + path)
    ready(page)
    return page


def ready(page: Page) -> None:
    if page.locator("#dibujo").count():
        expect(page.locator("#dibujo[data-ready]")).to_be_visible()


def chosen(page: Page, element: str) -> Locator:
    """The properties of the element that is chosen in the list beside the diagram, all groups open."""
    page.locator("details:has(#elementos)").evaluate("one => { one.open = true; }")
    page.locator(f'#elementos [data-element="{element}"]').press("Enter")
    panel = page.locator("#panel")
    all_groups_open(panel)
    return panel


def all_groups_open(panel: Locator) -> None:
    """Opens one group after the other, as a person would: a group that opens by itself meanwhile is left open."""
    panel.evaluate("""async (panel) => {
      const tried = new Set();
      const group = (header) => header.parentElement.dataset.groupId;
      const closed = () => [...panel.querySelectorAll('.bio-properties-panel-group-header:not(.open)')];
      const next = () => closed().find((one) => !tried.has(group(one)));
      for (let header = next(); header; header = next()) {
        tried.add(group(header));
        header.click();
        await new Promise(requestAnimationFrame);
      }
    }""")


def missing(page: Page) -> list[str]:
    found = page.evaluate("document.documentElement.dataset.missing")
    return list(json.loads(found)) if found else []


def imported(studio: Walker, id: str, content: str, sizes: dict[str, int], more: str = "") -> Page:
    """The editor of a process that came in as a file, its elements in a row, each so wide and high."""
    page = studio.person("admin")
    page.goto(f"{studio.base}/estudio")
    shapes = "".join(
        f'<di:BPMNShape id="d{n}" bpmnElement="{one}"><dc:Bounds x="{120 * n}" y="80" width="{size}" height="{size}"/>'
        "</di:BPMNShape>"
        for n, (one, size) in enumerate(sizes.items())
    )
    edges = "".join(
        f'<di:BPMNEdge id="e{flow}" bpmnElement="{flow}"><wd:waypoint x="0" y="0"/><wd:waypoint x="9" y="9"/>'
        "</di:BPMNEdge>"
        for flow in re.findall('<sequenceFlow id="(.)"', content)
    )
    names = {"": "BPMN/20100524/MODEL", ":di": "BPMN/20100524/DI", ":dc": "DD/20100524/DC", ":wd": "DD/20100524/DI"}
    spaces = " ".join(f'xmlns{key}="http://www.omg.org/spec/{name}"' for key, name in names.items())
    model = f"""<definitions {spaces} xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="x" targetNamespace="x">
<process id="{id}" name="{id}" isExecutable="true">{content}</process>
<di:BPMNDiagram id="y"><di:BPMNPlane id="z" bpmnElement="{id}">{shapes}{edges}</di:BPMNPlane></di:BPMNDiagram>{more}
</definitions>"""
    page.get_by_label("Archivos").set_input_files(
        {"name": f"{id}.bpmn", "mimeType": "application/xml", "buffer": model.encode()}
    )
    page.get_by_role("button", name="Importar").click()
    ready(page)
    return page


def is_on_top(mark: Locator) -> None:
    mark.scroll_into_view_if_needed()
    expect(mark).to_be_visible()
    assert mark.evaluate(
        """mark => { const box = mark.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        // What a bench cuts off cannot be scrolled to by hand.
        const bench = mark.closest('.workbench');
        return mark.contains(top) && (!bench || bench.scrollHeight <= bench.clientHeight + 1); }"""
    )


def created(studio: Walker, kind: str, name: str) -> Page:
    """The editor of a new file, made from nothing."""
    page = studio.person("admin")
    page.goto(f"{studio.base}/estudio")
    page.get_by_label("Qué").select_option(kind)
    page.get_by_label("Nombre", exact=True).fill(name)
    page.get_by_role("button", name="Crear y abrir", exact=True).click()
    ready(page)
    return page


ENGLISH = re.compile(
    r"\b(the|of|with|click|create|list|value|item|items|element|to|add|remove|none|text|form|your|drag|select|file|and)\b",
    re.IGNORECASE,
)
WORDS = """one => [one.innerText, ...[...one.querySelectorAll('[title], [aria-label], [placeholder], option')].flatMap(
  (part) => [part.title, part.getAttribute('aria-label'), part.placeholder, part.localName === 'option' && part.text])]
  .filter(Boolean).flatMap((words) => words.split('\\n'))"""
