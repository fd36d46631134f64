// Prints, as JSON, what the editor calls each kind of element that it is asked for: [[kind, event or null], …].
import { nameOf } from '../studio/kinds.js';

// Where the translator notes what it lacks.
globalThis.document = { documentElement: { dataset: {} } };

const capital = (word) => word[0].toUpperCase() + word.slice(1);
const asked = JSON.parse(process.argv[2]);
const said = asked.map(([kind, event]) => nameOf({
  businessObject: { $type: `bpmn:${capital(kind)}`, eventDefinitions: event && [{ $type: `bpmn:${capital(event).replace('Compensation', 'Compensate')}EventDefinition` }] },
}));
process.stdout.write(JSON.stringify(said));
