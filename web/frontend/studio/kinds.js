// What people call an element of the diagram.
import { translate } from './translate.js';

// Its name, or what it joins; what kind it is where it has no name.
export function nameOf(shape) {
  const { name, sourceRef, targetRef } = shape.businessObject;
  if (name) return name;
  const end = (one) => (one ? one.name || kindOf({ businessObject: one }) : '—');
  return sourceRef ? `${end(sourceRef)} → ${end(targetRef)}` : kindOf(shape);
}

// «Evento de borde: temporizador», as the head of the panel has it.
export function kindOf({ businessObject: { $type, eventDefinitions } }) {
  const event = eventDefinitions?.[0]?.$type.replace(/^bpmn:|EventDefinition$/g, '') ?? '';
  return translate((event + $type.replace('bpmn:', '')).replace(/(\B[A-Z])/g, ' $1'));
}
