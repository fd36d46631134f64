// Mails, documents and scenarios: plain text, saved by itself, with a preview where there is one.
import '../css/studio.css';
import { findings } from '../studio/findings.js';
import { autosave, data } from '../studio/session.js';

const text = document.getElementById('texto');
if (text) {
  text.value = data.content;
  const look = findings({ read: () => text.value });
  const preview = document.getElementById('previa');
  const save = autosave(() => text.value, () => {
    if (preview) preview.src = preview.src;
  });
  const changed = () => { save(); look(); };
  text.addEventListener('input', changed);
  for (const button of document.querySelectorAll('[data-insert]')) {
    button.addEventListener('click', () => {
      text.setRangeText(button.dataset.insert, text.selectionStart, text.selectionEnd, 'end');
      text.focus();
      changed();
    });
  }
}
