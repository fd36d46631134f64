// What a diagram of another tool brings along and nothing here obeys: listed at its element, and taken away at once.
import { h } from '@bpmn-io/properties-panel/preact';
import { useService } from 'bpmn-js-properties-panel';

// As engine/definitions/checks/unsupported.py has them.
const READ = new Set([
  'TaskDefinition', 'TaskHeaders', 'IoMapping', 'UserTask', 'FormDefinition', 'AssignmentDefinition', 'TaskSchedule', 'PriorityDefinition',
  'CalledDecision', 'Script', 'CalledElement', 'LoopCharacteristics', 'Subscription', 'Properties', 'VersionTag',
]);
const ATTRIBUTES = ['formKey', 'externalReference', 'versionTag', 'businessId'];
// Of BPMN itself, each with what it is when it says nothing.
const PROPERTIES = { script: undefined, ioSpecification: undefined, operationRef: undefined, startQuantity: 1, completionQuantity: 1 };
const WORDS = {
  script: 'código del script', ioSpecification: 'datos de entrada y salida', operationRef: 'operación', startQuantity: 'startQuantity', completionQuantity: 'completionQuantity',
  executionListeners: 'oyentes de ejecución', taskListeners: 'oyentes de la tarea', bindingType: 'versión que se toma', versionTag: 'nombre de versión',
  formKey: 'clave de formulario', externalReference: 'referencia externa', businessId: 'clave de negocio',
};

const name = (one) => one.$type.replace('zeebe:', '').replace(/^./, (letter) => letter.toLowerCase());
const isRead = (one) => READ.has(one.$type.replace('zeebe:', ''));

function leftovers(element) {
  const owner = element.businessObject?.processRef ?? element.businessObject;
  const values = (owner?.extensionElements?.values ?? []).filter((one) => one.$type.startsWith('zeebe:'));
  const attributes = values.filter(isRead).flatMap((one) => [
    ...ATTRIBUTES.filter((key) => Object.hasOwn(one, key)),
    // Without it moddle says «latest».
    ...(Object.hasOwn(one, 'bindingType') && one.bindingType !== 'deployment' ? ['bindingType'] : []),
  ].map((key) => ({ one, key })));
  for (const [key, nothing] of Object.entries(PROPERTIES)) if (owner && Object.hasOwn(owner, key) && owner[key] !== nothing) attributes.push({ one: owner, key });
  return { holder: owner?.extensionElements, elements: values.filter((one) => !isRead(one)), attributes };
}

function Leftovers({ element, id }) {
  const modeling = useService('modeling');
  const { holder, elements, attributes } = leftovers(element);
  const said = [...new Set([...elements.map(name), ...attributes.map(({ key }) => key)])].map((one) => WORDS[one] ?? one);

  function remove() {
    for (const { one, key } of attributes) modeling.updateModdleProperties(element, one, { [key]: undefined });
    if (elements.length) modeling.updateModdleProperties(element, holder, { values: holder.values.filter((one) => !elements.includes(one)) });
  }

  return h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': id }, [
    h('p', { class: 'bio-properties-panel-description' }, `Viene de otra herramienta: ${said.join(', ')}.`),
    h('button', { type: 'button', class: 'button', onClick: remove }, 'Quitarlo'),
  ]);
}

// The group of the panel; null for an element that has nothing of the kind.
export function leftoverGroup(element) {
  const { elements, attributes } = leftovers(element);
  if (!elements.length && !attributes.length) return null;
  return { id: 'leftovers', label: 'No se ejecuta aquí', shouldOpen: true, entries: [{ id: 'leftovers', component: Leftovers, isEdited: () => true }] };
}
