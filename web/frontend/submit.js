// A second click on a submit button while the first is on its way does nothing. The server is safe without this
// (request_id); here the person also sees that something happens.
export function guardDoubleSubmit() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented || form.target) return;
    form.dataset.sending = 'yes';
    // After the submitter's name and value have been taken.
    setTimeout(() => {
      for (const button of form.querySelectorAll('button[type=submit], button:not([type])')) {
        button.setAttribute('aria-disabled', 'true');
      }
    });
  });
  // Back in the history shows the page as it was left.
  window.addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sending]')) {
      delete form.dataset.sending;
      for (const button of form.querySelectorAll('[aria-disabled=true]')) button.removeAttribute('aria-disabled');
    }
  });
}

// Long work goes on in pieces: each answer of the server carries the form of the next one.
export function goOn() {
  document.querySelector('form[data-goes-on]')?.requestSubmit();
}

// Typed values of a user task are saved as its draft when the person leaves the page.
export function leaveWithUnsaved() {
  const form = document.querySelector('form[data-draft]');
  if (!form) return;
  let dirty = false;
  form.addEventListener('input', () => { dirty = true; });
  form.addEventListener('submit', () => { dirty = false; });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden' || !dirty) return;
    dirty = false;
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    fetch(form.dataset.draft, { method: 'POST', body: data, keepalive: true, redirect: 'manual' });
  });
}
