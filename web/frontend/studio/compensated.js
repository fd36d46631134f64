// Which activity a compensation event undoes: only those beside it that say how, with an event at their border.
import { SelectEntry } from '@bpmn-io/properties-panel';
import { useService } from 'bpmn-js-properties-panel';

const compensates = (one) => one.eventDefinitions?.some((event) => event.$type === 'bpmn:CompensateEventDefinition');

export function Compensated({ element, id }) {
  const modeling = useService('modeling');
  const event = element.businessObject.eventDefinitions.find((one) => one.$type === 'bpmn:CompensateEventDefinition');
  const { flowElements } = element.businessObject.$parent;
  const undone = flowElements.filter((one) => one.$type === 'bpmn:BoundaryEvent' && compensates(one)).map((one) => one.attachedToRef);
  // What is stored is shown too, so that it can be taken away.
  const offered = [...new Set([...undone, event.activityRef].filter(Boolean))];
  return SelectEntry({
    id,
    element,
    label: 'Actividad',
    description: undone.length ? undefined : 'Ninguna junto a este evento tiene un evento de borde de compensación.',
    getValue: () => event.activityRef?.id ?? '',
    setValue: (value) => modeling.updateModdleProperties(element, event, { activityRef: offered.find((one) => one.id === value) }),
    getOptions: () => [
      { value: '', label: 'Todo lo que se pueda deshacer' },
      ...offered.map((one) => ({ value: one.id, label: `${one.name ?? one.id}${undone.includes(one) ? '' : ' (no tiene compensación)'}` })),
    ],
  });
}
