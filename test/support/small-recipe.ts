// The text of a recipe that is as short as one can be.

/** One list of products, `items`, with id, name and cents. */
export function smallRecipe(id: string): string {
  return `recipe: 1
id: ${id}
title: Till of ${id}
params: { shop: {} }
identity: [shop]
removal: absence
requests:
  - path: /shops/{shop}
    products:
      each: [{ path: items }]
      key: id
      fields: { name: name, price: { path: cents, unit: minor, currency: USD } }
`;
}
