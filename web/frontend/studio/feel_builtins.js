// Stands in for @camunda/feel-builtins: the functions of our own FEEL and of the firm, nothing that does not run here.
import * as all from '../node_modules/@camunda/feel-builtins/dist/index.js';

const text = globalThis.document?.getElementById('datos')?.textContent;
const data = text ? JSON.parse(text) : {};
const own = (data.feelFunctions ?? []).map((one) => ({ type: 'function', ...one }));
const runs = data.feelBuiltins ? new Set(data.feelBuiltins) : null;
// Their own explanations are English; the editor needs some.
const known = (list) => list.filter((one) => !runs || runs.has(one.name)).map(({ engines, ...rest }) => ({ ...rest, info: '<p>Función de FEEL.</p>' }));

export const camundaBuiltins = [...own, ...known(all.camundaBuiltins)];
export const feelBuiltins = known(all.feelBuiltins);
export const camundaExtensions = known(all.camundaExtensions);
export const camundaReservedNameBuiltins = all.camundaReservedNameBuiltins;
