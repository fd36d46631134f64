// What the head of the panel calls an element, where the other lists do not say it: made of its place and its kind.
const PLACES = {
  'Start Event': 'Evento de inicio',
  'Intermediate Catch Event': 'Evento intermedio que espera',
  'Intermediate Throw Event': 'Evento intermedio que lanza',
  'Boundary Event': 'Evento de borde',
  'End Event': 'Evento de fin',
};
const KINDS = {
  Message: 'mensaje',
  Timer: 'temporizador',
  Signal: 'señal',
  Conditional: 'condición',
  Error: 'error',
  Escalation: 'escalamiento',
  Compensate: 'compensación',
  Cancel: 'cancelación',
  Link: 'enlace',
  Multiple: 'múltiple',
  Parallel: 'paralelo',
  'Parallel Multiple': 'múltiple paralelo',
};

const events = Object.entries(PLACES).flatMap(([place, name]) => Object.entries(KINDS).flatMap(([kind, what]) => [
  [`${kind} ${place}`, `${name}: ${what}`],
  [`${kind} ${place} (Non Interrupting)`, `${name}: ${what}, sin interrumpir`],
]));

export default {
  ...Object.fromEntries(events),
  'Event Sub Process': 'Subproceso de evento',
  'Collapsed Sub Process': 'Subproceso plegado',
  'Collapsed Ad Hoc Sub Process': 'Subproceso ad hoc plegado',
  'Expanded Ad Hoc Sub Process': 'Subproceso ad hoc',
  'Event Based Gateway': 'Compuerta de eventos',
  'Message Flow': 'Flujo de mensaje',
  'Data Input': 'Dato de entrada',
  'Data Output': 'Dato de salida',
  'Data Input Association': 'Asociación con un dato de entrada',
  'Data Output Association': 'Asociación con un dato de salida',
};
