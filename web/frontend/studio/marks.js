// What the checks found, on the drawing: a mark at each element, and the way from a finding to its element and field.
import { entries, show as showEntry } from './fields.js';
import { nameOf } from './kinds.js';

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

  // What is drawn for it: a process may be the pool around it.
  #shape(id) {
    return this.registry.get(id) ?? this.registry.find((one) => one.businessObject?.processRef?.id === id);
  }

  label = (id) => {
    const shape = this.#shape(id);
    return shape ? nameOf(shape) : id;
  };

  go = (id) => {
    const element = this.#shape(id);
    if (!element) return;
    document.activeElement?.blur();
    // Into the drawing of a folded sub-process first: changing from one drawing to another takes the selection away.
    if (element.parent) this.canvas.scrollToElement(element, 120);
    // An element of a process that is no participant is the root itself: its properties show when nothing is selected.
    this.selection.select(element.parent ? element : null);
    this.container.scrollIntoView({ block: 'nearest' });
    this.canvas.focus();
  };

  // To the element of a finding and, where one field of its panel holds what is wrong, into that field.
  mend = (id, finding) => {
    this.go(id);
    const element = this.#shape(id);
    if (!element) return;
    showEntry(this.events, entries(finding, element, this.templates));
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
