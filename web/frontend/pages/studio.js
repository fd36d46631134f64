// The workspace: files dropped anywhere on the page are imported.
import '../css/studio.css';

const form = document.querySelector('form[data-drop]');
if (form) {
  const main = document.querySelector('main');
  const over = (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    main.classList.add('dragging');
  };
  document.addEventListener('dragover', over);
  document.addEventListener('dragleave', () => main.classList.remove('dragging'));
  document.addEventListener('drop', (event) => {
    main.classList.remove('dragging');
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    form.querySelector('input[type=file]').files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
