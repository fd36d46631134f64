// The decision editor: tables, expressions, requirement graphs; gaps and overlaps below, and a place to try inputs.
import DmnModeler from 'dmn-js/lib/Modeler';
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import '../css/studio.css';

import { nameCells } from '../studio/cell_names.js';
import { camundaBuiltins } from '../studio/feel_builtins.js';
import { GraphList, NamedAtOnceModule, SameIdModule } from '../studio/graph.js';
import { TryStrip, line } from '../studio/decision_try.js';
import { findings } from '../studio/findings.js';
import { autosave, data } from '../studio/session.js';
import { Places, addRule, markTables } from '../studio/table_marks.js';
import { TranslateModule } from '../studio/translate.js';
import { ProcessVariablesModule } from '../studio/variables.js';

const container = document.getElementById('dibujo');
const spanish = { additionalModules: [TranslateModule] };
const logic = { additionalModules: [TranslateModule, ProcessVariablesModule], variables: data.variables };
const modeler = new DmnModeler({
  container,
  common: { ...spanish, feelLanguageContext: { parserDialect: 'camunda', builtins: camundaBuiltins } },
  drd: { additionalModules: [TranslateModule, NamedAtOnceModule, SameIdModule] },
  decisionTable: logic,
  literalExpression: logic,
  boxedExpression: logic,
});
const watched = new WeakSet();
const KINDS = { drd: 'Gráfico de requisitos', decisionTable: 'Tabla', literalExpression: 'Expresión', boxedExpression: 'Función' };

// A menu or a pencil of the table goes when the focus does, and a click beside its fields would give the focus to the
// nearest part of the page that takes it: none may.
document.getElementById('contenido')?.removeAttribute('tabindex');

try {
  const { warnings } = await modeler.importXML(data.content);
  if (warnings.length) alarm(`El editor no entiende ${warnings.length === 1 ? 'una parte' : `${warnings.length} partes`} de este archivo: si aquí lo cambia, se pierde lo que no entiende. Corríjalo donde se hizo y vuelva a importarlo.`);
  const views = modeler.getViews();
  await modeler.open(views.find((view) => view.type === 'decisionTable') ?? views.find((view) => view.type !== 'drd') ?? views[0]);
} catch {
  const version = /xmlns(?::\w+)?="[^"]*\/DMN\/(\d{8})\//.exec(data.content)?.[1];
  alarm(version === '20191111' || !version
    ? 'La decisión no se puede abrir: no es un archivo DMN 1.3 que se entienda. Ábralo y guárdelo como DMN 1.3 en el programa del que viene, y vuelva a importarlo.'
    : 'Este editor abre DMN 1.3; el archivo es de otra versión. Guárdelo como DMN 1.3 en el programa del que viene, y vuelva a importarlo.');
}

function alarm(words) {
  const place = document.getElementById('conflicto');
  place.replaceChildren(Object.assign(document.createElement('p'), { textContent: words }));
  place.hidden = false;
}

const read = async () => (await modeler.saveXML({ format: true })).xml;
const places = new Places();
const strip = new TryStrip(read);
const graph = new GraphList(document.getElementById('partes'));
const look = findings({ read, more: async () => { places.learn(await read()); return []; }, show: places.mark, go, label: places.label });
const save = autosave(read, analyse);
const changed = () => { save(); look(); };
modeler.on('views.changed', watch);
watch();
analyse();
container.dataset.ready = 'yes';
nameCells(container);
for (const [id, act] of [['deshacer', 'undo'], ['rehacer', 'redo']]) {
  document.getElementById(id).addEventListener('click', () => modeler.getActiveViewer()?.get('commandStack')[act]());
}

// The signs of the graph's palette say what they do to a mouse as well.
container.addEventListener('mouseover', ({ target }) => {
  const entry = target.closest?.('.djs-palette .entry[aria-label]:not([title])');
  if (entry) entry.title = entry.getAttribute('aria-label');
});

