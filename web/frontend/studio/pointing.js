// Where what the keyboard opens appears while the mouse has not been over the drawing: beside what is chosen, else in the
// middle; the library would say the corner of the window.
import { createMoveEvent } from 'diagram-js/lib/features/mouse/Mouse';

class Pointing {
  static $inject = ['mouse', 'canvas', 'selection'];

  constructor(mouse, canvas, selection) {
    Object.assign(this, { canvas, selection });
    const last = mouse.getLastMoveEvent.bind(mouse);
    mouse.getLastMoveEvent = () => (mouse._lastMoveEvent ? last() : createMoveEvent(...this.#place()));
  }

  #place() {
    const drawing = this.canvas.getContainer().getBoundingClientRect();
    const chosen = this.selection.get()[0];
    const box = chosen && this.canvas.getGraphics(chosen).getBoundingClientRect();
    const seen = box && box.right > drawing.left && box.right < drawing.right && box.top > drawing.top && box.top < drawing.bottom;
    return seen ? [box.right, box.top] : [drawing.left + drawing.width / 2, drawing.top + drawing.height / 2];
  }
}

export const PointingModule = { __init__: ['pointing'], pointing: ['type', Pointing] };
