// What a decision table leaves open or answers twice, on the table itself: at the heads of the columns, the numbers of
// the rules and the cells. A style sheet does it, because the table draws its cells anew whenever it likes.
const sheet = new CSSStyleSheet();
const wrong = new CSSStyleSheet();
const matched = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet, wrong, matched];

const row = (id) => `[data-row-id="${CSS.escape(id)}"]`;
const column = (id) => `[data-col-id="${CSS.escape(id)}"]`;
const text = (words) => `"${words.replace(/[\\"]/g, '\\$&').replace(/\s+/g, ' ').slice(0, 90)}"`;
const NOTE = 'display: block; font: 500 12px/1.3 var(--sans); color: #80500b; background: #faefd9; padding: 1px 4px; border-radius: 3px; white-space: normal;';
// In the narrow column of the rules' numbers.
const BESIDE = `${NOTE} margin: 2px -6px 0; font-size: 11px; padding: 0 2px; overflow-wrap: normal;`;

// The rules that matched when it was tried.
export function markMatched(rules) {
  matched.replaceSync(rules.map((id) => `td${row(id)} { background-color: #cdeee0 !important; } td.rule-index${row(id)} { font-weight: 700; box-shadow: inset 4px 0 #1f6b3f; }`).join('\n'));
}

export function markTables(decisions) {
  sheet.replaceSync(decisions.filter((one) => one.table).flatMap(({ table }) => rules(table)).join('\n'));
}

function rules(table) {
  const found = [];
  const open = Map.groupBy(table.gaps.flatMap((gap) => gap.cells), (cell) => cell.column);
  for (const [id, cells] of open) {
    const said = [...new Set(cells.map((cell) => cell.said))].join(' · ');
    found.push(`th${column(id)}::after { content: ${text(`sin regla: ${said}`)}; ${NOTE} margin-top: 4px; }`);
  }
  for (const one of table.overlaps) {
    const colour = table.policy === 'UNIQUE' ? '#fbe6e3' : '#faefd9';
    for (const number of one.rules) {
      const id = table.rules[number - 1];
      const others = one.rules.filter((other) => other !== number).join(', ');
      found.push(`td.rule-index${row(id)}::after { content: ${text(`y ${others}`)}; ${BESIDE} }`);
      const cells = one.cells.length ? one.cells.map((cell) => `td${row(id)}${column(cell.column)}`) : [`td${row(id)}`];
      found.push(`${cells.join(', ')} { background-color: ${colour} !important; }`);
    }
  }
  for (const number of table.dead) {
    const id = table.rules[number - 1];
    found.push(`td.rule-index${row(id)}::after { content: "nunca"; ${BESIDE} }`, `td${row(id)} { opacity: .6; }`);
  }
  return found;
}

// Where in the file the element of a finding is: a cell, a rule, a column, a decision.
export class Places {
  // `xml`: the file as the editor holds it.
  learn(xml) {
    this.file = new DOMParser().parseFromString(xml, 'text/xml');
  }

  node(id) {
    return this.file?.querySelector(`[id="${CSS.escape(id)}"]`) ?? null;
  }

  decision(node) {
    return node?.closest('decision, businessKnowledgeModel')?.getAttribute('id');
  }

  label = (id) => {
    const node = this.node(id);
    const rule = node?.closest('rule');
    const column = node && this.#column(node);
    if (rule) return `Regla ${[...rule.parentElement.children].filter((one) => one.localName === 'rule').indexOf(rule) + 1}${column ? `, ${named(column)}` : ''}`;
    if (column) return `Columna ${named(column)}`;
    const element = node?.closest('decision, inputData, businessKnowledgeModel');
    return element ? element.getAttribute('name') || element.getAttribute('id') : 'Ver';
  };

  // The element's place in the editor that is open.
  selector(node) {
    const id = CSS.escape(node?.getAttribute('id') ?? '');
    const column = node && !node.closest('rule') && this.#column(node);
    if (column) return `th[data-col-id="${CSS.escape(column.getAttribute('id'))}"]`;
    return `[data-element-id="${id}"], [data-row-id="${id}"], .dmn-literal-expression-container .textarea, .dmn-boxed-expression-container`;
  }

  // A red or yellow frame at each, with what is wrong.
  mark = (found) => {
    const rules = found.map((one) => [this.node(one.element ?? ''), one]).filter(([node]) => node).map(([node, one]) => {
      const id = CSS.escape(node.getAttribute('id'));
      const colour = one.severity === 'error' ? '#a1261f' : '#80500b';
      const column = !node.closest('rule') && this.#column(node);
      // What a list of findings says at length; in a cell, what to do.
      const said = `::after { content: ${text(one.rule === 'decision' ? one.message : one.remedy)}; ${NOTE} ${one.severity === 'error' ? 'color: #a1261f; background: #fbe6e3;' : ''} }`;
      if (column) return `th${column_of(column)} { box-shadow: inset 0 0 0 2px ${colour}; } th${column_of(column)}${said}`;
      if (node.localName === 'rule') return `td.rule-index[data-row-id="${id}"] { box-shadow: inset 0 0 0 2px ${colour}; }`;
      if (node.closest('rule')) return `td.cell[data-element-id="${id}"] { box-shadow: inset 0 0 0 2px ${colour}; } td.cell[data-element-id="${id}"]${said}`;
      return `.djs-element[data-element-id="${CSS.escape(this.decision(node) ?? node.getAttribute('id'))}"] .djs-visual > :nth-child(1) { stroke: ${colour} !important; }`;
    });
    wrong.replaceSync(rules.join('\n'));
  };

  // The input or output of a table that the node is in, or below which its cell stands.
  #column(node) {
    const own = node.closest('input, output');
    if (own) return own;
    const kind = { inputEntry: 'input', outputEntry: 'output' }[node.closest('inputEntry, outputEntry')?.localName];
    if (!kind) return null;
    const cell = node.closest('inputEntry, outputEntry');
    const place = [...cell.parentElement.children].filter((one) => one.localName === cell.localName).indexOf(cell);
    return [...cell.closest('decisionTable').children].filter((one) => one.localName === kind)[place] ?? null;
  }
}

const named = (column) => column.getAttribute('label') || column.getAttribute('name') || column.getAttribute('id');
const column_of = (element) => column(element.getAttribute('id') ?? '');

// Add a rule for what no rule answers; its outputs are left to whoever knows them.
export function addRule(viewer, cells) {
  const modeling = viewer.get('modeling');
  const added = modeling.addRow({ type: 'dmn:DecisionRule' });
  for (const { column: id, test } of cells) {
    const cell = added.cells.find((one) => one.col.id === id);
    // «null» adds nothing to a not(…), which holds for it as well, and may not stand beside it.
    if (cell) modeling.editCell(cell.businessObject, test.replace(/^null, (?=not\()/, ''));
  }
  return added.id;
}
