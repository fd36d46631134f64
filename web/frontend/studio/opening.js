// Opening a diagram: what other programs leave out is added, what is not understood is said before it can be lost, and a
// file without a drawing is given one when the analyst asks for it.
import { draw } from './layout.js';

const LOST = 'Trae partes que el editor no entiende; si cambia el diagrama aquí, se pierden:';
const notice = document.getElementById('aviso');

// Answers whether the diagram is drawn; `redrawn` is called when it has been drawn on request.
export async function open(modeler, content, redrawn) {
  let found;
  try {
    found = await modeler.importXML(content);
  } catch (error) {
    return refused(modeler, error, redrawn);
  }
  connect(modeler.getDefinitions());
  if (found.warnings.length) say(LOST, found.warnings.map(told));
  return true;
}

// `incoming` and `outgoing` repeat what the flows say, so that many programs leave them out; the checks look at them.
function connect(definitions) {
  const visit = (container) => {
    for (const one of container.flowElements ?? []) {
      if (one.$type === 'bpmn:SequenceFlow') {
        for (const [node, side] of [[one.sourceRef, 'outgoing'], [one.targetRef, 'incoming']]) {
          if (node?.get && !node.get(side).includes(one)) node.get(side).push(one);
        }
      }
      visit(one);
    }
  };
  for (const root of definitions.rootElements ?? []) visit(root);
}

function refused(modeler, error, redrawn) {
  const definitions = modeler.getDefinitions();
  const state = document.getElementById('estado');
  state.textContent = 'Sin dibujo';
  state.className = 'save-state bad';
  if (!definitions) {
    say('Este archivo no es un diagrama BPMN: el editor no lo puede abrir. Descárguelo en «Opciones» para verlo, o bórrelo.', []);
  } else if (definitions.diagrams?.length || !draw(modeler.get('moddle'), definitions)) {
    say('El dibujo de este archivo no corresponde a ningún proceso. Corríjalo en el programa donde se hizo, o bórrelo en «Opciones».', []);
  } else {
    const button = Object.assign(document.createElement('button'), { className: 'button', type: 'button', textContent: 'Dibujarlo' });
    button.addEventListener('click', async () => {
      const { xml } = await modeler.saveXML({ format: true });
      notice.hidden = true;
      state.textContent = '';
      if (await open(modeler, xml, redrawn)) redrawn();
    });
    const lost = (error.warnings ?? []).map(told);
    say(`Este archivo trae el proceso sin su dibujo. El editor puede hacer uno, que luego se acomoda a mano. ${lost.length ? LOST : ''}`, lost, button);
  }
  return false;
}

function told({ message }) {
  const [, unknown] = /^unparsable content <([^>]+)> detected/.exec(message) ?? [];
  if (unknown) return `el elemento <${unknown}>`;
  const [, missing] = /^unresolved reference <([^>]+)>/.exec(message) ?? [];
  if (missing) return `una referencia a «${missing}», que no está en el archivo`;
  const [, twice] = /duplicate ID <([^>]+)>/.exec(message) ?? [];
  return twice ? `el segundo elemento con el id «${twice}»` : message.split('\n')[0];
}

function say(sentence, items, ...more) {
  const list = document.createElement('ul');
  list.append(...[...new Set(items)].slice(0, 12).map((one) => Object.assign(document.createElement('li'), { textContent: one })));
  notice.replaceChildren(Object.assign(document.createElement('p'), { textContent: sentence }), ...(items.length ? [list] : []), ...more);
  notice.hidden = false;
}
