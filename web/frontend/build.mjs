// Bundles every page of pages/ into OUT (argument 1) and writes manifest.json: page -> its files, names stamped by content.
import { build } from 'esbuild';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import decisions from './words/decisions.mjs';
import forms from './words/forms.mjs';
import menus from './words/menus.mjs';
import { copied, panel, templates } from './words/panel.mjs';
import simulation from './words/simulation.mjs';

const out = path.resolve(process.argv[2] ?? '../../var/static');
const pages = (await readdir('pages')).filter((name) => name.endsWith('.js'));

// Changes to packages, each checked: when upstream changes, the build stops and says so.
const patches = [
  // CodeMirror writes a <style> into the page; constructed style sheets do the same under a strict CSP.
  [/[\\/]style-mod[\\/]src[\\/]style-mod\.js$/, { 'if (!root.head && root.adoptedStyleSheets': 'if (root.adoptedStyleSheets' }],
  // After a keyword («x > 1 and ped») FEEL completion offered nothing.
  [/feel-editor[\\/]dist[\\/]index\.js$/, { 'from: typedInput ? typedInput.from : nodeBefore.from': 'from: nodeBefore.from' }],
  // Words of editors that ask nobody to translate them.
  [/form-js-(editor|viewer)[\\/]dist[\\/]index\.es\.js$/, forms, literal],
  [/form-js-editor[\\/]dist[\\/]index\.es\.js$/, copied],
  [/@bpmn-io[\\/]properties-panel[\\/]dist[\\/]index\.esm\.js$/, panel],
  [/bpmn-js-element-templates[\\/]dist[\\/]index\.esm\.js$/, templates],
  [/dmn-js-(decision-table|shared|literal-expression|boxed-expression)[\\/]lib[\\/]/, decisions],
  // A list of texts may be typed without quotes: alta, media, baja.
  [/dmn-js-decision-table[\\/]lib[\\/]features[\\/](allowed-values|simple-string-edit)[\\/]/, {
    'export function parseString(string) {': `export function parseString(string, typed = false) {
  if (typed && string && !/["()<>=]/.test(string)) string = string.split(',').map((one) => one.trim()).filter(Boolean).map((one) => '"' + one + '"').join(',');`,
    'parseString(inputValue)': 'parseString(inputValue, true)',
    '!parseString(value)': '!parseString(value, true)',
    'this.debouncedEditCell(element.businessObject, value)': 'this.debouncedEditCell(element.businessObject, parseString(value, true).values.join(","))',
  }],
  [/diagram-js[\\/]lib[\\/]features[\\/]popup-menu[\\/]/, menus],
  [/bpmn-js-token-simulation[\\/]lib[\\/]/, simulation],
];
const used = new Set();
const patch = {
  name: 'patch',
  setup(building) {
    building.onLoad({ filter: /node_modules.*\.js$/ }, async ({ path: file }) => {
      const found = patches.filter(([filter]) => filter.test(file));
      if (!found.length) return undefined;
      let source = await readFile(file, 'utf8');
      for (const [, changes, form = asIs] of found) {
        for (const [before, after] of Object.entries(changes)) {
          const changed = form(before, after).reduce((text, [from, to]) => text.replaceAll(from, to), source);
          if (changed !== source) used.add(before);
          source = changed;
        }
      }
      return { contents: source, loader: 'js' };
    });
    building.onEnd(() => {
      const unused = patches.flatMap(([, changes]) => Object.keys(changes)).filter((before) => !used.has(before));
      return unused.length ? { errors: [{ text: `A package has changed: adapt build.mjs and words/: ${unused.join(' | ')}` }] } : null;
    });
  },
};

function asIs(before, after) {
  return [[before, after]];
}

// Whole quoted literals only: a word inside a longer text stays. What holds a quote itself is taken as it is.
function literal(before, after) {
  return /['"`]/.test(before) ? [[before, after]] : [[`'${before}'`, `'${after}'`], [`"${before}"`, `"${after}"`]];
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const { metafile } = await build({
  entryPoints: pages.map((name) => `pages/${name}`),
  outdir: out,
  publicPath: '/static/',
  bundle: true,
  format: 'esm',
  splitting: true,
  minify: true,
  metafile: true,
  target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: 'asset-[name]-[hash]',
  loader: { '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.eot': 'empty', '.svg': 'file' },
  legalComments: 'linked',
  plugins: [patch],
  alias: {
    '@camunda/feel-builtins': path.resolve('studio/feel_builtins.js'),
    '@bpmn-io/element-templates-validator': path.resolve('studio/template_validator.js'),
  },
  logLevel: 'warning',
});

const name = (file) => path.relative(out, path.resolve(file));
const manifest = {};
for (const [file, output] of Object.entries(metafile.outputs)) {
  if (!output.entryPoint?.startsWith('pages/')) continue;
  const preload = new Set();
  const walk = (from) => {
    for (const found of metafile.outputs[from].imports) {
      if (found.kind !== 'import-statement' || preload.has(found.path)) continue;
      preload.add(found.path);
      walk(found.path);
    }
  };
  walk(file);
  manifest[path.basename(output.entryPoint, '.js')] = {
    js: name(file),
    css: output.cssBundle ? [name(output.cssBundle)] : [],
    preload: [...preload].map(name),
  };
}
await writeFile(path.join(out, 'manifest.json'), JSON.stringify(manifest, null, 1));
await writeFile(path.join(out, 'THIRD-PARTY.txt'), await notices(metafile));

// The MIT notice goes with every copy, so also with a bundle.
async function notices({ inputs }) {
  const packages = new Set();
  for (const input of Object.keys(inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
  const texts = [];
  for (const one of [...packages].sort()) {
    const folder = path.join('node_modules', one);
    const licence = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
    const { version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
    texts.push(`${one} ${version} (${license})\n\n${licence ? await readFile(path.join(folder, licence), 'utf8') : ''}`);
  }
  return texts.join('\n\n' + '-'.repeat(78) + '\n\n');
}
