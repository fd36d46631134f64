// New steps get names at once: a choice is typed into, as a task is, and what a handler does is called like the handler.
import { isAny } from 'bpmn-js/lib/features/modeling/util/ModelingUtil';
import CommandInterceptor from 'diagram-js/lib/command/CommandInterceptor';

// After the editor has chosen the new shape, as it does for what it lets name itself.
const LATE = 400;

class Naming extends CommandInterceptor {
  static $inject = ['eventBus', 'directEditing', 'elementTemplates', 'modeling'];

  constructor(events, directEditing, templates, modeling) {
    super(events);
    events.on(['create.end', 'autoPlace.end'], LATE, ({ shape, context, isTouch }) => {
      if (isTouch || context?.canExecute === false) return;
      if (isAny(shape, ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway'])) directEditing.activate(shape);
      // A name that was only proposed is typed over.
      const text = document.querySelector('.djs-direct-editing-content');
      if (text && templates.get(shape)) getSelection().selectAllChildren(text);
    });
    this.preExecute('shape.create', ({ shape }) => {
      const template = templates.get(shape);
      if (template && !shape.businessObject.name) shape.businessObject.name = template.name;
    }, true);
    this.postExecuted('propertiesPanel.zeebe.changeTemplate', ({ element, newTemplate }) => {
      if (newTemplate && element.parent && !element.businessObject.name) modeling.updateProperties(element, { name: newTemplate.name });
    }, true);
  }
}

export const NamingModule = { __init__: ['naming'], naming: ['type', Naming] };
