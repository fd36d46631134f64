// How often an activity is done: over a list, which the library's panel asks for, or a number of times, as other tools draw it.
import { FeelEntry } from '@bpmn-io/properties-panel';
import { useService } from 'bpmn-js-properties-panel';

export function Cardinality({ element, id }) {
  const modeling = useService('modeling');
  const factory = useService('bpmnFactory');
  const debounce = useService('debounceInput');
  const variables = useService('config.variables') ?? [];
  const loop = element.businessObject.loopCharacteristics;

  function setValue(value) {
    const body = String(value ?? '').trim();
    const said = loop.loopCardinality;
    if (said && body) return modeling.updateModdleProperties(element, said, { body });
    const loopCardinality = body ? factory.create('bpmn:FormalExpression', { body }) : undefined;
    if (loopCardinality) loopCardinality.$parent = loop;
    return modeling.updateModdleProperties(element, loop, { loopCardinality });
  }

  return FeelEntry({
    id,
    element,
    label: 'Número de veces',
    description: 'En lugar de «Lista que se recorre»: 3, o una expresión que da un número.',
    feel: 'optional',
    variables,
    getValue: () => loop.loopCardinality?.body ?? '',
    setValue,
    debounce,
  });
}
