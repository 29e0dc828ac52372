// The recipes that tillsync brings: each file in shipped/ is a connector, found by its name.
import type { Connector } from '../connector.ts';
import { readConnectors } from './find-recipe.ts';

/** One connector per recipe, in alphabetical order. */
export const connectors: readonly Connector[] = readConnectors();
