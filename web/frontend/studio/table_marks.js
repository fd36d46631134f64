// What a decision table leaves open or answers twice, on the table itself: at the heads of the columns, the numbers of
// the rules and the cells. A style sheet does it, because the table draws its cells anew whenever it likes.
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

const row = (id) => `[data-row-id="${CSS.escape(id)}"]`;
const column = (id) => `[data-col-id="${CSS.escape(id)}"]`;
const text = (words) => `"${words.replace(/[\\"]/g, '\\$&').replace(/\s+/g, ' ').slice(0, 90)}"`;
const NOTE = 'display: block; font: 500 12px/1.3 var(--sans); color: #80500b; background: #faefd9; padding: 1px 4px; border-radius: 3px; white-space: normal;';
// In the narrow column of the rules' numbers.
const BESIDE = `${NOTE} margin: 2px -6px 0; font-size: 11px; padding: 0 2px; overflow-wrap: normal;`;

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
