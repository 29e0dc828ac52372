// What is wrong with a path of a recipe, as one phrase: 'a name is missing at character 7'.

/** Thrown while a path is parsed; the caller says which place of the recipe it is. */
export class PathFault extends Error {}
