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

guardDoubleSubmit();
copyButtons();
leaveWithUnsaved();
goOn();
leadToMistake();
keepInSheets();
