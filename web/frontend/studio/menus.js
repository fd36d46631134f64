// Menus offer only what runs (docs/bpmn.md), where it may stand, and find it by the words that people type.
import { is } from 'bpmn-js/lib/util/ModelUtil';

const REFUSED = /ad-hoc|adhoc|complex|compensation-start|parallel-event-based|multiple|data-(object|store)|choreography|toggle-loop/i;
// What starts an event sub-process does not start a process: it brings no business key.
const ONLY_INSIDE = /(timer|conditional|signal|error|escalation)-start/i;
// No flow leads to where a link goes on.
const NEVER_APPENDED = /^append-.*(link-intermediate-catch|start)/;
const ONLY_TRANSACTION = /cancel-(boundary|end)/;
// What the menu shows only to those who search for it, and people need.
const SHOWN = /(inclusive-gateway|send-task|receive-task)$/;
// Other words for the same, as books and other tools have them.
const SYNONYMS = [
  [/intermediate-catch/, 'intermedio captura recibe'],
  [/intermediate-throw/, 'intermedio lanzamiento envía'],
  [/boundary/, 'límite adjunto'],
  [/-end/, 'final'],
  [/-start/, 'inicial'],
  [/rule-task/, 'regla de negocio dmn tabla'],
  [/script-task/, 'script cálculo'],
  [/inclusive/, 'inclusiva o'],
  [/subprocess/, 'subproceso expandido contraído'],
  [/non-interrupting/, 'sin interrupción'],
];

function offered(id, target) {
  if (REFUSED.test(id) || NEVER_APPENDED.test(id)) return false;
  if (ONLY_INSIDE.test(id)) return target.businessObject?.$parent?.triggeredByEvent;
  if (/cancel-boundary/.test(id)) return is(target, 'bpmn:Transaction') || is(target.host ?? {}, 'bpmn:Transaction');
  if (ONLY_TRANSACTION.test(id)) return is(target.businessObject?.$parent ?? {}, 'bpmn:Transaction');
  return true;
}

function findable(id, entry) {
  const more = SYNONYMS.filter(([kind]) => kind.test(id)).map(([, words]) => words);
  const found = { ...entry, search: [entry.search, id.replaceAll('-', ' '), ...more].flat().filter(Boolean).join(' ') };
  if (SHOWN.test(id)) delete found.rank;
  return found;
}

class MenuFilter {
  static $inject = ['popupMenu'];

  constructor(menus) {
    for (const name of ['bpmn-replace', 'bpmn-append', 'bpmn-create']) menus.registerProvider(name, 200, this);
  }

  getPopupMenuEntries(target) {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => offered(id, target)).map(([id, entry]) => [id, findable(id, entry)]));
  }

  getPopupMenuHeaderEntries() {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => !REFUSED.test(id)));
  }
}

export const MenuFilterModule = { __init__: ['menuFilter'], menuFilter: ['type', MenuFilter] };
