// Mails, documents and scenarios as text: numbered lines, fields in colour and completed while they are typed, and what
// is wrong marked at its place. CodeMirror comes along with the FEEL fields of the other editors.
import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, redo, undo } from '@codemirror/commands';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { Decoration, EditorView, MatchDecorator, ViewPlugin, keymap, lineNumbers } from '@codemirror/view';

const COLOURS = {
  mail: [[/\{\{.*?\}\}/g, 'tx-field'], [/\{%.*?%\}/g, 'tx-step'], [/\{#.*?(#\}|$)/g, 'tx-comment'], [/\*\*[^*]+\*\*/g, 'tx-strong']],
  document: [[/#?(?:[\w-]+\()?datos\.[\w.]+\)?/g, 'tx-field'], [/#(?:let|show|set|import|if|else|for|while|return)\b/g, 'tx-step'], [/(?<!:)\/\/.*$/g, 'tx-comment'], [/^=+ .*$/g, 'tx-strong']],
  scenario: [[/^\s*(?:- )?[\w.]+(?=:)/g, 'tx-step'], [/#.*$/g, 'tx-comment'], [/"[^"]*"/g, 'tx-field']],
};
const PHRASES = { Completions: 'Datos que puede usar', 'No diagnostics': 'Nada que corregir', Diagnostics: 'Hallazgos', close: 'cerrar' };

export class TextEditor {
  // `fields`: merge fields as { name, insert }; `changed()` is called after every change.
  constructor(parent, { text, kind, label, fields, changed }) {
    this.kind = kind;
    this.fields = fields;
    this.view = new EditorView({
      parent,
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        EditorState.phrases.of(PHRASES),
        EditorView.lineWrapping,
        EditorView.darkTheme.of(matchMedia('(prefers-color-scheme: dark)').matches),
        // The tab key goes on to the next field of the page, as everywhere.
        keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        autocompletion({ override: [(context) => this.#complete(context)], icons: false }),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0', lang: 'es', spellcheck: String(kind === 'mail') }),
        EditorView.updateListener.of((update) => { if (update.docChanged) changed(); }),
        ...(COLOURS[kind] ?? []).map(coloured),
      ],
    });
  }

  read = () => this.view.state.doc.toString();

  undo = () => undo(this.view);

  redo = () => redo(this.view);

  insert(text) {
    this.view.dispatch(this.view.state.replaceSelection(text));
    this.view.focus();
  }

  // `place`: line, or line:column.
  go = (place) => {
    const { from } = this.#range(place);
    this.view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    this.view.focus();
  };

  label = (place) => `Renglón ${place.split(':')[0]}`;

  // A mark at each finding that has a place.
  mark = (found) => {
    const placed = found.filter((one) => /^\d+(:\d+)?$/.test(one.element ?? ''));
    const marks = placed.map((one) => ({ ...this.#range(one.element), severity: one.severity === 'error' ? 'error' : 'warning', message: `${one.message} ${one.remedy}` }));
    this.view.dispatch(setDiagnostics(this.view.state, marks.sort((a, b) => a.from - b.from)));
  };

  #range(place) {
    const { doc } = this.view.state;
    const [number, column] = place.split(':').map(Number);
    const line = doc.line(Math.min(Math.max(number || 1, 1), doc.lines));
    if (!column) return { from: line.from, to: line.to };
    const from = Math.min(line.from + column - 1, line.to);
    return { from, to: from + (/^[\w.]*/.exec(doc.sliceString(from, line.to))[0].length || 1) };
  }

  #complete(context) {
    const mail = this.kind === 'mail';
    const typed = context.matchBefore(mail ? /\{\{\s*[\w.]*/ : /datos\.[\w.]*/);
    if (!typed || !this.fields.length) return null;
    const options = this.fields.map(({ name, insert }) => (mail ? { label: insert, apply: whole } : { label: `datos.${name}` }));
    return { from: typed.from, options, validFor: mail ? /^\{\{\s*[\w.]*$/ : /^datos\.[\w.]*$/ };
  }
}

// With the brackets that close it, where they stand already.
function whole(view, { label }, from, to) {
  const rest = /^\s*\}\}/.exec(view.state.sliceDoc(to, to + 4));
  view.dispatch({ changes: { from, to: to + (rest?.[0].length ?? 0), insert: label }, selection: { anchor: from + label.length } });
}

function coloured([regexp, name]) {
  const decorator = new MatchDecorator({ regexp, decoration: Decoration.mark({ class: name }) });
  return ViewPlugin.define((view) => ({
    marks: decorator.createDeco(view),
    update(update) { this.marks = decorator.updateDeco(update, this.marks); },
  }), { decorations: (plugin) => plugin.marks });
}
