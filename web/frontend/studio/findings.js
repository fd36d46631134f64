// What is wrong with the open file while it is changed: the server's checks of what the editor holds, the same that a
// publication must pass, and what the editor itself adds. A list with remedies, and a call for whoever marks elements.
import { tell } from './aloud.js';
import { data, send } from './session.js';

const list = document.getElementById('hallazgos');
const count = document.getElementById('hallazgos-n');
const style = document.getElementById('consejos');
const others = document.getElementById('otros');
const PAUSE = 350;

// `read` gives the content (or a promise of it), `more(findings of this file)` what the editor adds, `show` marks them,
// `go(element id, finding)` leads to one, `label(id)` names it. Answers the function to call after every change.
export function findings({ read, more = () => [], show = () => {}, go = null, label = (id) => id }) {
  let asked = 0;
  let timer = 0;
  let before = null;
  let said = '';

  function say(words) {
    tell(count, words, words !== said);
    said = words;
  }

  async function look() {
    const mine = ++asked;
    tell(count, 'Revisando…', false);
    let told;
    try {
      const answer = await send(data.urls.findings, 'POST', await read(), { 'Content-Type': 'text/plain; charset=utf-8' });
      told = await answer.json();
      if (!answer.ok) throw new Error(told.message);
    } catch (error) {
      // What the browser says of a lost connection is in its own language.
      const why = error instanceof TypeError ? 'No hay conexión con el servidor.' : error.message ?? '';
      if (mine === asked) say(`No se pudo revisar. ${why}`);
      return;
    }
    if (mine !== asked) return;
    const ours = told.findings.filter((one) => one.path === data.path);
    const elsewhere = told.findings.filter((one) => one.path !== data.path);
    const found = [...ours, ...(await more(ours))];
    if (mine !== asked) return;
    const here = found.filter((one) => one.severity !== 'style');
    const advice = found.filter((one) => one.severity === 'style');
    say(summary(here));
    renew(list, here.map((one) => item(one, go, label)));
    fold(others, 'En otros archivos', elsewhere.map((one) => item(one, null, label)));
    // What this file does to others is to be seen at once; what was wrong there before is not its business.
    if (others && before !== null && elsewhere.length > before) others.open = true;
    before = elsewhere.length;
    fold(style, 'Consejos de estilo', advice.map((one) => item(one, go, label)));
    show(here);
    document.body.dataset.checked = String(mine);
  }

  look();
  return () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  };
}

function fold(details, title, items) {
  if (!details) return;
  details.hidden = !items.length;
  details.querySelector('summary').textContent = `${title} (${items.length})`;
  renew(details.querySelector('ol'), items);
}

// Whoever reads the list with the keyboard stays at the same place of it.
function renew(ol, items) {
  const at = [...ol.children].findIndex((one) => one.contains(document.activeElement));
  ol.replaceChildren(...items);
  if (at >= 0) (items[Math.min(at, items.length - 1)]?.querySelector('a, button') ?? count.closest('section')).focus();
}

function summary(here) {
  const errors = here.filter((one) => one.severity === 'error').length;
  const warnings = here.length - errors;
  if (!here.length) return 'Nada que corregir en este archivo.';
  return `${errors} ${errors === 1 ? 'error' : 'errores'}, ${warnings} ${warnings === 1 ? 'advertencia' : 'advertencias'}`;
}

function item(one, go, label) {
  const li = document.createElement('li');
  li.className = one.severity;
  let where;
  if (one.path && one.path !== data.path) {
    where = document.createElement('a');
    where.href = `${data.urls.open}${one.path}${location.search}${one.element ? `#${encodeURIComponent(one.element)}` : ''}`;
    where.textContent = one.path;
  } else if (go && one.element) {
    where = document.createElement('button');
    where.type = 'button';
    where.className = 'text-link';
    where.textContent = label(one.element);
    where.addEventListener('click', () => go(one.element, one));
  }
  if (where) li.append(where, ' ');
  const remedy = document.createElement('span');
  remedy.className = 'remedy';
  remedy.textContent = one.remedy;
  const rule = document.createElement('code');
  rule.textContent = one.rule;
  const message = one.element && !where?.href ? one.message.replaceAll(`«${one.element}»`, `«${label(one.element)}»`) : one.message;
  li.append(message, ' ', rule, remedy);
  return li;
}
