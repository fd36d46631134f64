// Names that FEEL fields complete: what forms, handlers and mappings of the whole process bring in.
import VariableProvider from '@bpmn-io/variable-resolver/lib/VariableProvider';

class KnownVariables extends VariableProvider {
  static $inject = ['variableResolver', 'config.variables'];

  constructor(resolver, variables) {
    super(resolver);
    this.variables = variables ?? [];
  }

  getVariables(element) {
    return element.businessObject?.$type === 'bpmn:Process' ? this.variables.map((one) => ({ ...one })) : [];
  }
}

export const KnownVariablesModule = { __init__: ['knownVariables'], knownVariables: ['type', KnownVariables] };
