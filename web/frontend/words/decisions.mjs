// What dmn-js asks nobody to translate; the build writes it into its sources.
export default {
  // A head without words is none.
  'createVNode(1, "th", "index-column")': 'createVNode(1, "th", "index-column", "N.º", 0)',
  "`Move ${isInput(col) ? 'Input' : 'Output'}`": "isInput(col) ? 'Mover la entrada' : 'Mover la salida'",
  '"aria-label": "Decision table context menu"': '"aria-label": "Menú de la tabla"',
  // A value is ticked by a click on its words too, says its name to a screen reader, and is removed by keyboard.
  'createTextVNode("\\xA0"), item.value,': 'createVNode(1, "span", null, "\\xA0" + item.value, 0, type ? { "onClick": this.getToggleClickHandler(item) } : null),',
  '"checked": item.isChecked,': '"checked": item.isChecked, "aria-label": item.value,',
  'createVNode(1, "span", REMOVE_BTN_CLS, null, 1, {': 'createVNode(1, "button", REMOVE_BTN_CLS, null, 1, { "type": "button", "aria-label": `Quitar ${item.value}`,',
  '"title": "Remove item"': '"title": "Quitar"',
  // The policy and the type of the same name.
  "label: 'Any'": "label: 'Any (hit policy)'",
  'createTextVNode("Value")': 'createTextVNode("Valor")',
  'createTextVNode("Name")': 'createTextVNode("Nombre")',
  'createTextVNode("Type")': 'createTextVNode("Tipo")',
  'createTextVNode("Result")': 'createTextVNode("Resultado")',
  'createTextVNode("Result type")': 'createTextVNode("Tipo del resultado")',
  'createTextVNode("Expression of type ")': 'createTextVNode("Aquí no se puede cambiar esta clase de expresión: ")',
  'createTextVNode(" is not supported.")': 'createTextVNode(".")',
  // A type is chosen, not typed: so that its Spanish name shows where the file's own stood.
  '"className": "type-ref-edit-select",': '"className": "type-ref-edit-select", "noInput": true,',
  '"className": "variable-type-select dms-block"': '"className": "variable-type-select dms-block", "noInput": true',
  '"onChange": onTypeRefChange,': '"onChange": onTypeRefChange, "noInput": true, "label": translate(\'Type\'),',
  '"id": VARIABLE_TYPE_ID': '"noInput": true, "label": translate(\'Variable type\')',
  // Below the page's own heading.
  'createVNode(1, "h3", this.getClassName(), this.getEditor(), 0)': 'createVNode(1, "h2", this.getClassName(), this.getEditor(), 0)',
  // What opens a list says that it does.
  '"aria-label": inputLabel,\n      "tabIndex": "0",': '"aria-label": inputLabel, "role": "combobox", "aria-haspopup": "listbox", "aria-expanded": String(optionsVisible), "tabIndex": "0",',
};
