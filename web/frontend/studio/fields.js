// From a finding to the field of the panel where it is mended.
import { extension } from './extension.js';

// What the checks call a field → the panel's entry, and what stands there as long as that one is not.
const ENTRIES = {
  assignee: ['assignmentDefinitionAssignee'],
  candidateGroups: ['assignmentDefinitionCandidateGroups'],
  candidateUsers: ['assignmentDefinitionCandidateUsers'],
  completionCondition: ['multiInstance-completionCondition'],
  condition: ['conditionExpression', 'condition'],
  correlationKey: ['messageSubscriptionCorrelationKey', 'messageRef'],
  decisionId: ['decisionId', 'businessRuleImplementation'],
  default: ['defaultFlow'],
  dueDate: ['taskScheduleDueDate'],
  error: ['errorCode', 'errorRef'],
  expression: ['scriptExpression', 'scriptImplementation'],
  followUpDate: ['taskScheduleFollowUpDate'],
  formId: ['formId'],
  handler: ['handler'],
  id: ['id', 'processId'],
  inputCollection: ['multiInstance-inputCollection'],
  inputElement: ['multiInstance-inputElement'],
  isExecutable: ['isExecutable'],
  link: ['linkName'],
  loopCardinality: ['loopCardinality'],
  message: ['messageName', 'messageRef'],
  name: ['name', 'processName'],
  outputCollection: ['multiInstance-outputCollection'],
  outputElement: ['multiInstance-outputElement'],
  priority: ['priorityDefinitionPriority'],
  processId: ['targetProcessId'],
  resultVariable: ['resultVariable', 'scriptResultVariable'],
  retries: ['taskDefinitionRetries'],
  signal: ['signalName', 'signalRef'],
  timer: ['timerEventDefinitionValue', 'timerEventDefinitionType'],
  type: ['taskDefinitionType'],
};

// Rules that speak of one field always; in order where it depends on the element. Others say it in the finding.
const WORK = ['type', 'decisionId', 'expression', 'processId', 'message', 'signal', 'condition', 'error'];
const RULES = {
  'conditional-flows': ['condition'],
  'condition-out-of-place': ['condition'],
  'element-without-name': ['name'],
  'endless-loop': ['loopCardinality'],
  'error-without-catcher': ['error'],
  'gateway-flow-without-condition': ['condition'],
  'gateway-without-default': ['default'],
  'invalid-id': ['id'],
  'label-required': ['name'],
  'lane-and-groups-differ': ['candidateGroups'],
  'link-event': ['link'],
  'link-without-partner': ['link'],
  'loop-without-collection': ['inputCollection'],
  'message-without-receiver': ['message'],
  'no-executable-process': ['isExecutable'],
  'process-id-twice': ['id'],
  'result-variable-missing': ['resultVariable'],
  'signal-without-listener': ['signal'],
  'start-form-with-files': ['formId'],
  'superfluous-label': ['name'],
  'timer-not-iso': ['timer'],
  'unsupported-attribute': ['leftovers'],
  'unsupported-extension': ['leftovers'],
  'unbounded-cycle': ['timer'],
  'unknown-called-process': ['processId'],
  'unknown-decision': ['decisionId'],
  'unknown-form': ['formId'],
  'unknown-handler': ['handler'],
  'unknown-topic': ['type'],
  'user-task-without-form': ['formId'],
  'user-task-without-people': ['candidateGroups'],
  'work-without-definition': WORK,
};

// Opens the panel at the first of these entries that it shows; it has drawn what was just chosen two frames later.
export function show(events, ids) {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const id = ids.find((one) => document.querySelector(`#panel [data-entry-id="${CSS.escape(one)}"]`));
    if (id) events.fire('propertiesPanel.showEntry', { id });
  }));
}

const MAPPING = /^(input|output):(.*)$/;

// Ids of entries that may show what the finding speaks of, the best first; `templates` are those of the editor.
export function entries(finding, element, templates) {
  const fields = finding.field ? [finding.field] : RULES[finding.rule] ?? [];
  return fields.flatMap((field) => {
    const mapping = MAPPING.exec(field);
    return mapping ? [...ofTemplate(element, templates, mapping), ...ofList(element, mapping)] : ENTRIES[field] ?? [];
  });
}

function ofList(element, [, kind, target]) {
  const mappings = extension(element, 'zeebe:IoMapping')?.[`${kind}Parameters`] ?? [];
  const place = mappings.findIndex((one) => (one.target ?? '') === target);
  const shown = target ? 'source' : 'target';
  return place < 0 ? [] : [`${element.id}-${kind}-${place}-${shown}`];
}

// Fields of a handler are numbered within their group, or among all that have none.
function ofTemplate(element, templates, [, kind, target]) {
  const template = templates.get(element);
  const holds = ({ binding }) => (kind === 'input' ? binding.type === 'zeebe:input' && binding.name === target : binding.type === 'zeebe:output' && binding.source === target);
  const property = template?.properties.find(holds);
  if (!property) return [];
  const group = template.groups?.some((one) => one.id === property.group) ? property.group : undefined;
  const place = template.properties.filter((one) => one.group === group).indexOf(property);
  return [['custom-entry', template.id, group, place].filter((one) => one !== undefined).join('-')];
}
