// What is chosen in the create menu with the keyboard finds a place of its own: below all that is drawn, ready to be named.
import { is } from 'bpmn-js/lib/util/ModelUtil';

const ASIDE = 60;
// Left of where a diagram begins that has nothing yet.
const FIRST = { x: 160, y: 100 };

class Placing {
  static $inject = ['popupMenu', 'create', 'canvas', 'elementRegistry', 'rules', 'modeling', 'selection', 'directEditing'];

  constructor(menus, create, canvas, registry, rules, modeling, selection, directEditing) {
    Object.assign(this, { create, canvas, registry, rules, modeling, selection, directEditing });
    menus.registerProvider('bpmn-create', 100, this);
  }

  getPopupMenuEntries() {
    return (entries) => Object.fromEntries(Object.entries(entries).map(([id, entry]) => [id, this.#placed(entry)]));
  }

  #placed(entry) {
    const click = entry.action?.click;
    if (!click) return entry;
    return { ...entry, action: { ...entry.action, click: (event, ...rest) => (event instanceof KeyboardEvent ? this.#byItself(click, event, rest) : click(event, ...rest)) } };
  }

  // The menu makes the shape and hands it to whoever lets the mouse place it; here that is not the mouse.
  #byItself(click, event, rest) {
    const { create } = this;
    create.start = (...given) => {
      if (!this.#place(given[1])) Object.getPrototypeOf(create).start.apply(create, given);
    };
    try {
      click(event, ...rest);
    } finally {
      delete create.start;
    }
  }

  // Answers whether it may stand there.
  #place(shape) {
    const root = this.canvas.getRootElement();
    const pool = is(shape, 'bpmn:Participant') ? undefined : this.registry.find((one) => is(one, 'bpmn:Participant') && one.parent === root && one.businessObject.processRef);
    const target = pool ?? root;
    const inside = target.children.filter((one) => !one.waypoints && !is(one, 'bpmn:Lane'));
    const left = inside.length ? Math.min(...inside.map((one) => one.x)) : (pool?.x ?? 0) + FIRST.x;
    const top = inside.length ? Math.max(...inside.map((one) => one.y + one.height)) + ASIDE : (pool?.y ?? 0) + FIRST.y;
    const position = { x: left + shape.width / 2, y: top + shape.height / 2 };
    if (!this.rules.allowed('shape.create', { shape, target, position })) return false;
    this.modeling.createElements([shape], position, target);
    this.canvas.scrollToElement(shape, 120);
    this.selection.select(shape);
    this.directEditing.activate(shape);
    return true;
  }
}

export const PlacingModule = { __init__: ['placing'], placing: ['type', Placing] };
