// A page that came back with something wrong begins there, not at its top: a screen reader then says what is wrong, and
// the keyboard goes on at the field. Pages whose form has a summary of its mistakes say `autofocus` themselves.
export function leadToMistake() {
  if (document.activeElement !== document.body || location.hash) return;
  const summary = document.querySelector('main .message.bad[role=alert]:not([hidden])');
  const wrong = document.querySelector('main [aria-invalid=true]');
  if (summary) {
    summary.tabIndex = -1;
    summary.focus();
  } else if (wrong) (wrong.matches('input, select, textarea') ? wrong : wrong.querySelector('input, select, textarea'))?.focus();
}
