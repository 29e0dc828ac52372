// Colours by name, only where stdout is a terminal that wants them (NO_COLOR and the like are honoured).
import { styleText } from 'node:util';

export type Colour = 'green' | 'yellow' | 'red' | 'blue' | 'gray' | 'cyan';

/** `text` in a colour, or as it is. */
export function paint(colour: Colour, text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}
