// A sheet over the page (the menu on a telephone, a payment) keeps the keyboard: the way past its end leads to its
// beginning, not to what it hides. Escape closes it and gives the focus back; the browser does that.
const WITHIN = 'a[href], button, input:not([type=hidden]), select, textarea, summary';

export function keepInSheets() {
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Tab') return;
    const sheet = [...document.querySelectorAll(':popover-open')].pop();
    if (!sheet) return;
    const all = [...sheet.querySelectorAll(WITHIN)].filter((one) => !one.disabled && one.checkVisibility());
    const [first, last] = [all[0], all.at(-1)];
    const leaves = document.activeElement === (event.shiftKey ? first : last) || !sheet.contains(document.activeElement);
    if (!first || !leaves) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  });
}
