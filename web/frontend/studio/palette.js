// Palette and context pad begin with what analysts draw most: a task that a person does. What does not run is not there.
const REFUSED = ['create.data-object', 'create.data-store'];

class FirmPalette {
  static $inject = ['palette', 'contextPad', 'create', 'elementFactory', 'autoPlace'];

  constructor(palette, contextPad, create, elementFactory, autoPlace) {
    Object.assign(this, { create, elementFactory, autoPlace });
    // Lower than the editor's own, so it sees what they give.
    palette.registerProvider(200, this);
    contextPad.registerProvider(200, this);
  }

  getPaletteEntries() {
    const start = (event) => this.create.start(event, this.#task());
    return (entries) => {
      for (const id of REFUSED) delete entries[id];
      return changed(entries, 'create.task', 'Crear una tarea de usuario', { click: start, dragstart: start });
    };
  }

  getContextPadEntries(element) {
    const start = (event) => this.create.start(event, this.#task(), { source: element });
    const append = () => this.autoPlace.append(element, this.#task());
    return (entries) => changed(entries, 'append.append-task', 'Agregar una tarea de usuario', { click: append, dragstart: start });
  }

  #task() {
    return this.elementFactory.createShape({ type: 'bpmn:UserTask' });
  }
}

function changed(entries, id, title, action) {
  if (entries[id]) entries[id] = { ...entries[id], className: 'bpmn-icon-user-task', title, action };
  return entries;
}

export const FirmPaletteModule = { __init__: ['firmPalette'], firmPalette: ['type', FirmPalette] };
