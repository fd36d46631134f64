// The form editor: the types that people's pages draw, and beside it the form as they will see it.
import { FormEditor } from '@bpmn-io/form-js-editor';
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css';
import '@bpmn-io/form-js-editor/dist/assets/properties-panel.css';
import '@bpmn-io/form-js-editor/dist/assets/dragula.css';
import '../css/studio.css';

import { findings } from '../studio/findings.js';
import { autosave, data } from '../studio/session.js';

// What the renderer does not draw, and what is refused at saving, is not in the palette.
const REFUSED = ['table', 'html', 'iframe', 'image', 'documentPreview', 'expression', 'button'];

class Trim {
  static $inject = ['formFields'];

  constructor(formFields) {
    for (const type of REFUSED) delete formFields._formFields[type];
  }
}

const container = document.getElementById('dibujo');
const preview = document.getElementById('previa');
const editor = new FormEditor({ container, additionalModules: [{ __init__: ['trim'], trim: ['type', Trim] }] });
try {
  await editor.importSchema(JSON.parse(data.content));
} catch {
  document.getElementById('estado').textContent = 'El formulario no se puede abrir: no es un formulario form-js que se entienda. Importe otro con el mismo nombre.';
}
const read = () => `${JSON.stringify(editor.saveSchema(), null, 2)}\n`;
const fields = editor.get('formFieldRegistry');
const marks = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, marks];
const look = findings({ read, go, show: mark, label: (id) => fields.get(id)?.label || id });
const changed = autosave(read, () => preview.contentWindow.location.replace(data.urls.preview));
editor.on('commandStack.changed', () => { changed(); look(); });
container.dataset.ready = 'yes';
for (const [id, act] of [['deshacer', 'undo'], ['rehacer', 'redo']]) {
  document.getElementById(id).addEventListener('click', () => editor.get('commandStack')[act]());
}

// A click (or the enter key) on a kind of field adds one at the end; dragging puts it anywhere.
container.addEventListener('click', (event) => {
  const type = event.target.closest('.fjs-palette-field')?.dataset.fieldType;
  if (!type) return;
  const form = fields.getAll().find((one) => one.type === 'default');
  const added = editor.get('modeling').addFormField({ type }, form, form.components.length);
  const field = added ?? form.components.at(-1);
  if (field) editor.get('selection').set(field);
});

// A field that is added gets its key from its label while nobody has given it another: «Fecha de audiencia» →
// fecha_de_audiencia. What was there before keeps its key, which diagrams may use.
const fresh = new Map();
const named = ({ type }) => (type === 'dynamiclist' ? 'path' : 'key');
editor.on('commandStack.formField.add.postExecuted', ({ context: { formField } }) => {
  const field = fields.get(formField?.id);
  if (field?.[named(field)]) fresh.set(field.id, field[named(field)]);
});
editor.on('commandStack.formField.edit.preExecute', ({ context: { formField, properties } }) => {
  const name = named(formField);
  if (name in properties) fresh.delete(formField.id);
  const label = properties.label ?? properties.dateLabel ?? properties.timeLabel;
  if (typeof label !== 'string' || formField[name] !== fresh.get(formField.id)) return;
  const key = unused(words(label), formField);
  if (!key || key === formField[name]) return;
  editor.get('modeling').editFormField(formField, { [name]: key });
  fresh.set(formField.id, key);
});

// In the same way an option that is added: its value follows its label. (The panel changes the list in place, so what
// it was is not to be had: an option of its first values, or of one that was given here, is new.)
const given = new Set();
editor.on('commandStack.formField.edit.preExecute', ({ context: { formField, properties } }) => {
  if (!Array.isArray(properties.values)) return;
  properties.values = properties.values.map((one, place, all) => {
    const fresh = /^value\d*$/.test(one.value) || given.has(`${formField.id} ${one.value}`);
    const value = /^Valor ?\d*$/.test(one.label) ? '' : words(one.label ?? '');
    if (!fresh || !value || all.some((other) => other !== one && other.value === value)) return one;
    given.add(`${formField.id} ${value}`);
    return { ...one, value };
  });
});

function words(label) {
  const plain = label.startsWith('=') ? '' : label.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '_').replace(/^[_0-9]+|_+$/g, '').slice(0, 40);
}

function unused(key, field) {
  const taken = new Set(fields.getAll().filter((one) => one !== field).map((one) => one[named(one)]));
  if (!key || !taken.has(key)) return key;
  for (let n = 2; ; n++) if (!taken.has(`${key}_${n}`)) return `${key}_${n}`;
}

// A frame around each field with a finding; the drawing is made anew at every change, so a style sheet does it.
// A shadow beside the outline, which is the ring of the focus while the field has it.
function mark(found) {
  const rules = found.filter((one) => fields.get(one.element)).map((one) => {
    const colour = one.severity === 'error' ? '#a1261f' : '#80500b';
    return `.form-editor [data-id="${CSS.escape(one.element)}"] { outline: 2px solid ${colour} !important; outline-offset: 1px; box-shadow: 0 0 0 3px ${colour} !important; }`;
  });
  marks.replaceSync(rules.join('\n'));
}

// From a finding to the field that it is about.
function go(id) {
  const field = fields.get(id);
  if (!field) return;
  editor.get('selection').set(field);
  container.querySelector(`[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'center' });
}
