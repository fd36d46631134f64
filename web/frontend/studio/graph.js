// The requirement graph: what is added to it is named at once.
class NamedAtOnce {
  static $inject = ['eventBus', 'directEditing'];

  constructor(eventBus, directEditing) {
    // After the shape has been placed, as the diagram editor does.
    const name = (shape) => { if (shape.width) directEditing.activate(shape); };
    eventBus.on('create.end', 500, ({ context }) => { if (context.canExecute) name(context.shape); });
    eventBus.on('autoPlace.end', 500, ({ shape }) => name(shape));
  }
}

export const NamedAtOnceModule = { __init__: ['namedAtOnce'], namedAtOnce: ['type', NamedAtOnce] };
