// A page that came back with something wrong begins there, not at its top: a screen reader then says what is wrong, and
// the keyboard goes on at the field. Pages whose form has a summary of its mistakes say `autofocus` themselves.
export function leadToMistake() {
  if (document.activeElement !== document.body || location.hash) return;
  const wrong = document.querySelector('main [aria-invalid=true]');
  if (wrong) (wrong.matches('input, select, textarea') ? wrong : wrong.querySelector('input, select, textarea'))?.focus();
}
