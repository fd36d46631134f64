// The properties panel shows what the engine runs, and offers what there is: forms, decisions, processes, handlers.
import { SelectEntry, isSelectEntryEdited } from '@bpmn-io/properties-panel';
import { useService } from 'bpmn-js-properties-panel';

const HIDDEN_GROUPS = new Set(['Zeebe__ExecutionListeners', 'Zeebe__TaskListeners', 'Zeebe__ExtensionProperties', 'headers', 'compensation', 'adHocSubProcessImplementation', 'activeElements', 'adHocCompletion', 'outputCollection']);
const HIDDEN_ENTRIES = new Set(['bindingType', 'versionTag', 'externalReference', 'businessId', 'userTaskImplementation', 'scriptImplementation', 'businessRuleImplementation']);
const MARKS = ['zeebe:UserTask', 'zeebe:Script', 'zeebe:CalledDecision'];
const REFERENCES = {
  formId: ['zeebe:FormDefinition', 'formId', 'forms'],
  decisionId: ['zeebe:CalledDecision', 'decisionId', 'decisions'],
  targetProcessId: ['zeebe:CalledElement', 'processId', 'processes'],
  taskDefinitionType: ['zeebe:TaskDefinition', 'type', 'topics'],
};
const LABELS = { formId: 'Formulario', decisionId: 'Decisión', targetProcessId: 'Proceso llamado', taskDefinitionType: 'Qué hace (tema)' };

const extension = (element, type) => element.businessObject.extensionElements?.values?.find((one) => one.$type === type);

function options(list, stored) {
  const found = [{ value: '', label: '—' }, ...list];
  if (stored && !list.some((one) => one.value === stored)) found.push({ value: stored, label: `${stored} (no existe)` });
  return found;
}

function Reference({ element, id }) {
  const [type, attribute, list] = REFERENCES[id];
  const modeling = useService('modeling');
  const catalogue = useService('config.catalogue');
  const stored = extension(element, type)?.[attribute] ?? '';
  return SelectEntry({
    id,
    element,
    label: LABELS[id],
    getValue: () => stored,
    setValue: (value) => modeling.updateModdleProperties(element, extension(element, type), { [attribute]: value || undefined }),
    getOptions: () => options(catalogue[list], stored),
  });
}

const handlerHeader = (element) => extension(element, 'zeebe:TaskHeaders')?.values?.find((one) => one.key === 'handler');

function Handler({ element, id }) {
  const modeling = useService('modeling');
  const factory = useService('bpmnFactory');
  const catalogue = useService('config.catalogue');
  const stored = handlerHeader(element)?.value ?? '';

  function setValue(value) {
    const header = handlerHeader(element);
    const headers = extension(element, 'zeebe:TaskHeaders');
    if (header && value) return modeling.updateModdleProperties(element, header, { value });
    if (header) {
      const values = headers.values.filter((one) => one !== header);
      return modeling.updateModdleProperties(element, headers, { values });
    }
    if (!value) return undefined;
    const added = factory.create('zeebe:Header', { key: 'handler', value });
    if (headers) {
      added.$parent = headers;
      return modeling.updateModdleProperties(element, headers, { values: [...(headers.values ?? []), added] });
    }
    const created = factory.create('zeebe:TaskHeaders', { values: [added] });
    added.$parent = created;
    const holder = element.businessObject.extensionElements ?? factory.create('bpmn:ExtensionElements', { values: [] });
    created.$parent = holder;
    if (holder.$parent) return modeling.updateModdleProperties(element, holder, { values: [...holder.values, created] });
    holder.$parent = element.businessObject;
    holder.values = [created];
    return modeling.updateProperties(element, { extensionElements: holder });
  }

  return SelectEntry({
    id,
    element,
    label: 'Quién lo recibe (handler)',
    description: 'Vacío: todos los valores del formulario pasan a ser variables.',
    getValue: () => stored,
    setValue,
    getOptions: () => options(catalogue.handlers, stored),
  });
}

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

class PanelFilter {
  static $inject = ['propertiesPanel'];

  constructor(panel) {
    // Lower than the providers' own 500, so it sees what they give.
    panel.registerProvider(200, this);
  }

  getGroups(element) {
    const known = (element.businessObject.extensionElements?.values ?? []).some((one) => MARKS.includes(one.$type));
    const shown = (entry) => !HIDDEN_ENTRIES.has(entry.id) || (/Implementation$/.test(entry.id) && !known);
    return (groups) => {
      const found = groups.filter((group) => !HIDDEN_GROUPS.has(group.id)).map((group) => {
        if (group.entries) group.entries = group.entries.filter(shown).map((entry) => (REFERENCES[entry.id] ? { ...entry, component: Reference, isEdited: isSelectEntryEdited } : entry));
        return group;
      }).filter((group) => !group.entries || group.entries.length || group.items || group.id.startsWith('ElementTemplates__'));
      if (element.type === 'bpmn:UserTask') {
        const place = found.findIndex((group) => group.id === 'form') + 1;
        found.splice(place || found.length, 0, { id: 'handler', label: 'Manejador', entries: [{ id: 'handler', component: Handler, isEdited: isSelectEntryEdited }] });
      }
      if (/^bpmn:(Exclusive|Inclusive)Gateway$/.test(element.type) && element.outgoing.length > 1) {
        found.push({ id: 'default', label: 'Salidas', entries: [{ id: 'defaultFlow', component: DefaultFlow, isEdited: isSelectEntryEdited }] });
      }
      return found;
    };
  }
}

export const PanelFilterModule = { __init__: ['panelFilter'], panelFilter: ['type', PanelFilter] };

// Menus offer only what runs.
const REFUSED = /ad-hoc|adhoc|transaction|compensation|complex|event-subprocess|cancel|signal|multiple|parallel-multiple|data-(object|store)|start-(timer|conditional|escalation|error)|timer-start|conditional-start|choreography/i;

class MenuFilter {
  static $inject = ['popupMenu'];

  constructor(menus) {
    for (const name of ['bpmn-replace', 'bpmn-append', 'bpmn-create']) menus.registerProvider(name, 200, this);
  }

  getPopupMenuEntries() {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => !REFUSED.test(id)));
  }

  getPopupMenuHeaderEntries() {
    return (entries) => entries;
  }
}

export const MenuFilterModule = { __init__: ['menuFilter'], menuFilter: ['type', MenuFilter] };
