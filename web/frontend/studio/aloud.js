// What a screen reader says of the editors. For the eye a text may change with every key; aloud is only said what is new.
import { nameOf, kindOf } from './kinds.js';

export function tell(region, words, aloud) {
  region.setAttribute('aria-live', aloud ? 'polite' : 'off');
  region.textContent = words;
}

// The drawing is a picture to a screen reader: what is chosen, added and deleted in it is said in words.
export function spoken(modeler, region) {
  const events = modeler.get('eventBus');
  let added = [], deleted = [], chosen = '', waiting = false;

  const drawn = ({ element }) => element.parent && !element.labelTarget && element.type !== 'label';
  const said = (words, ones) => (ones.length > 1 ? `${words}: ${ones.length} elementos.` : ones.length ? `${words}: ${nameOf(ones[0])}.` : '');

  function soon() {
    if (waiting) return;
    waiting = true;
    // One deed changes many elements; all of them are one sentence.
    queueMicrotask(() => {
      waiting = false;
      // A new step comes with its flow, and is the one that is chosen then.
      const steps = added.filter((one) => !one.waypoints);
      const words = [said('Agregado', steps.length ? steps : added), said('Borrado', deleted), steps.length === 1 ? '' : chosen].filter(Boolean).join(' ');
      added = [];
      deleted = [];
      if (words) region.textContent = words;
    });
  }

  events.on('selection.changed', ({ newSelection: [one, ...more] }) => {
    if (!one) chosen = '';
    else chosen = more.length ? `${more.length + 1} elegidos.` : `${[...new Set([nameOf(one), kindOf(one)])].join(', ')}.`;
    soon();
  });
  events.on(['shape.added', 'connection.added'], (event) => { if (drawn(event)) added.push(event.element); soon(); });
  events.on(['shape.remove', 'connection.remove'], (event) => { if (drawn(event)) deleted.push(event.element); soon(); });
}