// Each view is an editor of its own, made when it is first opened.
function watch() {
  const viewer = modeler.getActiveViewer();
  if (viewer && !watched.has(viewer)) {
    watched.add(viewer);
    viewer.get('eventBus').on('commandStack.changed', () => {
      changed();
      // Another kind of logic under the same id is no new view to the library.
      if (modeler.getActiveView()?.type === 'drd') setTimeout(watch);
    });
    // A column that is added asks at once what it is.
    viewer.get('eventBus').on('commandStack.col.add.postExecuted', ({ context }) => {
      const id = context.col?.id ?? context.element?.id;
      setTimeout(() => container.querySelector(`th[data-col-id="${CSS.escape(id)}"]`)?.dispatchEvent(new MouseEvent('dblclick', { bubbles: true })), 50);
    });
    if (modeler.getActiveView().type === 'decisionTable') viewer.get('keyboard').addListener((key, event) => down(viewer, key, event));
  }
  const active = modeler.getActiveView();
  const buttons = modeler.getViews().map((view) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button';
    button.setAttribute('aria-pressed', String(view === active || (view.element === active?.element && view.type === active?.type)));
    button.textContent = view.type === 'drd' ? KINDS.drd : `${KINDS[view.type]}: ${view.element.name ?? view.element.id}`;
    button.addEventListener('click', () => modeler.open(view));
    return button;
  });
  document.getElementById('vistas').replaceChildren(...buttons);
  strip.choose(active?.element.id);
  graph.show(active?.type === 'drd' ? viewer : null);
}

// The enter key finishes a cell and goes to the one below. In the last rule it would add an empty one, which is true
// of everything and so contradicts all others; rules are added with the «+» below them.
function down(viewer, key, event) {
  if (key !== 13 || event.shiftKey || event.ctrlKey || event.metaKey || !viewer.get('cellSelection').isCellSelected()) return false;
  viewer.get('editorActions').trigger('selectCellBelow');
  return true;
}

async function analyse() {
  const answer = await fetch(data.urls.analysis, { headers: { Accept: 'application/json' } });
  const told = await answer.json();
  const place = document.getElementById('analisis');
  if (!answer.ok) {
    place.replaceChildren(line(told.message ?? 'No se pudo analizar.', 'error'));
    return;
  }
  markTables(told.decisions);
  place.replaceChildren(...told.decisions.filter((one) => one.table).flatMap(described));
  strip.offer(told.decisions);
  strip.choose(modeler.getActiveView()?.element.id);
}

function described({ id, name, table }) {
  const rows = [];
  if (!table.complete) rows.push(line('La tabla es demasiado grande para analizarla entera.', 'warning'));
  for (const gap of table.gaps) rows.push(open(id, gap));
  if (table.moreGaps) rows.push(line(`Y ${table.moreGaps} ${table.moreGaps === 1 ? 'hueco' : 'huecos'} más.`, 'warning'));
  for (const one of table.overlaps) {
    rows.push(line(`Las reglas ${one.rules.join(' y ')} valen a la vez para ${one.region}.`, table.policy === 'UNIQUE' ? 'error' : 'note'));
  }
  for (const number of table.dead) rows.push(line(`La regla ${number} no vale nunca.`, 'warning'));
  if (table.unanalysed) rows.push(line(table.unanalysed === 1 ? 'Una celda depende de otros datos y no se analiza.' : `${table.unanalysed} celdas dependen de otros datos y no se analizan.`, 'note'));
  if (!rows.length) rows.push(line('Cada entrada tiene exactamente una regla.', 'good'));
  const title = document.createElement('h3');
  title.textContent = `${name} (${table.policy})`;
  const list = document.createElement('ul');
  list.className = 'plain-list';
  list.append(...rows);
  return [title, list];
}

function open(id, gap) {
  const item = line(`Ninguna regla vale para ${gap.region}. `, 'warning');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'text-link';
  button.textContent = 'Agregar esa regla';
  button.addEventListener('click', async () => {
    await modeler.open(modeler.getViews().find((view) => view.type === 'decisionTable' && view.element.id === id));
    const rule = addRule(modeler.getActiveViewer(), gap.cells);
    container.querySelector(`td.output-cell[data-row-id="${CSS.escape(rule)}"] [tabindex]`)?.focus();
  });
  item.append(button);
  return item;
}

// --- from a finding to its cell

async function go(id) {
  const node = places.node(id);
  const views = modeler.getViews();
  const view = views.find((one) => one.element.id === places.decision(node) && one.type !== 'drd') ?? views.find((one) => one.type === 'drd');
  if (view) await modeler.open(view);
  const cell = container.querySelector(places.selector(node));
  cell?.scrollIntoView({ block: 'center' });
  const field = cell?.querySelector('[tabindex], .cm-content');
  if (field) field.focus();
  else if (view?.type === 'drd') modeler.getActiveViewer().get('selection').select(modeler.getActiveViewer().get('elementRegistry').get(id));
}
