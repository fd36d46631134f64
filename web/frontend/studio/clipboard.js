// What is copied in one diagram can be pasted in another, in any tab of this browser.
const KEY = 'cauce.estudio.copiado';

class SharedClipboard {
  static $inject = ['moddle'];

  constructor(moddle) {
    this.moddle = moddle;
  }

  get() {
    const text = localStorage.getItem(KEY);
    return text ? this.#revived(text) : undefined;
  }

  set(tree) {
    // Without room for more there is nothing to paste, rather than something else.
    try {
      localStorage.setItem(KEY, JSON.stringify(tree));
    } catch {
      localStorage.removeItem(KEY);
    }
  }

  clear() {
    const tree = this.get();
    localStorage.removeItem(KEY);
    return tree;
  }

  isEmpty() {
    return this.get() === undefined;
  }

  // Elements of the model again, each that has an id once. What this editor does not know stays behind.
  #revived(text) {
    const seen = new Map();
    const create = ({ $type, ...rest }) => {
      if (!seen.has(rest.id) || rest.id === undefined) {
        const created = this.moddle.create($type, rest);
        for (const child of Object.values(rest).flat()) if (child?.$type) child.$parent = created;
        seen.set(rest.id, created);
      }
      return seen.get(rest.id);
    };
    try {
      return JSON.parse(text, (key, value) => {
        if (Array.isArray(value)) return value.filter((one) => one !== undefined);
        return typeof value?.$type === 'string' && this.#known(value.$type) ? create(value) : value?.$type ? undefined : value;
      });
    } catch {
      return undefined;
    }
  }

  #known(type) {
    try {
      return Boolean(this.moddle.getType(type));
    } catch {
      return false;
    }
  }
}

export const ClipboardModule = { clipboard: ['type', SharedClipboard] };
