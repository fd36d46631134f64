// Publishing: plays the scenarios one after the other and says how each went.
import '../css/studio.css';
import { send } from '../studio/session.js';

const button = document.getElementById('correr');
button.addEventListener('click', async () => {
  button.setAttribute('aria-disabled', 'true');
  button.disabled = true;
  for (const item of document.querySelectorAll('#escenarios [data-run]')) await play(item);
  await coverage();
  button.disabled = false;
  button.removeAttribute('aria-disabled');
  button.dataset.done = 'yes';
});

async function play(item) {
  const tag = item.querySelector('.tag');
  const problem = item.querySelector('pre');
  tag.className = 'tag warn';
  tag.textContent = 'Probando…';
  const answer = await send(item.dataset.run, 'POST').catch(() => null);
  const told = (await answer?.json().catch(() => null)) ?? {};
  const passed = answer?.ok && told.passed;
  tag.className = `tag ${passed ? 'good' : 'bad'}`;
  tag.textContent = passed ? `Pasa, ${told.steps} pasos` : 'Falla';
  problem.hidden = passed;
  problem.textContent = passed ? '' : told.problem ?? told.message ?? 'No se pudo probar.';
}

async function coverage() {
  const answer = await fetch(document.getElementById('escenarios').dataset.coverage).catch(() => null);
  if (answer?.ok) document.getElementById('cobertura').innerHTML = await answer.text();
}
