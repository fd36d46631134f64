// What the checks found, on the drawing: a mark at each element, and the way from a finding to its element and field.
import { entries } from './fields.js';
import { translate } from './translate.js';

export class Marks {
  constructor(modeler, container) {
    this.canvas = modeler.get('canvas');
    this.overlays = modeler.get('overlays');
    this.registry = modeler.get('elementRegistry');
    this.selection = modeler.get('selection');
    this.templates = modeler.get('elementTemplates');
    this.events = modeler.get('eventBus');
    this.container = container;
    this.marked = [];
  }

  // What people call the element; what kind it is where it has no name.
  label = (id) => {
    const shape = this.registry.get(id), element = shape?.businessObject;
    const ends = element?.sourceRef ? `${element.sourceRef.name ?? element.sourceRef.id} → ${element.targetRef?.name ?? element.targetRef?.id}` : null;
    return element?.name || ends || (shape ? kind(shape) : id);
  };

  go = (id) => {
    const element = this.registry.get(id);
    if (!element) return;
    document.activeElement?.blur();
    // An element of a process that is no participant is the root itself: its properties show when nothing is selected.
    this.selection.select(element.parent ? element : null);
    if (element.parent) this.canvas.scrollToElement(element, 120);
    this.container.scrollIntoView({ block: 'nearest' });
    this.canvas.focus();
  };

  // To the element of a finding and, where one field of its panel holds what is wrong, into that field.
  mend = (id, finding) => {
    this.go(id);
    const element = this.registry.get(id);
    if (!element) return;
    const ids = entries(finding, element, this.templates);
    // The panel has drawn the properties of the element by then.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const entry = ids.find((one) => document.querySelector(`#panel [data-entry-id="${CSS.escape(one)}"]`));
      if (entry) this.events.fire('propertiesPanel.showEntry', { id: entry });
    }));
  };

  show = (found) => {
    this.overlays.remove({ type: 'finding' });
    for (const [id, marker] of this.marked) if (this.registry.get(id)) this.canvas.removeMarker(id, marker);
    this.marked = [];
    const seen = Map.groupBy(found.filter((one) => this.registry.get(one.element)?.parent), (one) => one.element);
    for (const [id, ones] of seen) this.#mark(id, ones);
  };

  #mark(id, ones) {
    const error = ones.some((one) => one.severity === 'error');
    const mark = document.createElement('button');
    mark.type = 'button';
    mark.className = `finding-mark ${error ? 'error-mark' : 'warning'}`;
    mark.textContent = error ? '!' : '?';
    mark.title = ones.map((one) => `${one.message} ${one.remedy}`).join('\n');
    mark.setAttribute('aria-label', `${this.label(id)}: ${mark.title}`);
    mark.addEventListener('click', () => this.mend(id, ones.find((one) => one.severity === 'error') ?? ones[0]));
    const element = this.registry.get(id);
    const middle = element.waypoints?.[Math.floor((element.waypoints.length - 1) / 2)];
    const next = element.waypoints?.[Math.floor((element.waypoints.length - 1) / 2) + 1];
    // Overlays of a flow are placed from the corner of its box: the mark goes to the middle of one of its pieces.
    const position = middle
      ? { left: (middle.x + next.x) / 2 - Math.min(...element.waypoints.map((one) => one.x)) - 11, top: (middle.y + next.y) / 2 - Math.min(...element.waypoints.map((one) => one.y)) - 11 }
      : { top: -11, right: 11 };
    this.overlays.add(id, 'finding', { position, html: mark });
    const marker = error ? 'has-finding' : 'has-warning';
    this.canvas.addMarker(id, marker);
    this.marked.push([id, marker]);
  }
}

// «Evento de borde: temporizador», as the head of the panel has it.
function kind({ businessObject: { $type, eventDefinitions } }) {
  const event = eventDefinitions?.[0]?.$type.replace(/^bpmn:|EventDefinition$/g, '') ?? '';
  return translate((event + $type.replace('bpmn:', '')).replace(/(\B[A-Z])/g, ' $1'));
}
