// The properties panel shows what the engine runs, and offers what there is: forms, decisions, processes, handlers.
import { SelectEntry, isFeelEntryEdited, isSelectEntryEdited } from '@bpmn-io/properties-panel';
import { useService } from 'bpmn-js-properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { Compensated } from './compensated.js';
import { extension, write } from './extension.js';
import { flowGroup } from './flows.js';
import { Cardinality } from './repeats.js';
import { leftoverGroup } from './leftovers.js';
import { data, send } from './session.js';

const HIDDEN_GROUPS = new Set(['Zeebe__ExecutionListeners', 'Zeebe__TaskListeners', 'Zeebe__ExtensionProperties', 'headers', 'adHocSubProcessImplementation', 'activeElements', 'adHocCompletion', 'outputCollection']);
const HIDDEN_ENTRIES = new Set(['bindingType', 'versionTag', 'externalReference', 'businessId', 'waitForCompletion', 'userTaskImplementation', 'variableNames', 'variableEvents', 'scriptImplementation', 'businessRuleImplementation']);
const MARKS = ['zeebe:UserTask', 'zeebe:Script', 'zeebe:CalledDecision'];
const REFERENCES = {
  targetProcessId: ['zeebe:CalledElement', 'processId', 'processes'],
};
const LABELS = { targetProcessId: 'Proceso llamado' };

function options(list, stored) {
  const found = [{ value: '', label: '—' }, ...list];
  if (stored && !list.some((one) => one.value === stored)) found.push({ value: stored, label: `${stored} (no está en la lista)` });
  return found;
}

// A link to what was chosen, under its select.
function opening(path, words) {
  return path ? h('a', { href: data.urls.open + path + location.search, target: '_blank', rel: 'noopener' }, words) : undefined;
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
    description: opening(catalogue[list].find((one) => one.value === stored)?.path, 'Abrir en otra pestaña'),
    getValue: () => stored,
    setValue: (value) => modeling.updateModdleProperties(element, extension(element, type), { [attribute]: value || undefined }),
    getOptions: () => options(catalogue[list], stored),
  });
}

const NEW = '+';

// What a new file for an element is called: the element's name, as a file name.
function fileName(element) {
  const name = element.businessObject.name ?? '';
  return name.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 60);
}

// The decision of a rule task: one of those there are, or a new table called like the task, its result as well.
function DecisionChoice({ element, id }) {
  const modeling = useService('modeling');
  const catalogue = useService('config.catalogue');
  const called = extension(element, 'zeebe:CalledDecision');
  const stored = called?.decisionId ?? '';
  const fresh = fileName(element);
  const canCreate = fresh && !catalogue.decisions.some((one) => one.value === fresh);

  async function setValue(value) {
    const properties = { decisionId: value || undefined };
    if (value === NEW) {
      if (!(await createDecision(fresh))) return;
      catalogue.decisions.push({ value: fresh, label: element.businessObject.name, path: `dmn/${fresh}.dmn` });
      properties.decisionId = fresh;
      properties.resultVariable = called.resultVariable || fresh;
    }
    modeling.updateModdleProperties(element, called, properties);
  }

  return SelectEntry({
    id,
    element,
    label: 'Decisión',
    description: opening(catalogue.decisions.find((one) => one.value === stored)?.path, 'Abrir la decisión en otra pestaña'),
    getValue: () => stored,
    setValue,
    getOptions: () => [...options(catalogue.decisions, stored), ...(canCreate ? [{ value: NEW, label: `Nueva decisión: ${fresh}` }] : [])],
  });
}

async function createDecision(id) {
  const answer = await send(data.urls.new, 'POST', new URLSearchParams({ tipo: 'dmn', nombre: id })).catch(() => null);
  if (!answer?.ok) document.getElementById('estado').textContent = 'No se pudo crear la decisión.';
  return answer?.ok;
}

// The form of a user task: one of those there are, or a new one called like the task.
function FormChoice({ element, id }) {
  const modeling = useService('modeling');
  const factory = useService('bpmnFactory');
  const catalogue = useService('config.catalogue');
  const stored = extension(element, 'zeebe:FormDefinition')?.formId ?? '';
  const name = element.businessObject.name ?? '';
  const fresh = fileName(element);
  const canCreate = fresh && !catalogue.forms.some((one) => one.value === fresh);

  async function setValue(value) {
    let chosen = value;
    if (value === NEW) {
      if (!(await createForm(fresh, name))) return;
      catalogue.forms.push({ value: fresh, label: `${name} (${fresh})`, path: `forms/${fresh}.form` });
      chosen = fresh;
    }
    const holder = element.businessObject.extensionElements;
    if (chosen) write(element, 'zeebe:FormDefinition', { formId: chosen }, modeling, factory);
    else if (stored) modeling.updateModdleProperties(element, holder, { values: holder.values.filter((one) => one.$type !== 'zeebe:FormDefinition') });
  }

  return SelectEntry({
    id,
    element,
    label: 'Formulario',
    description: opening(catalogue.forms.find((one) => one.value === stored)?.path, 'Abrir el formulario en otra pestaña'),
    getValue: () => stored,
    setValue,
    getOptions: () => [...options(catalogue.forms, stored), ...(canCreate ? [{ value: NEW, label: `Nuevo formulario: ${fresh}` }] : [])],
  });
}

