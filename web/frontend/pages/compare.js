// Two states of a diagram side by side, moving together; what is different is marked, the table below says it in words.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import '../css/diagram.css';
import '../css/studio.css';

const data = JSON.parse(document.getElementById('datos').textContent);
const shown = [await show('antes', data.before), await show('despues', data.after)].filter(Boolean);
let following = false;
if (shown.length === 2) shown.forEach((viewer, index) => follow(viewer, shown[1 - index]));
fit();
lookAtChanges();

document.querySelectorAll('[data-zoom]').forEach((button) => button.addEventListener('click', () => {
  if (button.dataset.zoom === 'fit') fit();
  else zoom(Number(button.dataset.zoom));
}));
document.querySelectorAll('[data-show]').forEach((button) => button.addEventListener('click', () => {
  for (const viewer of shown) look(viewer, button.dataset.show);
  document.querySelector('.two-drawings').scrollIntoView({ block: 'nearest' });
}));

async function show(id, xml) {
  const container = document.getElementById(id);
  container.dataset.ready = 'yes';
  if (!xml) {
    container.removeAttribute('role');
    container.textContent = data.words.none;
    return null;
  }
  const viewer = new NavigatedViewer({ container });
  try {
    await viewer.importXML(xml);
  } catch (error) {
    container.removeAttribute('role');
    container.textContent = error.message;
    return null;
  }
  const canvas = viewer.get('canvas');
  for (const [element, change] of Object.entries(data.changes)) {
    if (viewer.get('elementRegistry').get(element)) canvas.addMarker(element, `diff-${change}`);
  }
  for (const [element, count] of Object.entries(data.standing)) badge(viewer, element, count);
  return viewer;
}

function badge(viewer, element, count) {
  const found = viewer.get('elementRegistry').get(element);
  if (!found || found.waypoints) return;
  const html = document.createElement('span');
  html.className = 'badge';
  html.textContent = count;
  html.title = data.words.standing;
  viewer.get('overlays').add(element, 'standing', { position: { top: -12, left: -12 }, html });
}

function follow(one, other) {
  one.on('canvas.viewbox.changed', ({ viewbox }) => {
    if (following) return;
    following = true;
    other.get('canvas').viewbox({ x: viewbox.x, y: viewbox.y, width: viewbox.width, height: viewbox.height });
    following = false;
  });
}

function fit() {
  shown.at(-1)?.get('canvas').zoom('fit-viewport', 'auto');
}

// What is different, as large as it fits, when the whole diagram would be too small to be read.
function lookAtChanges() {
  const viewer = shown.at(-1);
  const canvas = viewer?.get('canvas');
  if (!canvas || canvas.zoom() > 0.7) return;
  const registry = viewer.get('elementRegistry');
  const changed = Object.keys(data.changes).map((id) => registry.get(id)).filter((element) => element && !element.waypoints);
  if (!changed.length) return;
  const left = Math.min(...changed.map((e) => e.x)) - 60;
  const top = Math.min(...changed.map((e) => e.y)) - 60;
  const right = Math.max(...changed.map((e) => e.x + e.width)) + 60;
  const bottom = Math.max(...changed.map((e) => e.y + e.height)) + 60;
  const { width, height } = canvas.viewbox().outer;
  const scale = Math.min(1, width / (right - left), height / (bottom - top));
  if (scale <= canvas.zoom()) return;
  const size = { width: width / scale, height: height / scale };
  canvas.viewbox({ x: (left + right - size.width) / 2, y: (top + bottom - size.height) / 2, ...size });
}

function zoom(factor) {
  const canvas = shown.at(-1)?.get('canvas');
  canvas?.zoom(canvas.zoom() * factor, 'auto');
}

// The element in the middle, large enough to be read.
function look(viewer, id) {
  const element = viewer.get('elementRegistry').get(id);
  if (!element) return;
  const canvas = viewer.get('canvas');
  const box = element.waypoints ? middle(element.waypoints) : element;
  const { width, height } = canvas.viewbox().outer;
  canvas.viewbox({ x: box.x + (box.width ?? 0) / 2 - width / 2, y: box.y + (box.height ?? 0) / 2 - height / 2, width, height });
}

function middle(points) {
  return points[Math.floor(points.length / 2)];
}
