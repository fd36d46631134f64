// bpmnlint's recommended rules, in the browser and in Spanish: how a diagram reads, beside our own checks of what runs.
import Linter from 'bpmnlint/lib/linter';
import StaticResolver from 'bpmnlint/lib/resolver/static-resolver';
import conditionalFlows from 'bpmnlint/rules/conditional-flows';
import endEventRequired from 'bpmnlint/rules/end-event-required';
import eventBasedGateway from 'bpmnlint/rules/event-based-gateway';
import typedStartEvent from 'bpmnlint/rules/event-sub-process-typed-start-event';
import fakeJoin from 'bpmnlint/rules/fake-join';
import global from 'bpmnlint/rules/global';
import labelRequired from 'bpmnlint/rules/label-required';
import linkEvent from 'bpmnlint/rules/link-event';
import noBpmndi from 'bpmnlint/rules/no-bpmndi';
import noComplexGateway from 'bpmnlint/rules/no-complex-gateway';
import noDisconnected from 'bpmnlint/rules/no-disconnected';
import noDuplicateSequenceFlows from 'bpmnlint/rules/no-duplicate-sequence-flows';
import noGatewayJoinFork from 'bpmnlint/rules/no-gateway-join-fork';
import noImplicitEnd from 'bpmnlint/rules/no-implicit-end';
import noImplicitSplit from 'bpmnlint/rules/no-implicit-split';
import noImplicitStart from 'bpmnlint/rules/no-implicit-start';
import noOverlappingElements from 'bpmnlint/rules/no-overlapping-elements';
import singleBlankStartEvent from 'bpmnlint/rules/single-blank-start-event';
import singleEventDefinition from 'bpmnlint/rules/single-event-definition';
import startEventRequired from 'bpmnlint/rules/start-event-required';
import blankStartEvent from 'bpmnlint/rules/sub-process-blank-start-event';
import superfluousGateway from 'bpmnlint/rules/superfluous-gateway';
import superfluousLabel from 'bpmnlint/rules/superfluous-label';
import superfluousTermination from 'bpmnlint/rules/superfluous-termination';

// Name → [rule, how much it matters, what to do, our own rules that say the same of an element]. Not here:
// `ad-hoc-sub-process`, which the server refuses, and `no-inclusive-gateway`: inclusive gateways run as BPMN says.
const RULES = {
  'conditional-flows': [conditionalFlows, 'warning', 'Escriba su condición o márquelo como flujo por omisión.', ['gateway-flow-without-condition', 'activity-with-conditions-without-default']],
  'end-event-required': [endEventRequired, 'warning', 'Agregue un evento de fin.', ['never-ends', 'implicit-end']],
  'event-based-gateway': [eventBasedGateway, 'warning', 'Dele dos o más salidas, cada una a un evento que espera.', ['event-gateway']],
  'event-sub-process-typed-start-event': [typedStartEvent, 'warning', 'Elija qué lo dispara.', ['start-event']],
  'fake-join': [fakeJoin, 'style', 'Una compuerta exclusiva antes dice que los caminos se juntan.', []],
  global: [global, 'style', 'Dele un nombre propio, o bórrelo.', []],
  'label-required': [labelRequired, 'style', 'Escriba un nombre: las personas lo leen.', ['element-without-name']],
  'link-event': [linkEvent, 'warning', 'Un enlace tiene nombre y su pareja en el mismo proceso.', ['link-without-partner']],
  'no-bpmndi': [noBpmndi, 'warning', 'Existe pero no está dibujado; créelo otra vez en el diagrama.', []],
  'no-complex-gateway': [noComplexGateway, 'warning', 'Use una compuerta exclusiva, paralela o inclusiva.', ['not-executable', 'unsupported']],
  'no-disconnected': [noDisconnected, 'warning', 'Únalo con un flujo, o bórrelo.', ['implicit-start', 'implicit-end', 'dead-element']],
  'no-duplicate-sequence-flows': [noDuplicateSequenceFlows, 'warning', 'Borre uno de los dos.', ['duplicate-flow']],
  'no-gateway-join-fork': [noGatewayJoinFork, 'style', 'Sepárela en dos: una que junta y otra que reparte.', []],
  'no-implicit-end': [noImplicitEnd, 'warning', 'Agregue un evento de fin.', ['implicit-end']],
  'no-implicit-split': [noImplicitSplit, 'style', 'Corre como compuerta paralela; dibújela para que se vea.', []],
  'no-implicit-start': [noImplicitStart, 'warning', 'Una un flujo de entrada.', ['implicit-start']],
  'no-overlapping-elements': [noOverlappingElements, 'style', 'Sepárelos para que se lean.', []],
  'single-blank-start-event': [singleBlankStartEvent, 'warning', 'Deje un solo inicio sin disparador.', ['start-event']],
  'single-event-definition': [singleEventDefinition, 'warning', 'Deje un solo disparador.', ['several-event-definitions']],
  'start-event-required': [startEventRequired, 'warning', 'Agregue un evento de inicio.', ['start-event']],
  'sub-process-blank-start-event': [blankStartEvent, 'warning', 'Quite el disparador del inicio.', ['start-event']],
  'superfluous-gateway': [superfluousGateway, 'style', 'Bórrela, o añada el camino que falta.', ['gateway-alone']],
  'superfluous-label': [superfluousLabel, 'style', 'Borre el nombre del flujo.', []],
  'superfluous-termination': [superfluousTermination, 'style', 'Un fin sin disparador basta.', []],
};

export const linted = Object.keys(RULES);

const resolver = new StaticResolver(Object.fromEntries(linted.map((name) => [`rule:bpmnlint/${name}`, RULES[name][0]])));
const config = { rules: Object.fromEntries(linted.map((name) => [name, 'warn'])) };

// What bpmnlint says of these definitions, as findings; without what `known` (our own findings) already says.
export async function lint(definitions, known, translate) {
  // A linter of its own each time: some rules remember what they have seen.
  const results = await new Linter({ resolver, config }).lint(definitions);
  const said = new Set(known.map((one) => `${one.element} ${one.rule}`));
  return Object.entries(results).flatMap(([name, reports]) => reports
    .filter((report) => !RULES[name][3].some((rule) => said.has(`${report.id} ${rule}`)))
    .map((report) => ({
      element: report.id,
      rule: name,
      message: `${translate(report.message.replace(/<[^>]*>/g, '').replace(/ +/g, ' ').trim())}.`.replace('..', '.'),
      remedy: RULES[name][2],
      severity: RULES[name][1],
    })));
}
