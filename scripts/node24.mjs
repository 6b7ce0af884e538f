// Plain JavaScript, so that any Node can read it: when the automatic install fails, pnpm runs the script all
// the same, on whatever Node the machine has.
import { pathToFileURL } from "node:url";

const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  console.error(
    `t2m needs Node 24 and this is ${process.version}. \`npx -y pnpm@12 install\` brings it along; ` +
      "if that failed, its message above says why.",
  );
  process.exit(1);
}
const [, , script, ...args] = process.argv;
process.argv = [process.argv[0], script, ...args];
await import(pathToFileURL(script).href);
