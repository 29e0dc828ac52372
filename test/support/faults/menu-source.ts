// A source on a pretend POS whose catalog is a menu, with the model of what must stand in its tables.
import { kinds } from '../../../src/catalog/item.ts';
import { type FakeQu, startFakeQu } from '../../../src/connectors/qu/fake.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { addQuConfig } from '../engine.ts';
import { type Expected, emptyRows, expectRun, type ModelRows } from '../model.ts';
import type { Dish } from '../model-catalog.ts';
import { menuDocument } from './menu.ts';
import { differences } from './oracle.ts';

export interface MenuSource {
  pos: FakeQu;
  configId: string;
  sourceId: string;
  /** What must be stored now; whoever lets a run save moves it. */
  model: ModelRows;
  /** Lets the POS answer with these dishes from now on. */
  serve(dishes: readonly Dish[]): void;
  /** What a sync of these dishes does to the model. */
  expect(dishes: readonly Dish[]): Expected;
  /** What differs between the tables and these rows. */
  differences(rows: ModelRows): Promise<string[]>;
}

export interface MenuSourceOptions {
  establishment: string;
  /** The POS as it is reached, when that is not directly. */
  baseUrl?: (pos: FakeQu) => Promise<string>;
}

/** A source without a run yet, on a POS of its own; stop that at the end. */
export async function openMenuSource(deps: Deps, options: MenuSourceOptions): Promise<MenuSource> {
  const pos = await startFakeQu({ products: 1, modifiers: 1, discounts: 1 });
  return await addMenuSource(deps, pos, options);
}

/** The same on a POS that is there. */
export async function addMenuSource(deps: Deps, pos: FakeQu, options: MenuSourceOptions): Promise<MenuSource> {
  const { establishment, baseUrl } = options;
  const { configId, sourceId } = await addQuConfig(deps, (await baseUrl?.(pos)) ?? pos.url, { establishment });
  const source: MenuSource = {
    pos,
    configId,
    sourceId,
    model: emptyRows(),
    serve: (dishes) => pos.edit((catalog) => void Object.assign(catalog, menuDocument(dishes))),
    expect: (dishes) => expectRun(source.model, { face: 'qu-document', mode: 'full', dishes, present: new Set(kinds) }),
    differences: (rows) => differences(deps.database, sourceId, rows),
  };
  return source;
}

/** The menu one day later: one item of each kind renamed, one gone, one new. */
export function nextMenu(dishes: readonly Dish[], day: number): Dish[] {
  return kinds.flatMap((kind) => {
    const of = dishes.filter((dish) => dish.kind === kind);
    const [renamed, gone] = [day % of.length, (day + 1) % of.length];
    const fresh: Dish = {
      ...(of[0] as Dish),
      id: `${kind[0]}-day${day}`,
      path: kind === 'discounts' ? null : `day${day}`,
    };
    return [
      ...of.flatMap((dish, n) =>
        n === renamed ? [{ ...dish, name: `${dish.id} on day ${day}` }] : n === gone ? [] : [dish],
      ),
      fresh,
    ];
  });
}
