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
