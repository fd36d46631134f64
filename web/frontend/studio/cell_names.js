// A decision table to somebody who hears it: every cell is called by its rule and column, every button by what it is for.
// The table draws itself anew whenever it likes, so the names are given again after each time.
const LABEL = '.input-label, .input-expression, .output-label, .output-name, .input-variable';

export function nameCells(container) {
  let waiting = 0;
  const soon = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => name(container));
  };
  new MutationObserver(soon).observe(container, { childList: true, subtree: true });
  soon();
}

function name(container) {
  const columns = new Map();
  for (const head of container.querySelectorAll('thead th[data-col-id]')) {
    const words = head.querySelector(LABEL)?.textContent.trim();
    columns.set(head.dataset.colId, words);
    const edit = head.querySelector('.edit-button');
    if (edit && words) edit.setAttribute('aria-label', `${head.matches('.input-cell') ? 'Cambiar la entrada' : 'Cambiar la salida'}: ${words}`);
  }
  for (const button of container.querySelectorAll('button.action-icon[title]')) button.setAttribute('aria-label', button.title);
  for (const row of container.querySelectorAll('tbody tr')) {
    const number = row.querySelector('.rule-index')?.textContent.trim();
    if (!number) continue;
    for (const field of row.querySelectorAll('td [role=textbox]')) {
      const column = field.closest('td');
      const words = column.matches('.annotation') ? 'Nota' : columns.get(column.dataset.colId);
      if (words) field.setAttribute('aria-label', `Regla ${number}, ${words}`);
    }
  }
}
