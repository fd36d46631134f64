// The diagram editor: what is drawn is what runs; the server's own checks speak at the elements.
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule } from 'bpmn-js-properties-panel';
import ZeebeBehaviorsModule from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import { CloudElementTemplatesPropertiesProviderModule } from 'bpmn-js-element-templates';
import ElementTemplateChooserModule from '@bpmn-io/element-template-chooser';
import { CreateAppendAnythingModule, CreateAppendElementTemplatesModule } from 'bpmn-js-create-append-anything';
import { ZeebeVariableResolverModule } from '@bpmn-io/variable-resolver';
import MinimapModule from 'diagram-js-minimap';
import ColorPickerModule from 'bpmn-js-color-picker';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';

import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import 'bpmn-js-element-templates/dist/assets/element-templates.css';
import '@bpmn-io/element-template-chooser/dist/element-template-chooser.css';
import 'bpmn-js-color-picker/colors/color-picker.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import '../css/studio.css';

import { findings } from '../studio/findings.js';
import { MenuFilterModule, PanelFilterModule } from '../studio/panel.js';
import { autosave, data } from '../studio/session.js';
import { TranslateModule } from '../studio/translate.js';
import { KnownVariablesModule } from '../studio/variables.js';

const container = document.getElementById('dibujo');
const modeler = new Modeler({
  container,
  propertiesPanel: { parent: '#panel', feelPopupContainer: '#editor' },
  moddleExtensions: { zeebe },
  catalogue: data.catalogue,
  variables: data.variables,
  additionalModules: [
    BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule, ZeebeBehaviorsModule,
    CloudElementTemplatesPropertiesProviderModule, ElementTemplateChooserModule, CreateAppendAnythingModule,
    CreateAppendElementTemplatesModule, ZeebeVariableResolverModule, MinimapModule, ColorPickerModule,
    PanelFilterModule, MenuFilterModule, KnownVariablesModule, TranslateModule,
  ],
});
modeler.on('elementTemplates.errors', ({ errors }) => console.error(errors.map(String).join('\n')));
modeler.get('elementTemplatesLoader').setTemplates(data.templates);

const canvas = modeler.get('canvas');
const overlays = modeler.get('overlays');
const registry = modeler.get('elementRegistry');
const marked = new Set();

try {
  await modeler.importXML(data.content);
  fit();
} catch (error) {
  document.getElementById('estado').textContent = `El diagrama no se puede dibujar: ${error.message}`;
}
const look = findings(show, go);
const changed = autosave(async () => (await modeler.saveXML({ format: true })).xml, look);
modeler.on('commandStack.changed', changed);
container.dataset.ready = 'yes';

document.getElementById('deshacer').addEventListener('click', () => modeler.get('commandStack').undo());
document.getElementById('rehacer').addEventListener('click', () => modeler.get('commandStack').redo());
document.getElementById('ajustar').addEventListener('click', fit);
document.getElementById('svg').addEventListener('click', async () => {
  const { svg } = await modeler.saveSVG();
  const link = document.createElement('a');
  link.href = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  link.download = data.path.split('/').pop().replace(/\.bpmn$/, '.svg');
  link.click();
});
// From the table of elements to the drawing: everything there can be reached without a mouse.
document.getElementById('elementos').addEventListener('click', (event) => {
  const id = event.target.closest('[data-element]')?.dataset.element;
  if (id) go(id);
});
list();
modeler.on('elements.changed', list);
new ResizeObserver(() => canvas.resized()).observe(container);

// The start of the diagram beside the palette, never so small that nobody can read it.
function fit() {
  canvas.zoom('fit-viewport');
  const box = canvas.viewbox();
  const { inner, outer } = box;
  const scale = Math.max(Math.min((outer.width - 150) / inner.width, (outer.height - 60) / inner.height, 1), 0.6);
  canvas.viewbox({ x: inner.x - 130 / scale, y: inner.y - 30 / scale, width: outer.width / scale, height: outer.height / scale });
}

function go(id) {
  const element = registry.get(id);
  if (!element) return;
  document.activeElement?.blur();
  modeler.get('selection').select(element);
  canvas.scrollToElement(element, 100);
  container.scrollIntoView({ block: 'nearest' });
  canvas.focus();
}

function show(found) {
  overlays.remove({ type: 'finding' });
  for (const [id, marker] of marked) if (registry.get(id)) canvas.removeMarker(id, marker);
  marked.clear();
  const seen = new Map();
  for (const one of found) {
    if (!one.element || !registry.get(one.element)) continue;
    seen.set(one.element, [...(seen.get(one.element) ?? []), one]);
  }
  for (const [id, ones] of seen) {
    const error = ones.some((one) => one.severity === 'error');
    const mark = document.createElement('button');
    mark.type = 'button';
    mark.className = `finding-mark ${error ? 'error-mark' : 'warning'}`;
    mark.textContent = error ? '!' : '?';
    mark.title = ones.map((one) => `${one.message} ${one.remedy}`).join('\n');
    mark.setAttribute('aria-label', `${id}: ${mark.title}`);
    mark.addEventListener('click', () => document.getElementById('hallazgos').scrollIntoView());
    overlays.add(id, 'finding', { position: { top: -11, right: 11 }, html: mark });
    const marker = error ? 'has-finding' : 'has-warning';
    canvas.addMarker(id, marker);
    marked.add([id, marker]);
  }
}

function list() {
  const rows = registry
    .filter((one) => one.businessObject?.name && /Task|Event|Gateway|Activity|SubProcess/.test(one.type) && one.type !== 'label')
    .map((one) => {
      const row = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'text-link';
      button.dataset.element = one.id;
      button.textContent = one.businessObject.name;
      row.append(button, ' ', Object.assign(document.createElement('span'), { className: 'file', textContent: one.id }));
      return row;
    });
  document.getElementById('elementos').replaceChildren(...rows);
}
