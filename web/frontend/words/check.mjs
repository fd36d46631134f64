// Prints, as JSON, what the editors ask to have translated and the Spanish words lack. A test runs it; the pages that
// the test of the editors opens collect what is asked by other names than a literal.
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

import base from 'bpmn-js-i18n/translations/es.js';
import own from '../studio/es.js';
import decisions from '../studio/es_dmn.js';
import headings from '../studio/es_headings.js';
import advice from '../studio/es_lint.js';
import written from './decisions.mjs';
import forms, { unseen } from './forms.mjs';
import menus from './menus.mjs';

const known = new Set(Object.keys({ ...headings, ...base, ...decisions, ...advice, ...own }).map((one) => one.toLowerCase()));
const modules = path.resolve(import.meta.dirname, '../node_modules');
const PACKAGES = [
  'bpmn-js/lib', 'diagram-js/lib', 'bpmn-js-color-picker/colors', 'diagram-js-minimap/dist', 'bpmn-js-create-append-anything/dist',
  'bpmn-js-element-templates/dist', '@bpmn-io/element-template-chooser/dist', '@bpmn-io/properties-panel/dist', 'bpmn-js-properties-panel/dist',
  'dmn-js-shared/lib', 'dmn-js-drd/lib', 'dmn-js-decision-table/lib', 'dmn-js-literal-expression/lib', 'dmn-js-boxed-expression/lib',
];
// Parts that are not in the editors: the other vendor's panel, examples of libraries, languages.
const ABSENT = /cjs|\.min\.|umd|test|\.prod|\.dev|index\.js$/;
// In comments, and shown as they are.
const SAMPLES = new Set(['HELLO {you}', ' + shift + ', 'BPMN']);
const LITERAL = /(?:\b|_)translate(?:\$\d+)?\(\s*(?:'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)")/g;

async function* sources(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && entry.name.endsWith('.js') && !(/dist$/.test(folder) && ABSENT.test(entry.name))) yield file;
  }
}

// Words that stand in lists, from which they are translated.
const LISTED = /(?:color-picker|create-append-anything|features[\\/]replace)/;
const LABEL = /\blabel: (?:'([^'\n]+)'|"([^"\n]+)")/g;

const missing = {};
for (const folder of PACKAGES) {
  for await (const file of sources(path.join(modules, folder))) {
    let text = await readFile(file, 'utf8');
    // The panel's file ends with the provider of the other vocabulary.
    if (folder.startsWith('bpmn-js-properties-panel')) text = text.slice(0, text.indexOf("'camunda:"));
    for (const [, one, two] of [...text.matchAll(LITERAL), ...(LISTED.test(file) ? text.matchAll(LABEL) : [])]) {
      const words = (one ?? two).replace(/\\n/g, '\n').replace(/\\(.)/g, '$1');
      if (/[a-z]{2}/i.test(words) && !SAMPLES.has(words) && !known.has(words.toLowerCase())) (missing[folder] ??= new Set()).add(words);
    }
  }
}

// What the head of the panel calls an element: made of its type, see getTypeLabel there.
const panel = await readFile(path.join(modules, 'bpmn-js-properties-panel/dist/index.esm.js'), 'utf8');
const [, kinds] = panel.match(/var iconsByType = {([^}]*)}/);
for (const [, kind] of kinds.matchAll(/'(\w+)':/g)) {
  const words = kind.replace(/(\B[A-Z])/g, ' $1').replace(/(\bNon Interrupting)/g, '($1)');
  if (!known.has(words.toLowerCase())) (missing.headings ??= new Set()).add(words);
}

// dmn-js: words between its parts that it asks nobody to translate.
const WORDS = /createTextVNode\("([^"\\]*[a-z]{2}[^"\\]*)"\)/gi;
for (const folder of PACKAGES.filter((one) => one.startsWith('dmn-js'))) {
  for await (const file of sources(path.join(modules, folder))) {
    for (const [all, words] of (await readFile(file, 'utf8')).matchAll(WORDS)) {
      if (!(all in written)) (missing[`${folder} (plain)`] ??= new Set()).add(words);
    }
  }
}

// diagram-js: the same in its popup menus.
const ATTRIBUTE = /\b(?:title|aria-label|placeholder)="[A-Z][^"$]*"/g;
for await (const file of sources(path.join(modules, 'diagram-js/lib/features/popup-menu'))) {
  for (const [words] of (await readFile(file, 'utf8')).matchAll(ATTRIBUTE)) if (!(words in menus)) (missing.menus ??= new Set()).add(words);
}

// form-js translates nothing: what its sources show is replaced by the build.
const replaced = new Set([...Object.keys(forms), ...unseen]);
const SHOWN = /\b(?:label|title|placeholder|description|tooltip|text|children|"aria-label")\s*:\s*(?:'([A-Z](?:[^'\\\n]|\\.)*)'|"([A-Z](?:[^"\\\n]|\\.)*)")/g;
for (const name of ['editor', 'viewer']) {
  const text = await readFile(path.join(modules, `@bpmn-io/form-js-${name}/dist/index.es.js`), 'utf8');
  for (const [, one, two] of text.matchAll(SHOWN)) {
    const words = one ?? two;
    if (!replaced.has(words) && !replaced.has(`'${words}'`)) (missing[`form-js-${name}`] ??= new Set()).add(words);
  }
}
// Style sheets that write words: ours write them anew, under a selector that ends in the same way.
const ours = await readFile(path.resolve(import.meta.dirname, '../css/studio.css'), 'utf8');
for (const name of await readdir(path.join(modules, 'dmn-js/dist/assets'))) {
  if (!name.endsWith('.css')) continue;
  const text = await readFile(path.join(modules, 'dmn-js/dist/assets', name), 'utf8');
  for (const [, selector, words] of text.matchAll(/(\.[\w-]+:empty::before) \{\s*content: '([A-Za-z]{2,}[^']*)'/g)) {
    if (!ours.includes(selector)) (missing[name] ??= new Set()).add(words);
  }
}

console.log(JSON.stringify(Object.fromEntries(Object.entries(missing).map(([key, value]) => [key, [...value].sort()])), null, 1));
