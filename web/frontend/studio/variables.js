// Names that FEEL fields complete: what forms, handlers and mappings of the whole process bring in.
import VariableProvider from '@bpmn-io/variable-resolver/lib/VariableProvider';

const TYPES = { String: 'texto', Number: 'número', Boolean: 'sí o no', Date: 'fecha', List: 'lista', Context: 'varios datos', Any: '' };

class KnownVariables extends VariableProvider {
  static $inject = ['variableResolver', 'config.variables'];

  constructor(resolver, variables) {
    super(resolver);
    this.variables = variables ?? [];
  }

  getVariables(element) {
    // Asked for every element of the model, the process itself among them.
    return element.$type === 'bpmn:Process' ? this.variables.map((one) => ({ ...one, type: TYPES[one.type] ?? one.type })) : [];
  }
}

export const KnownVariablesModule = { __init__: ['knownVariables'], knownVariables: ['type', KnownVariables] };

// The same in decisions, whose editor resolves names in its own way: what the processes bring in, after what the graph says.
class ProcessVariables {
  static $inject = ['variableResolver', 'config.variables'];

  constructor(resolver, variables) {
    this.variables = (variables ?? []).map((one) => ({ ...one, type: TYPES[one.type] ?? one.type }));
    resolver.registerProvider(this);
  }

  getVariables(found) {
    const names = new Set(found.map((one) => one.name));
    return [...found, ...this.variables.filter((one) => !names.has(one.name))];
  }
}

export const ProcessVariablesModule = { __init__: ['processVariables'], processVariables: ['type', ProcessVariables] };
