// What follows an element, in the panel: all that a mouse does with arrows can be done with the keyboard.
import { SelectEntry, isSelectEntryEdited } from '@bpmn-io/properties-panel';
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { getMid } from 'diagram-js/lib/layout/LayoutUtil';
import { useService } from 'bpmn-js-properties-panel';
import { show } from './fields.js';
import { nameOf } from './kinds.js';

const INSERTED = [
  ['bpmn:UserTask', 'Tarea de usuario'],
  ['bpmn:ServiceTask', 'Tarea de servicio'],
  ['bpmn:BusinessRuleTask', 'Tarea de decisión'],
  ['bpmn:ExclusiveGateway', 'Compuerta exclusiva'],
  ['bpmn:ParallelGateway', 'Compuerta paralela'],
];
// Room for the names under events and gateways.
const BELOW = 40;
const NOTHING = { value: '', label: '—' };

// Which way a choice takes when no condition holds; without it, such a matter would stop with a failure.
function DefaultFlow({ element, id }) {
  const modeling = useService('modeling');
  const gateway = element.businessObject;
  return SelectEntry({
    id,
    element,
    label: 'Flujo por omisión',
    description: 'El camino que se toma cuando ninguna condición se cumple.',
    getValue: () => gateway.default?.id ?? '',
    setValue: (value) => modeling.updateProperties(element, { default: gateway.outgoing.find((one) => one.id === value) }),
    getOptions: () => [{ value: '', label: '—' }, ...(gateway.outgoing ?? []).map((one) => ({
      value: one.id,
      label: `${one.name ? `${one.name} → ` : ''}${one.targetRef?.name ?? one.targetRef?.id}`,
    }))],
  });
}

const options = (shapes) => shapes.map((one) => ({ value: one.id, label: nameOf(one) })).sort((a, b) => a.label.localeCompare(b.label, 'es'));

// The way below what stands on the straight line between two elements; nothing where that line is free.
function around(source, target, registry) {
  const from = getMid(source), to = getMid(target);
  const crossed = registry.filter((one) => is(one, 'bpmn:FlowNode') && !one.labelTarget && one !== source && one !== target
    && one.parent === source.parent && one.y < Math.max(from.y, to.y) + 1 && one.y + one.height > Math.min(from.y, to.y) - 1
    && one.x < Math.max(from.x, to.x) && one.x + one.width > Math.min(from.x, to.x));
  if (!crossed.length) return {};
  const y = Math.max(...[source, target, ...crossed].map((one) => one.y + one.height)) + BELOW;
  return { waypoints: [from, { x: from.x, y }, { x: to.x, y }, to] };
}

// To where a sequence flow may lead from here and does not yet.
function Connect({ element, id }) {
  const registry = useService('elementRegistry');
  const rules = useService('bpmnRules');
  const modeling = useService('modeling');
  const reached = new Set(element.outgoing.map((one) => one.target));
  const possible = registry.filter((one) => one !== element && !one.labelTarget && !reached.has(one) && rules.canConnectSequenceFlow(element, one));
  return SelectEntry({
    id,
    element,
    label: 'Conectar con',
    getValue: () => '',
    setValue: (value) => {
      const target = registry.get(value);
      if (target) modeling.connect(element, target, { type: 'bpmn:SequenceFlow', ...around(element, target, registry) });
    },
    getOptions: () => [NOTHING, ...options(possible)],
  });
}

function Target({ element, id }) {
  const registry = useService('elementRegistry');
  const rules = useService('bpmnRules');
  const modeling = useService('modeling');
  // A flow that was just taken away has no ends any more.
  const { source, target: current } = element;
  const possible = source ? registry.filter((one) => one !== source && !one.labelTarget && (one === current || rules.canConnectSequenceFlow(source, one))) : [];
  return SelectEntry({
    id,
    element,
    label: 'Lleva a',
    getValue: () => current?.id ?? '',
    setValue: (value) => {
      const target = registry.get(value);
      modeling.reconnectEnd(element, target, getMid(target));
    },
    getOptions: () => options(possible),
  });
}

// In the middle of the flow, which gets room for it.
function Insert({ element, id }) {
  const factory = useService('elementFactory');
  const modeling = useService('modeling');
  const selection = useService('selection');
  const events = useService('eventBus');
  return SelectEntry({
    id,
    element,
    label: 'Insertar en medio',
    getValue: () => '',
    setValue: (type) => {
      if (!type) return;
      selection.select(modeling.createShape(factory.createShape({ type }), middle(element.waypoints), element));
      show(events, ['name']);
    },
    getOptions: () => [NOTHING, ...INSERTED.map(([value, label]) => ({ value, label }))],
  });
}

// The middle of the longest piece of a line.
function middle(points) {
  const pieces = points.slice(1).map((to, index) => ({ from: points[index], to }));
  const [{ from, to }] = pieces.sort((a, b) => length(b) - length(a));
  return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
}

const length = ({ from, to }) => Math.hypot(to.x - from.x, to.y - from.y);

const entry = (id, component, isEdited = () => false) => ({ id, component, isEdited });

// No flow leads away from an end, from what an event starts, or from what undoes another activity.
function ends({ businessObject: one, labelTarget }) {
  const compensates = one.eventDefinitions?.some((event) => event.$type === 'bpmn:CompensateEventDefinition') && one.attachedToRef;
  return labelTarget || one.$type === 'bpmn:EndEvent' || one.triggeredByEvent || one.isForCompensation || compensates;
}

// The group of the panel, where flows lead from this element or it is one.
export function flowGroup(element) {
  const entries = [];
  if (is(element, 'bpmn:SequenceFlow')) entries.push(entry('flowTarget', Target), entry('flowInsert', Insert));
  if (is(element, 'bpmn:FlowNode') && !ends(element)) entries.push(entry('connectTo', Connect));
  if (/^bpmn:(Exclusive|Inclusive)Gateway$/.test(element.type) && element.outgoing.length > 1) entries.unshift(entry('defaultFlow', DefaultFlow, isSelectEntryEdited));
  return entries.length ? { id: 'flows', label: 'Lo que sigue', entries } : null;
}
