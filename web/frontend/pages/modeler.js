// The diagram editor: what is drawn is what runs; the server's own checks speak at the elements.
import Modeler from 'bpmn-js/lib/Modeler';
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule } from 'bpmn-js-properties-panel';
import ZeebeBehaviorsModule from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import { CloudElementTemplatesPropertiesProviderModule } from 'bpmn-js-element-templates';
import ElementTemplateChooserModule from '@bpmn-io/element-template-chooser';
import { CreateAppendAnythingModule, CreateAppendElementTemplatesModule } from 'bpmn-js-create-append-anything';
import { ZeebeVariableResolverModule } from '@bpmn-io/variable-resolver';
import MinimapModule from 'diagram-js-minimap';
import ColorPickerModule from 'bpmn-js-color-picker';
import SimulationModule from 'bpmn-js-token-simulation/lib/modeler';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';

import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import 'bpmn-js-element-templates/dist/assets/element-templates.css';
import '@bpmn-io/element-template-chooser/dist/element-template-chooser.css';
import 'bpmn-js-color-picker/colors/color-picker.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import 'bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css';
import '../css/studio.css';

import { spoken } from '../studio/aloud.js';
import { ClipboardModule } from '../studio/clipboard.js';
import { findings } from '../studio/findings.js';
import { nameOf } from '../studio/kinds.js';
import { lint } from '../studio/lint.js';
import { Marks } from '../studio/marks.js';
import { MenuFilterModule } from '../studio/menus.js';
import { open } from '../studio/opening.js';
import { PanelFilterModule } from '../studio/panel.js';
import { NamingModule } from '../studio/naming.js';
import { FirmPaletteModule } from '../studio/palette.js';
import { PlacingModule } from '../studio/placing.js';
import { PointingModule } from '../studio/pointing.js';
import { RoomModule } from '../studio/room.js';
import { SearchModule } from '../studio/search.js';
import { autosave, data } from '../studio/session.js';
import { TranslateModule, isSpanish, translate } from '../studio/translate.js';
import { KnownVariablesModule } from '../studio/variables.js';

// Pixels that the palette takes; the scale below which names cannot be read.
const BESIDE = 130;
const LEGIBLE = 0.6;
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
    SimulationModule, PanelFilterModule, MenuFilterModule, FirmPaletteModule, RoomModule, NamingModule, PlacingModule, PointingModule, SearchModule, ClipboardModule, KnownVariablesModule, TranslateModule,
  ],
});
modeler.on('elementTemplates.errors', ({ errors }) => console.error(errors.map(String).join('\n')));
isSpanish([data.templates, data.catalogue]);
modeler.get('elementTemplatesLoader').setTemplates(data.templates);

const canvas = modeler.get('canvas');
const registry = modeler.get('elementRegistry');
const marks = new Marks(modeler, container);
const read = async () => (modeler.getDefinitions() ? (await modeler.saveXML({ format: true })).xml : data.content);

await open(modeler, data.content, () => { whole(); changed(); look(); list(); });
whole();
const look = findings({
  read,
  more: (known) => (modeler.getDefinitions()?.rootElements ? lint(modeler.getDefinitions(), known, translate) : []),
  show: marks.show,
  go: marks.mend,
  label: marks.label,
});
const changed = autosave(read);
modeler.on('commandStack.changed', () => { changed(); look(); });
container.querySelector('.djs-container > svg').setAttribute('aria-label', container.getAttribute('aria-label'));
spoken(modeler, document.getElementById('dicho'));

document.getElementById('deshacer').addEventListener('click', () => modeler.get('commandStack').undo());
document.getElementById('rehacer').addEventListener('click', () => modeler.get('commandStack').redo());
document.getElementById('ajustar').addEventListener('click', () => {
  fit();
  modeler.get('minimap').close();
});
for (const id of ['svg', 'png']) document.getElementById(id).addEventListener('click', picture);
const simulate = document.getElementById('simular');
simulate.addEventListener('click', () => modeler.get('toggleMode').toggleMode());
modeler.on('tokenSimulation.toggleMode', ({ active }) => {
  simulate.setAttribute('aria-pressed', String(active));
  // The buttons that set tokens off are not shown on a small drawing.
  if (active && canvas.zoom() < LEGIBLE) fit(LEGIBLE);
  document.getElementById('editor').classList.toggle('simulating', active);
});
// The signs of the palette say what they are to whoever points at them, too.
container.addEventListener('pointerover', (event) => {
  const entry = event.target.closest('.djs-palette .entry');
  if (entry && !entry.title) entry.title = entry.getAttribute('aria-label') ?? '';
});
// From the table of elements to the drawing: everything there can be reached without a mouse.
document.getElementById('elementos').addEventListener('click', (event) => {
  const id = event.target.closest('[data-element]')?.dataset.element;
  if (id) marks.go(id);
});
list();
modeler.on('elements.changed', list);
// What the panel says of an element's flows follows them: they are no property of the element that would change with it.
modeler.on(['connection.added', 'connection.removed'], () => modeler.get('eventBus').fire('propertiesPanel.providersChanged'));
new ResizeObserver(() => canvas.resized()).observe(container);
const named = () => marks.go(decodeURIComponent(location.hash.slice(1)));
window.addEventListener('hashchange', named);
await panelListens();
named();
container.dataset.ready = 'yes';

// The panel learns of what is chosen after its first drawing only; a tab in the background draws no frames.
async function panelListens() {
  await new Promise((done) => { requestAnimationFrame(done); setTimeout(done, 150); });
  await new Promise((done) => { setTimeout(done); });
}

// As it opens: never so small that nobody can read it; all of it is then seen in the map.
function whole() {
  if (registry.getAll().length > 1 && !fit(LEGIBLE) && container.clientWidth > 640) modeler.get('minimap').open();
}

// All of the diagram beside the palette; with a smallest scale, its start. Answers whether all of it is seen.
function fit(smallest = 0) {
  const { inner, outer } = canvas.viewbox();
  const whole = Math.min((outer.width - BESIDE - 20) / inner.width, (outer.height - 60) / inner.height, 1);
  const scale = Math.max(whole, smallest);
  canvas.viewbox({ x: inner.x - BESIDE / scale, y: inner.y - 30 / scale, width: outer.width / scale, height: outer.height / scale });
  return scale === whole;
}

// As SVG, or drawn twice as large as PNG, for those who paste it into a text.
async function picture({ currentTarget }) {
  const { svg } = await modeler.saveSVG();
  const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  const png = currentTarget?.id === 'png';
  const link = document.createElement('a');
  link.href = png ? await drawn(address) : address;
  link.download = data.path.split('/').pop().replace(/\.bpmn$/, png ? '.png' : '.svg');
  link.click();
}

async function drawn(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement('canvas');
  // No browser draws larger ones.
  const scale = Math.min(2, 8000 / Math.max(image.width, image.height));
  canvas.width = image.width * scale;
  canvas.height = image.height * scale;
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png');
}

// Everything that has a place in the course of things: steps, and the flows between them.
function list() {
  const rows = registry.filter((one) => is(one, 'bpmn:FlowElement') && !one.labelTarget).map((one) => {
    const row = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'text-link';
    button.dataset.element = one.id;
    // The flows of a choice have names that say little without it: «Sí».
    button.textContent = /Gateway/.test(one.source?.type) ? `${nameOf(one.source)}: ${nameOf(one)}` : nameOf(one);
    row.append(button, ' ', Object.assign(document.createElement('span'), { className: 'file', textContent: one.id }));
    return row;
  });
  document.getElementById('elementos').replaceChildren(...rows);
}
