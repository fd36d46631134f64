// Every page: the look, htmx, and the small things that only make pleasant what works without.
import 'htmx.org';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/source-serif-4/wght.css';
import '../css/base.css';
import '../css/shell.css';
import '../css/parts.css';
import '../css/form.css';
import '../css/pages.css';
import '../css/firm.css';
import '../css/portal.css';
import '../css/forced.css';
import { copyButtons } from '../copy.js';
import { leadToMistake } from '../mistakes.js';
import { keepInSheets } from '../sheets.js';
import { goOn, guardDoubleSubmit, leaveWithUnsaved } from '../submit.js';

// A file that was too large is not sent again with the next change of the form.
document.addEventListener('htmx:response:error', (event) => {
  if (event.detail.ctx.response.status !== 413) return;
  for (const input of event.target.querySelectorAll('input[type=file]')) input.value = '';
});
// On a telephone the tabs are wider than the screen.
document.querySelector('.tabs [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
guardDoubleSubmit();
copyButtons();
leaveWithUnsaved();
goOn();
leadToMistake();
keepInSheets();
