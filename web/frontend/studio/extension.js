// Extension elements of the dialect: finding one, and writing one as a single step that can be undone.
export const extension = (element, type) => element.businessObject.extensionElements?.values?.find((one) => one.$type === type);

export function write(element, type, properties, modeling, factory) {
  const found = extension(element, type);
  if (found) return modeling.updateModdleProperties(element, found, properties);
  const created = factory.create(type, properties);
  for (const child of Object.values(properties).flat()) if (child?.$type) child.$parent = created;
  const holder = element.businessObject.extensionElements;
  if (holder) {
    created.$parent = holder;
    return modeling.updateModdleProperties(element, holder, { values: [...(holder.values ?? []), created] });
  }
  const extensionElements = factory.create('bpmn:ExtensionElements', { values: [created] });
  created.$parent = extensionElements;
  extensionElements.$parent = element.businessObject;
  return modeling.updateProperties(element, { extensionElements });
}
