// A first drawing for a diagram that came without one: what follows stands to the right, branches below each other.
// Nothing of the process is changed; whoever wants it nicer moves the shapes.
const GAP = { x: 60, y: 50 };
const PAD = { left: 40, top: 40, right: 40, bottom: 60 };
const TITLE = 30;
const LEAST = 60;

// `moddle` makes the elements, `definitions` get a diagram. Answers whether there is anything to draw.
export function draw(moddle, definitions) {
  const make = (type, values) => moddle.create(type, values);
  const roots = definitions.rootElements ?? [];
  const collaboration = roots.find((one) => one.$type === 'bpmn:Collaboration' && one.participants?.length);
  const process = roots.find((one) => one.$type === 'bpmn:Process' && one.isExecutable) ?? roots.find((one) => one.$type === 'bpmn:Process');
  if (!collaboration && !process) return false;
  const plane = make('bpmndi:BPMNPlane', { id: 'plano', bpmnElement: collaboration ?? process, planeElement: [] });
  const put = {
    shape(element, { x, y, width, height }) {
      const more = element.$type === 'bpmn:SubProcess' || element.$type === 'bpmn:Transaction' ? { isExpanded: true } : element.$type === 'bpmn:Participant' ? { isHorizontal: true } : {};
      plane.planeElement.push(make('bpmndi:BPMNShape', { id: `${element.id}_di`, bpmnElement: element, bounds: make('dc:Bounds', { x, y, width, height }), ...more }));
    },
    edge(element, points) {
      plane.planeElement.push(make('bpmndi:BPMNEdge', { id: `${element.id}_di`, bpmnElement: element, waypoint: points.map(([x, y]) => make('dc:Point', { x: Math.round(x), y: Math.round(y) })) }));
    },
  };
  if (collaboration) participants(collaboration, put);
  else scope(process, 150, 80, put);
  definitions.diagrams = [make('bpmndi:BPMNDiagram', { id: 'dibujo', plane })];
  return true;
}

function participants(collaboration, put) {
  const boxes = new Map();
  let y = 80;
  for (const one of collaboration.participants) {
    const inside = one.processRef ? measured(one.processRef) : { width: 500, height: 20 };
    const box = { x: 150, y, width: inside.width + TITLE + PAD.left + PAD.right, height: inside.height + PAD.top + PAD.bottom };
    put.shape(one, box);
    boxes.set(one, box);
    if (one.processRef) {
      lanes(one.processRef, box, put);
      for (const [node, at] of scope(one.processRef, box.x + TITLE + PAD.left, y + PAD.top, put)) boxes.set(node, at);
    }
    y += box.height + GAP.y;
  }
  for (const flow of collaboration.messageFlows ?? []) {
    const from = boxes.get(flow.sourceRef), to = boxes.get(flow.targetRef);
    if (!from || !to) continue;
    const down = from.y < to.y;
    put.edge(flow, [[middle(from), down ? from.y + from.height : from.y], [middle(to), down ? to.y : to.y + to.height]]);
  }
}

// Bands over the whole of the pool, each as high as what stands in it.
function lanes(process, box, put) {
  const { bands } = arranged(process);
  bands.forEach(([lane, top], n) => {
    const from = n ? box.y + PAD.top + top : box.y;
    const to = n + 1 < bands.length ? box.y + PAD.top + bands[n + 1][1] : box.y + box.height;
    put.shape(lane, { x: box.x + TITLE, y: from, width: box.width - TITLE, height: to - from });
  });
}

const middle = (box) => box.x + box.width / 2;
const level = (box) => box.y + box.height / 2;
const measured = (container) => arranged(container).size;

// Draws what a process or sub-process holds with its upper left corner there; answers where each node stands.
function scope(container, left, top, put) {
  const { places, flows, guests } = arranged(container);
  const boxes = new Map();
  for (const [node, place] of places) {
    const box = { ...place, x: place.x + left, y: place.y + top };
    boxes.set(node, box);
    put.shape(node, box);
    if (node.flowElements) for (const [inner, at] of scope(node, box.x + PAD.left, box.y + PAD.top, put)) boxes.set(inner, at);
  }
  for (const [host, events] of guests) {
    const at = boxes.get(host);
    events.forEach((event, n) => {
      const box = { x: at.x + 12 + n * 44, y: at.y + at.height - 18, width: 36, height: 36 };
      boxes.set(event, box);
      put.shape(event, box);
    });
  }
  const bottom = top + arranged(container).size.height;
  for (const flow of flows) put.edge(flow, way(boxes.get(flow.sourceRef), boxes.get(flow.targetRef), Boolean(flow.sourceRef.attachedToRef), bottom));
  return boxes;
}

function way(from, to, boundary, bottom) {
  const forward = to.x > from.x + from.width;
  if (!forward) return [[middle(from), from.y + from.height], [middle(from), bottom + 20], [middle(to), bottom + 20], [middle(to), to.y + to.height]];
  if (boundary) return [[middle(from), from.y + 36], [middle(from), Math.max(level(to), from.y + 56)], [to.x - 20, Math.max(level(to), from.y + 56)], [to.x - 20, level(to)], [to.x, level(to)]];
  const start = [from.x + from.width, level(from)], end = [to.x, level(to)];
  return level(from) === level(to) ? [start, end] : [start, [to.x - 30, level(from)], [to.x - 30, level(to)], end];
}

