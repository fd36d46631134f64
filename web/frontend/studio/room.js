// What is dropped on a flow gets room: all that follows moves on, as with the space tool, and it stands on the line.
import CommandInterceptor from 'diagram-js/lib/command/CommandInterceptor';
import { getMid } from 'diagram-js/lib/layout/LayoutUtil';
import { selfAndAllChildren } from 'diagram-js/lib/util/Elements';

// As far as the editor itself places what is appended.
const GAP = 50;
// The editor has found the flow by then, and has not put the shape there yet.
const AFTER_FLOW = 900;
const LENGTH = { x: 'width', y: 'height' };
const OTHER = { x: 'y', y: 'x' };

class Room extends CommandInterceptor {
  static $inject = ['eventBus', 'canvas', 'spaceTool'];

  constructor(eventBus, canvas, spaceTool) {
    super(eventBus);
    Object.assign(this, { canvas, spaceTool });
    this.preExecute('shape.create', AFTER_FLOW, (context) => {
      if (context.targetFlow) context.position = moved(context.position, this.#make(context.targetFlow, context.shape, mid(context.position)));
    }, true);
    this.preExecute('elements.move', AFTER_FLOW, (context) => {
      if (!context.targetFlow) return;
      const by = this.#make(context.targetFlow, context.shapes[0], context.position);
      context.position = moved(context.position, by);
      context.delta = moved(context.delta, by);
    }, true);
  }

  // Makes room for the shape around `at`; answers how far from there it goes.
  #make(flow, shape, at) {
    const { axis, low, high, line } = place(flow, at);
    const half = shape[LENGTH[axis]] / 2;
    const lacking = Math.ceil(2 * (GAP + half) - (high - low));
    if (lacking > 0) this.#push(axis, high - 1, lacking, shape);
    const wanted = Math.min(Math.max(at[axis], low + GAP + half), high + Math.max(lacking, 0) - GAP - half);
    return { [axis]: wanted - at[axis], [OTHER[axis]]: line === null ? 0 : line - at[OTHER[axis]] };
  }

  #push(axis, start, length, shape) {
    const rest = selfAndAllChildren(this.canvas.getRootElement(), true).filter((one) => one !== shape && one.labelTarget !== shape && one.host !== shape);
    const { movingShapes, resizingShapes } = this.spaceTool.calculateAdjustments(rest, axis, length, start);
    const delta = { x: 0, y: 0, [axis]: length };
    this.spaceTool.makeSpace(movingShapes, resizingShapes, delta, axis === 'x' ? 'e' : 's', start);
  }
}

function mid(position) {
  return position.width === undefined ? position : getMid(position);
}

function moved(position, by) {
  return { ...position, x: position.x + by.x, y: position.y + by.y };
}

// The piece of the flow nearest to a point: along which axis it runs, between which shapes or bends, and on which line.
function place(flow, at) {
  const points = flow.waypoints;
  const pieces = points.slice(1).map((to, index) => ({ from: points[index], to, index }));
  const piece = pieces.sort((a, b) => distance(a, at) - distance(b, at))[0];
  const axis = Math.abs(piece.to.x - piece.from.x) >= Math.abs(piece.to.y - piece.from.y) ? 'x' : 'y';
  const ends = [piece.from[axis], piece.to[axis]];
  const straight = Math.abs(piece.from[OTHER[axis]] - piece.to[OTHER[axis]]) < 1;
  return { axis, low: Math.min(...ends), high: Math.max(...ends), line: straight ? piece.from[OTHER[axis]] : null };
}

function distance({ from, to }, at) {
  const length = (to.x - from.x) ** 2 + (to.y - from.y) ** 2;
  const share = length && Math.min(1, Math.max(0, ((at.x - from.x) * (to.x - from.x) + (at.y - from.y) * (to.y - from.y)) / length));
  return Math.hypot(from.x + share * (to.x - from.x) - at.x, from.y + share * (to.y - from.y) - at.y);
}

export const RoomModule = { __init__: ['room'], room: ['type', Room] };
