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

import { findings } from '../studio/findings.js';
import { autosave, data, send } from '../studio/session.js';
import { addRule, markTables } from '../studio/table_marks.js';
import { TranslateModule } from '../studio/translate.js';

const container = document.getElementById('dibujo');
const spanish = { additionalModules: [TranslateModule] };
const modeler = new DmnModeler({ container, common: spanish, drd: spanish, decisionTable: spanish, literalExpression: spanish, boxedExpression: spanish });
const watched = new WeakSet();
const KINDS = { drd: 'Gráfico de requisitos', decisionTable: 'Tabla', literalExpression: 'Expresión', boxedExpression: 'Expresión' };
let decisions = [];

// A menu or a pencil of the table goes when the focus does, and a click beside its fields would give the focus to the
// nearest part of the page that takes it: none may.
document.getElementById('contenido')?.removeAttribute('tabindex');

try {
  await modeler.importXML(data.content);
  const views = modeler.getViews();
  await modeler.open(views.find((view) => view.type === 'decisionTable') ?? views.find((view) => view.type !== 'drd') ?? views[0]);
} catch (error) {
  document.getElementById('estado').textContent = `La decisión no se puede abrir: ${error.message}`;
}
const read = async () => (await modeler.saveXML({ format: true })).xml;
const look = findings({ read, go, label });
const save = autosave(read, analyse);
const changed = () => { save(); look(); };
modeler.on('views.changed', watch);
watch();
analyse();
container.dataset.ready = 'yes';
for (const [id, act] of [['deshacer', 'undo'], ['rehacer', 'redo']]) {
  document.getElementById(id).addEventListener('click', () => modeler.getActiveViewer()?.get('commandStack')[act]());
}

// Each view is an editor of its own, made when it is first opened.
function watch() {
  const viewer = modeler.getActiveViewer();
  if (viewer && !watched.has(viewer)) {
    watched.add(viewer);
    viewer.get('eventBus').on('commandStack.changed', changed);
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
  decisions = told.decisions;
  markTables(decisions);
  place.replaceChildren(...decisions.filter((one) => one.table).flatMap(described));
  form();
}

function described({ id, name, table }) {
  const rows = [];
  if (!table.complete) rows.push(line('La tabla es demasiado grande para analizarla entera.', 'warning'));
  for (const gap of table.gaps) rows.push(open(id, gap));
  if (table.moreGaps) rows.push(line(`Y ${table.moreGaps} huecos más.`, 'warning'));
  for (const one of table.overlaps) {
    rows.push(line(`Las reglas ${one.rules.join(' y ')} valen a la vez para ${one.region}.`, table.policy === 'UNIQUE' ? 'error' : 'note'));
  }
  for (const number of table.dead) rows.push(line(`La regla ${number} no vale nunca.`, 'warning'));
  if (table.unanalysed) rows.push(line(`${table.unanalysed} celdas dependen de otros datos y no se analizan.`, 'note'));
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

function line(text, kind) {
  const item = document.createElement('li');
  item.className = kind;
  item.textContent = text;
  return item;
}

// --- from a finding to its cell

const marked = async (id) => new DOMParser().parseFromString(await read(), 'text/xml').querySelector(`[id="${CSS.escape(id)}"]`);

function label(id) {
  const named = modeler.getDefinitions()?.drgElement?.find((one) => one.id === id);
  return named?.name ?? 'Ir a la celda';
}

async function go(id) {
  const decision = (await marked(id))?.closest('decision')?.getAttribute('id');
  const view = modeler.getViews().find((one) => one.element.id === decision && one.type !== 'drd');
  if (view) await modeler.open(view);
  const cell = container.querySelector(`[data-element-id="${CSS.escape(id)}"], [data-row-id="${CSS.escape(id)}"]`);
  cell?.scrollIntoView({ block: 'center' });
  (cell?.querySelector('[tabindex]') ?? container).focus();
}

// --- try it

const choice = document.getElementById('decision');
const fields = document.getElementById('entradas');
const outcome = document.getElementById('resultado');
choice.addEventListener('change', inputs);
document.getElementById('probar').addEventListener('submit', tryIt);

function form() {
  const chosen = choice.value;
  choice.replaceChildren(...decisions.map((one) => new Option(one.name || one.id, one.id, false, one.id === chosen)));
  inputs();
}

function inputs() {
  const typed = Object.fromEntries([...fields.querySelectorAll('input')].map((one) => [one.name, one.value]));
  const decision = decisions.find((one) => one.id === choice.value);
  fields.replaceChildren(...(decision?.inputs ?? []).map((one) => {
    const box = document.createElement('div');
    box.className = 'field';
    const label = document.createElement('label');
    label.htmlFor = `e-${one.name}`;
    label.textContent = one.label;
    const hint = document.createElement('span');
    hint.className = 'required';
    hint.textContent = ` ${one.name}`;
    label.append(hint);
    const input = document.createElement('input');
    input.type = 'text';
    input.id = label.htmlFor;
    input.name = one.name;
    input.value = typed[one.name] ?? '';
    input.autocomplete = 'off';
    const options = one.type === 'boolean' ? ['true', 'false'] : one.options;
    if (options.length) {
      const list = document.createElement('datalist');
      list.id = `o-${one.name}`;
      list.append(...options.map((value) => new Option(value, value)));
      input.setAttribute('list', list.id);
      box.append(label, input, list);
    } else {
      box.append(label, input);
    }
    return box;
  }));
}

async function tryIt(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  const given = Object.fromEntries([...fields.querySelectorAll('input')].map((one) => [one.name, one.value]));
  const answer = await send(data.urls.try, 'POST', JSON.stringify({ decision: choice.value, inputs: given }), { 'Content-Type': 'application/json' });
  const told = await answer.json();
  for (const cell of container.querySelectorAll('.rule-matched')) cell.classList.remove('rule-matched');
  if (!answer.ok) {
    outcome.replaceChildren(line(told.message, 'error'));
    return;
  }
  outcome.replaceChildren(...results(told.result));
}

function results(result) {
  const rules = result.matched.length ? `Regla ${result.matched.join(', ')}` : 'Ninguna regla';
  for (const id of result.rules) {
    for (const cell of container.querySelectorAll(`[data-row-id="${CSS.escape(id)}"]`)) cell.classList.add('rule-matched');
  }
  const item = line('', 'note');
  const title = document.createElement('strong');
  title.textContent = `${result.name || result.decision}: `;
  const value = document.createElement('code');
  value.textContent = result.outputs;
  item.append(title, value, document.createElement('br'), rules);
  return [...result.required.flatMap(results), item];
}
