export type Resource = { type: string; inputs: Record<string, unknown> };
export type Prices = {
  asOf: string;
  region: string;
  note: string;
  /** `checked`: where, beside AWS's own page, it was read again, and when. */
  usd: Record<string, { price: number; source: string; checked?: { at: string; by: string } }>;
};
/** A line of the bill, US dollars a month. */
export type Line = { what: string; usd: number };
export type PriceOf = (name: string) => number;

export const hoursPerMonth = 730;

/** Throws where a price is not known: what has none must not count as free. */
export function priceOf({ usd }: Prices): PriceOf {
  return (name) => {
    const known = usd[name];
    if (!known) throw new Error(`stacks/prices.json does not know what ${name} is`);
    return known.price;
  };
}

export function total(lines: readonly Line[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}
