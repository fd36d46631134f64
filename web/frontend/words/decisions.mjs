// What dmn-js asks nobody to translate; the build writes it into its sources.
export default {
  // A head without words is none.
  'createVNode(1, "th", "index-column")': 'createVNode(1, "th", "index-column", "N.º", 0)',
  "`Move ${isInput(col) ? 'Input' : 'Output'}`": "isInput(col) ? 'Mover la entrada' : 'Mover la salida'",
  '"aria-label": "Decision table context menu"': '"aria-label": "Menú de la tabla"',
  '"title": "Remove item"': '"title": "Quitar"',
};
