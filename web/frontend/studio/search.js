// Searching in menus and in the diagram as people type: without accents, and a word twice is one word.
import search from 'diagram-js/lib/features/search/search';

// One letter for each, so that what was found stands where it stood.
const plain = (text) => text.replace(/\p{L}/gu, (letter) => letter.normalize('NFD')[0]);

function searchPlain(items, pattern, options) {
  const originals = new Map(items.map((item) => [folded(item, options.keys), item]));
  const words = [...new Set(plain(pattern).toLowerCase().trim().split(/\s+/))].join(' ');
  return search([...originals.keys()], words, options).map(({ item, tokens }) => ({ item: originals.get(item), tokens: restored(tokens, originals.get(item)) }));
}

function folded(item, keys) {
  const texts = keys.filter((key) => typeof item[key] === 'string').map((key) => [key, plain(item[key])]);
  return { ...item, ...Object.fromEntries(texts) };
}

// What is shown of a hit is the text itself, accents and all.
function restored(tokens, item) {
  const written = (key, found) => found.map((token) => (typeof item[key] === 'string' ? { ...token, value: item[key].slice(token.index, token.index + token.value.length) } : token));
  return Object.fromEntries(Object.entries(tokens).map(([key, found]) => [key, written(key, found)]));
}

export const SearchModule = { search: ['value', searchPlain] };
