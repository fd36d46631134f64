// The editors in Spanish; what is missing is collected, so that a test can say so.
import base from 'bpmn-js-i18n/translations/es.js';
import own from './es.js';
import decisions from './es_dmn.js';
import headings from './es_headings.js';
import advice from './es_lint.js';

// In small letters: the panel writes «Exclusive Gateway» where the menus write «Exclusive gateway».
const words = Object.fromEntries([base, headings, decisions, advice, own].flatMap(Object.entries).map(([key, value]) => [key.toLowerCase(), value]));
export const missing = new Set();
// Texts that are Spanish already: templates are made of the firm's handlers.
const spanish = new Set();
export function isSpanish(value) {
  if (typeof value === 'string') spanish.add(value);
  else if (value && typeof value === 'object') Object.values(value).forEach(isSpanish);
}


export function translate(text, params = {}) {
  const found = words[text.toLowerCase()];
  if (found === undefined && /[a-z]/i.test(text) && !spanish.has(text)) {
    missing.add(text);
    document.documentElement.dataset.missing = JSON.stringify([...missing]);
  }
  return (found ?? text).replace(/{([^}]+)}/g, (all, key) => params[key.trim()] ?? all);
}

export const TranslateModule = { translate: ['value', translate] };
