/** A model that a pattern of the price list means: patterns are names, with stars, joined by "or". */
export function exampleOf(pattern: string): string {
  const [first = pattern] = pattern.split(" or ");
  return first.startsWith("/") ? first : first.replaceAll("*", "");
}
