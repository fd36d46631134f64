// Beginning a trial: only the fields of the chosen way to begin are shown. Without this script all of them are.
import '../css/studio.css';
import '../css/trial.css';

const ways = [...document.querySelectorAll('input[name="how"]')];
const parts = [...document.querySelectorAll('[data-how]')];
function show() {
  const chosen = ways.find((way) => way.checked)?.value.split(':')[0];
  for (const part of parts) part.hidden = !part.dataset.how.split(' ').includes(chosen);
}
for (const way of ways) way.addEventListener('change', show);
if (ways.length) show();

// The steps are those of the chosen scenario. Without this script a button asks for them.
const scenario = document.getElementById('scenario');
const steps = document.getElementById('steps');
for (const button of document.querySelectorAll('[data-without-script]')) button.hidden = true;
async function renew() {
  const asked = scenario.value;
  document.getElementById('until').disabled = true;
  try {
    const answer = await fetch(`${location.pathname}?${new URLSearchParams({ escenario: asked })}`);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (scenario.value === asked) steps.replaceChildren(...page.getElementById('steps').childNodes);
  } catch {
    // Offered as without the script: the server also refuses a step of another scenario.
    document.getElementById('until').disabled = false;
    for (const button of document.querySelectorAll('[data-without-script]')) button.hidden = false;
  }
}
scenario?.addEventListener('change', renew);
// Chosen before this script ran, or filled in again by the browser: nobody has told of that change.
if (scenario && scenario.value !== steps.querySelector('[name="steps_of"]').value) renew();

// Walking a long scenario takes seconds: say so.
const working = document.getElementById('working');
document.getElementById('start')?.addEventListener('submit', () => { working.textContent = working.dataset.words; });
window.addEventListener('pageshow', () => { if (working) working.textContent = ''; });
