/**
 * How every function is bundled, here, in the size benchmark and on AWS: esbuild's own words. ESM with
 * `module` before `main` starts faster than CommonJS and lets esbuild drop what is unused; packing the SDK in is
 * faster than importing Lambda's copy from disk.
 */
export const bundleOptions = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  mainFields: ["module", "main"],
  minify: true,
  treeShaking: true,
  legalComments: "none",
  sourcemap: "external",
  // Names of errors are given in their constructors, so they survive the minifier without a helper in each class.
  keepNames: false,
} as const;

/** CommonJS inside a bundle may ask for Node's own modules by `require`, which ESM does not have. */
export const requireBanner =
  'import{createRequire as t2mRequire}from"node:module";var require=t2mRequire(import.meta.url);\n';
