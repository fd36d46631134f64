// What the server's own checks say about the draft: a list with remedies, and a call for whoever marks elements.
import { data } from './session.js';

const list = document.getElementById('hallazgos');
const count = document.getElementById('hallazgos-n');
let asked = 0;

// `show(findings of this file)` marks them; `go(element id)` leads to one.
export function findings(show = () => {}, go = null) {
  async function look() {
    const mine = ++asked;
    count.textContent = 'Revisando…';
    const answer = await fetch(data.urls.findings, { headers: { Accept: 'application/json' } }).catch(() => null);
    if (mine !== asked) return;
    if (!answer?.ok) {
      count.textContent = 'No se pudo revisar.';
      return;
    }
    const found = (await answer.json()).findings;
    const here = found.filter((one) => one.path === data.path);
    const elsewhere = found.filter((one) => one.path !== data.path);
    const errors = here.filter((one) => one.severity === 'error').length;
    count.textContent = here.length
      ? `${errors} ${errors === 1 ? 'error' : 'errores'}, ${here.length - errors} ${here.length - errors === 1 ? 'advertencia' : 'advertencias'}`
      : 'Nada que corregir en este archivo.';
    list.replaceChildren(...here.map((one) => item(one, go)), ...elsewhere.map((one) => item(one, null)));
    document.body.dataset.checked = String(mine);
    show(here);
  }
  look();
  return look;
}

function item(one, go) {
  const li = document.createElement('li');
  li.className = one.severity;
  let where;
  if (one.path !== data.path) {
    where = document.createElement('a');
    where.href = data.urls.open + one.path;
    where.textContent = one.path;
  } else if (go && one.element) {
    where = document.createElement('button');
    where.type = 'button';
    where.className = 'text-link';
    where.textContent = one.element;
    where.addEventListener('click', () => go(one.element));
  }
  if (where) li.append(where, ' ');
  const remedy = document.createElement('span');
  remedy.className = 'remedy';
  remedy.textContent = one.remedy;
  const rule = document.createElement('code');
  rule.textContent = one.rule;
  li.append(one.message, ' ', rule, remedy);
  return li;
}
