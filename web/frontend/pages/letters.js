// Mails, documents and scenarios: text, saved by itself, with a preview where there is one.
import '../css/studio.css';
import { findings } from '../studio/findings.js';
import { autosave, data } from '../studio/session.js';
import { TextEditor } from '../studio/text_editor.js';

const place = document.getElementById('dibujo');
if (place) {
  const { text: label, kind } = place.dataset;
  const editor = new TextEditor(place, { text: data.content, kind, label, fields: data.fields ?? [], changed: () => changed() });
  const look = findings({ read: editor.read, show: editor.mark, go: editor.go, label: editor.label });
  const preview = document.getElementById('previa');
  const save = autosave(editor.read, () => {
    if (preview) preview.src = preview.src;
  });
  const changed = () => { save(); look(); };
  for (const button of document.querySelectorAll('[data-insert]')) {
    button.addEventListener('click', () => editor.insert(button.dataset.insert));
  }
  document.getElementById('deshacer').addEventListener('click', editor.undo);
  document.getElementById('rehacer').addEventListener('click', editor.redo);
  // The test mail and the PDF are made of what is saved.
  document.querySelector('form[data-saved]')?.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (await save.now()) event.target.submit();
  });
  document.querySelector('a[data-saved]')?.addEventListener('click', async (event) => {
    event.preventDefault();
    if (await save.now()) window.open(event.target.href, '_blank', 'noopener');
  });
  place.dataset.ready = 'yes';
  // A finding on another page leads here.
  if (/^#\d+(%3A|:)?\d*$/.test(location.hash)) editor.go(decodeURIComponent(location.hash.slice(1)));
}
