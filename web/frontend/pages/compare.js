// Two diagrams, one above the other: what is published and the draft.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import '../css/diagram.css';
import '../css/studio.css';

const data = JSON.parse(document.getElementById('datos').textContent);
await show('antes', data.before, { removed: data.changes.removed, changed: data.changes.changed });
await show('despues', data.after, { added: data.changes.added, changed: data.changes.changed });

async function show(id, xml, changes) {
  const container = document.getElementById(id);
  if (!xml) {
    container.textContent = 'No existe.';
    return;
  }
  const viewer = new NavigatedViewer({ container });
  await viewer.importXML(xml);
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  canvas.zoom('fit-viewport', 'auto');
  for (const [kind, ids] of Object.entries(changes)) {
    for (const one of ids) if (registry.get(one)) canvas.addMarker(one, `diff-${kind}`);
  }
  container.dataset.ready = 'yes';
}
