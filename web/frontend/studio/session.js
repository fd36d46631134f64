// One open file: what the server gave, saving it by itself, and what happens when somebody else saved it meanwhile.
import { tell } from './aloud.js';

const text = document.getElementById('datos')?.textContent;
export const data = text ? JSON.parse(text) : {};
const csrf = document.querySelector('meta[name=csrf]')?.content ?? '';
const WAIT = 900;

// What a browser still sends for a page that is closed.
const KEPT = 60_000;

export function send(url, method, body, headers = {}) {
  const keepalive = method === 'PUT' && new Blob([body]).size < KEPT;
  return fetch(url, { method, body, keepalive, headers: { 'X-CSRFToken': csrf, Accept: 'application/json', ...headers } });
}

// `read` gives the content to save, or a promise of it. Answers the function that an editor calls after every change.
export function autosave(read, afterSave = () => {}) {
  const state = document.getElementById('estado');
  const conflict = document.getElementById('conflicto');
  let timer = 0, dirty = false, saving = false, stopped = false, saved = data.content, news = true;

  // Aloud: that saving works, once, and again after a trouble; every trouble.
  function say(words, kind = '') {
    tell(state, words, kind === 'bad' || (!kind && news));
    if (kind !== 'busy') news = kind === 'bad';
    state.className = `save-state ${kind}`;
  }

  function changed() {
    dirty = true;
    if (stopped) return;
    say('Con cambios…', 'busy');
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  }

  async function save() {
    if (saving || stopped) return;
    let content;
    try {
      content = await read();
    } catch (error) {
      say(`No se guardó: ${error.message}`, 'bad');
      return;
    }
    dirty = false;
    if (content === saved) {
      say('Guardado');
      return;
    }
    saving = true;
    say('Guardando…', 'busy');
    try {
      const answer = await send(data.urls.save, 'PUT', content, { 'If-Match': data.revision, 'Content-Type': 'text/plain; charset=utf-8' });
      const told = await answer.json().catch(() => ({}));
      if (answer.ok) {
        saved = content;
        data.revision = told.revision;
        say(`Guardado, ${told.when.split(', ').pop()}`);
        afterSave(content);
      } else if (answer.status === 409) {
        stopped = dirty = true;
        refuse(told.message, content);
      } else {
        dirty = true;
        say(`No se guardó: ${told.message ?? told.error?.message ?? `error ${answer.status}`}`, 'bad');
      }
    } catch {
      dirty = true;
      say('Sin conexión: se volverá a intentar con el siguiente cambio.', 'bad');
    }
    saving = false;
    if (dirty && !stopped) timer = setTimeout(save, WAIT);
  }

  function refuse(message, content) {
    say('Sin guardar', 'bad');
    const words = document.createElement('p');
    words.textContent = `${message} Lo suyo sigue en esta página y no se ha guardado.`;
    const button = document.createElement('button');
    button.className = 'button';
    button.type = 'button';
    button.textContent = 'Comparar';
    button.addEventListener('click', () => compare(content));
    conflict.replaceChildren(words, button);
    conflict.hidden = false;
  }

  async function compare(content) {
    const answer = await send(data.urls.compare, 'POST', content, { 'Content-Type': 'text/plain; charset=utf-8' });
    const told = await answer.json();
    const dialog = document.getElementById('comparar');
    const lines = told.lines.map((line) => {
      const element = document.createElement(line[0] === '+' ? 'ins' : line[0] === '-' ? 'del' : 'span');
      element.textContent = `${line}\n`;
      return element;
    });
    dialog.querySelector('.diff').replaceChildren(...lines);
    const table = dialog.querySelector('table'), rows = (told.elements ?? []).flatMap(row);
    table.hidden = !rows.length;
    table.tBodies[0].replaceChildren(...rows);
    // Where there is nothing shorter to read, the lines.
    dialog.querySelector('details').open = !rows.length;
    const mine = dialog.querySelector('[data-mine]');
    mine.href = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }));
    mine.download = data.path.split('/').pop();
    dialog.querySelector('[data-take]').onclick = () => { dirty = false; location.reload(); };
    dialog.querySelector('[data-force]').onclick = () => {
      data.revision = told.revision;
      saved = told.content;
      stopped = false;
      conflict.hidden = true;
      dialog.close();
      save();
    };
    dialog.showModal();
  }

  // One row for each property that is different, or one for an element that came, went or was moved.
  function row({ name, kind, change, details }) {
    return (details.length ? details : [{ name: '', before: '', after: '' }]).map((detail) => {
      const cells = [`${name} (${kind.toLowerCase()})`, [change, detail.name].filter(Boolean).join(': '), detail.before, detail.after];
      const line = document.createElement('tr');
      line.append(...cells.map((text) => Object.assign(document.createElement('td'), { textContent: text })));
      return line;
    });
  }

  // Asked whether to leave, and saved meanwhile.
  window.addEventListener('beforeunload', (event) => {
    if (!dirty && !saving) return;
    event.preventDefault();
    clearTimeout(timer);
    save();
  });
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden' && dirty) save(); });
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 's') {
      event.preventDefault();
      clearTimeout(timer);
      save();
    }
  });
  // Saved at once, before what works on the saved file; false when it could not be.
  changed.now = async () => {
    clearTimeout(timer);
    while (saving) await new Promise((done) => { setTimeout(done, 50); });
    if (dirty) await save();
    return !dirty && !stopped;
  };
  return changed;
}
