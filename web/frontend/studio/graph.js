// The requirement graph: what is added to it is named at once.
class NamedAtOnce {
  static $inject = ['eventBus', 'directEditing'];

  constructor(eventBus, directEditing) {
    // After the shape has been placed, as the diagram editor does.
    const name = (shape) => { if (shape.width) directEditing.activate(shape); };
    eventBus.on('create.end', 500, ({ context }) => { if (context.canExecute) name(context.shape); });
    eventBus.on('autoPlace.end', 500, ({ shape }) => name(shape));
  }
}

export const NamedAtOnceModule = { __init__: ['namedAtOnce'], namedAtOnce: ['type', NamedAtOnce] };

// A decision that gets another kind of logic keeps its id, by which diagrams ask it.
class SameId {
  static $inject = ['eventBus', 'modeling'];

  constructor(eventBus, modeling) {
    eventBus.on('commandStack.shape.replace.postExecuted', ({ context: { oldShape, newShape } }) => {
      const { id } = oldShape.businessObject;
      if (newShape.businessObject.id !== id) modeling.updateProperties(newShape, { id });
    });
  }
}

export const SameIdModule = { __init__: ['sameId'], sameId: ['type', SameId] };

const KINDS = { 'dmn:Decision': 'Decisión', 'dmn:InputData': 'Dato de entrada', 'dmn:BusinessKnowledgeModel': 'Modelo de conocimiento', 'dmn:KnowledgeSource': 'Fuente' };
const LOGICS = { Tabla: { table: true }, Expresión: { expression: true } };

// The graph as a list, for who has no mouse: go to an element, name it, add below it what it needs, delete it.
export class GraphList {
  constructor(holder) {
    this.holder = holder;
    this.list = holder.querySelector('ul');
  }

  // `viewer`: the open graph; null while another view is open.
  show(viewer) {
    this.holder.hidden = !viewer;
    if (!viewer || this.viewer === viewer) return;
    this.viewer = viewer;
    viewer.get('eventBus').on(['shape.added', 'shape.removed', 'element.changed', 'import.done'], () => this.#soon());
    this.#draw();
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#draw(), 100);
  }

  #draw() {
    const shapes = this.viewer.get('elementRegistry').filter((one) => KINDS[one.type] && one.width);
    const [place, act] = (document.activeElement?.closest('#partes li') && document.activeElement.dataset.act?.split(' ')) || [];
    this.list.replaceChildren(...shapes.map((shape) => this.#row(shape)));
    if (place) this.list.querySelector(`[data-act="${CSS.escape(place)} ${act}"]`)?.focus();
  }

  #row(shape) {
    const { name, id, decisionLogic } = shape.businessObject;
    const row = document.createElement('li');
    const words = document.createElement('span');
    words.textContent = `${KINDS[shape.type]}: ${name || 'sin nombre'} `;
    const get = (service) => this.viewer.get(service);
    // Another kind of logic makes another shape of the same id, maybe since this row was written.
    const now = () => get('elementRegistry').get(id);
    const acts = [['Ir', () => get('selection').select(now())], ['Cambiar nombre', () => { get('selection').select(now()); get('directEditing').activate(now()); }]];
    if (shape.type === 'dmn:Decision') {
      acts.push(['Agregar decisión', () => this.#append(now(), 'dmn:Decision')], ['Agregar dato', () => this.#append(now(), 'dmn:InputData')]);
      const kind = { 'dmn:DecisionTable': 'Tabla', 'dmn:LiteralExpression': 'Expresión' }[decisionLogic?.$type];
      for (const [words, logic] of Object.entries(LOGICS)) {
        if (words !== kind) acts.push([`Decide con ${words.toLowerCase()}`, () => get('drdReplace').replaceElement(now(), { type: shape.type, ...logic })]);
      }
    }
    acts.push(['Borrar', () => get('modeling').removeElements([now()])]);
    row.append(words, ...acts.map(([text, act]) => button(text, `${id} ${text.replaceAll(' ', '_')}`, name, act)));
    return row;
  }

  #append(shape, type) {
    const added = this.viewer.get('elementFactory').createShape({ type });
    this.viewer.get('autoPlace').append(shape, added, { connectionTarget: shape });
  }
}

function button(text, act, name, click) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'text-link';
  made.dataset.act = act;
  made.textContent = text;
  made.setAttribute('aria-label', `${text}: ${name || 'sin nombre'}`);
  made.addEventListener('click', click);
  return made;
}
