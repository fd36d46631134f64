// The properties panel asks its provider for words, and where that gives none speaks English; and it calls the buttons of
// every group alike. Here they are called by their group, say whether it is open, and speak Spanish.
import path from 'node:path';

const SPANISH = JSON.stringify(path.resolve(import.meta.dirname, '../studio/translate.js'));
const OPEN = "'aria-expanded': String(Boolean(open)),";

const named = (section, row) => ({
  [`title: translate('${section}'),`]: `title: translate('${section}'), 'aria-label': label, ${OPEN}`,
  [`title: translate('${row}'),`]: `title: translate('${row}'), 'aria-label': label || translate('<empty>'), ${OPEN}`,
});
const counted = (add, remove) => ({
  [`title: translate('${add}'),`]: `title: translate('${add}'), 'aria-label': translate('${add}') + ': ' + label,`,
  [`title: translate('${remove}'),\n        class: "bio-properties-panel-remove-entry",`]: `title: translate('${remove}'), 'aria-label': translate('${remove}') + ': ' + (label || translate('<empty>')),
        class: "bio-properties-panel-remove-entry",`,
});

export const panel = {
  ...named('Toggle section', 'Toggle list item'),
  ...counted('Create new list item', 'Delete item'),
  "class: \"bio-properties-panel-remove-entry bio-properties-panel-remove-list-entry\",": "'aria-label': translate('Delete item') + ' ' + (index + 1),\n          class: \"bio-properties-panel-remove-entry bio-properties-panel-remove-list-entry\",",
  'function translateFallback(template, replacements) {': `import { translate as spanish } from ${SPANISH};
function translateFallback(template, replacements) {
  return spanish(template, replacements);`,
};

// The form editor brings a copy of it, whose words are Spanish by then.
export const copied = { ...named('Abrir o cerrar la sección', 'Abrir o cerrar el renglón'), ...counted('Agregar', 'Borrar') };

export const templates = {
  'title: "Toggle section",': `title: 'Abrir o cerrar la plantilla', ${OPEN}`,
  'title: "Select a template",': "title: 'Elegir una plantilla',",
};
