// A diagram to look at: where the matter stands, which way it came, what failed; a double click opens a called process.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import '../css/diagram.css';
import { draw } from '../studio/layout.js';

const container = document.getElementById('diagrama');
const data = JSON.parse(document.getElementById('datos').textContent);
const viewer = new NavigatedViewer({ container });

await show(data.xml);
const canvas = viewer.get('canvas');
const overlays = viewer.get('overlays');
const registry = viewer.get('elementRegistry');

fit();
for (const id of Object.keys(data.taken)) mark(id, 'way-taken');
for (const id of Object.keys(data.completed)) mark(id, 'was-completed');
for (const [id, count] of Object.entries(data.tokens)) {
  // A sub-process holds what stands inside it: the inner element says where.
  if (isLarge(registry.get(id) ?? {})) continue;
  mark(id, 'has-token');
  badge(id, String(count), data.words.here, 'token', { top: -12, left: -12 }, data.links?.[id]);
}
for (const id of data.incidents) {
  mark(id, 'has-incident');
  badge(id, '!', data.words.incident, 'incident', { top: -12, right: 12 });
}
for (const [id, marker] of Object.entries(data.marks ?? {})) for (const one of marker.split(' ')) mark(id, one);
for (const [id, change] of Object.entries(data.changed ?? {})) mark(id, `was-${change}`);
for (const [id, url] of Object.entries(data.called)) open(id, url);
container.dataset.ready = 'yes';

document.querySelectorAll('[data-zoom]').forEach((button) => button.addEventListener('click', () => {
  if (button.dataset.zoom === 'fit') fit();
  else canvas.zoom(canvas.zoom() * Number(button.dataset.zoom), 'auto');
}));
new ResizeObserver(() => canvas.resized()).observe(container);

// A file that comes without its drawing is drawn as the studio would draw it.
async function show(xml) {
  try {
    await viewer.importXML(xml);
  } catch (error) {
    if (!viewer.getDefinitions() || !draw(viewer.get('moddle'), viewer.getDefinitions())) throw error;
    await viewer.importXML((await viewer.saveXML()).xml);
  }
}

// The whole diagram, but never so small that nobody can read it: then the part where something failed, where the
// matter stands, or what has changed.
function fit() {
  canvas.zoom('fit-viewport', 'auto');
  if (canvas.zoom() >= 0.45) return;
  const ids = [...data.incidents, ...Object.keys(data.tokens), ...Object.keys(data.changed ?? {})];
  const standing = ids.map((id) => registry.get(id)).filter((e) => e && !isLarge(e) && !e.waypoints);
  look(standing[0] ?? registry.find((e) => e.type === 'bpmn:StartEvent'), 0.7);
}

function isLarge(element) {
  return element.type === 'bpmn:SubProcess' || element.type === 'bpmn:Participant' || element.type === 'bpmn:Lane';
}

// Centre of the view on this element, at this scale.
function look(element, scale) {
  if (!element) return;
  const width = container.clientWidth / scale;
  const height = container.clientHeight / scale;
  const all = canvas.viewbox().inner;
  canvas.viewbox({
    x: within(element.x + (element.width ?? 0) / 2 - width / 2, all.x, all.x + all.width - width),
    y: within(element.y + (element.height ?? 0) / 2 - height / 2, all.y, all.y + all.height - height),
    width,
    height,
  });
}

// Not past the edge of the drawing, where nothing is; a drawing that is smaller than the view stands in its middle.
function within(value, least, most) {
  const edge = 20;
  return most < least ? (least + most) / 2 : Math.min(Math.max(value, least - edge), most + edge);
}

function mark(id, marker) {
  if (registry.get(id)) canvas.addMarker(id, marker);
}

// With a link it leads to what can be done there.
function badge(id, text, title, kind, position, link) {
  const element = registry.get(id);
  if (!element) return;
  const html = document.createElement(link ? 'a' : 'span');
  if (link) {
    html.href = link;
    html.setAttribute('aria-label', `${text}: ${data.words.act} ${element.businessObject.name ?? id}`);
  }
  html.className = `badge ${kind}`;
  html.textContent = text;
  html.title = title;
  overlays.add(id, kind, { position, html });
}

function open(id, url) {
  const element = registry.get(id);
  if (!element) return;
  const html = document.createElement('a');
  html.className = 'badge open';
  html.href = url;
  html.textContent = '↘';
  html.setAttribute('aria-label', `${data.words.open}: ${element.businessObject.name ?? id}`);
  overlays.add(id, 'open', { position: { bottom: 14, right: 14 }, html });
  viewer.get('eventBus').on('element.dblclick', (event) => {
    if (event.element.id === id || event.element.labelTarget?.id === id) location.href = url;
  });
}