async function createForm(id, title) {
  const form = { type: 'default', id, schemaVersion: 19, components: [{ type: 'text', id: 'c_titulo', text: `**${title}**` }] };
  const answer = await send(`${data.urls.open}forms/${id}.form`, 'PUT', `${JSON.stringify(form, null, 2)}\n`, { 'If-Match': '' }).catch(() => null);
  if (!answer?.ok) document.getElementById('estado').textContent = 'No se pudo crear el formulario.';
  return answer?.ok;
}

// Choosing what a service task does brings the fields of that handler with it.
function Topic({ element, id }) {
  const modeling = useService('modeling');
  const templates = useService('elementTemplates');
  const catalogue = useService('config.catalogue');
  const stored = extension(element, 'zeebe:TaskDefinition')?.type ?? '';

  function setValue(topic) {
    const template = element.type === 'bpmn:ServiceTask' && templates.getLatest(`handler.${topic}`)[0];
    if (template) return templates.applyTemplate(element, template);
    return modeling.updateModdleProperties(element, extension(element, 'zeebe:TaskDefinition'), { type: topic || undefined });
  }

  return SelectEntry({
    id,
    element,
    label: 'Qué hace',
    getValue: () => stored,
    setValue,
    getOptions: () => options(catalogue.topics, stored),
  });
}

// The groups that there are, to be added to a list that may also be typed or be an expression.
function GroupChoice({ element, id }) {
  const modeling = useService('modeling');
  const factory = useService('bpmnFactory');
  const catalogue = useService('config.catalogue');
  const stored = extension(element, 'zeebe:AssignmentDefinition')?.candidateGroups ?? '';
  const listed = stored.split(',').map((one) => one.trim()).filter(Boolean);
  return SelectEntry({
    id,
    element,
    label: 'Agregar un grupo',
    getValue: () => '',
    setValue: (group) => group && write(element, 'zeebe:AssignmentDefinition', { candidateGroups: [...listed, group].join(', ') }, modeling, factory),
    getOptions: () => [{ value: '', label: '—' }, ...catalogue.groups.filter((one) => !listed.includes(one.value))],
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
    if (headers) added.$parent = headers;
    return write(element, 'zeebe:TaskHeaders', { values: [...(headers?.values ?? []), added] }, modeling, factory);
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

function replaced(entry, element) {
  if (entry.id === 'decisionId') return [{ ...entry, component: DecisionChoice, isEdited: isSelectEntryEdited }];
  if (REFERENCES[entry.id]) return [{ ...entry, component: Reference, isEdited: isSelectEntryEdited }];
  // The list comes first; the number stands below it.
  if (entry.id === 'multiInstance-inputCollection') {
    return [entry, { id: 'loopCardinality', component: Cardinality, isEdited: isFeelEntryEdited }];
  }
  if (entry.id === 'activityRef') return [{ ...entry, component: Compensated }];
  if (entry.id === 'taskDefinitionType') return [{ ...entry, component: Topic, isEdited: isSelectEntryEdited }];
  const groups = extension(element, 'zeebe:AssignmentDefinition')?.candidateGroups;
  if (entry.id === 'assignmentDefinitionCandidateGroups' && !groups?.startsWith('=')) {
    return [entry, { id: 'groupChoice', component: GroupChoice, isEdited: () => false }];
  }
  return [entry];
}

// A throwing event gives something only with its message or escalation; elsewhere outputs are refused.
function refuses(group, { businessObject: one }) {
  if (group.id !== 'outputs' || group.items?.length || !/^bpmn:(IntermediateThrow|End)Event$/.test(one.$type)) return false;
  return !/^bpmn:(Message|Escalation)Event/.test(one.eventDefinitions?.[0]?.$type ?? '');
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
      const found = groups.filter((group) => !HIDDEN_GROUPS.has(group.id) && !refuses(group, element)).map((group) => {
        if (group.entries) group.entries = group.entries.filter(shown).flatMap((entry) => replaced(entry, element));
        return group;
      }).filter((group) => !group.entries || group.entries.length || group.items || group.id.startsWith('ElementTemplates__'));
      const form = found.find((group) => group.id === 'form');
      if (form) form.entries = [{ id: 'formId', component: FormChoice, isEdited: isSelectEntryEdited }];
      if (element.type === 'bpmn:UserTask') {
        const place = found.findIndex((group) => group.id === 'form') + 1;
        found.splice(place || found.length, 0, { id: 'handler', label: 'Manejador', entries: [{ id: 'handler', component: Handler, isEdited: isSelectEntryEdited }] });
      }
      const foreign = leftoverGroup(element);
      if (foreign) found.splice(1, 0, foreign);
      const flows = flowGroup(element);
      if (flows) found.push(flows);
      return found;
    };
  }
}

export const PanelFilterModule = { __init__: ['panelFilter'], panelFilter: ['type', PanelFilter] };
