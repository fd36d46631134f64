// «Copiar»: puts the text of a field on the clipboard and says so. Without scripts the field can be selected by hand, so
// the button shows only with them.
export function copyButtons() {
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', () => copy(button));
  }
}

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  const said = document.getElementById(`${button.dataset.copy}-said`);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    said.textContent = button.dataset.done;
  } catch {
    // Browsers keep the clipboard from pages without TLS; the selection can be copied there.
    said.textContent = document.execCommand('copy') ? button.dataset.done : button.dataset.failed;
  }
}
