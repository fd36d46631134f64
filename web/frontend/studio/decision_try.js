// Trying a decision with inputs: one field for each, of the type that its column or node has; the rules that matched
// show on their tables, of lower decisions too.
import { data, send } from './session.js';
import { markMatched } from './table_marks.js';

const choice = document.getElementById('decision');
const fields = document.getElementById('entradas');
const outcome = document.getElementById('resultado');
const KINDS = { date: 'date', time: 'time', 'date and time': 'datetime-local' };
const HINTS = {
  number: '', string: '', date: '', time: '', 'date and time': '', boolean: '',
  'days and time duration': '3 días', 'years and months duration': '2 meses', Any: 'texto, número o FEEL',
};

// `read` gives the file as the editor holds it.
export class TryStrip {
  constructor(read) {
    this.read = read;
    this.decisions = [];
    choice.addEventListener('change', () => this.#inputs());
    document.getElementById('probar').addEventListener('submit', (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.#tryIt();
    });
  }

  // The decisions of the file, as the server describes them.
  offer(decisions) {
    this.decisions = decisions;
    const chosen = choice.value;
    choice.replaceChildren(...decisions.map((one) => new Option(one.name || one.id, one.id, false, one.id === chosen)));
    document.getElementById('cual').hidden = decisions.length < 2;
    this.#inputs();
  }

  choose(id) {
    if (choice.value === id || !this.decisions.some((one) => one.id === id)) return;
    choice.value = id;
    this.#inputs();
  }

  #inputs() {
    const typed = Object.fromEntries(this.#controls().map((one) => [one.name, one.value]));
    const inputs = this.decisions.find((one) => one.id === choice.value)?.inputs ?? [];
    fields.replaceChildren(...inputs.map((one) => field(one, typed[one.name] ?? '')));
  }

  #controls() {
    return [...fields.querySelectorAll('input, select')];
  }

  async #tryIt() {
    const inputs = Object.fromEntries(this.#controls().map((one) => [one.name, one.value]));
    const body = JSON.stringify({ decision: choice.value, inputs, content: await this.read() });
    markMatched([]);
    let told;
    try {
      const answer = await send(data.urls.try, 'POST', body, { 'Content-Type': 'application/json' });
      told = await answer.json();
      if (!answer.ok) throw new Error(told.message ?? 'No se pudo probar.');
    } catch (error) {
      outcome.replaceChildren(line(error instanceof TypeError ? 'Sin conexión; pruebe otra vez.' : error.message, 'error'));
      return;
    }
    const made = flat(told.result);
    markMatched(made.flatMap((one) => one.rules));
    outcome.replaceChildren(...made.map(described));
  }
}

// Those of lower decisions first, each once.
function flat(result) {
  const all = [...result.required.flatMap(flat), result];
  return all.filter((one, place) => all.findIndex((other) => other.decision === one.decision) === place);
}

function described(result) {
  const item = line('', 'note');
  const title = document.createElement('strong');
  title.textContent = `${result.name || result.decision}: `;
  const value = document.createElement('code');
  value.textContent = result.outputs;
  item.append(title, value);
  if (result.table) {
    const many = result.matched.length > 1;
    item.append(document.createElement('br'), result.matched.length ? `${many ? 'Reglas' : 'Regla'} ${result.matched.join(', ')}` : 'Ninguna regla');
  }
  return item;
}

function field(one, value) {
  const box = document.createElement('div');
  box.className = 'field';
  const label = document.createElement('label');
  label.htmlFor = `e-${one.name}`;
  label.textContent = one.label;
  if (one.label !== one.name) {
    const hint = document.createElement('span');
    hint.className = 'required';
    hint.textContent = ` ${one.name}`;
    label.append(hint);
  }
  const control = one.type === 'boolean' && !one.many ? yesOrNo() : typed(one);
  control.id = label.htmlFor;
  control.name = one.name;
  control.value = value;
  box.append(label, control);
  if (one.options.length) {
    const list = document.createElement('datalist');
    list.id = `o-${one.name}`;
    list.append(...one.options.map((option) => new Option(option, option)));
    control.setAttribute('list', list.id);
    box.append(list);
  }
  return box;
}

function yesOrNo() {
  const select = document.createElement('select');
  select.append(new Option('vacío', ''), new Option('Sí', 'true'), new Option('No', 'false'));
  return select;
}

function typed(one) {
  const input = document.createElement('input');
  input.type = (!one.many && KINDS[one.type]) || 'text';
  if (input.type === 'time' || input.type === 'datetime-local') input.step = '60';
  if (one.type === 'number') input.inputMode = 'decimal';
  input.placeholder = one.many ? 'uno, otro' : HINTS[one.type] ?? HINTS.Any;
  input.autocomplete = 'off';
  return input;
}

export function line(text, kind) {
  const item = document.createElement('li');
  item.className = kind;
  item.textContent = text;
  return item;
}
