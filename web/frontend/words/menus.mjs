// What the popup menus of diagram-js say without asking anybody to translate it.
export default {
  "${ entriesToShow.length === 1 ? 'result' : 'results' } found": "${ entriesToShow.length === 1 ? 'resultado' : 'resultados' }",
  'title="Back"': 'title="Regresar"',
  'aria-label="Back"': 'aria-label="Regresar"',
  'title="Open entry documentation"': 'title="Abrir la explicación"',
};