// Columns by the longest way from a start (ways back aside), rows by what comes before.
function arranged(container) {
  const all = container.flowElements ?? [];
  const flows = all.filter((one) => one.$type === 'bpmn:SequenceFlow' && all.includes(one.sourceRef) && all.includes(one.targetRef));
  const guests = Map.groupBy(all.filter((one) => all.includes(one.attachedToRef)), (one) => one.attachedToRef);
  const nodes = all.filter((one) => !/SequenceFlow|DataObject$/.test(one.$type) && !all.includes(one.attachedToRef));
  const host = (one) => one.attachedToRef ?? one;
  const next = (node) => flows.filter((one) => host(one.sourceRef) === node).map((one) => host(one.targetRef));
  const rank = ranks(nodes, next);
  const columns = Map.groupBy(nodes, (node) => rank.get(node));
  const allLanes = (container.laneSets ?? []).flatMap((one) => one.lanes ?? []);
  const lane = new Map(allLanes.flatMap((one) => (one.flowNodeRef ?? []).map((node) => [node, one])));
  const row = new Map();
  for (const column of [...columns.keys()].sort((a, b) => a - b)) {
    const wish = (node) => {
      const before = flows.map((one) => [host(one.sourceRef), one]).filter(([from, one]) => host(one.targetRef) === node && row.has(from) && lane.get(from) === lane.get(node));
      // What leaves at the border stands below what it leaves.
      return before.length ? Math.min(...before.map(([from, one]) => row.get(from) + (one.sourceRef.attachedToRef ? 1 : 0))) : row.size ? 0 : -1;
    };
    const last = new Map();
    for (const [node, wished] of columns.get(column).map((node) => [node, wish(node)]).sort((a, b) => a[1] - b[1])) {
      row.set(node, Math.max((last.get(lane.get(node)) ?? -1) + 1, wished));
      last.set(lane.get(node), row.get(node));
    }
  }
  // One lane below the other: so many rows as it has are above the next one.
  const first = new Map();
  let rows = 0;
  for (const one of allLanes.length ? [...allLanes, undefined] : []) {
    const inside = nodes.filter((node) => lane.get(node) === one).map((node) => row.get(node));
    first.set(one, rows);
    rows += inside.length ? Math.max(...inside) + 1 : one ? 1 : 0;
  }
  for (const node of nodes) row.set(node, row.get(node) + (first.get(lane.get(node)) ?? 0));
  return placed(nodes, rank, row, flows, guests, allLanes.map((one) => [one, first.get(one)]));
}

function ranks(nodes, next) {
  const entered = new Set(nodes.flatMap(next)), open = new Set(), done = new Set(), back = new Set(), order = [];
  const visit = (node) => {
    open.add(node);
    for (const one of next(node)) {
      if (open.has(one)) back.add(`${node.id} ${one.id}`);
      else if (!done.has(one)) visit(one);
    }
    open.delete(node);
    done.add(node);
    order.unshift(node);
  };
  for (const node of [...nodes.filter((one) => !entered.has(one)), ...nodes]) if (!done.has(node)) visit(node);
  const rank = new Map(nodes.map((node) => [node, 0]));
  for (const node of order) for (const one of next(node)) if (!back.has(`${node.id} ${one.id}`)) rank.set(one, Math.max(rank.get(one), rank.get(node) + 1));
  return rank;
}

function placed(nodes, rank, row, flows, guests, lanes) {
  const sizes = new Map(nodes.map((node) => [node, size(node)]));
  const lines = (of, side) => {
    const widest = [];
    for (const node of nodes) widest[of.get(node)] = Math.max(widest[of.get(node)] ?? 0, sizes.get(node)[side]);
    return Array.from(widest, (one) => one ?? LEAST);
  };
  const widths = lines(rank, 'width'), heights = lines(row, 'height');
  const before = (all, n, gap) => all.slice(0, n).reduce((sum, one) => sum + one + gap, 0);
  const places = new Map(nodes.map((node) => {
    const { width, height } = sizes.get(node), column = rank.get(node), line = row.get(node);
    const x = before(widths, column, GAP.x) + (widths[column] - width) / 2, y = before(heights, line, GAP.y) + (heights[line] - height) / 2;
    return [node, { x, y, width, height }];
  }));
  const whole = (all, gap, least) => Math.max(least, before(all, all.length, gap) - gap);
  const bands = lanes.map(([lane, line]) => [lane, before(heights, line, GAP.y) - GAP.y / 2]);
  return { places, flows, guests, bands, size: { width: whole(widths, GAP.x, 100), height: whole(heights, GAP.y, 60) } };
}

function size(node) {
  if (/Event$/.test(node.$type)) return { width: 36, height: 36 };
  if (/Gateway$/.test(node.$type)) return { width: 50, height: 50 };
  if (/Reference$/.test(node.$type)) return { width: 40, height: 50 };
  if (!node.flowElements) return { width: 100, height: 80 };
  const inside = measured(node);
  return { width: inside.width + PAD.left + PAD.right, height: inside.height + PAD.top + PAD.bottom };
}
