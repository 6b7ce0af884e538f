// SST's own entry, under a name that setup.ts resolves: a path into `.sst` would have the linter read all of it.
declare module "sst:run" {
  export function run(program: () => unknown): Promise<Record<string, unknown>>;
}
